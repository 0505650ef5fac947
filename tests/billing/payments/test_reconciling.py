"""What webhooks missed, who died on the way, and whose money it is."""

from __future__ import annotations

from datetime import datetime
from typing import Any

import pytest
from msgspec import structs

from billing.gateways.protocol import Outcome, Part
from billing.invoices.repository import InvoiceRepository
from billing.payments import applying, charging
from billing.payments.applying import Mismatch, apply
from billing.payments.by_hand import mark_paid
from billing.payments.charging import begin, charge
from billing.payments.collecting import collect
from billing.payments.marks import MarkRepository
from billing.payments.orphans import Orphans
from billing.payments.reconciling import follow, look_through, reconcile
from billing.payments.repository import PaymentRepository
from storage.scope import TenantScope
from tests.billing.payments.till import BACK, DUE, Till, purchase
from tests.billing.stage import ACTOR


class Killed(BaseException):
    """The process is gone: nobody catches this."""


async def test_what_no_webhook_told_is_found_by_reconciling(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    page = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert page.reference is not None
    till.sandbox.desk.pay(page.reference, "visa")
    report = await reconcile(till.cashier)
    assert (report.seen, report.changed, report.orphans) == (1, 1, [])
    assert (await till.payment(scope, page.id)).is_paid
    assert till.told.heard == [("paid", "p1")]
    again = await reconcile(till.cashier)
    assert (again.seen, again.changed) == (1, 0)


async def test_a_fee_that_is_told_late_is_booked_late(till: Till) -> None:
    object.__setattr__(till.sandbox.world, "options", structs.replace(till.sandbox.options, fee_after=1_800.0))
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    assert (payment.fee, await till.balances(scope)) == (None, {"cash.stripe": DUE})
    till.later(3_700)
    await follow(till.cashier)
    assert await till.balances(scope) == {"cash.stripe": DUE - 59, "fees.gateway": 59}


async def test_money_that_is_nobodys_is_told_of_and_not_booked(till: Till) -> None:
    scope = await till.tenant("north")
    for metadata in ({}, {"tenant": "nobody", "key": "nobody:0"}, {"tenant": "north", "key": "north:77"}):
        customer = await till.stripe.v1.customers.create_async({})
        method = await till.stripe.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
        await till.stripe.v1.payment_intents.create_async(
            {
                "amount": 700,
                "currency": "usd",
                "customer": customer.id,
                "payment_method": method.id,
                "confirm": True,
                "off_session": True,
                "metadata": metadata,
                "allowed_payment_method_types": ["card"],
            }
        )
    report = await reconcile(till.cashier)
    assert len(report.orphans) == 3
    assert len((await reconcile(till.cashier)).orphans) == 3
    assert [each.amount for each in await Orphans(till.stage.database).everything()] == [700] * 3
    assert await till.balances(scope) == {"receivable": DUE}


async def test_an_object_of_one_tenant_is_never_booked_for_another(till: Till) -> None:
    north, south = await till.tenant("north"), await till.tenant("south")
    await charge(till.cashier, north, "0")
    outcome = await till.cashier.gateway("stripe").look_up((await till.payment(north, "north:0")).reference or "")
    await till.save(south, "authenticationRequired")
    await charge(till.cashier, south, "0")
    for forged in (
        structs.replace(outcome, tenant_id="south"),
        structs.replace(outcome, tenant_id="south", key="south:0"),
        structs.replace(outcome, subject="1"),
        structs.replace(outcome, purpose="membership"),
        structs.replace(outcome, gateway="btcpay"),
        structs.replace(outcome, tenant_id="../north"),
        structs.replace(outcome, tenant_id="", key=""),
    ):
        with pytest.raises(Mismatch):
            await apply(till.cashier, forged)
    assert (await till.invoice(south)).due == DUE
    assert (await till.balances(south)) == {"receivable": DUE}


async def test_another_amount_is_booked_as_it_came_and_flagged(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    page = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    outcome = Outcome(
        gateway="stripe",
        reference=page.reference or "",
        state="succeeded",
        amount=1_210,
        currency="USD",
        parts=(Part("pi_1", 1_210),),
        purpose="membership",
        tenant_id="north",
        subject="p1",
        key=page.id,
    )
    payment = await apply(till.cashier, outcome)
    assert (payment.received, payment.flags) == (1_210, ("amount",))
    books = await till.balances(scope)
    assert (books["memberships"], books["tax"]) == (-1_000, -210)


async def test_another_currency_is_flagged_and_in_none_of_the_accounts(till: Till) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    outcome = await till.cashier.gateway("stripe").look_up(payment.reference or "")
    euros = structs.replace(outcome, currency="EUR", parts=(Part("pi_2", 500),))
    flagged = await apply(till.cashier, euros)
    assert (flagged.flags, flagged.received) == (("currency",), DUE)
    assert (await till.balances(scope))["cash.stripe"] == DUE - 59


async def test_older_news_do_not_undo_what_is_known(till: Till) -> None:
    scope = await till.tenant("north")
    payment = await charge(till.cashier, scope, "0")
    outcome = await till.cashier.gateway("stripe").look_up(payment.reference or "")
    for stale in ("pending", "action", "failed"):
        old = structs.replace(outcome, state=stale, parts=(), fee=None)
        assert (await apply(till.cashier, old)).state == "succeeded"
    assert (await till.invoice(scope)).state == "paid"


async def test_who_died_before_telling_is_told_by_the_next(till: Till) -> None:
    scope = await till.tenant("north")
    till.told.fails = 1
    with pytest.raises(RuntimeError):
        await charge(till.cashier, scope, "0")
    assert ((await till.invoice(scope)).state, till.told.heard) == ("paid", [])
    await follow(till.cashier)
    assert till.told.heard == [("settled", "0")]
    await follow(till.cashier)
    assert till.told.heard == [("settled", "0")]


STEPS: dict[str, tuple[Any, str]] = {
    "before the key is written": (PaymentRepository, "add"),
    "before it is asked": (charging, "ask"),
    "before anything is booked": (applying, "book"),
    "before the payment is written": (PaymentRepository, "replace"),
    "before the invoice is written": (InvoiceRepository, "book"),
    "before anybody is told": (applying, "tell"),
    "before it is known that all were told": (PaymentRepository, "told"),
}


@pytest.mark.parametrize("step", STEPS)
async def test_a_process_that_dies_at_any_step_leaves_one_charge(
    till: Till, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await till.tenant("north")
    _dying(monkeypatch, *STEPS[step])
    with pytest.raises(Killed):
        await collect(till.cashier)
    monkeypatch.undo()
    till.stage.clock.advance(61)
    await collect(till.cashier)
    await follow(till.cashier)
    assert till.charged == [DUE]
    assert ((await till.invoice(scope)).state, (await till.invoice(scope)).paid) == ("paid", DUE)
    assert await till.balances(scope) == {"cash.stripe": DUE - 59, "fees.gateway": 59}
    assert set(till.told.heard) == {("settled", "0")}
    assert [each.id for each in await PaymentRepository(till.stage.database, scope).newest()] == ["north:0"]


async def test_a_transfer_that_was_only_written_down_is_booked_by_the_next(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await till.tenant("north", card=None)
    _dying(monkeypatch, applying, "book")
    with pytest.raises(Killed):
        await mark_paid(till.cashier, scope, "0", reference="R1", actor=ACTOR)
    monkeypatch.undo()
    await follow(till.cashier)
    assert (await till.invoice(scope)).state == "paid"


async def test_gateways_are_looked_through_from_where_the_last_time_ended(till: Till) -> None:
    scope = await till.tenant("north")
    await charge(till.cashier, scope, "0")
    assert [(await look_through(till.cashier)).seen for _ in range(2)] == [1, 1]
    till.later(2 * 3_600)
    assert [(await look_through(till.cashier)).seen for _ in range(2)] == [1, 0]
    assert (await reconcile(till.cashier)).seen == 1


async def test_where_nothing_happens_nothing_is_written_and_nothing_missed_afterwards(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, moved = await till.tenant("north"), []
    move = MarkRepository.move_to

    async def moves(marks: MarkRepository, gateway: str, moment: datetime) -> None:
        moved.append(gateway)
        await move(marks, gateway, moment)

    monkeypatch.setattr(MarkRepository, "move_to", moves)
    await look_through(till.cashier)
    assert sorted(moved) == ["manual", "stripe"], "from here on"
    for _ in range(3):
        till.later(3 * 86_400)
        await look_through(till.cashier)
        await reconcile(till.cashier)
    assert len(moved) == 2
    till.sandbox.faults.next("drop_after", method="POST", path="/v1/payment_intents")
    await charge(till.cashier, scope, "0")
    till.later(9 * 86_400)
    assert (await look_through(till.cashier)).changed == 1
    assert ((await till.invoice(scope)).state, moved[2:]) == ("paid", ["stripe"])


async def test_after_days_of_downtime_all_of_them_are_looked_through(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    await look_through(till.cashier)
    page = await begin(till.cashier, scope, purchase(scope), gateway="stripe", back=BACK)
    assert page.reference is not None
    till.sandbox.desk.pay(page.reference, "visa")
    till.later(9 * 86_400)
    till.sandbox.faults.always("unavailable")
    assert (await look_through(till.cashier)).unreachable == ["stripe"]
    till.sandbox.faults.clear()
    assert (await look_through(till.cashier)).changed == 1
    assert (await till.payment(scope, page.id)).is_paid


async def test_the_card_that_was_saved_last_is_not_put_aside_by_what_is_told_again(till: Till) -> None:
    scope = await till.tenant("north", card=None)
    paid_with = await _pays_by_page(till, scope)
    await reconcile(till.cashier)
    assert await _method(till, scope) == paid_with
    await till.save(scope, "mastercard")
    saved = await _method(till, scope)
    assert saved != paid_with
    await reconcile(till.cashier)
    assert await _method(till, scope) == saved


async def test_a_card_is_kept_though_the_process_died_when_it_was_to_be(
    till: Till, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await till.tenant("north", card=None)
    paid_with = await _pays_by_page(till, scope)
    _dying(monkeypatch, applying, "_keep_method")
    with pytest.raises(Killed):
        await reconcile(till.cashier)
    monkeypatch.undo()
    assert (await till.payment(scope, "north:0")).untold
    await follow(till.cashier)
    assert await _method(till, scope) == paid_with
    assert not (await till.payment(scope, "north:0")).untold


async def _pays_by_page(till: Till, scope: TenantScope) -> str:
    """The tenant pays its first invoice on the gateway's page; gives the card that it paid with."""
    contracts = till.stage.desk.contracts
    await contracts.set_payment(scope, gateway="stripe", customer=None, method=None, actor=ACTOR)
    page = await charging.pay_link(till.cashier, scope, "0", back=BACK)
    assert page.reference is not None
    till.sandbox.desk.pay(page.reference, "visa")
    method = (await till.cashier.gateway("stripe").look_up(page.reference)).method
    assert method is not None
    return method


async def _method(till: Till, scope: TenantScope) -> str | None:
    contract = await till.stage.desk.contracts.get(scope)
    return None if contract is None else contract.method


def _dying(monkeypatch: pytest.MonkeyPatch, where: Any, name: str) -> None:
    async def die(*_: object, **__: object) -> None:
        raise Killed

    monkeypatch.setattr(where, name, die)
