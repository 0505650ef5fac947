"""A platform that bills: tenants with contracts, usage, and a clock that moves."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

from msgspec import Struct, structs

from billing.contracts.beginning import Opening
from billing.contracts.desk import Contracts
from billing.contracts.model import Contract
from billing.contracts.repository import ContractRepository
from billing.gateways.protocol import Part
from billing.invoices.model import Invoice
from billing.invoices.office import Office
from billing.invoices.repository import InvoiceRepository
from billing.ledger.ledger import Ledger
from billing.ledger.model import Leg, entry
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from billing.periods.cycle import run_cycle
from billing.periods.desk import CycleReport, Desk, Rules
from billing.periods.repository import PeriodRepository
from billing.plans.model import Plan
from billing.plans.repository import Plans
from storage.across import Across, New
from storage.audit import Actor, Audit
from storage.events import Events
from storage.moments import epoch_of, moment
from storage.mongo import Database
from storage.scope import TenantId, TenantScope, mint_platform_scope, mint_tenant_scope
from storage.system import SystemStore
from tenancy.desk import TenantDesk
from tenancy.tenants import TenantStore
from tenancy.usage import Booking, UsageRepository
from tests.support.clock import FakeClock

ACTOR = Actor("staff", "anna")
GB = 10**9
START = datetime.fromisoformat("2026-01-01")


def at(text: str) -> datetime:
    """A naive UTC moment, as storage gives it."""
    return datetime.fromisoformat(text)


class Stage(Struct):
    """The billing of one database, and short ways to what happens to it."""

    desk: Desk
    clock: FakeClock
    segments: int = 0

    @property
    def database(self) -> Database:
        return self.desk.database

    def set_time(self, now: datetime) -> None:
        self.clock.now = epoch_of(now)

    async def add_tenant(self, tenant_id: str, currency: str = "USD", **fields: Any) -> TenantScope:
        """A tenant that is there since the clock's present."""
        document = {"_id": tenant_id, "domain": f"{tenant_id}.example", "plan": "fixed_fee", **fields}
        await TenantStore(self.database).create(document, {"currency": currency}, moment(self.clock()))
        return mint_tenant_scope(TenantId(tenant_id))

    async def begin(self, scope: TenantScope, plan: Plan, **opening: Any) -> Contract:
        """A contract on the plan, which is published if it is not."""
        await Plans(self.database).publish(plan)
        tenant = await TenantStore(self.database).get(scope.tenant_id)
        assert tenant is not None
        return await self.desk.contracts.begin(scope, tenant, plan.ref, Opening(**opening), actor=ACTOR)

    async def use(self, scope: TenantScope, day: str, size_bytes: int, quarter: str = "1200") -> None:
        """Bytes that were sent on a day, booked now."""
        self.segments += 1
        booking = Booking("n-0", self.segments, {quarter: size_bytes}, 1)
        await UsageRepository(self.database, scope).book(day, booking)

    async def earn(self, scope: TenantScope, reference: str, amount: int, on: datetime) -> None:
        """A viewer's payment."""
        legs = [Leg("cash.stripe", amount), Leg("memberships", -amount)]
        # What was sold is of no interest here, but that it was.
        sold = New(scope.owner, reference, {"amount": amount, "kept": amount})
        await Across(self.database, "purchases").insert_new([sold])
        paid = Payment(
            id=f"{scope.tenant_id}:m:{reference}",
            gateway="stripe",
            purpose="membership",
            subject=reference,
            amount=amount,
            currency="USD",
            state="succeeded",
            parts=(Part(reference, amount),),
            fee=0,
            created_at=on,
        )
        await PaymentRepository(self.database, scope).add(paid)
        booked = entry(f"payment:stripe:{reference}", at=on, ref=f"membership:{reference}", currency="USD", legs=legs)
        await Ledger(self.database).post(scope, booked)

    async def run(self, now: datetime | None = None, **options: Any) -> CycleReport:
        """A run of the cycle at the clock's present, or as of another moment."""
        return await run_cycle(self.desk, now or moment(self.clock()), **options)

    async def invoice(self, scope: TenantScope, invoice_id: str) -> Invoice:
        found = await InvoiceRepository(self.database, scope).get(invoice_id)
        assert found is not None
        return found

    async def invoices(self, scope: TenantScope) -> list[Invoice]:
        return [each async for each in InvoiceRepository(self.database, scope).all()]

    async def contract(self, scope: TenantScope) -> Contract:
        found = await ContractRepository(self.database, scope).get()
        assert found is not None
        return found

    async def states(self, scope: TenantScope) -> Mapping[int, str]:
        return {each.id: each.state async for each in PeriodRepository(self.database, scope).all()}

    def tenants(self, events: Events) -> TenantDesk:
        """The desk at which tenants are held and let go."""
        office = self.desk.office
        return TenantDesk(TenantStore(self.database), office.audit, events, self.clock, office.platform)

    def ruled(self, **rules: Any) -> Stage:
        """The same under other rules."""
        return Stage(structs.replace(self.desk, rules=structs.replace(self.desk.rules, **rules)), self.clock)


def stage_on(database: Database, clock: FakeClock) -> Stage:
    """A stage whose clock stands at START."""
    clock.now = START.replace(tzinfo=UTC).timestamp()
    audit, platform = Audit(database, clock), mint_platform_scope()
    office = Office(database=database, clock=clock, audit=audit, platform=platform)
    desk = Desk(
        office=office,
        contracts=Contracts(database, clock, audit),
        system=SystemStore(database),
        rules=Rules(grace_seconds=0),
    )
    return Stage(desk, clock)


def monthly(**fields: Any) -> Plan:
    """10.00 USD a month, 100 GB included and 5 cents for each after."""
    known: dict[str, Any] = {
        "id": "monthly",
        "version": 1,
        "kind": "fixed_fee",
        "name": "Monthly",
        "currency": "USD",
        "base": 1_000,
        "included_gb": 100,
        "overage_per_gb": 5,
        "addons": {"android_app": 310},
    }
    return Plan(**(known | fields))
