"""A year of a small town: tenants who pay by card, and viewers of some of them who are members month by month."""

from __future__ import annotations

import random
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import datetime
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from stripe import StripeClient

from accounts.model import Profile, SignUp
from accounts.repository import ViewerRepository
from billing.memberships.buying import buy
from billing.payments.reconciling import follow
from runtime.schema import INDEXES
from storage.indexes import build_indexes
from storage.moments import epoch_of, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.tenants import TenantStore
from tests.billing.stage import ACTOR, GB, Stage, monthly, stage_on
from tests.drills.billing_desks import KEY, Desks, desks_on
from tests.drills.billing_stripe import Stripe, stripe_in, webhooks_taken
from tests.drills.billing_worker import Hours
from tests.sandbox.stripe.paying import client_at
from tests.support.clock import FakeClock
from tests.support.wire import Wire, wire_to

TENANTS: Final = 9
SELLERS: Final = 3
MEMBER: Final = 42
PRICE: Final = 1_210
SOON_SECONDS: Final = 1_000.0
YEAR: Final = 2030
PLANS: Final = (
    monthly(included_gb=1),
    monthly(id="ahead", advance=True, included_gb=1),
    monthly(id="weekly", unit="week", included_gb=1),
)
BACK: Final = "https://site.example/premium/return/{id}"


class Town(Struct, frozen=True, kw_only=True):
    """`sellers` are those of `scopes` that have a member. Schedulers reach both engines through the wires."""

    stage: Stage
    desks: Desks
    scopes: list[TenantScope]
    sellers: list[TenantScope]
    stripe: Stripe
    hours: Hours
    mongodb_uri: str
    stripe_url: str
    wires: dict[str, Wire]

    async def come_to(self, now: datetime) -> None:
        """It is `now` everywhere."""
        self.stage.set_time(now)
        await self.stripe.set_time(epoch_of(now))
        self.hours.come_to(now)

    async def skip(self, seconds: float) -> None:
        """Time passes at Stripe and for what listens to it; schedulers have clocks of their own."""
        await self.stripe.ask("advance", seconds=seconds)
        self.hours.skip(seconds)

    async def use(self, month: int, chance: random.Random) -> None:
        """Everybody's bytes of the month that ends, and some of the one before, which is billed."""
        for scope in self.scopes:
            for back in (month - 1, month - 2):
                if back >= 0:
                    day = f"{YEAR}-{1 + back:02d}-{chance.randrange(2, 28):02d}"
                    await self.stage.use(scope, day, chance.randrange(1, 3 * GB))


def month_end(month: int) -> datetime:
    """A quarter after midnight of the day after the month (1: January), when its periods are due."""
    return datetime.fromisoformat(f"{YEAR + month // 12}-{1 + month % 12:02d}-01T00:15")


@asynccontextmanager
async def town_in(folder: Path, mongodb_uri: str, redis_url: str, name: str) -> AsyncGenerator[Town]:
    """The town on the first of January, in a database of this name."""
    async with AsyncExitStack() as stack:
        database = await Database.connect(mongodb_uri, name)
        stack.push_async_callback(database.close)
        cache = await Cache.connect(redis_url)
        stack.push_async_callback(cache.close)
        await build_indexes(database, INDEXES)
        stripe = await stack.enter_async_context(stripe_in(folder / name))
        mongodb, through = await stack.enter_async_context(wire_to(mongodb_uri))
        gateway, stripe_url = await stack.enter_async_context(wire_to(stripe.url))
        # What the webhooks bring is written over the wire that is cut.
        wired = await Database.connect(through, name)
        stack.push_async_callback(wired.close)
        stage, hours = stage_on(database, FakeClock()), Hours(month_end(0))
        desks = await stack.enter_async_context(desks_on(database, cache, stripe.url, hours, _nothing))
        await stack.enter_async_context(webhooks_taken(stripe, desks, wired, hours, stage.clock))
        town = Town(
            stage=stage,
            desks=desks,
            scopes=[],
            sellers=[],
            stripe=stripe,
            hours=hours,
            mongodb_uri=through,
            stripe_url=stripe_url,
            wires={"MongoDB": mongodb, "Stripe": gateway},
        )
        await town.come_to(month_end(0))
        await _settle(town)
        yield town


def _nothing(step: str) -> None:
    """Nobody dies here."""


async def _settle(town: Town) -> None:
    async with client_at(town.stripe.url, KEY) as client:
        for number in range(TENANTS):
            town.scopes.append(await _tenant(town, client, number))
    # Every third one bills by the month.
    for scope in town.scopes[:: len(PLANS)][:SELLERS]:
        await _member(town, scope)
        town.sellers.append(scope)
    await town.skip(SOON_SECONDS)
    await follow(town.desks.cashier)


async def _tenant(town: Town, client: StripeClient, number: int) -> TenantScope:
    name = f"site-{number}"
    scope = await town.stage.add_tenant(name)
    await town.stage.begin(scope, PLANS[number % len(PLANS)], anchor=month_end(0))
    customer = await client.v1.customers.create_async({"name": name})
    method = await client.v1.payment_methods.attach_async("pm_card_visa", {"customer": customer.id})
    contracts = town.stage.desk.contracts
    await contracts.set_payment(scope, gateway="stripe", customer=customer.id, method=method.id, actor=ACTOR)
    return scope


async def _member(town: Town, scope: TenantScope) -> None:
    """A viewer who pays on Stripe's page, and goes on by the card that was kept."""
    desk, tenants = town.desks.memberships, TenantStore(town.stage.database)

    def sell(_: Any, ours: dict[str, Any]) -> None:
        ours["currency"] = "USD"
        ours["membership"] = {"enabled": True, "monthly": PRICE, "yearly": 10 * PRICE, "tax_bps": 2_100}

    await tenants.amend(scope.tenant_id, sell)
    tenant = await tenants.get(scope.tenant_id)
    assert tenant is not None
    await ViewerRepository(town.stage.database, scope).add_telegram(
        MEMBER, Profile("Ann"), SignUp(), moment(town.hours())
    )
    viewer = await desk.members.viewers.get(scope, MEMBER)
    bought = await buy(desk, scope, tenant, viewer, "monthly", back=BACK)
    await town.stripe.ask("pay", session=bought.payment.reference)
