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
_LEAST: Final = {
    30: "GBP",
    50: "ARS AUD BRL CAD CHF COP EUR IDR ILS INR JPY KRW NZD PHP RUB SGD USD ZAR",
    200: "AED MYR PLN RON",
    250: "DKK",
    300: "NOK SEK",
    400: "HKD",
    1_000: "MXN THB",
    1_500: "CZK",
    17_500: "HUF",
}
LEAST: Final = {currency: amount for amount, names in _LEAST.items() for currency in names.split()}
"""The smallest charges in its minor units, as the page above lists them.

They hold where Stripe settles in the same currency. Otherwise the minimum of the settlement currency counts, at the
day's rate; for currencies that are not listed that one alone holds, and Stripe says so when it refuses
(`amount_too_small`).
"""
THOUSANDTHS: Final = frozenset(("BHD", "JOD", "KWD", "OMR", "TND"))
_STEP: Final = 10


def to_stripe(amount: int, currency: str) -> int:
    """Our minor units in Stripe's. Raises GatewayRefused for an amount that Stripe cannot say."""
    more = _exponent(currency) - exponent(currency)
    if amount % step_of(currency):
        raise GatewayRefused(f"Stripe cannot take {amount} minor units of {currency}: it is too fine")
    return int(Decimal(amount).scaleb(more))


def from_stripe(amount: int, currency: str) -> int:
    """Stripe's minor units in ours, half to even where ours are larger."""
    less = exponent(currency) - _exponent(currency)
    return int(Decimal(amount).scaleb(less).to_integral_value(ROUND_HALF_EVEN))


def least_charge(currency: str) -> int:
    """The smallest charge in our minor units, as far as it is known; 0 where Stripe publishes none."""
    if currency in LEAST:
        return from_stripe(LEAST[currency], currency)
    return step_of(currency) if currency in STEPPED else 0


def step_of(currency: str) -> int:
    """What each charge is a multiple of, in our minor units: thousandths are charged by the ten.

    Where Stripe's unit is larger than ours, it is that one.
    """
    if currency in THOUSANDTHS:
        return _STEP
    return int(Decimal(10) ** max(0, exponent(currency) - _exponent(currency)))


def _exponent(currency: str) -> int:
    if currency in _WHOLE:
        return 0
    return 3 if currency in THOUSANDTHS else 2


STEPPED: Final = tuple(sorted(each for each in _WHOLE | THOUSANDTHS if step_of(each) > 1))
"""Currencies in which not every amount of ours can be charged."""
