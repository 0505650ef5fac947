"""Stripe's minor units beside those of ISO 4217."""

from __future__ import annotations

import pytest

from billing.gateways.least import chargeable, currencies_with_least, least_charge
from billing.gateways.protocol import GatewayRefused
from billing.gateways.stripe.amounts import from_stripe, to_stripe


@pytest.mark.parametrize(
    ("currency", "ours", "theirs"),
    [
        ("USD", 1_250, 1_250),
        ("JPY", 1_250, 1_250),
        ("ISK", 12, 1_200),
        ("UGX", 12, 1_200),
        ("KWD", 1_250, 1_250),
        ("MGA", 500, 5),
    ],
)
def test_amounts_come_back_as_they_went(currency: str, ours: int, theirs: int) -> None:
    assert to_stripe(ours, currency) == theirs
    assert from_stripe(theirs, currency) == ours


@pytest.mark.parametrize(("currency", "amount"), [("MGA", 501), ("KWD", 1_251)])
def test_what_stripe_cannot_say_is_refused(currency: str, amount: int) -> None:
    with pytest.raises(GatewayRefused):
        to_stripe(amount, currency)


@pytest.mark.parametrize(
    ("currency", "amount", "charged", "least"), [("MGA", 4_550, 4_500, 100), ("KWD", 155, 150, 10)]
)
def test_what_is_finer_than_stripe_charges_is_left_for_later(
    currency: str, amount: int, charged: int, least: int
) -> None:
    assert chargeable("stripe", amount, currency) == charged
    assert to_stripe(charged, currency) > 0
    assert least_charge("stripe", currency) == least
    assert currency in currencies_with_least("stripe")
