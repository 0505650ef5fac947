"""The simulated platform: the product's own services over engines of their own, and a Stripe that stands in."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from datetime import date, datetime
from pathlib import Path
from typing import Any

from litestar.types import ASGIApp, Receive, Scope, Send
from msgspec import Struct, field

from billing.payments.model import Payment
from billing.webhooks.inbox import Inbox
from billing.webhooks.routes import webhook_routes
from runtime.address import Address
from runtime.billing_settings import Billing, Issuer, Stripe
from runtime.composition import Services, Stores, open_services, open_stores
from runtime.engines.embedded import engines_for
from runtime.handlers import handlers_of
from runtime.health import Health
from runtime.jobs import Handler, work_one
from runtime.listening import address_of, listening
from runtime.platform_site import platform_app
from runtime.scheduler import Tick
from runtime.serving import Manners, serving
from runtime.settings import Mongodb, Redis, Settings
from runtime.simulation.clock import SimulatedClock
from runtime.simulation.tenants import Member
from runtime.ticks import BILL_SECONDS, ticks_of
from sandbox.stripe import StripeOptions, StripeSandbox
from storage.across import Across
from storage.audit import Actor
from storage.jobs import JobRepository
from storage.scope import TenantScope

ACTOR = Actor("staff", "anna")
KEY, SECRET = "sk_test_simulation", "whsec_simulation"
EVENTS = (
    *("checkout.session.completed", "checkout.session.expired", "checkout.session.async_payment_succeeded"),
    *("payment_intent.succeeded", "payment_intent.payment_failed", "charge.updated"),
    *("refund.updated", "refund.failed", "charge.dispute.created", "charge.dispute.closed"),
)
"""What the endpoint listens to."""
BACK = "https://platform.example/billing"
_THOROUGH = frozenset(("reconcile payments", "rebuild stats", "check links"))


class Door:
    """The way in for webhooks; while it is shut everybody is told to come back later."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app
        self.is_shut = False

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """ASGI."""
        if not self.is_shut:
            await self._app(scope, receive, send)
            return
        await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
        await send({"type": "http.response.body", "body": b"", "more_body": False})


class Happening(Struct, frozen=True):
    """Something that somebody did or that befell a tenant (none: the platform), for the report."""

    on: date
    tenant: str
    what: str


class World(Struct, kw_only=True):
    """The platform on a day, and what the story needs to act on it.

    `away` are tenants who pay nothing for now, `states` what each tenant was at the end of each day.
    """

    services: Services
    sandbox: StripeSandbox
    clock: SimulatedClock
    door: Door
    seed: int
    ticks: list[Tick]
    handlers: Mapping[str, Handler]
    members: tuple[Member, ...] = ()
    scopes: dict[str, TenantScope] = field(default_factory=dict[str, TenantScope])
    viewers: int = 0
    away: set[str] = field(default_factory=set[str])
    happened: list[Happening] = field(default_factory=list[Happening])
    states: list[tuple[date, dict[str, str]]] = field(default_factory=list[tuple[date, dict[str, str]]])

    @property
    def stores(self) -> Stores:
        """The durable side."""
        return self.services.stores

    def member(self, tenant: str) -> Member:
        """The tenant of this id."""
        return next(each for each in self.members if each.id == tenant)

    def note(self, tenant: str, what: str) -> None:
        """Let the report tell of it."""
        self.happened.append(Happening(self.clock.now.date(), tenant, what))

    def charge_of(self, payment: Payment) -> str:
        """Stripe's charge behind a payment."""
        reference = payment.reference or ""
        if reference.startswith("cs_"):
            reference = self.sandbox.world.get("checkout.session", reference)["payment_intent"]
        return str(self.sandbox.world.get("payment_intent", reference)["latest_charge"])

    async def tick(self, *, thorough: bool) -> None:
        """What runs by the clock, once and side by side, what is seldom called first: frequent verbs take up its work.

        Verbs that look everything over and go on from where they ended are left to `thorough` rounds.
        """
        due = [each for each in self.ticks if thorough or each.name not in _THOROUGH]
        for is_frequent in (False, True):
            these = (each for each in due if (each.every_seconds < BILL_SECONDS) is is_frequent)
            await asyncio.gather(*(tick.verb() for tick in these))
        await self.settle()

    async def settle(self) -> None:
        """Until nothing is on its way: webhooks are posted, and the jobs that are due are worked."""
        while True:
            await self.sandbox.delivered()
            due = {"open": True, "ready_at": {"$lte": self.clock.now}, "kind": {"$in": list(self.handlers)}}
            found = await Across(self.stores.database, JobRepository.collection).find(due, fields=["kind"])
            if not found:
                return
            for kind in sorted({str(each["kind"]) for each in found}):
                while await work_one(self.stores.jobs, kind, self.handlers[kind], clock=self.clock):
                    continue


def settings_of(home: Path, stripe_url: str, *, mongodb: Mongodb, redis: Redis) -> Settings:
    """What the simulated platform is set to; nothing of the caller's own settings is in it."""
    issuer = Issuer(
        name="Marquee Platform GmbH",
        address="Lindenstraße 12\n10969 Berlin\nGermany",
        email="billing@platform.example",
        tax_id="DE319842001",
        country="DE",
        bank="IBAN DE02 1203 0000 0000 2020 51",
        zone="Europe/Berlin",
    )
    return Settings(
        home=home,
        role="jobs",
        mongodb=mongodb,
        redis=redis,
        billing=Billing(issuer=issuer),
        stripe=Stripe(secret_key=KEY, webhook_secrets=(SECRET,), api_base=stripe_url),
    )


@asynccontextmanager
async def opened(
    home: Path,
    start: datetime,
    seed: int,
    *,
    mongodb: Mongodb = Mongodb(),  # noqa: B008 - a frozen struct
    redis: Redis = Redis(),  # noqa: B008 - a frozen struct
) -> AsyncGenerator[World]:
    """The platform on its first day. Engines start in `home` unless others are named. Raises Refused."""
    clock = SimulatedClock(start)
    async with AsyncExitStack() as stack:
        options = StripeOptions(webhook_secret=SECRET)
        sandbox = await stack.enter_async_context(StripeSandbox(options, clock=clock))
        settings = settings_of(home, sandbox.url, mongodb=mongodb, redis=redis)
        engines = await stack.enter_async_context(engines_for(settings, attach=False))
        stores = await stack.enter_async_context(open_stores(settings, engines, clock=clock))
        services = await stack.enter_async_context(open_services(stores))
        door = Door(_webhooks(services))
        sock = stack.enter_context(listening(Address("127.0.0.1", 0), "webhooks"))
        await stack.enter_async_context(serving(door, sock, protocol="httptools", manners=Manners(60, 2)))
        sandbox.listen(f"http://{address_of(sock)}/webhooks/stripe", SECRET, EVENTS)
        yield World(
            services=services,
            sandbox=sandbox,
            clock=clock,
            door=door,
            seed=seed,
            ticks=ticks_of(services),
            handlers=handlers_of(services),
        )


def _webhooks(services: Services) -> Any:
    stores = services.stores
    inbox = Inbox(stores.database, stores.jobs, stores.clock)
    return platform_app(Health({}), webhook_routes(services.cashier.gateways.get, inbox, stores.clock))
