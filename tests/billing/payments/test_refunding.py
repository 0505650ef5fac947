"""Money that goes back: asked for once, done once, and turned back in the books to the last cent."""

from __future__ import annotations

import asyncio
from contextlib import suppress

import pytest

from billing.gateways.protocol import GatewayRefused, Unsupported
from billing.payments import refunding
from billing.payments.asking import resume
from billing.payments.by_hand import mark_paid
from billing.payments.charging import begin, charge
from billing.payments.errors import BadAmount, NoSuchPayment
from billing.payments.model import Payment
from billing.payments.reconciling import follow, reconcile
from billing.payments.refunding import refund
from storage.scope import TenantScope
from tests.billing.payments.till import BACK, DUE, Till, purchase
from tests.billing.stage import ACTOR


async def bought(till: Till, scope: TenantScope, card: str = "visa") -> Payment:
    """A viewer's membership that is paid."""
    page = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert page.reference is not None
    till.sandbox.desk.pay(page.reference, card)
    return await resume(till.cashier, scope, page)


async def test_a_viewers_payment_is_revenue_and_tax_and_so_is_its_refund(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await bought(till, scope)
    fee = 100
    books = {"receivable": DUE, "cash.stripe": 2_420 - fee, "fees.gateway": fee}
    assert await till.balances(scope) == {**books, "memberships": -2_000, "tax": -420}
    payment = await refund(till.cashier, scope, payment.id, 1_000, actor=ACTOR)
    payment = await refund(till.cashier, scope, payment.id, 1_000, actor=ACTOR)
    assert (payment.refunded, payment.kept) == (2_000, 420)
    payment = await refund(till.cashier, scope, payment.id, actor=ACTOR, reason="left")
    assert (payment.refunded, payment.kept) == (2_420, 0)
    assert await till.balances(scope) == {**books, "cash.stripe": -fee}
    assert till.sandbox.charges[0]["amount_refunded"] == 2_420
    assert till.told.heard[:2] == [("paid", "p1"), ("paid", "p1")]
    assert till.told.heard[-1] == ("reversed", "p1")
    with pytest.raises(BadAmount):
        await refund(till.cashier, scope, payment.id, 1, actor=ACTOR)


async def test_a_refund_without_a_credit_note_opens_the_invoice_again(till: Till) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    await refund(till.cashier, scope, "north:0", 400, actor=ACTOR)
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.paid, invoice.refunded, invoice.due) == ("issued", DUE, 400, 400)
    assert (await till.balances(scope))["receivable"] == 400
    assert till.told.heard == [("settled", "0"), ("reopened", "0")]


