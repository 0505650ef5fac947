"""Viewers' memberships, bought at the Stripe stand-in."""
