"""Whoever has no contract gets one, and is found without a look at those who have."""

from __future__ import annotations

import pytest

from billing.checking.tenant import check_tenant
from billing.contracts.model import Coupon
from billing.contracts.repository import ContractRepository
from billing.periods.contracting import begin_contracts
from billing.periods.desk import CycleReport
from storage.across import Across
from storage.mongo import collection_of
from tenancy.tenants import TenantStore
from tests.billing.stage import ACTOR, GB, START, Stage, at, monthly


async def begun(stage: Stage) -> CycleReport:
    report = CycleReport()
    await begin_contracts(stage.desk, report)
    return report


async def test_every_tenant_gets_a_contract_once(stage: Stage) -> None:
    scopes = [await stage.add_tenant(f"t{place}") for place in range(7)]
    await stage.begin(scopes[3], monthly())
    small = stage.ruled(batch=2)
    assert (await begun(small)).begun == 6
    assert (await begun(small)).begun == 0
    assert (await stage.contract(scopes[3])).phases[0].plan == "monthly@1"
    assert await Across(stage.database, ContractRepository.collection).count({}) == 7


async def test_who_cannot_have_a_contract_holds_up_nobody_and_gets_one_once_it_can(stage: Stage) -> None:
    odd = {"_id": "a-odd", "domain": "a-odd.example", "plan": "fixed_fee"}
    await TenantStore(stage.database).create(odd, {"currency": "XTS"}, START)
    scope = await stage.add_tenant("b-plain")
    report = await begun(stage.ruled(batch=1))
    assert (report.begun, list(report.failed)) == (1, ["a-odd"])
    assert list((await begun(stage)).failed) == ["a-odd"]
    assert (await stage.contract(scope)).next_n == 0


@pytest.mark.parametrize("start", ["0001-01-01T00:00:00+14:00", "9999-12-31T23:59:00-12:00", "yesterday", 7, None])
async def test_no_start_date_of_one_tenant_holds_up_the_others(stage: Stage, start: object) -> None:
    await stage.add_tenant("a-odd", subscription={"start_date": start})
    scope = await stage.add_tenant("b-plain")
    assert (await begun(stage)).begun == 2
    assert (await stage.contract(scope)).next_n == 0


async def test_a_contract_that_was_begun_by_one_who_died_then_is_found(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    contract = await stage.begin(scope, monthly())
    assert (await begun(stage)).begun == 0
    assert await TenantStore(stage.database).without_contract(after="", limit=9) == ()
    assert (await stage.contract(scope)) == contract


async def test_who_was_created_while_nothing_ran_is_billed_from_then_on(stage: Stage) -> None:
    stage.set_time(at("2026-01-10T09:07"))
    own = await stage.add_tenant("own")
    brought = await stage.add_tenant("brought", subscription={"start_date": "2024-01-31"})
    later = await stage.add_tenant("later", subscription={"start_date": "2026-05-01"})
    stage.set_time(at("2026-06-15"))
    await stage.run()
    first = {scope.tenant_id: min(await stage.states(scope)) for scope in (own, brought, later)}
    # Of a start that was brought along, what was before the period of the creation is billed elsewhere.
    assert first == {"own": 0, "brought": 23, "later": 0}
    assert (await stage.invoice(brought, "23")).start == at("2025-12-31")
    assert (await stage.invoice(own, "0")).start == at("2026-01-10T09:00")
    deeds = [entry.action for entry in await stage.desk.office.audit.entries(own)]
    assert deeds == ["contract.begin"]


async def test_years_of_downtime_are_caught_up_from_the_creation_on(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.run(at("2029-01-01"), force=True)
    assert list(await stage.states(scope)) == list(range(36))
    assert (await check_tenant(stage.database, scope, at("2029-01-01"))).findings == []


async def test_a_tenant_that_was_deleted_is_billed_nothing_more_and_told_of_no_more(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.run(at("2026-02-01"))
    patient = stage.ruled(grace_seconds=86_400)
    await patient.run(at("2026-03-01"))
    await collection_of(stage.database, "tenants").delete_many({}, comment="system")
    report = await patient.run(at("2026-06-02"))
    assert (report.failed, report.issued) == ({}, 0)
    assert (await patient.run(at("2026-06-02"))).failed == {}
    assert await stage.states(scope) == {0: "issued", 1: "free", 2: "free"}
    assert ((await stage.contract(scope)).ends_at, (await stage.contract(scope)).next_due) == (at("2026-03-01"), None)
    assert (await patient.run(at("2027-01-01"))).due == 0
    assert (await check_tenant(stage.database, scope, at("2027-01-01"))).findings == []


async def test_who_was_deleted_and_is_there_again_begins_again(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.run(at("2026-02-01"))
    await collection_of(stage.database, "tenants").delete_many({}, comment="system")
    await stage.run(at("2026-03-01"))
    stage.set_time(at("2026-05-01"))
    await stage.add_tenant("north")
    stage.set_time(at("2026-08-02"))
    assert (await stage.run()).begun == 1
    assert await stage.states(scope) == {0: "issued", 1: "free", 2: "free", 3: "issued", 4: "issued", 5: "issued"}
    assert (await stage.invoice(scope, "3")).start == at("2026-05-01")
    assert (await check_tenant(stage.database, scope, at("2026-08-02"))).findings == []


async def test_impossible_figures_of_one_tenant_hold_up_no_other(stage: Stage) -> None:
    odd, plain = await stage.add_tenant("a-odd"), await stage.add_tenant("b-plain")
    await stage.begin(odd, monthly(overage_per_gb=10**12), anchor=START)
    await stage.begin(plain, monthly(id="other"), anchor=START)
    await stage.use(odd, "2026-01-10", 10**9 * GB)
    report = await stage.run(at("2026-02-01"))
    assert (report.issued, list(report.failed)) == (1, ["a-odd"])
    assert "no ledger holds" in report.failed["a-odd"]
    assert await stage.states(plain) == {0: "issued"}


async def test_a_coupon_that_is_replaced_keeps_what_is_over_and_not_drafted(stage: Stage) -> None:
    scope = await stage.add_tenant("north")
    await stage.begin(scope, monthly(), anchor=START)
    await stage.desk.contracts.set_coupon(scope, Coupon(code="HALF", percent_bps=5_000), actor=ACTOR)
    stage.set_time(at("2026-03-10"))
    await stage.desk.contracts.set_coupon(scope, Coupon(code="TEN", amount=10), actor=ACTOR)
    stage.set_time(at("2026-04-10"))
    await stage.desk.contracts.set_coupon(scope, None, actor=ACTOR)
    await stage.run(at("2026-05-01"))
    assert [each.total for each in await stage.invoices(scope)] == [500, 500, 990, 1_000]
