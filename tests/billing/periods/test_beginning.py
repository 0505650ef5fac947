"""Whoever has no contract gets one, and is found without a look at those who have."""

from __future__ import annotations

import pytest

from billing.contracts.repository import ContractRepository
from billing.periods.cycle import begin_contracts
from billing.periods.desk import CycleReport
from storage.across import Across
from tenancy.tenants import TenantStore
from tests.billing.stage import START, Stage, monthly


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
