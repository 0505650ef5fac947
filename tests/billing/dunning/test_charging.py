"""Dunning tries the saved way to pay again, each attempt once, and says so when it fails."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import timedelta

import msgspec
import pytest

from billing.payments.cashier import Hooks
from billing.payments.collecting import collect
from billing.payments.refunding import refund
from storage.valkey import Cache
from tests.billing.dunning.collector import Collector, collector_on
from tests.billing.payments.till import DUE, Till, till_on
from tests.billing.stage import ACTOR, Stage


@pytest.fixture
async def charging(stage: Stage, cache: Cache) -> AsyncIterator[tuple[Collector, Till]]:
    async with till_on(stage, cache) as till:
        collector = await collector_on(stage, cache)
        collections = collector.collections
        hooks = Hooks(invoice_settled=(collections.settled,), invoice_reopened=(collections.reopened,))
        collector.cashier = till.cashier = msgspec.structs.replace(till.cashier, hooks=hooks)
        yield collector, till


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
