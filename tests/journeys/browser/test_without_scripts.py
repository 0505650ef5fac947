"""What needs no JavaScript: looking for a title, keeping it, and telling the site of an infringement."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.browser.conftest import Served
from tests.support.browser import DESK, PHONE, visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]


async def test_a_title_is_found_put_on_the_list_and_taken_off_it(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("quiet"), java_script_enabled=False, viewport=PHONE) as visitor:
        page = visitor.page
        assert await visitor.open("/") == 200
        await page.get_by_role("navigation", name="Main").get_by_role("link", name="Browse").click()
        await page.get_by_role("main").get_by_role("link", name="The Tide Tables").click()
        await page.get_by_role("button", name="My list").click()
        await expect(page.get_by_role("button", name="On my list")).to_have_attribute("aria-pressed", "true")
        await page.get_by_role("navigation", name="Main").get_by_role("link", name="My list").click()
        entries = page.locator("main [data-grid] > li")
        await expect(entries).to_have_count(1)
        await page.get_by_role("button", name="Take The Tide Tables off the list").click()
        await expect(page.get_by_role("heading", name="Your list is empty")).to_be_visible()


async def test_a_takedown_notice_is_sent_and_its_receipt_looked_up(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("quiet"), java_script_enabled=False, viewport=DESK) as visitor:
        page = visitor.page
        assert await visitor.open("/") == 200
        await page.get_by_role("link", name="Takedown notice").click()
        await page.get_by_label("Addresses on this site").fill(f"{visitor.origin}/title/film_orchard")
        await page.get_by_label("The work that is infringed").fill("The Last Orchard, a film of 2024")
        await page.get_by_label("Full name", exact=True).fill("Ada Beispiel")
        await page.get_by_label("Postal address").fill("Hafenstrasse 1, 20457 Hamburg")
        await page.get_by_label("E-mail").fill("ada@grenzfilm.example")
        await page.get_by_label("I believe in good faith").check()
        await page.get_by_label("Signature").fill("Ada Beispiel")
        send = page.get_by_role("button", name="Send the notice")
        await send.click()
        await expect(page.get_by_role("alert")).to_contain_text("was not sent yet")
        visitor.forgive("422")
        await expect(page.get_by_label("Full name", exact=True)).to_have_value("Ada Beispiel")
        await page.get_by_label("The information in this notice is accurate").check()
        await send.click()
        await expect(page.get_by_role("status")).to_have_text("Your notice was received and waits for a decision.")
        receipt, secret = await page.locator(".slip code").all_inner_texts()
        await page.get_by_role("link", name="Look up a notice").click()
        await page.get_by_label("Receipt number").fill(receipt)
        await page.get_by_label("Secret").fill(secret)
        await page.get_by_role("button", name="Look it up").click()
        await expect(page.get_by_role("status")).to_be_visible()
        await expect(page.locator(".bullets")).to_contain_text("/title/film_orchard")
