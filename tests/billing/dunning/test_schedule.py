"""An open bill goes through its schedule: reminders, past due, closed; and what a payment does to that."""

from __future__ import annotations

from datetime import timedelta
from itertools import pairwise
from typing import Any

import pytest

from billing.dunning.model import DEFAULT, BadSchedule, Deed, LetterKind, Step, checked
from billing.dunning.owning import set_schedule
from billing.dunning.repository import INDEXES
from billing.dunning.stepping import Stepped, dun
from billing.invoices.crediting import credit
from storage.indexes import build_indexes
from storage.moments import epoch_of
from storage.scope import TenantScope
from tenancy import holds
from tests.billing.dunning.collector import Collector
from tests.billing.stage import ACTOR, at

NUMBER = "MQ-2026-000001"


async def test_a_bill_that_nobody_pays_closes_the_site_in_steps(collector: Collector) -> None:
    scope = await collector.tenant("north")
    seen: list[tuple[str, str]] = []
    for day in ("2026-02-15T12:00", "2026-02-16T02:00", "2026-03-01T00:00", "2026-03-01T02:00"):
        await collector.until(day)
        seen.append((day[5:10], await collector.status(scope)))
    assert seen == [("02-15", "active"), ("02-16", "past_due"), ("03-01", "past_due"), ("03-01", "suspended")]
    assert collector.outbox.subjects == [
        f"Invoice {NUMBER}: $10.00",
        f"Invoice {NUMBER} is overdue",
        "north.example will be suspended on March 1, 2026",
        "north.example is suspended",
    ]
    site = await collector.site(scope)
    assert [(hold.kind, hold.by) for hold in site.holds] == [("billing", "job:dunning")]


@pytest.mark.parametrize("day", ["2026-02-10", "2026-02-20", "2026-03-04"])
async def test_a_payment_at_any_time_opens_the_site(collector: Collector, day: str) -> None:
    scope = await collector.tenant("north")
    await collector.until(day)
    await collector.pay(scope)
    assert await collector.status(scope) == "active"
    assert (await collector.site(scope)).holds == ()
    await collector.until("2026-03-20")
    assert await collector.status(scope) == "active"
    assert collector.outbox.subjects[-1] == f"Invoice {NUMBER} is settled"
    assert collector.outbox.subjects.count(f"Invoice {NUMBER} is settled") == 1


