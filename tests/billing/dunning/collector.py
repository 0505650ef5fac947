"""Dunning on a stage: ticks, days that pass, and what came of them."""

from __future__ import annotations

from datetime import datetime
from email.message import EmailMessage
from typing import Any

import msgspec
from msgspec import Struct, field

from billing.documents.desk import Documents
from billing.documents.letterhead import Letterhead
from billing.dunning.collecting import MAIL_BILLING, Collections
from billing.dunning.model import Dunning, dunning_of
from billing.dunning.postroom import BillingPostroom
from billing.dunning.stepping import Stepped, dun
from billing.gateways.manual.gateway import ManualGateway
from billing.gateways.protocol import Gateway
from billing.invoices.model import Issuer
from billing.invoices.office import Office
from billing.payments.by_hand import mark_paid
from billing.payments.cashier import Cashier, Hooks
from storage.across import Across
from storage.audit import Audit
from storage.events import Events
from storage.jobs import Jobs
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.model import Tenant
from tenancy.tenants import TenantStore
from tests.billing.stage import ACTOR, START, Stage, at, monthly

ISSUER = Issuer(name="Lantern Media Platform", email="bills@lantern.example", bank="IBAN DE02")


def pay_address(tenant_id: str, invoice_id: str) -> str:
    return f"https://platform.example/pay/{tenant_id}.{invoice_id}"


class Outbox(Struct):
    """A mailer that keeps what it is given."""

    letters: list[EmailMessage] = field(default_factory=list)
    sender: str = "bills@lantern.example"
    failing: Exception | None = None

    async def send(self, message: EmailMessage) -> None:
        if self.failing is not None:
            raise self.failing
        self.letters.append(message)

    @property
    def subjects(self) -> list[str]:
        return [str(letter["Subject"]) for letter in self.letters]


class Collector(Struct):
    """Dunning, and short ways to what it did."""

    stage: Stage
    collections: Collections
    cashier: Cashier
    outbox: Outbox
    postroom: BillingPostroom

    @property
    def office(self) -> Office:
        return msgspec.structs.replace(self.stage.desk.office, settled=(self.collections.settled,))

    async def tenant(self, tenant_id: str, *, locale: str = "en", **fields: Any) -> TenantScope:
        """A tenant whose first invoice, of January, is issued on 1 February and due on the 15th."""
        scope = await self.stage.add_tenant(tenant_id, owner_email="ann@north.example", **fields)
        self.stage.set_time(START)
        await self.stage.begin(scope, monthly(), anchor=START)
        contract = await self.stage.contract(scope)
        to = msgspec.structs.replace(contract.bill_to, name="Nordlicht", email="ann@north.example", locale=locale)
        await self.stage.desk.contracts.set_bill_to(scope, to, actor=ACTOR)
        self.stage.set_time(at("2026-02-01T01:00"))
        await self.bill()
        return scope

    async def bill(self) -> None:
        await Stage(msgspec.structs.replace(self.stage.desk, issuer=ISSUER), self.stage.clock).run()

    async def tick(self, *, post: bool = True) -> Stepped:
        """A tick, and the post goes out."""
        stepped = await dun(self.collections, self.cashier)
        if post:
            await self.post()
        return stepped

    async def post(self) -> None:
        jobs = self.collections.jobs
        while (job := await jobs.claim(MAIL_BILLING, lease_seconds=60)) is not None:
            await self.postroom.send(job)
            await jobs.complete(job)

    async def until(self, end: str) -> None:
        """Ticks until the moment, whenever a step is due."""
        await self.tick()
        while self.collections.now < at(end):
            self.stage.set_time(min(await self._next_step() or at(end), at(end)))
            await self.tick()

    async def _next_step(self) -> datetime | None:
        awaited = {"state": "issued", "dunning.next_at": {"$gt": self.collections.now}, "dunning.paused_at": None}
        found = await Across(self.stage.database, "invoices").find(awaited, sort=[("dunning.next_at", 1)], limit=1)
        return found[0]["dunning"]["next_at"] if found else None

    async def pay(self, scope: TenantScope, invoice_id: str = "0", reference: str = "bank-1", **more: int) -> None:
        await mark_paid(self.cashier, scope, invoice_id, reference=reference, actor=ACTOR, **more)

    def over(self, *gateways: Gateway) -> Cashier:
        """The same cashier with these gateways beside the bank."""
        more = {each.name: each for each in gateways}
        return msgspec.structs.replace(self.cashier, gateways={**self.cashier.gateways, **more})

    async def site(self, scope: TenantScope) -> Tenant:
        found = await TenantStore(self.stage.database).get(scope.tenant_id)
        assert found is not None
        return found

    async def status(self, scope: TenantScope) -> str:
        return (await self.site(scope)).status

    async def dunning(self, scope: TenantScope, invoice_id: str = "0") -> Dunning:
        found = dunning_of((await self.stage.invoice(scope, invoice_id)).dunning)
        assert found is not None
        return found

    async def deeds(self, scope: TenantScope) -> list[str]:
        return [each.action for each in await self.collections.audit.entries(scope)]


async def collector_on(stage: Stage, cache: Cache) -> Collector:
    database, clock = stage.database, stage.clock
    events = Events(database, cache)
    collections = Collections(
        database=database,
        clock=clock,
        audit=Audit(database, clock),
        desk=stage.tenants(events),
        jobs=Jobs(database, clock),
        platform=stage.desk.office.platform,
    )
    cashier = Cashier(
        database=database,
        clock=clock,
        audit=collections.audit,
        events=events,
        gateways={"manual": ManualGateway()},
        hooks=Hooks(
            invoice_settled=(collections.settled,),
            invoice_reopened=(collections.reopened,),
            charge_failed=(collections.charge_failed,),
        ),
    )
    head, outbox = Letterhead(), Outbox()
    postroom = BillingPostroom(database, Documents(database, head, clock), head, outbox, pay_address)
    return Collector(stage, collections, cashier, outbox, postroom)
