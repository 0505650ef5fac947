"""Premium in a browser: bought at the payment service's own page, watched, and cancelled in two clicks."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from playwright.async_api import Browser, expect

from sandbox.oidc.provider import Person
from tests.journeys.browser.conftest import Served
from tests.journeys.browser.test_signing_in import signed_in
from tests.support.browser import DESK, PHONE, Visitor, visiting
from tests.support.platform import open_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
VIDEO = "document.querySelector('video')"


@pytest.fixture(scope="module")
async def gala(served: Served) -> Served:
    """A site that keeps its streams for premium members."""
    settings = {
        "membership__enabled": True,
        "membership__monthly": 499,
        "membership__yearly": 4_990,
        "membership__tax_bps": 2_100,
        "membership__tax_name": "VAT",
        "access__streams": "premium",
        "login__client_id": "7654321",
        "login__client_secret": "secret-of-members",
        "theme": "nocturne",
        "brand__name": "Gala Cinema",
        "currency": "EUR",
    }
    await open_site(served.process.services.stores, "gala", "gala.localhost", **settings)
    return served


async def looked_at(visitor: Visitor, name: str) -> list[str]:
    """What is wrong with the page as it is, at both sizes; pictures are left where somebody asked for them."""
    found: list[str] = []
    folder = os.environ.get("MARQUEE_PICTURES")
    for label, size in (("desk", DESK), ("phone", PHONE)):
        await visitor.page.set_viewport_size(size)
        found += await visitor.barriers() + await visitor.too_wide()
        if folder:
            await visitor.page.screenshot(path=Path(folder) / f"{name}-{label}.png", full_page=True)
    return found


async def test_premium_is_bought_watched_and_cancelled_in_two_clicks(gala: Served, browser: Browser) -> None:
    nils = Person(700_000_044, "Nils Lund", "nils_l")
    gala.login.people.append(nils)
    async with visiting(browser, gala.origin("gala"), viewport=DESK) as visitor:
        page = await signed_in(visitor, nils)
        await visitor.open("/watch/film_tide")
        await page.get_by_role("link", name="Get premium").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Gala Cinema, all of it")
        assert await looked_at(visitor, "prices") == []
        await page.get_by_role("button", name="Get a month").click()

        await page.wait_for_url(f"{gala.stripe.url}/**")
        await page.get_by_role("link", name="Cancel").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing was paid yet")
        assert await looked_at(visitor, "unpaid") == []
        await page.get_by_role("link", name="Go on paying").click()
        await page.get_by_role("button", name="Pay with a card that works").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("You are premium")
        assert await looked_at(visitor, "paid") == []

        await page.set_viewport_size(DESK)
        await visitor.open("/watch/film_tide")
        await visitor.until(f"{VIDEO} && {VIDEO}.readyState >= 1")

        await visitor.open("/account#premium")
        part = page.locator("[data-premium]")
        await expect(part).to_contain_text("will be charged on")
        assert await looked_at(visitor, "account") == []
        await part.get_by_role("link", name="Cancel").click()
        assert await looked_at(visitor, "cancel") == []
        await page.get_by_role("button", name="Cancel it").click()
        await expect(part).to_contain_text("Nothing more will be charged.")
        await expect(part.get_by_role("button", name="Go on with it")).to_be_visible()
        assert [each["amount"] for each in gala.stripe.charges].count(499) == 1
        visitor.forgive(gala.stripe.url)


async def test_a_gift_is_bought_and_redeemed_without_scripts(gala: Served, browser: Browser) -> None:
    profile = {"viewport": PHONE}
    olga = Person(700_000_045, "Olga Moen", "olga_m")
    gala.login.people.append(olga)
    async with visiting(browser, gala.origin("gala"), **profile) as visitor:
        page = await signed_in(visitor, olga)
        cookies = await visitor.context.cookies()
    plainly = {"java_script_enabled": False, "storage_state": {"cookies": cookies, "origins": []}}
    async with visiting(browser, gala.origin("gala"), viewport=PHONE, **plainly) as visitor:
        page = visitor.page
        await visitor.open("/premium?gift=1")
        await page.get_by_role("button", name="Give a year").click()
        await page.wait_for_url(f"{gala.stripe.url}/**")
        await page.get_by_role("button", name="Pay with a card that works").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your gift is ready")
        code = await page.locator(".code").inner_text()
        await visitor.open("/premium/redeem")
        await page.get_by_label("Gift code").fill(code)
        await page.get_by_role("button", name="Redeem").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Your gift was redeemed")
        await visitor.open("/account")
        await expect(page.locator("[data-premium]")).to_contain_text("You are premium until")
        visitor.forgive(gala.stripe.url)
