"""The platform's host with gateways that stand in, where bills are seen and paid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import httpx
import pytest
from msgspec import Struct, structs

from billing.contracts.beginning import Opening
from billing.contracts.model import BillTo
from billing.dunning.stepping import dun
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.payments.repository import PaymentRepository
from billing.periods.cycle import run_cycle
from billing.plans.repository import Plans
from runtime.cycle import billing_desk
from runtime.dunning import collections_of
from runtime.keys import pay_addresses
from sandbox.btcpay import BtcpaySandbox
from sandbox.stripe import StripeOptions, StripeSandbox
from storage.scope import TenantScope
from tenancy.resolver import ResolvedTenant
from tests.billing.stage import ACTOR, monthly
from tests.support.clock import FakeClock
from tests.support.gateways import SHOP, btcpay_at, stripe_at
from tests.support.platform import Composed, composed, open_site, settings_of

HOST = "platform.localhost"
DAY = 86_400.0


class Counter(Struct):
    """A platform with gateways that stand in, and ways to its bills."""

    platform: Composed
    stripe: StripeSandbox
    btcpay: BtcpaySandbox
    clock: FakeClock
    http: httpx.AsyncClient

    async def tenant(
        self, tenant_id: str, *, locale: str = "en", grace: float = 0.0, gateway: str = "manual"
    ) -> TenantScope:
        """A tenant whose first invoice has just been issued, or is a draft while there is grace."""
        await open_site(self.platform.stores, tenant_id, f"{tenant_id}.localhost")
        to = BillTo(name="Nordlicht <Verleih>", email="ann@north.example", locale=locale)
        return await self.billed(tenant_id, to, grace=grace, gateway=gateway)

    async def billed(
        self, tenant_id: str, to: BillTo | None = None, *, grace: float = 0.0, gateway: str = "manual"
    ) -> TenantScope:
        """A bill for a tenant that is there; by default to whom its own document names."""
        stores = self.platform.stores
        desk = billing_desk(stores)
        await Plans(stores.database).publish(monthly())
        tenant = await stores.tenants.get(tenant_id)
        assert tenant is not None
        scope = (await self.site(tenant_id)).scope
        start = datetime.fromtimestamp(self.clock(), UTC).replace(tzinfo=None) - timedelta(days=40)
        opening = Opening(anchor=start, gateway=gateway)
        await desk.contracts.begin(scope, tenant, monthly().ref, opening, actor=ACTOR)
        if to is not None:
            await desk.contracts.set_bill_to(scope, to, actor=ACTOR)
        if grace:
            desk = structs.replace(desk, rules=structs.replace(desk.rules, grace_seconds=int(grace)))
        await run_cycle(desk, datetime.fromtimestamp(self.clock(), UTC).replace(tzinfo=None))
        return scope

    async def site(self, tenant_id: str) -> ResolvedTenant:
        found = await self.platform.stores.resolver.by_id(tenant_id)
        assert found is not None
        return found

    def path(self, tenant_id: str, invoice_id: str = "0") -> str:
        stores = self.platform.stores
        return f"/pay/{pay_addresses(stores.settings, stores.home).token(tenant_id, invoice_id)}"

    async def page(self, tenant_id: str, invoice_id: str = "0") -> str:
        answer = await self.http.get(self.path(tenant_id, invoice_id))
        assert answer.status_code == 200, answer.text
        return answer.text

    async def invoice(self, scope: TenantScope, invoice_id: str = "0") -> Invoice:
        found = await InvoiceRepository(self.platform.stores.database, scope).get(invoice_id)
        assert found is not None
        return found

    async def reference(self, scope: TenantScope) -> str:
        """The gateway's id of the latest payment."""
        made = await PaymentRepository(self.platform.stores.database, scope).about("invoice", "0")
        return made[-1].reference or ""

    async def dun_for(self, days: int) -> None:
        collections = collections_of(self.platform.stores)
        for _ in range(days):
            self.clock.advance(DAY)
            await dun(collections, self.platform.services.cashier)


@pytest.fixture
async def counter(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, clock: FakeClock
) -> AsyncIterator[Counter]:
    async with StripeSandbox(StripeOptions(), clock=clock) as stripe, BtcpaySandbox(SHOP, clock=clock) as btcpay:
        settings = settings_of(
            tmp_path,
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            database=database_name,
            **stripe_at(stripe),
            STRIPE__CRYPTO="true",
            **btcpay_at(btcpay),
            BILLING__GRACE_SECONDS="0",
            BILLING__ISSUER__NAME="Lantern Media Platform",
            BILLING__ISSUER__BANK="IBAN DE02 1203 0000\nBIC BYLADEM1001",
        )
        async with composed(settings, clock=clock) as platform, platform.client(HOST) as http:
            yield Counter(platform, stripe, btcpay, clock, http)
