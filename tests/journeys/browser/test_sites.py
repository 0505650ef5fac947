"""What visitors of the sites see."""

from __future__ import annotations

import time
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from tenancy.holds import resume, suspend
from tests.journeys.browser.conftest import CLOSED, Served
from tests.support.browser import Visitor, visiting
from tests.support.platform import ACTOR

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


async def names_on(visitor: Visitor, path: str) -> set[str]:
    assert await visitor.open(path) == 200
    cards = await visitor.page.locator("main a[href^='/title/']").all_inner_texts()
    known = ("Tide", "Orchard", "Kite")
    return {name for name in known if any(name in card.replace("\u00ad", "") for card in cards)}


async def test_two_hosts_show_their_own_brands_and_catalogues(served: Served, browser: Browser) -> None:
    looks: list[Any] = []
    for site, brand, names in (("aurora", "Aurora Cinema", {"Tide", "Orchard"}), ("lantern", "Lantern Club", {"Kite"})):
        async with visiting(browser, served.origin(site), viewport=DESK) as visitor:
            assert await names_on(visitor, "/browse") == names
            assert await visitor.open("/") == 200
            assert brand in await visitor.page.title()
            style = "getComputedStyle(document.body)"
            looks.append(await visitor.page.evaluate(f"[{style}.backgroundColor, {style}.fontFamily]"))
    assert looks[0] != looks[1]


async def test_a_film_is_found_without_scripts(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("aurora"), java_script_enabled=False, viewport=PHONE) as visitor:
        page = visitor.page
        assert await visitor.open("/") == 200
        await page.locator("main a[href^='/title/']").filter(has_text="Tide").first.click()
        await expect(page.locator("h1")).to_be_visible()
        await expect(page.get_by_role("link", name="Play").first).to_be_visible()
        assert await names_on(visitor, "/browse?genre=Comedy") == {"Orchard"}
        assert await names_on(visitor, "/search?q=tide") == {"Tide"}
        await page.goto(f"{visitor.origin}/browse")
        await page.locator("main a[href^='/title/']").first.click()
        assert "/title/" in page.url


async def test_the_closed_site_shows_its_notice(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("harbour")) as visitor:
        assert await visitor.open("/") == 503
        await expect(visitor.page.get_by_text(CLOSED)).to_be_visible()
        assert "Harbour Archive" in await visitor.page.title() + await visitor.page.inner_text("body")
        visitor.forgive("503")


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/nothing/here", 404), ("POST", "/browse", 405)])
async def test_refusals_carry_the_theme_and_the_security_headers(
    served: Served, browser: Browser, method: str, path: str, status: int
) -> None:
    async with visiting(browser, served.origin("lantern")) as visitor:
        page = visitor.page
        await page.goto(f"{visitor.origin}/")
        answer = await page.evaluate(
            """async ([method, path]) => {
                const answer = await fetch(path, {method, headers: {accept: "text/html"}});
                return [answer.status, await answer.text(), Object.fromEntries(answer.headers)];
            }""",
            [method, path],
        )
        assert answer[0] == status
        assert "Lantern Club" in answer[1]
        assert "hanabi" in answer[1]
        assert "default-src 'none'" in answer[2]["content-security-policy"]
        assert answer[2]["x-content-type-options"] == "nosniff"
        visitor.forgive(str(status))


async def test_a_suspension_shows_within_a_second_and_so_does_its_end(served: Served, browser: Browser) -> None:
    desk = served.process.services.stores.desk
    async with visiting(browser, served.origin("lantern")) as visitor:
        assert await visitor.open("/") == 200
        await suspend(desk, "lantern", "operator", "Gone fishing.", actor=ACTOR)
        try:
            await shows(visitor, 503)
            await expect(visitor.page.get_by_text("Gone fishing.")).to_be_visible()
        finally:
            await resume(desk, "lantern", "operator", actor=ACTOR)
        await shows(visitor, 200)
        visitor.forgive("503")


async def shows(visitor: Visitor, status: int) -> None:
    """Reloads until the status is there; a second, and one page's own time."""
    deadline = time.monotonic() + 1.0
    while True:
        asked = time.monotonic()
        if await visitor.open("/") == status:
            return
        assert asked < deadline, f"no {status} within a second"
