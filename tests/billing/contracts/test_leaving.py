"""Who leaves is closed and owes nothing more; who comes back goes on where they left, but for the time between."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import pytest

from billing.checking.tenant import check_tenant
from billing.contracts.holding import hold_ended
from billing.contracts.model import BadTerms, Contract, Coupon
from billing.contracts.repository import INDEXES
from billing.invoices.model import Invoice
from billing.plans.model import Plan
from storage.across import Across, Change
from storage.events import Events
from storage.indexes import build_indexes
from storage.moments import moment
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.holds import resume, settle, suspend
from tenancy.model import Tenant
from tenancy.resolver import notice_of
from tenancy.tenants import TenantStore
from tests.billing.stage import ACTOR, GB, START, Stage, at, monthly

AHEAD = monthly(id="ahead", advance=True)
WEEKLY = monthly(id="weekly", unit="week", base=700, addons={})


@pytest.fixture
async def north(stage: Stage) -> TenantScope:
    """Its contract runs since the year began, and ends with 10 February."""
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    stage.set_time(at("2026-02-10T23:50"))
    await stage.desk.contracts.cancel(scope, at_period_end=False, actor=ACTOR)
    return scope


async def back(stage: Stage, scope: TenantScope, plan: Plan, now: str, **opening: Any) -> Contract:
    stage.set_time(at(now))
    return await stage.begin(scope, plan, **opening)


async def billed(stage: Stage, scope: TenantScope, now: str) -> dict[int, Mapping[str, int]]:
    """What each period came to, by kind, of those that were issued until then; the books are right."""
    stage.set_time(at(now))
    assert (await stage.run()).failed == {}
    assert (await check_tenant(stage.database, scope, at(now))).findings == []
    return {each.n: kinds(each) for each in await stage.invoices(scope) if each.number}


def kinds(invoice: Invoice) -> dict[str, int]:
    return {line.kind: line.amount for line in invoice.lines}


async def test_the_time_away_costs_nothing_and_periods_are_numbered_on(stage: Stage, north: TenantScope) -> None:
    contract = await back(stage, north, monthly(), "2026-02-20T09:07")
    assert contract.ends_at is None
    # All is counted from the new beginning, and the time between is a period by itself.
    assert contract.period(2).start == at("2026-02-11")
    assert contract.period(2).end == contract.period(3).start == at("2026-02-20T09:00")
    assert (contract.period(3).end, contract.next_due) == (at("2026-03-20T09:00"), at("2026-02-01"))
    await stage.use(north, "2026-02-15", 500 * GB)
    bills = await billed(stage, north, "2026-04-20T09:00")
    assert bills == {0: {"base": 1_000}, 1: {"base": 357}, 3: {"base": 1_000}, 4: {"base": 1_000}}
    assert await stage.states(north) == {0: "issued", 1: "issued", 2: "free", 3: "issued", 4: "issued"}


async def test_what_comes_late_after_the_end_is_on_a_last_bill_once(stage: Stage, north: TenantScope) -> None:
    assert (await billed(stage, north, "2026-02-12"))[1] == {"base": 357}
    await stage.use(north, "2026-02-03", 45 * GB)
    # What was sent after the end is nobody's.
    await stage.use(north, "2026-02-11", 45 * GB)
    assert 2 not in await billed(stage, north, "2026-03-12")
    # 35.7 GB are included in ten days.
    assert (await billed(stage, north, "2026-03-13"))[2] == {"late": 50}
    assert (await stage.invoice(north, "2")).lines[0].params["n"] == 1
    assert len(await billed(stage, north, "2029-01-01")) == 3
    assert (await stage.contract(north)).next_due is None


async def test_who_comes_back_later_pays_for_what_came_since_the_last_bill(stage: Stage, north: TenantScope) -> None:
    await billed(stage, north, "2026-04-01")
    await stage.use(north, "2026-02-03", 45 * GB)
    contract = await back(stage, north, WEEKLY, "2026-05-04T12:14")
    assert [contract.closing_of(n) for n in (2, 3, 4)] == [
        at("2026-03-13"),
        at("2026-05-04T12:00"),
        at("2026-05-11T12:00"),
    ]
    bills = await billed(stage, north, "2026-05-11T12:00")
    assert (bills[3], bills[4]) == ({"late": 50}, {"base": 700})
    assert await stage.states(north) == {0: "issued", 1: "issued", 2: "free", 3: "issued", 4: "issued"}


async def test_a_plan_paid_in_advance_begins_again_with_a_bill_of_its_first_period(
    stage: Stage, north: TenantScope
) -> None:
    await back(stage, north, AHEAD, "2026-02-20T09:07")
    bills = await billed(stage, north, "2026-02-20T09:08")
    assert bills[2] == {"advance": 1_000}
    assert (await stage.invoice(north, "2")).plan == "ahead@1"
    bills = await billed(stage, north, "2026-03-20T09:00")
    assert bills[3] == {"base": 1_000, "advanced": -1_000, "advance": 1_000}


async def test_after_downtime_the_old_time_is_billed_before_the_new(stage: Stage, north: TenantScope) -> None:
    await back(stage, north, AHEAD, "2028-02-20T09:07")
    bills = await billed(stage, north, "2028-02-20T09:10")
    assert bills == {0: {"base": 1_000}, 1: {"base": 357}, 3: {"advance": 1_000}}


async def test_who_leaves_twice_comes_back_twice(stage: Stage, north: TenantScope) -> None:
    await back(stage, north, monthly(), "2026-02-11T00:00")
    await stage.desk.contracts.cancel(north, at_period_end=True, actor=ACTOR)
    contract = await back(stage, north, monthly(), "2026-06-01", anchor=at("2026-04-20"))
    assert [each.n for each in contract.away] == [2, 4, 5]
    bills = await billed(stage, north, "2026-06-20")
    assert bills == {0: {"base": 1_000}, 1: {"base": 357}, 3: {"base": 1_000}, 6: {"base": 1_000}, 7: {"base": 1_000}}


async def test_a_plan_for_later_does_not_outlive_the_end(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.begin(await stage.add_tenant("other"), WEEKLY)
    stage.set_time(at("2026-01-20"))
    await stage.desk.contracts.change(scope, plan="weekly@1", actor=ACTOR)
    await stage.desk.contracts.cancel(scope, at_period_end=True, actor=ACTOR)
    await back(stage, scope, monthly(), "2026-03-01")
    bills = await billed(stage, scope, "2026-04-01")
    assert bills == {0: {"base": 1_000}, 2: {"base": 1_000}}


async def test_who_left_before_the_beginning_may_begin_after_all(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, AHEAD, anchor=at("2026-02-01"))
    await stage.desk.contracts.cancel(scope, at_period_end=False, actor=ACTOR)
    assert await billed(stage, scope, "2026-03-01") == {}
    await back(stage, scope, AHEAD, "2026-03-10")
    bills = await billed(stage, scope, "2026-04-10")
    assert bills == {-1: {"advance": 1_000}, 0: {"base": 1_000, "advanced": -1_000, "advance": 1_000}}


async def test_a_trial_does_not_outlive_the_end(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START, trial_days=14)
    stage.set_time(at("2026-01-05"))
    await stage.desk.contracts.cancel(scope, at_period_end=False, actor=ACTOR)
    await back(stage, scope, monthly(), "2026-01-08")
    assert await billed(stage, scope, "2026-02-08") == {2: {"base": 1_000}}


async def test_a_coupon_does_not_outlive_the_end_and_keeps_what_it_was_for(stage: Stage, north: TenantScope) -> None:
    stage.set_time(at("2026-02-10T23:55"))
    await stage.desk.contracts.set_coupon(north, Coupon(code="HALF", percent_bps=5_000), actor=ACTOR)
    await back(stage, north, monthly(), "2026-02-20T09:07", coupon=Coupon(code="TEN", amount=10, periods=1))
    bills = await billed(stage, north, "2026-04-20T09:00")
    assert [bills[n].get("discount") for n in (0, 1, 3, 4)] == [None, -178, -10, None]


REFUSED: list[tuple[str, Mapping[str, Any]]] = [
    ("before it ended", {"anchor": at("2026-02-10")}),
    ("to come", {"anchor": at("2026-02-21")}),
    ("another zone", {"zone": "Europe/Berlin"}),
    ("a trial", {"trial_days": 14}),
    ("a number", {"from_n": 3}),
]


@pytest.mark.parametrize(("_case", "opening"), REFUSED, ids=[case for case, _ in REFUSED])
async def test_what_cannot_begin_again_is_told(
    stage: Stage, north: TenantScope, _case: str, opening: Mapping[str, Any]
) -> None:
    before = await stage.contract(north)
    with pytest.raises(BadTerms):
        await back(stage, north, monthly(), "2026-02-20", **opening)
    assert await stage.contract(north) == before


async def test_it_begins_again_in_its_own_currency_alone(stage: Stage, north: TenantScope) -> None:
    with pytest.raises(BadTerms, match="books are in USD"):
        await back(stage, north, monthly(id="euros", currency="EUR"), "2026-02-20")


async def test_nothing_changes_of_a_contract_that_has_ended(stage: Stage, north: TenantScope) -> None:
    stage.set_time(at("2026-02-20"))
    contracts = stage.desk.contracts
    for deed in (
        contracts.change(north, capacity=1, actor=ACTOR),
        contracts.keep_on(north, actor=ACTOR),
        contracts.set_coupon(north, Coupon(code="TEN", amount=10), actor=ACTOR),
        contracts.set_trial(north, at("2026-03-01"), actor=ACTOR),
    ):
        with pytest.raises(BadTerms, match="ended 2026-02-11"):
            await deed


async def test_the_new_beginning_is_in_the_audit(stage: Stage, north: TenantScope) -> None:
    await back(stage, north, monthly(), "2026-02-20")
    deeds = [entry.action for entry in await stage.desk.office.audit.entries(north)]
    assert sorted(deeds) == ["contract.begin", "contract.begin_again", "contract.cancel"]
    # One that runs stays as it is.
    assert await back(stage, north, WEEKLY, "2026-02-21") == await stage.contract(north)


class Site:
    """What becomes of the tenant's site."""

    def __init__(self, stage: Stage, cache: Cache) -> None:
        self.stage = stage
        self.desk = stage.tenants(Events(stage.database, cache))

    async def tick(self, now: datetime | str | None = None) -> set[str]:
        if now is not None:
            self.stage.set_time(at(now) if isinstance(now, str) else now)
        await hold_ended(self.stage.database, self.desk, moment(self.stage.clock()))
        return await self.holds()

    async def tenant(self) -> Tenant:
        found = await TenantStore(self.stage.database).get("north")
        assert found is not None
        return found

    async def holds(self) -> set[str]:
        return {hold.kind for hold in (await self.tenant()).holds}


