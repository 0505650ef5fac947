"""Somebody looks for a film and cannot spell it."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.browser.conftest import Served
from tests.support.browser import visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}


async def test_titles_are_suggested_and_chosen_by_keyboard(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("aurora"), viewport=DESK) as visitor:
        page = visitor.page
        assert await visitor.open("/") == 200
        await page.keyboard.press("/")
        field = page.get_by_role("combobox", name="Search")
        await expect(field).to_be_focused()
        await expect(field).to_have_attribute("aria-expanded", "false")
        await page.keyboard.type("orchrad")
        options = page.get_by_role("listbox", name="Titles").get_by_role("option")
        await expect(options).to_have_count(1)
        await expect(field).to_have_attribute("aria-expanded", "true")
        assert await visitor.barriers() == []
        await page.keyboard.press("ArrowDown")
        await expect(options.first).to_have_attribute("aria-selected", "true")
        assert await field.get_attribute("aria-activedescendant") == await options.first.get_attribute("id")
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("listbox")).to_be_hidden()
        await expect(field).to_have_value("orchrad")
        await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await expect(page.locator("h1")).to_contain_text("Orchard")


async def test_a_typo_finds_the_film_on_a_phone_without_scripts(served: Served, browser: Browser) -> None:
    profile = {"viewport": PHONE, "java_script_enabled": False}
    async with visiting(browser, served.origin("aurora"), **profile) as visitor:
        page = visitor.page
        assert await visitor.open("/search") == 200
        await page.locator(".find-big input").fill("tide tabels")
        await page.locator(".find-big button").click()
        await expect(page.locator("main [data-grid] a")).to_have_count(1)
        assert "q=tide+tabels" in page.url


async def test_nothing_found_says_so_and_is_no_barrier(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("lantern"), viewport=PHONE) as visitor:
        assert await visitor.open("/search?q=orchard") == 200
        await expect(visitor.page.get_by_role("heading", name="Nothing found")).to_be_visible()
        assert await visitor.barriers() == []
