"""What an owner can do about an open bill, and what the audit knows of it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import pytest

from billing.dunning.owning import BadDueDate, NotOpen, extend, go_on, pause, waive, write_off
from billing.invoices.model import NoSuchInvoice
from billing.ledger.ledger import Ledger
from tests.billing.dunning.collector import Collector
from tests.billing.stage import ACTOR, at
from tests.support.postbox import text_of


async def test_more_time_opens_the_site_and_begins_anew(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await extend(collector.collections, scope, "0", at("2026-04-01"), actor=ACTOR, reason="they asked")
    assert await collector.status(scope) == "active"
    assert (await collector.stage.invoice(scope, "0")).due_at == at("2026-02-15T01:00"), "what was issued stays"
    await collector.until("2026-04-02T06:00")
    assert await collector.status(scope) == "past_due"
    await collector.until("2026-04-16")
    assert await collector.status(scope) == "suspended"
    assert "open since April" in text_of(collector.outbox.letters[-1])
    assert "invoice.extend" in await collector.deeds(scope)


async def test_more_time_before_anybody_looked_at_the_bill(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await extend(collector.collections, scope, "0", at("2026-04-01"), actor=ACTOR)
    await collector.until("2026-03-30")
    assert collector.outbox.subjects == ["Invoice MQ-2026-000001: $10.00"]
    assert await collector.status(scope) == "active"


@pytest.mark.parametrize("day", ["2026-02-10", "2026-02-15T01:00", "2020-01-01"])
async def test_a_due_date_that_gives_no_time_is_refused(collector: Collector, day: str) -> None:
    scope = await collector.tenant("north")
    with pytest.raises(BadDueDate):
        await extend(collector.collections, scope, "0", at(day), actor=ACTOR)


async def test_waiving_takes_the_rest_back_and_opens_the_site(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await collector.pay(scope, amount=400)
    note = await waive(collector.collections, collector.office, scope, "0", actor=ACTOR, reason="goodwill")
    invoice = await collector.stage.invoice(scope, "0")
    assert (note.total, invoice.state, invoice.due) == (600, "paid", 0)
    assert await collector.status(scope) == "active"
    assert (await Ledger(collector.stage.database).balances(scope))["receivable"] == 0
    assert {"invoice.waive", "invoice.credit"} <= set(await collector.deeds(scope))


async def test_what_is_written_off_is_bad_debt_and_no_gift(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    written = await write_off(collector.collections, scope, "0", actor=ACTOR, reason="they are gone")
    assert (written.state, written.due) == ("uncollectible", 1_000)
    held = await Ledger(collector.stage.database).balances(scope)
    assert (held["bad_debt"], held["receivable"]) == (1_000, 0)
    sent = len(collector.outbox.letters)
    await collector.until("2026-04-04")
    assert (await collector.status(scope), len(collector.outbox.letters)) == ("suspended", sent)
    assert "invoice.write_off" in await collector.deeds(scope)


async def test_money_that_comes_after_all_is_taken_and_booked_and_opens_the_site(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await write_off(collector.collections, scope, "0", actor=ACTOR, reason="they are gone")
    await collector.pay(scope, amount=1_000)
    held = await Ledger(collector.stage.database).balances(scope)
    assert (held.get("bad_debt", 0), held["receivable"], held["cash.bank"]) == (0, 0, 1_000)
    assert (await collector.stage.invoice(scope, "0")).state == "paid"
    assert await collector.status(scope) == "active"


async def test_a_pause_stops_the_steps_and_keeps_the_time_to_the_next(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-02-20T12:00")
    await pause(collector.collections, scope, "0", actor=ACTOR, reason="talking")
    await collector.until("2026-04-20T12:00")
    assert await collector.status(scope) == "past_due"
    await go_on(collector.collections, scope, "0", actor=ACTOR)
    await collector.until("2026-04-25")
    assert await collector.status(scope) == "past_due"
    await collector.until("2026-05-01")
    assert await collector.status(scope) == "suspended"
    assert {"invoice.pause_dunning", "invoice.resume_dunning"} <= set(await collector.deeds(scope))


@pytest.mark.parametrize("verb", ["extend", "waive", "write_off", "pause", "go_on"])
@pytest.mark.parametrize(("invoice_id", "refusal"), [("0", NotOpen), ("9", NoSuchInvoice), ("0-c1", NoSuchInvoice)])
async def test_only_what_is_open_can_be_dealt_with(
    collector: Collector, verb: str, invoice_id: str, refusal: type[Exception]
) -> None:
    scope = await collector.tenant("north")
    await collector.pay(scope)
    await collector.tick()
    before = await collector.deeds(scope)
    collections = collector.collections
    verbs: dict[str, Callable[[], Awaitable[object]]] = {
        "extend": lambda: extend(collections, scope, invoice_id, at("2027-01-01"), actor=ACTOR),
        "waive": lambda: waive(collections, collector.office, scope, invoice_id, actor=ACTOR, reason="x"),
        "write_off": lambda: write_off(collections, scope, invoice_id, actor=ACTOR, reason="x"),
        "pause": lambda: pause(collections, scope, invoice_id, actor=ACTOR),
        "go_on": lambda: go_on(collections, scope, invoice_id, actor=ACTOR),
    }
    with pytest.raises(refusal):
        await verbs[verb]()
    assert await collector.deeds(scope) == before


async def test_another_tenants_bill_is_none(collector: Collector) -> None:
    await collector.tenant("north")
    south = await collector.stage.add_tenant("south")
    with pytest.raises(NoSuchInvoice):
        await write_off(collector.collections, south, "0", actor=ACTOR, reason="x")
