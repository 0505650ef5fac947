"""Every tenant has a contract: those without one begin, a batch at once, with the default plan of their kind."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from billing.calendar import BadCalendar
from billing.contracts.beginning import Opening, begun
from billing.contracts.model import CONTRACT, BadTerms, Contract
from billing.contracts.repository import ContractRepository, fields_of
from billing.periods.desk import OWNER, CycleReport, Desk, tenant_of
from billing.plans.defaults import default_plan, publish_defaults
from billing.plans.model import Plan
from billing.plans.repository import Plans
from storage.across import Across, New
from storage.audit import Actor
from tenancy.model import Tenant
from tenancy.tenants import TenantStore

ACTOR = Actor("system", "billing")
Sold = dict[tuple[str, str], Plan | None]
"""The default plans by kind and currency, as far as they were asked for."""


async def begin_contracts(desk: Desk, report: CycleReport) -> None:
    """Begins the contracts of those that have none, and again of those that were deleted and are there anew."""
    await publish_defaults(Plans(desk.database))
    store = TenantStore(desk.database)
    sold: Sold = {}
    after = ""
    while asked := await store.without_contract(after=after, limit=desk.rules.batch):
        after = asked[-1]
        held = await _held(desk, asked)
        tenants, unreadable = await store.those(asked)
        report.failed.update(unreadable)
        made = await _begin(desk, [tenant for tenant in tenants if tenant.id not in held], sold, report)
        anew = [tenant for tenant in tenants if _is_anew(tenant, held.get(tenant.id))]
        made |= await _begin_again(desk, anew, report)
        await store.set_next_bill_dates({tenant_id: contract.next_due for tenant_id, contract in made.items()})
        report.begun += len(made)
        # Last, so that who dies before it is asked again.
        await store.set_contracted([*made, *(held.keys() - {tenant.id for tenant in anew})])


async def _held(desk: Desk, asked: Sequence[str]) -> dict[str, datetime | None]:
    """Who of them has a contract, and when it ends."""
    wanted = {"_id.owner": {"$in": [OWNER + tenant_id for tenant_id in asked]}}
    found = await Across(desk.database, ContractRepository.collection).find(wanted, fields=["ends_at"])
    return {tenant_of(each["_id"]["owner"]): each.get("ends_at") for each in found}


def _is_anew(tenant: Tenant, ended: datetime | None) -> bool:
    """Whether it was created after the contract of one of the same id had ended: who left by themselves stays away."""
    return ended is not None and tenant.created_at is not None and ended < tenant.created_at


async def _begin(desk: Desk, tenants: Sequence[Tenant], sold: Sold, report: CycleReport) -> dict[str, Contract]:
    contracts: dict[str, Contract] = {}
    for tenant in tenants:
        try:
            contracts[tenant.id] = begun(tenant, await _plan_for(desk, tenant, sold), Opening(), desk.now())
        except (BadTerms, BadCalendar) as error:
            report.failed[tenant.id] = str(error)
    new = [New(OWNER + tenant_id, CONTRACT, fields_of(contract)) for tenant_id, contract in contracts.items()]
    # Of one that began at this moment elsewhere the contract there counts: it is met again.
    places = await Across(desk.database, ContractRepository.collection).insert_new(new)
    made = {tenant_of(new[place].owner): contracts[tenant_of(new[place].owner)] for place in sorted(places)}
    deeds = [(desk.scope(OWNER + tenant_id), CONTRACT, _said(contract)) for tenant_id, contract in made.items()]
    await desk.office.audit.record_each(ACTOR, "contract.begin", deeds)
    return made


async def _begin_again(desk: Desk, tenants: Sequence[Tenant], report: CycleReport) -> dict[str, Contract]:
    made: dict[str, Contract] = {}
    for tenant in tenants:
        try:
            made[tenant.id] = await desk.contracts.begin(desk.scope(OWNER + tenant.id), tenant, actor=ACTOR)
        except (BadTerms, BadCalendar) as error:
            report.failed[tenant.id] = str(error)
    return made


async def _plan_for(desk: Desk, tenant: Tenant, sold: Sold) -> Plan:
    wanted = tenant.plan, tenant.currency
    if wanted not in sold:
        sold[wanted] = await default_plan(Plans(desk.database), *wanted)
    plan = sold[wanted]
    if plan is None:
        raise BadTerms(f"no plan of kind {tenant.plan} is sold in {tenant.currency}")
    return plan


def _said(contract: Contract) -> dict[str, object]:
    return {"plan": contract.phases[0].plan, "anchor": contract.anchor, "zone": contract.zone}
