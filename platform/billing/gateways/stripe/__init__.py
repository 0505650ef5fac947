"""Stripe by its own library: cards kept for later, Checkout, refunds, disputes, payouts to Connect accounts."""
