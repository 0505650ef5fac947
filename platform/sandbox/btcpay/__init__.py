"""A BTCPay Server on loopback, by its Greenfield API: invoices, webhooks, refunds by pull payment, and their faults."""

from .model import BtcpayOptions
from .server import BtcpaySandbox

__all__ = ["BtcpayOptions", "BtcpaySandbox"]
