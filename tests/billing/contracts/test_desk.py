"""Deeds over contracts: begun once, written over what was read, audited, and never another tenant's."""

import asyncio
from datetime import datetime

import msgspec
import pytest

from billing.contracts.beginning import Opening
from billing.contracts.desk import Contracts
from billing.contracts.model import BadTerms, BillTo, Contract, Coupon, NoContract, Phase, Tax
from billing.contracts.repository import INDEXES, ContractRepository, contract_of, fields_of
from billing.plans.repository import Plans
from storage.across import Across
from storage.audit import Actor, Audit
from storage.indexes import build_indexes
from storage.moments import epoch_of
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.model import Tenant
from tests.billing.rating.samples import JANUARY, PLANS, contract
from tests.support.clock import FakeClock

OWNER = Actor("staff", "ada")
TENANT = Tenant(id="tenant_a", domain="a.example", currency="EUR", plan="rev_share")
FEBRUARY = datetime(2026, 2, 1)


@pytest.fixture
def clock() -> FakeClock:
    return FakeClock(epoch_of(JANUARY))


@pytest.fixture
def audit(database: Database, clock: FakeClock) -> Audit:
    return Audit(database, clock)


@pytest.fixture
async def contracts(database: Database, clock: FakeClock, audit: Audit) -> Contracts:
    await build_indexes(database, INDEXES)
    for plan in PLANS.values():
        await Plans(database).publish(plan)
    return Contracts(database, clock, audit)


async def begin(contracts: Contracts, scope: TenantScope, plan: str | None = "starter@1") -> Contract:
    return await contracts.begin(scope, TENANT, plan, Opening(anchor=JANUARY), actor=OWNER)


async def deeds(audit: Audit, scope: TenantScope) -> set[str]:
    return {entry.action.removeprefix("contract.") for entry in await audit.entries(scope)}


async def test_a_contract_begins_once_however_many_begin_it(
    contracts: Contracts, audit: Audit, scope_a: TenantScope
) -> None:
    begun = await asyncio.gather(*(begin(contracts, scope_a) for _ in range(5)))
    assert all(each == begun[0] for each in begun)
    assert await begin(contracts, scope_a, "growth@1") == begun[0]
    assert await contracts.get(scope_a) == begun[0]
    assert [entry.action for entry in await audit.entries(scope_a)] == ["contract.begin"]


async def test_a_site_that_names_only_a_kind_gets_what_is_sold_of_it(
    contracts: Contracts, scope_a: TenantScope
) -> None:
    assert (await begin(contracts, scope_a, None)).phases[0].plan == "partner@1"


async def test_a_contract_needs_a_plan_that_is_there(contracts: Contracts, scope_a: TenantScope) -> None:
    with pytest.raises(BadTerms, match="no plan gone@1"):
        await begin(contracts, scope_a, "gone@1")
    barter = msgspec.structs.replace(TENANT, plan="barter")
    with pytest.raises(BadTerms, match="barter"):
        await contracts.begin(scope_a, barter, actor=OWNER)
    assert await contracts.get(scope_a) is None


async def test_every_deed_is_written_and_audited(
    contracts: Contracts, audit: Audit, clock: FakeClock, scope_a: TenantScope
) -> None:
    await begin(contracts, scope_a)
    clock.advance(86_400)
    await contracts.change(scope_a, plan="growth@1", addons={"dmca_shield": 1}, actor=OWNER)
    await contracts.set_coupon(scope_a, Coupon(code="TEN", amount=1_000), actor=OWNER)
    await contracts.set_tax(scope_a, Tax(rate_bps=1_900, name="VAT"), actor=OWNER)
    await contracts.set_bill_to(scope_a, BillTo(name="Ada", address="1 Road"), actor=OWNER)
    await contracts.set_payment(scope_a, gateway="stripe", customer="cus_1", method="pm_1", actor=OWNER)
    await contracts.set_terms_days(scope_a, 30, actor=OWNER)
    await contracts.cancel(scope_a, at_period_end=True, actor=OWNER)
    last = await contracts.keep_on(scope_a, actor=OWNER)
    assert await contracts.get(scope_a) == last
    assert last.phases[1] == Phase(since=datetime(2026, 1, 2), plan="growth@1", addons={"dmca_shield": 1})
    assert (last.gateway, last.customer, last.method, last.terms_days) == ("stripe", "cus_1", "pm_1", 30)
    assert (last.tax.rate_bps, last.bill_to.name, last.ends_at, last.revision) == (1_900, "Ada", None, 9)
    done = {"begin", "change", "coupon", "tax", "bill_to", "payment", "terms", "cancel", "keep_on"}
    assert await deeds(audit, scope_a) == done


