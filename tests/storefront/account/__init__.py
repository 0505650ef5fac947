"""Accounts and signing in, over HTTP."""
