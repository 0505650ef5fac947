"""Amounts as Stripe writes them: its minor units are not everywhere those of ISO 4217.

https://docs.stripe.com/currencies
"""

from __future__ import annotations

from decimal import ROUND_HALF_EVEN, Decimal
from typing import Final

from billing.gateways.protocol import GatewayRefused
from billing.money import exponent

_WHOLE: Final = frozenset(
    ("BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF")
)
_THOUSANDTHS: Final = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units in Stripe's. Raises GatewayRefused for an amount that Stripe cannot say."""
    more = _exponent(currency) - exponent(currency)
    there = Decimal(amount).scaleb(more)
    if there != there.to_integral_value() or (currency in _THOUSANDTHS and there % 10):
        raise GatewayRefused(f"Stripe cannot take {amount} minor units of {currency}: it is too fine")
    return int(there)


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's minor units in ours, half to even where ours are larger."""
    less = exponent(currency) - _exponent(currency)
    return int(Decimal(amount).scaleb(less).to_integral_value(ROUND_HALF_EVEN))


def _exponent(currency: str) -> int:
    if currency in _WHOLE:
        return 0
    return 3 if currency in _THOUSANDTHS else 2
