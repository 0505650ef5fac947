"""Bank transfers, as staff tell of them."""

from __future__ import annotations

import asyncio

import pytest

from billing.invoices.model import NoSuchInvoice
from billing.payments.by_hand import mark_paid
from billing.payments.charging import charge
from billing.payments.errors import BadAmount, NothingDue
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


async def test_nonsense_is_refused(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    with pytest.raises(NoSuchInvoice):
        await mark_paid(till.cashier, scope, "7", reference="R1", actor=ACTOR)
    with pytest.raises(BadAmount):
        await mark_paid(till.cashier, scope, "0", reference="R1", amount=0, actor=ACTOR)
    await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    with pytest.raises(NothingDue):
        await mark_paid(till.cashier, scope, "0", reference="R2", actor=ACTOR)
