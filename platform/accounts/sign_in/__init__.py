"""Signing in with Telegram: the ways in which it vouches for somebody, and what follows."""
