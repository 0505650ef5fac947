"""A site that sells premium, viewers who buy it, and the Stripe stand-in where they pay."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field, structs

from accounts.model import Profile, SignUp, Viewer, ViewerId
from accounts.recovery import RecoveryCodes
from accounts.repository import ViewerRepository
from accounts.viewers import Viewers
from billing.ledger.ledger import Ledger
from billing.memberships.buying import Bought, buy
from billing.memberships.desk import Desk, Members
from billing.memberships.model import Membership, Purchase
from billing.memberships.model import Plan as Kind
from billing.memberships.renewing import renew_due
from billing.memberships.repository import INDEXES, MembershipRepository, PurchaseRepository
from billing.memberships.settling import hearing
from billing.payments.cashier import Hooks
from billing.payments.model import Payment
from billing.payments.reconciling import follow
from billing.payments.repository import PaymentRepository
from billing.plans.model import Plan
from storage.events import Events
from storage.indexes import build_indexes
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore
from storage.valkey import Cache
from tenancy.tenants import TenantStore
from tests.billing.payments.till import Till, till_on
from tests.billing.stage import ACTOR, START, Stage, monthly

MONTH = 1_210
YEAR = 12_100
BACK = "https://north.example/premium/return/{id}"
Fate = Literal["open", "won", "lost"]


class Club(Struct):
    """Short ways to what viewers do and to what came of it."""

    till: Till
    desk: Desk
    reminded: list[tuple[ViewerId, str]] = field(default_factory=list)

    @property
    def stage(self) -> Stage:
        return self.till.stage

    @property
    def now(self) -> datetime:
        return moment(self.stage.clock())

    async def site(self, tenant_id: str = "north", plan: Plan | None = None, **settings: Any) -> TenantScope:
        """A site that sells a month for 12.10 and a year for 121.00, of which 21 % are tax upon the rest."""
        offer = {"enabled": True, "monthly": MONTH, "yearly": YEAR, "tax_bps": 2_100, **settings}
        document = {"_id": tenant_id, "domain": f"{tenant_id}.example", "plan": "fixed_fee"}
        tenants = TenantStore(self.stage.database)
        await tenants.create(document, {"membership": offer, "currency": "USD"}, self.now)
        scope = await SystemStore(self.stage.database).tenant_scope(tenant_id)
        assert scope is not None
        await self.stage.begin(scope, plan or monthly(), anchor=START)
        return scope

    async def set(self, scope: TenantScope, **settings: Any) -> None:
        """Changes the site's offer."""
        await self.desk.tenants.amend(scope.tenant_id, lambda _, ours: ours["membership"].update(settings))

    async def viewer(self, scope: TenantScope, viewer_id: int = 42) -> Viewer:
        """Somebody who signed in with Telegram."""
        viewers = ViewerRepository(self.stage.database, scope)
        await viewers.add_telegram(viewer_id, Profile("Ann"), SignUp(), self.now)
        return await self.role(scope, viewer_id)

    async def role(self, scope: TenantScope, viewer_id: ViewerId) -> Viewer:
        """The viewer with the role that holds now."""
        return await self.desk.members.viewers.get(scope, viewer_id)

    async def is_premium(self, scope: TenantScope, viewer_id: ViewerId = 42) -> bool:
        return (await self.role(scope, viewer_id)).role == "premium"

    async def begin(self, scope: TenantScope, viewer: Viewer, plan: Kind = "monthly", **options: Any) -> Bought:
        """Goes to the gateway's page."""
        tenant = await self.desk.tenants.get(scope.tenant_id)
        assert tenant is not None
        return await buy(self.desk, scope, tenant, viewer, plan, back=BACK, **options)

    async def buy(
        self, scope: TenantScope, viewer: Viewer, plan: Kind = "monthly", *, card: str = "visa", **options: Any
    ) -> Purchase:
        """Pays on it, and the news arrives."""
        bought = await self.begin(scope, viewer, plan, **options)
        assert bought.payment.reference is not None
        self.till.sandbox.desk.pay(bought.payment.reference, card)
        await self.news()
        return await self.purchase(scope, bought.purchase.id)

    async def wait_for_authentication(self, scope: TenantScope, *, renewed: bool = True) -> Viewer:
        """A viewer whose bank wants to be asked each time, as their month ends; `renewed`: the charge waits for it."""
        viewer = await self.viewer(scope)
        bought = await self.buy(scope, viewer, card="authenticationRequired")
        self.till.sandbox.desk.authenticate(self.till.sandbox.objects("payment_intent")[-1]["id"])
        await self.news()
        self.stage.clock.advance(30 * 86_400)
        if renewed:
            await self.renew()
            assert (await self.payment(scope, f"{bought.id}.1")).state == "action"
        return viewer

    async def news(self) -> None:
        """Everything that gateways know arrives, a quarter of an hour later at the latest."""
        self.stage.clock.advance(900)
        await follow(self.desk.cashier)

    async def renew(self) -> int:
        return await renew_due(self.desk)

    async def at(self, when: datetime) -> None:
        """Time goes on; memberships go on as the tick lets them, twice a day."""
        while self.now < when:
            step = min(43_200.0, (when - self.now).total_seconds())
            self.stage.clock.advance(step)
            await self.renew()

    async def purchase(self, scope: TenantScope, purchase_id: str) -> Purchase:
        found = await PurchaseRepository(self.stage.database, scope).get(purchase_id)
        assert found is not None
        return found

    async def membership(self, scope: TenantScope, viewer_id: ViewerId = 42) -> Membership:
        found = await MembershipRepository(self.stage.database, scope).get(viewer_id)
        assert found is not None
        return found

    async def payment(self, scope: TenantScope, purchase_id: str) -> Payment:
        found = await PaymentRepository(self.stage.database, scope).about("membership", purchase_id)
        return found[-1]

    async def revenue(self, scope: TenantScope) -> dict[str, int]:
        """What the accounts of viewers' money hold."""
        held = await Ledger(self.stage.database).balances(scope)
        return {name: -held[name] for name in ("memberships", "tax") if held.get(name)}

    def charge_of(self, payment: Payment) -> str:
        """Stripe's charge behind a payment."""
        intents = {each["id"]: each for each in self.till.sandbox.objects("payment_intent")}
        charge: str = intents[payment.reference]["latest_charge"]
        return charge

    async def dispute(self, scope: TenantScope, purchase_id: str, fate: Fate) -> None:
        """The payer's bank takes it back, and decides."""
        charge = self.charge_of(await self.payment(scope, purchase_id))
        dispute = self.till.sandbox.desk.dispute(charge)
        if fate != "open":
            self.till.sandbox.desk.decide(dispute["id"], won=fate == "won")

    @property
    def charged(self) -> list[int]:
        return self.till.charged


@asynccontextmanager
async def club_on(stage: Stage, cache: Cache) -> AsyncGenerator[Club]:
    """A club over a sandbox of its own."""
    await build_indexes(stage.database, INDEXES)
    async with till_on(stage, cache) as till:
        audit = stage.desk.office.audit
        viewers = Viewers(stage.database, audit, Events(stage.database, cache), stage.clock)
        members = Members(database=stage.database, clock=stage.clock, audit=audit, viewers=viewers)
        heard = hearing(members)
        cashier = structs.replace(till.cashier, hooks=Hooks(purchase_paid=(heard,), purchase_reversed=(heard,)))
        reminded: list[tuple[ViewerId, str]] = []

        async def remind(scope: TenantScope, viewer_id: ViewerId, key: str, text: str) -> None:
            del scope, key
            reminded.append((viewer_id, text))

        desk = Desk(
            members=members,
            cashier=cashier,
            tenants=TenantStore(stage.database),
            recovery=RecoveryCodes(stage.database, stage.clock),
            system=SystemStore(stage.database),
            remind=remind,
        )
        yield Club(till, desk, reminded)


__all__ = ["ACTOR", "MONTH", "YEAR", "Club", "Fate", "club_on"]