async def test_who_dies_after_a_refund_that_was_sent_already_was_told_sends_no_other(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")

    async def dies(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(refunding, "_told", dies)
        await refund(till.cashier, scope, payment.id, 400, actor=ACTOR, reference="by-the-bank")
    till.later(61)
    await follow(till.cashier)
    payment = await till.payment(scope, payment.id)
    assert [(each.id, each.amount) for each in payment.refunds] == [("by-the-bank", 400)]
    assert payment.unanswered_refunds == []
    assert till.sandbox.objects("refund") == []


async def test_one_refund_that_two_of_staff_tell_of_at_once_is_one(till: Till) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    await asyncio.gather(
        *(refund(till.cashier, scope, payment.id, 400, actor=ACTOR, reference="by-the-bank") for _ in range(3))
    )
    payment = await till.payment(scope, payment.id)
    assert (payment.refunded, payment.unanswered_refunds) == (400, [])


async def test_credit_is_paid_out_before_an_invoice_is_opened(till: Till) -> None:
    scope = await till.tenant("north")
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=DUE + 300, actor=ACTOR)
    assert (await till.balances(scope))["credit"] == -300
    payment = await refund(till.cashier, scope, "north:0:hand:R1", 300, actor=ACTOR, reference="BACK-1")
    assert payment.refunded == 300
    again = await refund(till.cashier, scope, "north:0:hand:R1", 300, actor=ACTOR, reference="BACK-1")
    assert again.refunded == 300
    assert await till.balances(scope) == {"cash.bank": DUE}
    assert (await till.invoice(scope)).state == "paid"


@pytest.mark.parametrize("fate", ["drop_before", "drop_after"])
async def test_a_refund_whose_answer_was_lost_is_done_once(till: Till, fate: str) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    till.sandbox.faults.next(fate, method="POST", path="/v1/refunds")
    payment = await refund(till.cashier, scope, "north:0", 400, actor=ACTOR)
    assert (payment.refunded, len(payment.unanswered_refunds)) == (0, 1)
    with pytest.raises(BadAmount):
        await refund(till.cashier, scope, "north:0", DUE, actor=ACTOR)
    till.stage.clock.advance(3 * 86_400)
    await follow(till.cashier)
    payment = await till.payment(scope, "north:0")
    assert (payment.refunded, payment.unanswered_refunds) == (400, [])
    assert [each["amount"] for each in till.sandbox.objects("refund")] == [400]


async def test_a_refund_that_fails_later_is_turned_back(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await bought(till, scope, card="refundFail")
    before = await till.balances(scope)
    await refund(till.cashier, scope, payment.id, 1_210, actor=ACTOR)
    till.later(20 * 86_400)
    await reconcile(till.cashier)
    payment = await till.payment(scope, payment.id)
    assert (payment.refunded, payment.kept) == (0, 2_420)
    assert await till.balances(scope) == before


async def test_what_the_gateway_refuses_is_kept_as_refused_and_moves_nothing(till: Till) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    await till.stripe.v1.refunds.create_async({"payment_intent": till.sandbox.charges[0]["payment_intent"]})
    with pytest.raises(GatewayRefused):
        await refund(till.cashier, scope, "north:0", 400, actor=ACTOR)
    payment = await till.payment(scope, "north:0")
    assert (payment.refunded, payment.unanswered_refunds) == (0, [])
    assert payment.asked_refunds[0].refused is not None


async def test_a_refund_made_at_the_gateway_itself_is_booked_all_the_same(till: Till) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    await till.stripe.v1.refunds.create_async({"payment_intent": payment.reference or "", "amount": 250})
    payment = await resume(till.cashier, scope, payment)
    assert (payment.refunded, (await till.invoice(scope)).due) == (250, 250)


async def test_a_dispute_withholds_and_its_end_decides(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await bought(till, scope)
    before = await till.balances(scope)
    dispute = till.sandbox.desk.dispute(till.sandbox.charges[0]["id"])
    payment = await resume(till.cashier, scope, payment)
    cost = 1_500
    held = await till.balances(scope)
    assert held["disputes"] == 2_420
    assert held["cash.stripe"] == before["cash.stripe"] - 2_420 - cost
    assert (payment.withheld, payment.kept, till.told.heard[-1]) == (2_420, 0, ("reversed", "p1"))
    till.sandbox.desk.decide(dispute["id"], won=True)
    payment = await resume(till.cashier, scope, payment)
    won = await till.balances(scope)
    assert (payment.kept, "disputes" in won, won["memberships"]) == (2_420, False, -2_000)
    assert won["cash.stripe"] == before["cash.stripe"] - cost


async def test_a_lost_dispute_turns_revenue_and_tax_back(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await bought(till, scope)
    dispute = till.sandbox.desk.dispute(till.sandbox.charges[0]["id"])
    till.sandbox.desk.decide(dispute["id"], won=False)
    payment = await resume(till.cashier, scope, payment)
    books = await till.balances(scope)
    assert (payment.kept, books.get("memberships"), books.get("tax"), books.get("disputes")) == (0, None, None, None)
    again = await resume(till.cashier, scope, payment)
    assert (again.changes, await till.balances(scope)) == (payment.changes, books)


async def test_a_lost_dispute_of_an_invoice_opens_it_again(till: Till) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    dispute = till.sandbox.desk.dispute(till.sandbox.charges[0]["id"])
    payment = await resume(till.cashier, scope, payment)
    assert (await till.invoice(scope)).state == "paid"
    till.sandbox.desk.decide(dispute["id"], won=False)
    await resume(till.cashier, scope, payment)
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due) == ("issued", DUE)
    assert till.told.heard[-1] == ("reopened", "0")


async def test_what_cannot_be_refunded_is_told_apart(till: Till) -> None:
    scope = await till.tenant("north")
    with pytest.raises(NoSuchPayment):
        await refund(till.cashier, scope, "north:0", actor=ACTOR)
    await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    with pytest.raises(BadAmount):
        await refund(till.cashier, scope, "north:0:hand:R1", -1, actor=ACTOR)
    with pytest.raises(Unsupported):
        await refund(till.cashier, scope, "north:0:hand:R1", 5, actor=ACTOR)
    other = await till.stage.add_tenant("south")
    with pytest.raises(NoSuchPayment):
        await refund(till.cashier, other, "north:0:hand:R1", 5, actor=ACTOR)
