"""The smallest amounts that can be paid by a gateway, by its name: known also where it is not set up."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Final

from billing.gateways.stripe.amounts import LEAST
from billing.gateways.stripe.amounts import least_charge as least_of_stripe

_LEAST: Final[Mapping[str, Callable[[str], int]]] = {"stripe": least_of_stripe}
_CURRENCIES: Final[Mapping[str, tuple[str, ...]]] = {"stripe": tuple(LEAST)}


def least_charge(gateway: str, currency: str) -> int:
    """In minor units of the currency; 0 where any amount can be paid: bank transfers, Bitcoin."""
    found = _LEAST.get(gateway)
    return 0 if found is None else found(currency)


def currencies_with_least(gateway: str) -> tuple[str, ...]:
    """Those in which there is a smallest amount."""
    return _CURRENCIES.get(gateway, ())
