"""A tenant with an invoice that is due, a Stripe that stands in, and what the payments say to those who listen."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from msgspec import Struct, field, structs
from stripe import StripeClient

from billing.gateways.manual.gateway import ManualGateway
from billing.gateways.protocol import Gateway, Order
from billing.gateways.stripe.gateway import StripeGateway
from billing.invoices.model import Invoice
from billing.ledger.ledger import Ledger
from billing.ledger.model import Entry
from billing.payments.cashier import Cashier, Hooks
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from sandbox.stripe import StripeOptions, StripeSandbox
from storage.events import Events
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.stage import ACTOR, START, Stage, at, monthly
from tests.sandbox.stripe.paying import client_of

SECRET = "whsec_sandbox"
DUE = 1_000
BACK = "https://platform.example/billing"


class Told(Struct):
    """What the hooks heard, in order."""

    heard: list[tuple[str, str]] = field(default_factory=list)
    fails: int = 0

    def _hear(self, what: str, subject: str) -> None:
        if self.fails:
            self.fails -= 1
            raise RuntimeError("died before it heard")
        self.heard.append((what, subject))

    async def settled(self, scope: TenantScope, invoice_id: str) -> None:
        self._hear("settled", invoice_id)

    async def reopened(self, scope: TenantScope, invoice_id: str) -> None:
        self._hear("reopened", invoice_id)

    async def paid(self, scope: TenantScope, payment: Payment) -> None:
        self._hear("paid", payment.subject)

    async def reversed(self, scope: TenantScope, payment: Payment) -> None:
        self._hear("reversed", payment.subject)

    @property
    def hooks(self) -> Hooks:
        return Hooks(
            invoice_settled=(self.settled,),
            invoice_reopened=(self.reopened,),
            purchase_paid=(self.paid,),
            purchase_reversed=(self.reversed,),
        )


class Till(Struct):
    """One cashier, and short ways to what happened to its money."""

    stage: Stage
    sandbox: StripeSandbox
    stripe: StripeClient
    cashier: Cashier
    told: Told

    async def tenant(self, tenant_id: str, card: str | None = "visa", until: str = "2026-02-01") -> TenantScope:
        """A tenant whose first invoices are issued, and who has saved this card."""
        scope = await self.stage.add_tenant(tenant_id)
        await self.stage.begin(scope, monthly(), anchor=START)
        if card is not None:
            await self.save(scope, card)
        self.stage.set_time(at(until))
        await self.stage.run()
        return scope

    async def save(self, scope: TenantScope, card: str) -> None:
        """The tenant pays by this test card from now on."""
        customer = await self.stripe.v1.customers.create_async({"name": scope.tenant_id})
        method = await self.stripe.v1.payment_methods.attach_async(f"pm_card_{card}", {"customer": customer.id})
        contracts = self.stage.desk.contracts
        await contracts.set_payment(scope, gateway="stripe", customer=customer.id, method=method.id, actor=ACTOR)

    async def invoice(self, scope: TenantScope, invoice_id: str = "0") -> Invoice:
        return await self.stage.invoice(scope, invoice_id)

    async def payment(self, scope: TenantScope, payment_id: str) -> Payment:
        found = await PaymentRepository(self.stage.database, scope).get(payment_id)
        assert found is not None
        return found

    async def balances(self, scope: TenantScope) -> dict[str, int]:
        """What the accounts hold, without those that hold nothing and the income."""
        held = await Ledger(self.stage.database).balances(scope)
        return {name: amount for name, amount in held.items() if amount and not name.startswith("income")}

    async def entries(self, scope: TenantScope, ref: str = "invoice:0") -> list[Entry]:
        return await Ledger(self.stage.database).about(scope, ref)

    @property
    def charged(self) -> list[int]:
        """Amounts that went through at Stripe, oldest first."""
        return [each["amount"] for each in self.sandbox.charges]

    def later(self, seconds: float) -> None:
        """Time passes here and at Stripe."""
        self.stage.clock.advance(seconds)
        self.sandbox.tick()

    def over(self, *gateways: Gateway) -> Cashier:
        """The same cashier with other gateways."""
        return structs.replace(self.cashier, gateways={each.name: each for each in gateways})


def purchase(scope: TenantScope, **fields: object) -> Order:
    """A viewer's year: 24.20, of which 4.20 is tax."""
    order = Order(
        key=f"{scope.tenant_id}:m:p1",
        tenant_id=scope.tenant_id,
        purpose="membership",
        subject="p1",
        amount=2_420,
        tax=420,
        currency="USD",
        description="A year of premium",
        email="viewer@example.org",
    )
    return structs.replace(order, **fields)


@asynccontextmanager
async def till_on(stage: Stage, cache: Cache) -> AsyncGenerator[Till]:
    """A till over a sandbox of its own, whose clock is the stage's."""
    async with StripeSandbox(StripeOptions(), clock=stage.clock) as sandbox, client_of(sandbox) as client:
        gateway = StripeGateway(secret_key="sk_test_1", webhook_secrets=[SECRET], api_base=sandbox.url, retries=0)
        told = Told()
        cashier = Cashier(
            database=stage.database,
            clock=stage.clock,
            audit=stage.desk.office.audit,
            events=Events(stage.database, cache),
            gateways={"manual": ManualGateway(), "stripe": gateway},
            hooks=told.hooks,
        )
        try:
            yield Till(stage, sandbox, client, cashier, told)
        finally:
            await gateway.close()
