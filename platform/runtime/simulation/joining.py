"""How the story's tenants come to the platform: a site, a contract, and a card where they pay by one."""

from __future__ import annotations

import msgspec

from billing.contracts.desk import Contracts
from billing.plans.defaults import publish_defaults
from billing.plans.repository import Plans
from runtime.simulation.deeds import save_card
from runtime.simulation.tenants import STARTER_JPY, STUDIO_JPY, Member
from runtime.simulation.viewers import open_shop
from runtime.simulation.world import ACTOR, World
from tenancy.desk import create_tenant


async def publish_plans(world: World) -> None:
    """The default plans, and those in yen."""
    plans = Plans(world.stores.database)
    await publish_defaults(plans)
    for plan in (STARTER_JPY, STUDIO_JPY):
        await plans.publish(plan)


async def join(world: World, member: Member) -> None:
    """Opens the tenant's site and begins its contract."""
    site, stores = member.site, world.stores
    settings = {
        "theme": site.theme,
        "plan": member.kind,
        "currency": member.currency,
        "owner_email": f"hello@{member.id}.example",
        "brand.name": site.brand.name,
    }
    tenant = await create_tenant(stores.desk, member.id, site.domain, settings, actor=ACTOR)
    scope = await stores.system.tenant_scope(member.id)
    assert scope is not None
    world.scopes[member.id] = scope
    opening = msgspec.structs.replace(
        member.opening, anchor=member.anchor, zone=member.zone, gateway="manual" if member.way == "bank" else "stripe"
    )
    contracts = Contracts(stores.database, stores.clock, stores.audit)
    contract = await contracts.begin(scope, tenant, member.plan, opening, actor=ACTOR)
    trial = "" if contract.trial_until is None else f", on trial until {contract.trial_until:%-d %B}"
    world.note(member.id, f"joins on {member.plan.partition('@')[0]}{trial}")
    await open_shop(world, member)
    if member.card:
        await save_card(world, member.id, member.card)
