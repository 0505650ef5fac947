"""Two sites that sell premium, and the Stripe stand-in where it is paid."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest
from msgspec import Struct

from billing.payments.reconciling import follow
from sandbox.stripe import StripeOptions, StripeSandbox
from tenancy.desk import change_tenant
from tenancy.resolver import ResolvedTenant
from tests.storefront.people import Person
from tests.support.clock import FakeClock
from tests.support.gateways import stripe_at
from tests.support.platform import ACTOR, Composed, composed, open_site, settings_of

OFFER = {
    "membership.enabled": True,
    "membership.monthly": 499,
    "membership.yearly": 4_990,
    "membership.tax_bps": 2_100,
    "membership.tax_name": "IVA",
}


class Market(Struct, frozen=True):
    """A composed platform whose two sites sell premium."""

    platform: Composed
    sandbox: StripeSandbox
    north: ResolvedTenant
    south: ResolvedTenant
    clock: FakeClock

    async def set(self, tenant_id: str, **settings: Any) -> None:
        """Changes a site's settings; `__` is the dot."""
        named = {name.replace("__", "."): value for name, value in settings.items()}
        await change_tenant(self.platform.stores.desk, tenant_id, named, actor=ACTOR)

    async def known(self, guest: Person) -> Person:
        """A guest who could come back."""
        await self.guest(guest)
        assert (await guest.submit("/account/recovery-code", sure="yes")).status_code == 200
        return guest

    async def guest(self, nobody: Person) -> Person:
        """Somebody who did something, and could not come back."""
        await nobody("POST", "/api/v1/referral")
        assert nobody.cookies
        return nobody

    def pay(self, card: str = "visa", place: int = -1) -> None:
        """Pays at the gateway's page that was opened last."""
        self.sandbox.desk.pay(self.sandbox.objects("checkout.session")[place]["id"], card)

    async def news(self) -> None:
        self.clock.advance(900)
        await follow(self.platform.services.cashier)


@pytest.fixture
async def market(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, clock: FakeClock, clean_database: None
) -> AsyncIterator[Market]:
    async with StripeSandbox(StripeOptions(), clock=clock) as sandbox:
        settings = settings_of(
            tmp_path / "home",
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            database=database_name,
            **stripe_at(sandbox),
        )
        async with composed(settings, clock=clock) as platform:
            stores = platform.stores
            north = await open_site(stores, "north", "north.example", theme="nocturne", currency="EUR")
            south = await open_site(stores, "south", "south.example", theme="hanabi", currency="EUR")
            for site in ("north", "south"):
                await change_tenant(stores.desk, site, OFFER, actor=ACTOR)
            yield Market(platform, sandbox, north, south, clock)
