"""What the cycle bills in the less ordinary cases: paid ahead, on trial, leaving, by a share."""

from __future__ import annotations

import asyncio
from decimal import Decimal

import msgspec
import pytest

from billing.invoices.model import Invoice
from billing.ledger.ledger import Ledger
from billing.ledger.model import Leg, entry
from billing.ledger.revenue import revenue_in_all
from billing.periods.previewing import preview_of
from billing.periods.usage import booked_since, bytes_of_many
from billing.plans.model import Band
from billing.rating import Span
from storage.across import Across, Change
from storage.valkey import Cache
from tenancy.stats import Stats
from tenancy.tenants import TenantStore
from tenancy.usage import UsageLedger
from tests.billing.stage import ACTOR, GB, START, Stage, at, monthly


def kinds(invoice: Invoice) -> dict[str, int]:
    return {line.kind: line.amount for line in invoice.lines}


async def test_a_plan_paid_ahead_begins_with_the_advance_and_trues_it_up(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    yearly = monthly(id="yearly", unit="year", advance=True, base=36_500)
    await stage.begin(scope, yearly, anchor=START)
    await stage.run(START)
    assert kinds(await stage.invoice(scope, "-1")) == {"advance": 36_500}
    ledger = Ledger(stage.database)
    assert await ledger.balances(scope) == {"receivable": 36_500, "deferred": -36_500}
    stage.set_time(at("2026-03-15"))
    await stage.desk.contracts.cancel(scope, at_period_end=False, actor=ACTOR)
    await stage.run(at("2026-03-16"))
    last = await stage.invoice(scope, "0")
    assert kinds(last) == {"base": 7_301, "advanced": -36_500}
    assert (last.total, last.due, last.state, last.end) == (-29_199, 0, "paid", at("2026-03-15T00:15"))
    assert await ledger.balances(scope) == {
        "receivable": 36_500,
        "credit": -29_199,
        "income.base": -7_301,
        "deferred": 0,
    }
    # What comes late has a bill yet.
    assert (await stage.contract(scope)).next_due == at("2026-04-14T00:15")
    assert (await stage.run(at("2030-01-01"))).empty == 1
    assert (await stage.run(at("2040-01-01"))).due == 0


async def test_a_trial_costs_nothing_and_its_usage_is_never_billed(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START, trial_days=45)
    await stage.use(scope, "2026-01-10", 900 * GB)
    await stage.run(at("2026-02-01"))
    assert await stage.states(scope) == {0: "free"}
    await stage.use(scope, "2026-01-11", 900 * GB)
    await stage.use(scope, "2026-02-20", 60 * GB)
    await stage.run(at("2026-03-01"))
    assert kinds(await stage.invoice(scope, "1")) == {"base": 500, "bandwidth": 50}
    assert (await stage.invoice(scope, "1")).number == "MQ-2026-000001"


async def test_what_goes_back_of_a_sale_in_the_trial_takes_no_share_from_the_minimum(stage: Stage) -> None:
    scope = await stage.add_tenant("north", plan="rev_share")
    partner = monthly(id="partner-x", kind="rev_share", base=0, bands=(Band(None, 3_000),), minimum_fee=2_500)
    await stage.begin(scope, partner, anchor=START, trial_days=14)
    await stage.earn(scope, "pi_1", 10_000, at("2026-01-05"))
    await stage.earn(scope, "pi_2", 10_000, at("2026-01-20"))
    legs = [Leg("memberships", 10_000), Leg("cash.stripe", -10_000)]
    went = entry("refund:stripe:re_1", at=at("2026-01-25"), ref="membership:pi_1", currency="USD", legs=legs)
    await Ledger(stage.database).post(scope, went)
    await stage.run(at("2026-02-01"))
    assert kinds(await stage.invoice(scope, "0")) == {}


async def test_a_share_of_revenue_is_not_on_the_invoice_and_the_minimum_is(stage: Stage) -> None:
    scope = await stage.add_tenant("north", plan="rev_share")
    partner = monthly(id="partner-x", kind="rev_share", base=0, bands=(Band(None, 3_000),), minimum_fee=2_500)
    await stage.begin(scope, partner, anchor=START)
    await stage.earn(scope, "pi_1", 5_000, at("2026-01-20"))
    await stage.earn(scope, "pi_2", 9_000, at("2026-02-20"))
    await stage.run(at("2026-03-01"))
    assert kinds(await stage.invoice(scope, "0")) == {"minimum": 1_000}
    assert await stage.states(scope) == {0: "issued", 1: "free"}


async def test_tenants_without_a_contract_begin_one_and_hear_when_the_next_bill_comes(stage: Stage) -> None:
    scope = await stage.add_tenant("north", subscription={"payment_method": "crypto"})
    await stage.add_tenant("south", plan="rev_share")
    await stage.add_tenant("odd", plan="barter")
    report = await stage.run(START)
    assert (report.begun, list(report.failed)) == (2, ["odd"])
    assert (await stage.contract(scope)).phases[0].plan == "starter@1"
    tenant = await TenantStore(stage.database).get("north")
    assert tenant is not None
    assert tenant.subscription == {"payment_method": "crypto", "next_bill_date": at("2026-02-01")}
    await stage.run(at("2026-02-01"))
    tenant = await TenantStore(stage.database).get("north")
    assert tenant is not None
    assert tenant.subscription["next_bill_date"] == at("2026-03-01")


async def test_a_change_that_was_under_way_does_not_undo_the_next_bill_date(stage: Stage) -> None:
    await stage.add_tenant("north")
    tenants = TenantStore(stage.database)

    def rename(fields: dict[str, object], ours: dict[str, object]) -> None:
        fields["owner_email"] = "new@north.example"

    await asyncio.gather(
        *(tenants.set_next_bill_dates({"north": at("2026-02-01")}) for _ in range(3)), tenants.amend("north", rename)
    )
    tenant = await tenants.get("north")
    assert tenant is not None
    assert (tenant.owner_email, tenant.subscription) == ("new@north.example", {"next_bill_date": at("2026-02-01")})


async def test_figures_of_the_dashboard_come_from_the_books(stage: Stage, cache: Cache) -> None:
    scope = await stage.add_tenant("north", stats={"revenue_generated": 150.5})
    await UsageLedger(stage.database).open_with(scope, {"revenue_generated": 150.5}, stage.clock())
    await stage.earn(scope, "pi_1", 9_995, START)
    revenue = await revenue_in_all(stage.database, scope, "USD")
    assert revenue == Decimal("99.95")
    stats = Stats(stage.database, cache)
    twice = [await stats.derive([scope], stage.clock(), {scope.owner: revenue}) for _ in range(2)]
    assert [each[scope.owner]["revenue_generated"] for each in twice] == [250.45, 250.45]


async def test_a_preview_reckons_what_there_is_and_writes_nothing(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.use(scope, "2026-01-03", 101 * GB)
    found = await preview_of(stage.desk, scope)
    assert (found.n, found.rated.total, found.plan) == (0, 1_005, "monthly@1")
    assert await stage.invoices(scope) == []


async def test_a_tenant_that_cannot_be_billed_holds_up_nobody(stage: Stage) -> None:
    broken, whole = await stage.add_tenant("broken"), await stage.add_tenant("whole")
    for scope in (broken, whole):
        await stage.begin(scope, monthly(), anchor=START)
    phases = [{"since": START, "plan": "gone@1"}]
    await Across(stage.database, "contracts").update_each(
        [Change(broken.owner, "contract", {"$set": {"phases": phases}})]
    )
    report = await stage.run(at("2026-02-01"))
    assert (report.issued, report.failed) == (1, {"broken": "there is no plan gone@1"})


async def test_who_takes_a_period_over_waits_for_the_lease(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)

    def die(step: str) -> None:
        if step == "draft":
            raise RuntimeError("killed")

    dying = msgspec.structs.replace(stage.desk, on_step=die)
    with pytest.raises(RuntimeError):
        await Stage(dying, stage.clock).run(at("2026-02-01"))
    assert (await stage.run(at("2026-02-01"))).drafted == 0
    stage.clock.advance(stage.desk.rules.lease_seconds + 1)
    assert (await stage.run(at("2026-02-01"))).drafted == 1
    assert await stage.states(scope) == {0: "issued"}


async def test_usage_of_many_is_that_of_each(stage: Stage, cache: Cache) -> None:
    scopes = [await stage.add_tenant(name) for name in ("north", "south")]
    for place, scope in enumerate(scopes):
        for day in ("2026-01-01", "2026-01-02", "2026-01-31", "2026-02-01"):
            for quarter in ("0000", "1015", "2345"):
                await stage.use(scope, day, 10**place, quarter)
    bounds = ("2026-01-01", "2026-01-01T10:15", "2026-01-01T10:30", "2026-01-02", "2026-01-31T23:45", "2026-02-02")
    asked = [(scope, Span(at(start), at(end))) for scope in scopes for start in bounds for end in bounds if start < end]
    found = await bytes_of_many(stage.database, [(scope.owner, span) for scope, span in asked])
    reads = UsageLedger(stage.database)
    for scope, span in asked:
        assert found[scope.owner, span] == await reads.bytes_between(scope, span.start, span.end)


async def test_only_days_that_were_booked_since_are_looked_at_again(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.use(scope, "2026-01-15", 1)
    owner: str = scope.owner

    async def since(moment: str, before: str) -> list[str]:
        found = await booked_since(stage.database, {owner: at(moment)}, {owner: at(before)})
        return [day.isoformat() for day in found.get(owner, [])]

    assert await since("2020-01-01", "2026-02-01") == ["2026-01-15"]
    assert await since("2100-01-01", "2026-02-01") == []
    assert await since("2020-01-01", "2026-01-15") == []
    assert await booked_since(stage.database, {}, {}) == {}
