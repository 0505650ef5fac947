"""Money that goes back after the invoice has moved on: written off, paid again, or used up as credit."""

from __future__ import annotations

import pytest
from msgspec import structs

from billing.checking.tenant import check_tenant
from billing.dunning.collecting import Collections
from billing.dunning.owning import write_off
from billing.gateways.protocol import Dispute, Outcome, Refund, Unsupported
from billing.payments.applying import apply_to
from billing.payments.by_hand import as_told, mark_paid
from billing.payments.charging import charge
from billing.payments.errors import BadAmount
from billing.payments.model import Payment
from billing.payments.refunding import refund
from storage.jobs import Jobs
from storage.scope import TenantScope
from tests.billing.payments.till import DUE, Till
from tests.billing.stage import ACTOR, at


async def given_up(till: Till, scope: TenantScope) -> None:
    """The invoice is written off."""
    stage = till.stage
    collections = Collections(
        database=stage.database,
        clock=stage.clock,
        audit=stage.desk.office.audit,
        desk=stage.tenants(till.cashier.events),
        jobs=Jobs(stage.database, stage.clock),
        platform=stage.desk.office.platform,
    )
    await write_off(collections, scope, "0", actor=ACTOR, reason="gone")


async def told(till: Till, scope: TenantScope, payment: Payment, **more: object) -> Payment:
    """What the bank says of a transfer besides."""
    outcome: Outcome = structs.replace(as_told(scope, payment), **more)
    return await apply_to(till.cashier, scope, payment, outcome)


async def findings(till: Till, scope: TenantScope) -> list[str]:
    checked = await check_tenant(till.stage.database, scope, till.stage.desk.now())
    return [each.what for each in checked.findings]


async def test_what_goes_back_of_a_written_off_invoice_is_bad_debt_again(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    await given_up(till, scope)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", amount=400, actor=ACTOR)
    assert await till.balances(scope) == {"cash.bank": 400, "bad_debt": DUE - 400}
    await told(till, scope, payment, refunds=(Refund("back", 400),))
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due) == ("uncollectible", DUE)
    assert await till.balances(scope) == {"bad_debt": DUE}
    assert await findings(till, scope) == []


async def test_a_lost_dispute_over_a_part_of_what_was_written_off_later_is_bad_debt(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", amount=400, actor=ACTOR)
    await given_up(till, scope)
    await told(till, scope, payment, disputes=(Dispute("d", 400, "lost"),))
    assert await till.balances(scope) == {"bad_debt": DUE}
    assert await findings(till, scope) == []


async def test_a_refund_that_fails_after_the_invoice_was_paid_again_becomes_credit(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    payment = await told(till, scope, payment, refunds=(Refund("back", 600, "pending"),))
    await mark_paid(till.cashier, scope, "0", reference="R2", amount=500, actor=ACTOR)
    await told(till, scope, payment, refunds=(Refund("back", 600, "failed"),))
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due, invoice.paid - invoice.refunded) == ("paid", 0, DUE)
    assert await till.balances(scope) == {"cash.bank": DUE + 500, "credit": -500}
    assert await findings(till, scope) == []


async def test_an_older_answer_does_not_make_a_failed_refund_good_again(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    for state in ("pending", "failed", "pending", "failed"):
        payment = await told(till, scope, payment, refunds=(Refund("back", 600, state),))
    assert (payment.refunded, payment.kept) == (0, DUE)
    assert await till.balances(scope) == {"cash.bank": DUE}
    assert await findings(till, scope) == []


async def test_a_refund_that_fails_after_the_invoice_was_written_off_pays_for_it(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    payment = await told(till, scope, payment, refunds=(Refund("back", 600, "pending"),))
    await given_up(till, scope)
    assert await till.balances(scope) == {"cash.bank": 400, "bad_debt": 600}
    await told(till, scope, payment, refunds=(Refund("back", 600, "failed"),))
    invoice = await till.invoice(scope)
    assert (invoice.state, invoice.due) == ("paid", 0)
    assert await till.balances(scope) == {"cash.bank": DUE}
    assert await findings(till, scope) == []


async def test_a_refund_that_no_gateway_can_make_leaves_all_of_it_to_be_told_by_hand(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    payment = await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    for _ in range(2):
        with pytest.raises(Unsupported, match="reference"):
            await refund(till.cashier, scope, payment.id, actor=ACTOR)
    assert (await till.payment(scope, payment.id)).unanswered_refunds == []
    payment = await refund(till.cashier, scope, payment.id, actor=ACTOR, reference="BACK")
    assert payment.refunded == DUE


async def test_credit_that_paid_another_bill_does_not_go_back_as_well(till: Till) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    await mark_paid(till.cashier, scope, "0", reference="R1", amount=500, actor=ACTOR)
    till.stage.set_time(at("2026-03-01"))
    await till.stage.run()
    assert (await till.invoice(scope, "1")).credited == 500
    payment = await refund(till.cashier, scope, "north:0", actor=ACTOR)
    assert (payment.refunded, (await till.invoice(scope)).due) == (DUE, DUE)
    with pytest.raises(BadAmount, match="other bills"):
        await refund(till.cashier, scope, "north:0:hand:R1", actor=ACTOR)
    assert await findings(till, scope) == []
