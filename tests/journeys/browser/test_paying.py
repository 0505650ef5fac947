"""The page of a bill in a browser: every way that it can stand, light and dark, on a phone and on a desk."""

from __future__ import annotations

import os
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Final, Literal

import pytest
from msgspec import Struct, structs
from playwright.async_api import Browser, expect

from billing.contracts.beginning import Opening
from billing.contracts.model import BillTo, Tax
from billing.payments.by_hand import mark_paid
from billing.payments.charging import pay_link
from billing.periods.cycle import run_cycle
from billing.plans.repository import Plans
from runtime.cycle import billing_desk
from runtime.keys import pay_addresses
from storage.scope import TenantScope
from tests.billing.stage import monthly
from tests.journeys.browser.conftest import Served
from tests.support.browser import DESK, PHONE, visiting
from tests.support.platform import ACTOR, open_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
Scheme = Literal["light", "dark"]
SCHEMES: Final[tuple[Scheme, ...]] = ("light", "dark")
STATES: Final = {
    "open": "Open",
    "overdue": "Überfällig",
    "underway": "Paiement en cours",
    "paid": "Saldada",
    "carried": "Carried to your account",
}
"""What each says in its tenant's language."""
LONG: Final = "Grenzgebirgsverwaltungsfilmverleihgesellschaft Nordlicht <Verleih> & Söhne"


class Counter(Struct):
    """Sites whose bills stand in every way."""

    served: Served

    async def open(self) -> None:
        """A bill for each of the states, under its name."""
        cashier = self.served.process.services.cashier
        await self._billed("open")
        await self._billed("overdue", locale="de", name=LONG, terms_days=0)
        underway = await self._billed("underway", locale="fr")
        page = await pay_link(cashier, underway, "0", back="http://platform.localhost/", gateway="btcpay")
        self.served.btcpay.desk.pay(page.reference or "")
        paid = await self._billed("paid", locale="es")
        await mark_paid(cashier, paid, "0", reference="bank-1", actor=ACTOR)
        await self._billed("carried", price=30, gateway="stripe")
        await self._billed("bought")

    async def _billed(
        self,
        state: str,
        *,
        locale: str = "en",
        terms_days: int = 14,
        price: int = 4_900,
        gateway: str = "manual",
        **to: str,
    ) -> TenantScope:
        stores = self.served.process.services.stores
        site = await open_site(stores, f"bill-{state}", f"bill-{state}.localhost")
        now = datetime.now(UTC).replace(tzinfo=None)
        desk = billing_desk(stores)
        desk = structs.replace(desk, rules=structs.replace(desk.rules, grace_seconds=0))
        await Plans(stores.database).publish(monthly())
        tenant = await stores.tenants.get(f"bill-{state}")
        assert tenant is not None
        told = {"name": "Nordlicht Verleih", "address": "Am Elbufer 99\n22765 Hamburg", **to}
        opening = Opening(
            anchor=now - timedelta(days=40),
            override={"base": price},
            tax=Tax(rate_bps=1_900, name="MwSt" if locale == "de" else "VAT", tax_id="DE987654321"),
            bill_to=BillTo(email="ann@north.example", locale=locale, **told),
            terms_days=terms_days,
            gateway=gateway,
        )
        await desk.contracts.begin(site.scope, tenant, monthly().ref, opening, actor=ACTOR)
        await run_cycle(desk, now)
        return site.scope

    def path(self, name: str) -> str:
        """Where the bill is."""
        stores = self.served.process.services.stores
        return f"/pay/{pay_addresses(stores.settings, stores.home).token(f'bill-{name}', '0')}"


@pytest.fixture(scope="module")
async def counter(served: Served) -> Counter:
    counter = Counter(served)
    await counter.open()
    return counter


@pytest.mark.parametrize("scheme", SCHEMES)
async def test_every_bill_can_be_read_by_everybody(counter: Counter, browser: Browser, scheme: Scheme) -> None:
    folder = os.environ.get("MARQUEE_PICTURES")
    async with visiting(browser, counter.served.origin("platform"), color_scheme=scheme) as visitor:
        await visitor.open(f"{counter.path('underway')}/look")
        for name, state in STATES.items():
            assert await visitor.faults(counter.path(name)) == [], name
            await expect(visitor.page.locator(".state")).to_have_text(state)
            for each in await visitor.page.locator("details.bank:not([open]) summary").all():
                await each.click()
            for size, label in ((PHONE, "phone"), (DESK, "desk")):
                await visitor.page.set_viewport_size(size)
                assert await visitor.barriers() + await visitor.too_wide() == [], (name, label)
                if folder:
                    picture = Path(folder) / f"pay-{name}-{label}-{scheme}.png"
                    await visitor.page.screenshot(path=picture, full_page=True)
        await expect(visitor.page.locator(".stands")).not_to_contain_text("Paid on")


async def test_a_bill_is_paid_at_the_gateways_page_without_scripts(counter: Counter, browser: Browser) -> None:
    plainly = {"viewport": PHONE, "java_script_enabled": False}
    async with visiting(browser, counter.served.origin("platform"), **plainly) as visitor:
        await visitor.open(counter.path("bought"))
        page = visitor.page
        await page.get_by_role("button", name="Pay by card").click()
        await page.wait_for_url(f"{counter.served.stripe.url}/**")
        await page.get_by_role("button", name="Pay with a card that works").click()
        await expect(page.locator(".state")).to_have_text("Settled")
        visitor.forgive(counter.served.stripe.url)
