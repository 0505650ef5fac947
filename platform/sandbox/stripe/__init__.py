"""A Stripe on loopback that the unmodified `stripe` library talks to: payments, Checkout, webhooks, faults."""

from .model import StripeOptions
from .server import StripeSandbox

__all__ = ["StripeOptions", "StripeSandbox"]
