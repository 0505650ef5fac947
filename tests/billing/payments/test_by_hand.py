"""Bank transfers, as staff tell of them."""

from __future__ import annotations

import asyncio

import pytest

from billing.invoices.model import NoSuchInvoice
from billing.payments.by_hand import mark_paid
from billing.payments.charging import charge
from billing.payments.errors import BadAmount, NothingDue
from billing.payments.refunding import refund
from tests.billing.payments.till import DUE, Till
from tests.billing.stage import ACTOR


async def test_a_transfer_settles_the_invoice_and_counts_once(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    await asyncio.gather(*(mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR) for _ in range(4)))
    payment = await mark_paid(till.cashier, scope, "0", reference=" R1 ", actor=ACTOR)
    assert (payment.received, (await till.invoice(scope)).state) == (DUE, "paid")
    assert await till.balances(scope) == {"cash.bank": DUE}
    assert set(till.told.heard) == {("settled", "0")}


async def test_parts_add_up_and_what_is_over_becomes_credit(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=300, actor=ACTOR)
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.paid, invoice.due) == ("issued", 300, 700)
    await mark_paid(till.cashier, scope, "0", reference="R2", amount=800, actor=ACTOR)
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.paid, invoice.due) == ("paid", DUE, 0)
    assert await till.balances(scope) == {"cash.bank": 1_100, "credit": -100}


async def test_what_is_paid_twice_becomes_credit(till: Till) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE, actor=ACTOR)
    assert payment.flags == ("twice",)
    assert (await till.balances(scope))["credit"] == -DUE
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.paid, invoice.due) == ("paid", DUE, 0)


async def test_a_rest_that_a_transfer_left_is_charged(till: Till) -> None:
    scope = await till.tenant("north")
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=300, actor=ACTOR)
    await charge(till.cashier, scope, "0")
    assert (till.charged, (await till.invoice(scope)).state) == ([700], "paid")


async def test_another_amount_under_the_same_reference_is_refused_with_the_one_that_is_booked(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=300, actor=ACTOR)
    with pytest.raises(BadAmount, match=r"R1 is booked for invoice 0 with \$3\.00, not \$7\.00"):
        await mark_paid(till.cashier, scope, "0", reference="R1", amount=700, actor=ACTOR)
    for amount in (None, 300):
        assert (await mark_paid(till.cashier, scope, "0", reference="R1", amount=amount, actor=ACTOR)).received == 300
    assert await till.balances(scope) == {"receivable": 700, "cash.bank": 300}


async def test_of_two_amounts_told_at_once_one_is_refused(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    told = await asyncio.gather(
        *(mark_paid(till.cashier, scope, "0", reference="R1", amount=each, actor=ACTOR) for each in (300, 301)),
        return_exceptions=True,
    )
    assert sum(isinstance(each, BadAmount) for each in told) == 1
    assert len(await till.entries(scope)) == 2, "its issue and one transfer"


async def test_a_transfer_back_is_told_with_one_amount_alone(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    await refund(till.cashier, scope, payment.id, 200, reference="B1", actor=ACTOR)
    with pytest.raises(BadAmount, match=r"B1 is booked with \$2\.00 already"):
        await refund(till.cashier, scope, payment.id, 500, reference="B1", actor=ACTOR)
    assert (await refund(till.cashier, scope, payment.id, 200, reference="B1", actor=ACTOR)).refunded == 200


async def test_nonsense_is_refused(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    with pytest.raises(NoSuchInvoice):
        await mark_paid(till.cashier, scope, "7", reference="R1", actor=ACTOR)
    with pytest.raises(BadAmount):
        await mark_paid(till.cashier, scope, "0", reference="R1", amount=0, actor=ACTOR)
    await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    with pytest.raises(NothingDue):
        await mark_paid(till.cashier, scope, "0", reference="R2", actor=ACTOR)