async def test_a_trial_can_be_made_longer(contracts: Contracts, scope_a: TenantScope) -> None:
    opening = Opening(anchor=JANUARY, trial_days=7)
    await contracts.begin(scope_a, TENANT, "starter@1", opening, actor=OWNER)
    after = await contracts.set_trial(scope_a, datetime(2026, 1, 20), actor=OWNER)
    assert after.trial_until == datetime(2026, 1, 20)


async def test_what_changes_nothing_is_no_deed(contracts: Contracts, audit: Audit, scope_a: TenantScope) -> None:
    before = await begin(contracts, scope_a)
    assert await contracts.change(scope_a, plan="starter@1", actor=OWNER) == before
    assert await contracts.set_terms_days(scope_a, 14, actor=OWNER) == before
    assert await deeds(audit, scope_a) == {"begin"}


async def test_what_cannot_be_is_refused_and_changes_nothing(contracts: Contracts, scope_a: TenantScope) -> None:
    before = await begin(contracts, scope_a)
    with pytest.raises(BadTerms):
        await contracts.set_tax(scope_a, Tax(rate_bps=-1), actor=OWNER)
    with pytest.raises(BadTerms):
        await contracts.set_terms_days(scope_a, 366, actor=OWNER)
    with pytest.raises(BadTerms):
        await contracts.set_coupon(scope_a, Coupon(code="NONE"), actor=OWNER)
    with pytest.raises(BadTerms):
        await contracts.change(scope_a, capacity=9, actor=OWNER)
    assert await contracts.get(scope_a) == before


async def test_another_tenant_has_no_part_in_it(
    contracts: Contracts, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    before = await begin(contracts, scope_a)
    assert await contracts.get(scope_b) is None
    with pytest.raises(NoContract):
        await contracts.cancel(scope_b, at_period_end=False, actor=OWNER)
    assert not await contracts.advance_to(scope_b, 0, 1, FEBRUARY)
    assert await contracts.get(scope_a) == before


async def test_two_changes_at_once_are_both_there(contracts: Contracts, scope_a: TenantScope) -> None:
    await begin(contracts, scope_a)
    await asyncio.gather(
        contracts.change(scope_a, capacity=2, actor=OWNER),
        contracts.set_terms_days(scope_a, 30, actor=OWNER),
        contracts.set_bill_to(scope_a, BillTo(name="Ada"), actor=OWNER),
        contracts.change(scope_a, addons={"dmca_shield": 1}, actor=OWNER),
    )
    after = await contracts.get(scope_a)
    assert after is not None
    assert (after.terms_days, after.bill_to.name, after.revision) == (30, "Ada", 5)
    assert (after.phases[-1].capacity, after.phases[-1].addons) == (2, {"dmca_shield": 1})


async def test_a_period_is_closed_once(contracts: Contracts, scope_a: TenantScope) -> None:
    begun = await begin(contracts, scope_a)
    assert await contracts.advance_to(scope_a, 0, 1, begun.closing_of(1))
    assert not await contracts.advance_to(scope_a, 0, 1, begun.closing_of(1))
    after = await contracts.get(scope_a)
    assert after is not None
    assert (after.next_n, after.next_due, after.revision) == (1, datetime(2026, 3, 1), 1)


async def test_whoever_leaves_while_a_period_is_closed_is_not_due_for_longer(
    contracts: Contracts, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    read = await begin(contracts, scope_a)
    clock.now = epoch_of(datetime(2026, 2, 3))
    await contracts.cancel(scope_a, at_period_end=False, actor=OWNER)
    repository = ContractRepository(database, scope_a)
    assert not await repository.advance(read, 1, read.closing_of(1))
    again = await contracts.get(scope_a)
    assert again is not None
    assert await repository.advance(again, 1, again.closing_of(1))
    after = await contracts.get(scope_a)
    assert after is not None
    assert (after.next_n, after.next_due) == (1, datetime(2026, 2, 3, 0, 15))


async def test_what_is_due_is_found_over_all_tenants(
    contracts: Contracts, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await begin(contracts, scope_a)
    closed = contract(next_n=1, next_due=None)
    await ContractRepository(database, scope_b).add(closed)
    found = await Across(database, "contracts").find({"next_due": {"$lte": FEBRUARY}})
    assert [(each["_id"]["owner"], contract_of(each)) for each in found] == [
        ("tenant:tenant_a", await contracts.get(scope_a))
    ]
    assert contract_of({"_id": {}, **fields_of(closed)}) == closed