async def test_the_site_is_closed_with_the_contract_and_opened_with_its_new_beginning(
    stage: Stage, north: TenantScope, cache: Cache
) -> None:
    site = Site(stage, cache)
    assert await site.tick("2026-02-10T23:59:59") == set()
    assert await site.tick("2026-03-20") == {"contract"}
    closed = await site.tenant()
    assert (closed.status, notice_of(closed.holds)) == ("suspended", "This site is closed.")
    assert await site.tick("2026-03-21") == {"contract"}
    assert await site.tenant() == closed
    await back(stage, north, monthly(), "2026-04-01")
    assert await site.tick() == set()
    assert (await site.tenant()).status == "active"
    # A hold of this kind stops no fee.
    assert (await billed(stage, north, "2026-05-01"))[4] == {"base": 1_000}


async def test_holds_of_other_kinds_come_and_go_by_themselves(stage: Stage, north: TenantScope, cache: Cache) -> None:
    site = Site(stage, cache)
    await suspend(site.desk, "north", "billing", "unpaid", actor=ACTOR)
    await suspend(site.desk, "north", "operator", "", actor=ACTOR)
    assert await site.tick("2026-03-01") == {"billing", "operator", "contract"}
    await settle(site.desk, "north", actor=ACTOR)
    await resume(site.desk, "north", "operator", actor=ACTOR)
    assert await site.holds() == {"contract"}
    await suspend(site.desk, "north", "legal", "an order", actor=ACTOR)
    await back(stage, north, monthly(), "2026-03-02")
    assert await site.tick() == {"legal"}


