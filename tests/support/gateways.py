"""What a platform's settings say of gateways that stand in."""

from __future__ import annotations

from typing import Final

from sandbox.btcpay import BtcpayOptions, BtcpaySandbox
from sandbox.stripe import StripeSandbox

STRIPE_SECRET: Final = "whsec_here"
"""Signs Stripe's webhooks."""
BTCPAY_SECRET: Final = "hush"
"""Signs BTCPay's."""
_KEY: Final = "key"
_STORE: Final = "shop"


SHOP: Final = BtcpayOptions(api_keys=(_KEY,), stores=(_STORE,))
"""A BTCPay server with the store that `btcpay_at` names."""


def stripe_at(sandbox: StripeSandbox) -> dict[str, str]:
    """Variables, without their prefix."""
    return {
        "STRIPE__SECRET_KEY": "sk_test_1",
        "STRIPE__WEBHOOK_SECRETS": STRIPE_SECRET,
        "STRIPE__API_BASE": sandbox.url,
    }


def btcpay_at(sandbox: BtcpaySandbox) -> dict[str, str]:
    """Variables, without their prefix."""
    return {
        "BTCPAY__URL": sandbox.url,
        "BTCPAY__STORE": _STORE,
        "BTCPAY__API_KEY": _KEY,
        "BTCPAY__WEBHOOK_SECRET": BTCPAY_SECRET,
    }
