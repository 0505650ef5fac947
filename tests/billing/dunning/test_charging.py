"""Dunning tries the saved way to pay again, each attempt once, and says so when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from billing.dunning.collecting import Collections
from billing.payments.cashier import Hooks
from billing.payments.collecting import collect
from billing.payments.reconciling import follow
from billing.payments.refunding import refund
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.dunning.collector import Collector, collector_on
from tests.billing.payments.till import DUE, Till, till_on
from tests.billing.stage import ACTOR, Stage


@pytest.fixture
async def charging(stage: Stage, cache: Cache) -> AsyncIterator[tuple[Collector, Till]]:
    async with till_on(stage, cache) as till:
        collector = await collector_on(stage, cache)
        collections = collector.collections
        hooks = Hooks(
            invoice_settled=(collections.settled,),
            invoice_reopened=(collections.reopened,),
            charge_failed=(collections.charge_failed,),
        )
        collector.cashier = till.cashier = msgspec.structs.replace(till.cashier, hooks=hooks)
        yield collector, till


async def declined(collector: Collector, till: Till, card: str = "chargeCustomerFail") -> TenantScope:
    """A tenant with a bill, a card that cannot be charged for it, and an address."""
    scope = await till.tenant("north", card=card)
    tenants = collector.collections.desk.tenants
    await tenants.amend("north", lambda fields, _: fields.update({"owner_email": "ann@north.example"}))
    return scope


async def test_each_retry_is_one_attempt_and_says_that_it_failed(charging: tuple[Collector, Till]) -> None:
    collector, till = charging
    scope = await till.tenant("north", card="chargeCustomerFail")
    await collect(collector.cashier)
    await collector.until("2026-03-02")
    assert await collector.status(scope) == "suspended"
    made = till.sandbox.counters["POST /v1/payment_intents"]
    assert made == 1 + 4, "the first one, and each step of the schedule"
    for _ in range(3):
        await collector.tick()
    assert till.sandbox.counters["POST /v1/payment_intents"] == made
    assert till.charged == []


FAILED = "A payment for invoice MQ-2026-000001 did not go through"


async def test_who_cannot_be_charged_hears_at_once_and_once(charging: tuple[Collector, Till]) -> None:
    collector, till = charging
    await declined(collector, till)
    for _ in range(3):
        await collect(collector.cashier)
        await follow(collector.cashier)
    await collector.post()
    assert collector.outbox.subjects == [FAILED], "before the tick has seen the invoice at all"
    assert "https://platform.example/pay/north.0" in str(collector.outbox.letters[0])
    await collector.tick()
    await collector.tick()
    assert collector.outbox.subjects.count(FAILED) == 1
    await collector.until("2026-03-02")
    assert collector.outbox.subjects.count(FAILED) == 1 + 4, "and once of each step of the schedule that tries again"


async def test_who_has_to_authenticate_hears_at_once(charging: tuple[Collector, Till]) -> None:
    collector, till = charging
    await declined(collector, till, "authenticationRequired")
    await collector.tick(post=False)
    await collect(collector.cashier)
    await collector.post()
    assert collector.outbox.subjects.count(FAILED) == 1


async def test_what_went_through_is_no_news(charging: tuple[Collector, Till]) -> None:
    collector, till = charging
    await declined(collector, till, "visa")
    await collect(collector.cashier)
    await collector.tick()
    assert FAILED not in collector.outbox.subjects


async def test_whoever_dies_before_the_letter_is_written_has_it_written_later(
    charging: tuple[Collector, Till], monkeypatch: pytest.MonkeyPatch
) -> None:
    collector, till = charging
    await declined(collector, till)

    async def die(*_: object, **__: object) -> None:
        raise RuntimeError("gone")

    with monkeypatch.context() as patched:
        patched.setattr(Collections, "write_letter", die)
        await collect(collector.cashier)
    await follow(collector.cashier)
    await collector.post()
    assert collector.outbox.subjects == [FAILED]


async def test_a_retry_that_succeeds_opens_the_site(charging: tuple[Collector, Till]) -> None:
    collector, till = charging
    scope = await till.tenant("north", card="chargeCustomerFail")
    await collect(collector.cashier)
    await collector.until("2026-02-17")
    assert await collector.status(scope) == "past_due"
    await till.save(scope, "visa")
    await collector.until("2026-02-20")
    assert (await collector.status(scope), till.charged) == ("active", [DUE])


async def test_a_refund_makes_the_bill_due_again_after_some_days(charging: tuple[Collector, Till]) -> None:
    collector, till = charging
    scope = await till.tenant("north")
    await collect(collector.cashier)
    await collector.tick()
    assert (await collector.stage.invoice(scope, "0")).state == "paid"
    await refund(collector.cashier, scope, "north:0", 400, actor=ACTOR)
    await collector.post()
    dunning = await collector.dunning(scope)
    assert (dunning.round, dunning.taken, dunning.open) == (2, 0, True)
    assert dunning.extended_to is not None
    assert dunning.extended_to >= collector.collections.now + timedelta(days=7)
    assert await collector.status(scope) == "active"
    await collector.until(str((dunning.extended_to + timedelta(days=2)).date()))
    assert [each["amount"] for each in till.sandbox.charges] == [DUE, 400], "what is due again is charged again"
    assert await collector.status(scope) == "active"