async def test_a_cancellation_that_is_taken_back_closes_nothing(stage: Stage, north: TenantScope, cache: Cache) -> None:
    await stage.desk.contracts.keep_on(north, actor=ACTOR)
    assert await Site(stage, cache).tick("2027-01-01") == set()


async def test_who_left_and_came_back_while_nothing_ran_was_never_closed(
    stage: Stage, north: TenantScope, cache: Cache
) -> None:
    await back(stage, north, monthly(), "2026-02-20")
    site = Site(stage, cache)
    assert await site.tick() == set()
    assert (await site.tenant()).past_holds == ()


async def test_whoever_died_after_closing_closes_once(stage: Stage, north: TenantScope, cache: Cache) -> None:
    site = Site(stage, cache)
    await site.tick("2026-02-11")
    closed = await site.tenant()
    # The hold was set, and the contract not told.
    due = Change(north.owner, "contract", {"$set": {"hold_due": at("2026-02-11")}})
    await Across(stage.database, "contracts").update_each([due])
    assert await site.tick("2026-02-12") == {"contract"}
    assert await site.tenant() == closed
    assert (await stage.contract(north)).hold_due is None


async def _stored_before_there_was_a_hold(stage: Stage, scope: TenantScope) -> None:
    old = Change(scope.owner, "contract", {"$unset": {"hold_due": ""}})
    await Across(stage.database, "contracts").update_each([old])


async def test_who_left_before_there_was_a_hold_is_closed_too(stage: Stage, north: TenantScope, cache: Cache) -> None:
    await build_indexes(stage.database, INDEXES)
    site = Site(stage, cache)
    await _stored_before_there_was_a_hold(stage, north)
    assert await site.tick("2026-02-10T23:59:59") == set()
    assert await site.tick("2026-06-01") == {"contract"}
    assert (await stage.contract(north)).hold_due is None
    closed = await site.tenant()
    assert await site.tick("2026-06-02") == {"contract"}
    assert await site.tenant() == closed, "it is looked at once"
    await back(stage, north, monthly(), "2026-07-01")
    assert await site.tick() == set()


async def test_what_is_agreed_meanwhile_does_not_hide_them(stage: Stage, north: TenantScope, cache: Cache) -> None:
    await _stored_before_there_was_a_hold(stage, north)
    await stage.desk.contracts.set_terms_days(north, 30, actor=ACTOR)
    assert await Site(stage, cache).tick("2026-06-01") == {"contract"}


async def test_who_is_there_and_has_no_end_stays_open(stage: Stage, cache: Cache) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await _stored_before_there_was_a_hold(stage, scope)
    assert await Site(stage, cache).tick("2027-01-01") == set()
