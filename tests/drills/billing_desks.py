"""Where the drill's schedulers take money: the cashier over Stripe's stand-in, memberships, and settlements."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

from msgspec import Struct

from accounts.recovery import RecoveryCodes
from accounts.viewers import Viewers
from billing.gateways.stripe.gateway import StripeGateway
from billing.memberships.desk import Desk as MembershipDesk
from billing.memberships.desk import Members
from billing.memberships.settling import hearing
from billing.payments.cashier import Cashier, Hooks
from billing.settlements.desk import Desk as SettlementDesk
from storage.audit import Audit
from storage.events import Events
from storage.moments import Clock
from storage.mongo import Database
from storage.system import SystemStore
from storage.valkey import Cache
from tenancy.tenants import TenantStore
from tests.drills.billing_steps import Die, watched

SECRET: Final = "whsec_of_the_drill"
KEY: Final = "sk_test_drill"


class Desks(Struct, frozen=True):
    """What payments, memberships and settlements are done with."""

    cashier: Cashier
    memberships: MembershipDesk
    settlements: SettlementDesk


@asynccontextmanager
async def desks_on(database: Database, cache: Cache, stripe_url: str, clock: Clock, die: Die) -> AsyncGenerator[Desks]:
    """Desks whose connections end with the block. The library asks nothing again by itself: the drill does."""
    audit, events = Audit(database, clock), Events(database, cache)
    gateway = StripeGateway(secret_key=KEY, webhook_secrets=[SECRET], api_base=stripe_url, retries=0)
    members = Members(database=database, clock=clock, audit=audit, viewers=Viewers(database, audit, events, clock))
    heard = hearing(members)
    cashier = Cashier(
        database=database,
        clock=clock,
        audit=audit,
        events=events,
        gateways={"stripe": watched(gateway, die)},
        hooks=Hooks(purchase_paid=(heard,), purchase_reversed=(heard,)),
    )
    tenants, system = TenantStore(database), SystemStore(database)
    recovery = RecoveryCodes(database, clock)
    try:
        yield Desks(
            cashier,
            MembershipDesk(members=members, cashier=cashier, tenants=tenants, recovery=recovery, system=system),
            SettlementDesk(cashier=cashier, tenants=tenants, system=system),
        )
    finally:
        await gateway.close()
