"""What people say under a film, as they see and do it: in place with scripts, as forms without."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tests.journeys.browser.conftest import Served
from tests.support.browser import visiting

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
PLACE = 'textarea[name="body"]'


async def test_a_comment_with_a_spoiler_is_veiled_until_clicked_and_answered_in_place(
    served: Served, browser: Browser
) -> None:
    async with visiting(browser, served.origin("aurora"), viewport=DESK) as ann:
        assert await ann.open("/title/film_tide") == 200
        page, here = ann.page, ann.page.url
        composer = page.locator("comment-thread > form")
        await composer.locator(PLACE).fill("The boat! >!It was **empty** all along.!<")
        await composer.get_by_role("button", name="Post").click()
        said = page.locator(".comment").first
        await expect(said).to_contain_text("The boat!")
        assert page.url == here
        await expect(page.locator("[data-count]")).to_have_text("1")
        veiled = said.locator(".veiled")
        await expect(veiled).to_be_hidden()
        await said.get_by_label("Show spoiler").focus()
        await page.keyboard.press("Space")
        await expect(veiled).to_be_visible()
        assert await ann.barriers() == []
    async with visiting(browser, served.origin("aurora"), viewport=PHONE) as bob:
        await bob.page.goto(here)
        said = bob.page.locator(".comment").first
        await expect(said.locator(".veiled")).to_be_hidden()
        like = said.locator("[data-like] button")
        await like.click()
        await expect(like).to_have_attribute("aria-pressed", "true")
        await expect(said.locator("[data-likes]")).to_have_text("1")
        await said.locator("summary").click()
        await said.locator(PLACE).fill("I knew it.")
        await said.get_by_role("button", name="Reply").last.click()
        await expect(bob.page.locator("[data-replies] .comment")).to_contain_text("I knew it.")
        assert await bob.page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        assert await bob.barriers() == []


async def test_without_scripts_the_same_is_said_by_forms(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("quiet"), java_script_enabled=False, viewport=PHONE) as ann:
        assert await ann.open("/title/film_tide") == 200
        page = ann.page
        await page.locator("comment-thread > form").locator(PLACE).fill("Quiet and >!wet!<.")
        await page.get_by_role("button", name="Post").click()
        assert "#comment_" in page.url
        await expect(page.locator(".veiled")).to_be_hidden()
        await page.locator(".spoiler").click()
        await expect(page.locator(".veiled")).to_be_visible()
        await page.locator("[data-like] button").click()
        await expect(page.locator("[data-likes]")).to_have_text("1")
        await page.get_by_role("link", name="Edit or delete").click()
        await page.locator("summary", has_text="Edit").click()
        await page.locator(".deeds").locator(PLACE).fill("Quiet.")
        await page.get_by_role("button", name="Save").click()
        await expect(page.locator(".comment").first).to_contain_text("edited")


async def test_a_broken_film_is_reported_and_its_fate_read(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("aurora"), viewport=PHONE) as ann:
        assert await ann.open("/title/film_tide") == 200
        page = ann.page
        await page.locator("summary", has_text="Report a problem").click()
        form = page.locator("[data-report]")
        await form.get_by_label("What is wrong?").select_option("wrong_audio")
        await form.get_by_role("button", name="Send").click()
        await expect(form.locator("[data-note]")).to_contain_text("Thank you")
        assert await ann.open("/reports") == 200
        await expect(page.locator(".report-list")).to_contain_text("Waits to be looked into")
        assert await ann.barriers() == []


async def test_a_refused_comment_says_why_and_keeps_the_words(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("aurora"), viewport=DESK) as ann:
        assert await ann.open("/title/film_tide") == 200
        composer = ann.page.locator("comment-thread > form")
        await composer.locator(PLACE).fill("x" * 2_500)
        await composer.get_by_role("button", name="Post").click()
        await expect(composer.locator("[data-note]")).to_contain_text("at most 2,000 characters")
        assert len(await composer.locator(PLACE).input_value()) == 2_500
        ann.forgive("422")