async def test_paying_twice_and_hearing_it_again_changes_nothing(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await collector.pay(scope)
    await collector.pay(scope, amount=1_000, reference="bank-2")
    for _ in range(3):
        await collector.collections.settled(scope, "0")
        await collector.tick()
    assert await collector.status(scope) == "active"
    assert collector.outbox.subjects.count(f"Invoice {NUMBER} is settled") == 1


async def test_part_of_the_money_is_not_enough(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await collector.pay(scope, amount=999)
    assert await collector.status(scope) == "suspended"
    await collector.pay(scope, amount=1, reference="bank-2")
    assert await collector.status(scope) == "active"


async def test_the_site_opens_when_the_last_overdue_bill_is_paid(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-01T01:00")
    await collector.bill()
    await collector.until("2026-03-20")
    assert await collector.status(scope) == "suspended"
    assert (await collector.dunning(scope, "1")).past_due_at is not None
    await collector.pay(scope, "0")
    assert await collector.status(scope) == "past_due", "the second bill is late, and not at its end yet"
    await collector.pay(scope, "1", reference="bank-2")
    assert await collector.status(scope) == "active"


async def test_a_bill_that_is_open_and_not_late_keeps_nothing_closed(collector: Collector) -> None:
    scope = await collector.tenant("north")
    collector.stage.set_time(at("2026-03-01T01:00"))
    await collector.bill()
    await collector.until("2026-03-05")
    await collector.pay(scope, "0")
    assert await collector.status(scope) == "active"


async def test_other_holds_stay_whoever_pays(collector: Collector) -> None:
    scope = await collector.tenant("north")
    desk = collector.collections.desk
    await holds.suspend(desk, "north", "legal", "a court said so", actor=ACTOR)
    await holds.suspend(desk, "north", "operator", "a break", actor=ACTOR)
    await collector.until("2026-03-04")
    await collector.pay(scope)
    assert {hold.kind for hold in (await collector.site(scope)).holds} == {"legal", "operator"}


async def test_a_billing_hold_that_a_person_set_goes_with_a_later_payment_alone(collector: Collector) -> None:
    scope = await collector.tenant("north")
    desk = collector.collections.desk
    await collector.until("2026-02-05")
    await collector.pay(scope)
    await holds.suspend(desk, "north", "billing", "talk to us", actor=ACTOR)
    await collector.collections.settled(scope, "0")
    assert await collector.status(scope) == "suspended", "the payment was before the hold"
    collector.stage.set_time(at("2026-03-01T01:00"))
    await collector.bill()
    await collector.pay(scope, "1", reference="bank-2")
    assert await collector.status(scope) == "active"


async def test_after_a_long_downtime_letters_come_one_by_one_and_the_grace_is_whole(collector: Collector) -> None:
    scope = await collector.tenant("north")
    collector.stage.set_time(at("2026-06-01"))
    for _ in range(5):
        await collector.tick()
    assert collector.outbox.subjects == [f"Invoice {NUMBER}: $10.00"]
    taken: dict[int, float] = {1: collector.stage.clock()}
    while await collector.status(scope) != "suspended":
        collector.stage.clock.advance(12 * 3_600)
        sent = len(collector.outbox.letters)
        await collector.tick()
        assert len(collector.outbox.letters) - sent <= 1
        taken.setdefault((await collector.dunning(scope)).taken, collector.stage.clock())
    asked = [step.day for step in DEFAULT.steps]
    gaps = [round((taken[n + 1] - taken[n]) / 86_400, 2) for n in range(1, len(asked))]
    assert gaps == [later - earlier for earlier, later in pairwise(asked)]


async def test_a_tick_that_is_late_by_hours_moves_nothing(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.tick()
    for day in ("15T08:00", "16T09:00", "18T05:00", "22T02:00", "25T12:30", "28T11:00"):
        collector.stage.set_time(at(f"2026-02-{day}"))
        await collector.tick()
    collector.stage.set_time(at("2026-03-01T03:00"))
    await collector.tick()
    assert (await collector.dunning(scope)).held_at == at("2026-03-01T03:00")


async def test_a_bill_of_nothing_and_one_paid_at_once_go_through_no_steps(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.pay(scope)
    await collector.until("2026-03-10")
    assert (await collector.dunning(scope)).taken == 0
    assert collector.outbox.subjects == [f"Invoice {NUMBER}: $0.00"]


async def test_a_credit_note_for_all_of_it_settles_it_too(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await credit(collector.office, scope, "0", reason="our fault", actor=ACTOR)
    assert await collector.status(scope) == "active"
    await collector.post()
    attached = [part.get_filename() for part in collector.outbox.letters[-1].iter_attachments()]
    assert attached == ["MQ-C-2026-000001.pdf"]


async def test_a_settlement_that_nobody_told_of_is_found_by_the_tick(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-04")
    await credit(collector.stage.desk.office, scope, "0", reason="our fault", actor=ACTOR)
    assert await collector.status(scope) == "suspended"
    await collector.tick()
    assert await collector.status(scope) == "active"


async def test_a_payment_while_the_site_is_being_closed_wins(
    collector: Collector, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-02-28")
    suspend = holds.suspend

    async def paid_first(*args: Any, **more: Any) -> object:
        monkeypatch.setattr(holds, "suspend", suspend)
        await collector.pay(scope)
        assert await collector.status(scope) == "active"
        return await suspend(*args, **more)

    monkeypatch.setattr(holds, "suspend", paid_first)
    await collector.until("2026-03-02")
    assert (await collector.stage.invoice(scope, "0")).state == "paid"
    assert await collector.status(scope) == "active"


async def test_the_tick_asks_by_indexes(collector: Collector) -> None:
    await build_indexes(collector.stage.database, INDEXES)
    scope = await collector.tenant("north")
    await collector.until("2026-03-02")
    assert await collector.status(scope) == "suspended"
    await collector.pay(scope)
    assert await collector.status(scope) == "active"


async def test_one_tick_goes_on_until_nothing_is_due_and_says_how_far_it_is(collector: Collector) -> None:
    scopes = [await collector.tenant(f"t{number}") for number in range(5)]
    said: list[Stepped] = []
    stepped = await dun(collector.collections, None, batch=2, on_progress=said.append)
    assert stepped == Stepped(enrolled=5, taken=0, done=5)
    assert [(each.enrolled, each.done) for each in said] == [(2, 0), (4, 0), (5, 0), (5, 2), (5, 4), (5, 5)]
    collector.stage.set_time(at("2026-02-16T02:00"))
    for _ in range(2):
        assert (await dun(collector.collections, None, batch=2)).taken == 5
        collector.stage.clock.advance(86_400)
    assert [await collector.status(scope) for scope in scopes] == ["past_due"] * 5


async def test_a_tick_that_died_between_two_batches_is_gone_on_with(collector: Collector) -> None:
    for number in range(5):
        await collector.tenant(f"t{number}")

    def die(stepped: Stepped) -> None:
        if stepped.enrolled == 4:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        await dun(collector.collections, None, batch=2, on_progress=die)
    assert await dun(collector.collections, None, batch=2) == Stepped(enrolled=1, taken=0, done=5)
    await collector.post()
    assert len(collector.outbox.letters) == 5


@pytest.fixture
def quick() -> tuple[Step, ...]:
    return checked(
        (
            Step(day=0, deed="past_due"),
            Step(day=1, deed="remind", letter="will_be_suspended"),
            Step(day=3, deed="hold"),
        )
    )


@pytest.mark.parametrize("whose", ["tenant", "plan", "everybody"])
async def test_a_schedule_of_its_own_holds_for_a_tenant_or_a_plan(
    collector: Collector, quick: tuple[Step, ...], whose: str
) -> None:
    scope = await collector.tenant("north")
    plan = "monthly" if whose == "plan" else "default"
    await set_schedule(collector.collections, scope if whose == "tenant" else None, quick, plan=plan, actor=ACTOR)
    await collector.until("2026-02-19")
    assert await collector.status(scope) == "suspended"
    assert (await collector.dunning(scope)).steps == quick


async def test_the_own_schedule_comes_first_and_can_be_taken_away(
    collector: Collector, quick: tuple[Step, ...]
) -> None:
    scope = await collector.tenant("north")
    await set_schedule(collector.collections, scope, quick, actor=ACTOR)
    await set_schedule(collector.collections, None, DEFAULT.steps, plan="monthly", actor=ACTOR)
    schedules = collector.collections.schedules
    assert await schedules.of(scope, "monthly@1") == quick
    await set_schedule(collector.collections, scope, None, actor=ACTOR)
    assert await schedules.of(scope, "monthly@1") == DEFAULT.steps


def steps(*given: tuple[int, Deed, LetterKind | None]) -> tuple[Step, ...]:
    return tuple(Step(day=day, deed=deed, letter=letter) for day, deed, letter in given)


@pytest.mark.parametrize(
    "wrong",
    [
        (),
        steps((3, "charge", None), (1, "past_due", None)),
        steps((-1, "charge", None)),
        steps((400, "charge", None)),
        steps((1, "hold", None)),
        steps((1, "past_due", None), (5, "hold", None)),
        steps((1, "past_due", None), (5, "remind", "will_be_suspended"), (5, "hold", None)),
        steps((1, "past_due", None), (2, "past_due", None)),
        steps((1, "past_due", "paid")),
        (Step(day=1, deed="charge"),) * 21,
    ],
)
def test_a_schedule_that_surprises_people_is_refused(wrong: tuple[Step, ...]) -> None:
    with pytest.raises(BadSchedule):
        checked(wrong)


def test_our_own_schedule_is_a_good_one() -> None:
    assert checked(DEFAULT.steps) == DEFAULT.steps


async def test_fees_stop_while_the_site_is_closed(collector: Collector) -> None:
    scope = await collector.tenant("north")
    await collector.until("2026-03-15")
    assert await collector.status(scope) == "suspended"
    await collector.pay(scope)
    (hold,) = (await collector.site(scope)).past_holds
    assert hold.kind == "billing"
    assert hold.until - hold.since > timedelta(days=13)
    assert epoch_of(hold.until) == collector.stage.clock()


async def test_another_tenant_is_not_touched(collector: Collector) -> None:
    north, south = await collector.tenant("north"), await collector.tenant("south")
    await collector.pay(south)
    await collector.until("2026-03-04")
    await collector.collections.settled(south, "0")
    assert (await collector.status(north), await collector.status(south)) == ("suspended", "active")
    await collector.collections.settled(south, "77")
    assert isinstance(north, TenantScope)
