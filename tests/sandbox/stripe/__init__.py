"""The Stripe stand-in, asked by the unmodified library."""
