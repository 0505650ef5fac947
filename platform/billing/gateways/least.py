"""Which amounts can be paid by a gateway, by its name: known also where it is not set up."""

from __future__ import annotations

from billing.gateways.stripe import amounts as stripe


def least_charge(gateway: str, currency: str) -> int:
    """The least that it charges, in minor units; 0 where it has no minimum (transfers, Bitcoin) or publishes none."""
    return stripe.least_charge(currency) if gateway == "stripe" else 0


def chargeable(gateway: str, amount: int, currency: str) -> int:
    """The part of an amount that the gateway can charge: all of it, but for what is finer than its steps."""
    return amount - amount % stripe.step_of(currency) if gateway == "stripe" else amount


def currencies_with_least(gateway: str) -> tuple[str, ...]:
    """Those in which there is a smallest amount."""
    return (*stripe.LEAST, *stripe.STEPPED) if gateway == "stripe" else ()
