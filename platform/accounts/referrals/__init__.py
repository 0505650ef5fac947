"""Referrals: who invited whom, counted once, and what it brings."""
