"""Reading a comic in a browser: every mode, the keyboard, what is left where, and a strip without JavaScript."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from tenancy.resolver import platform_scope
from tests.journeys.browser.comics import Shelf, book
from tests.journeys.browser.conftest import CHANNEL, Served
from tests.support.browser import Visitor, visiting
from tests.support.platform import open_site

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
UPRIGHT = (500, 700)
WIDE = (1000, 700)
TALL = (400, 1300)


@pytest.fixture(scope="module")
async def paper(served: Served, tmp_path_factory: pytest.TempPathFactory) -> str:
    """The origin of a site with three books."""
    stores = served.process.services.stores
    shelf = Shelf(served.telegram, CHANNEL, stores, platform_scope(), tmp_path_factory.mktemp("comics"))
    keeper = [
        await shelf.chapter("keeper", 1, "Fog", [UPRIGHT] * 3 + [WIDE] + [UPRIGHT] * 4),
        await shelf.chapter("keeper", 1.5, "The Log Book", [UPRIGHT] * 3),
        await shelf.chapter("keeper", 2, "Landfall", [UPRIGHT] * 4),
    ]
    tower = [await shelf.chapter("tower", 1, "", [TALL] * 6)]
    keeper.append({"chap": 3, "title": "Unsent", "storage_id": "-1", "pages": ["nobody-knows"]})
    await shelf.take_in(
        [
            book("keeper", "The Keeper of Small Hours", keeper, short_id="keeper1", genres=["Drama", "Comic"]),
            book("fox", "Fox Against the Wind", keeper[:2], short_id="foxwind", genres=["Manga", "Adventure"]),
            book("tower", "A Tower of Rain", tower, short_id="tower01", genres=["Webtoon"]),
        ]
    )
    await open_site(stores, "paper", "paper.localhost", theme="folio", brand__name="Paper Lantern Press")
    return served.origin("paper")


READY = "document.querySelector('.reader[data-ready]') !== null"
LEAF = "document.querySelectorAll('.leaf')"
SHOWN = """[...document.querySelectorAll('.leaf:not([hidden])')]
    .filter(leaf => leaf.offsetWidth && leaf.querySelector('img').naturalWidth)
    .sort((one, other) => one.getBoundingClientRect().left - other.getBoundingClientRect().left)
    .map(leaf => Number(leaf.id.slice(5)))"""


async def opened(visitor: Visitor, path: str) -> None:
    """The reader, for somebody who has learnt it."""
    learnt = "if (location.host) localStorage.reader ??= JSON.stringify({learnt: true})"
    await visitor.context.add_init_script(learnt)
    await visitor.page.goto("about:blank")
    assert await visitor.open(path) == 200
    await visitor.until(READY)


async def shows(visitor: Visitor, *pages: int) -> None:
    """The pages on the screen, from left to right."""
    await visitor.until(f"JSON.stringify({SHOWN}) === '{str(list(pages)).replace(' ', '')}'")


async def press(visitor: Visitor, *keys: str) -> None:
    for key in keys:
        await visitor.page.keyboard.press(key)


async def test_pairs_with_the_cover_alone_a_wide_page_alone_and_shifted_by_one(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 1280, "height": 800}) as visitor:
        await opened(visitor, "/read/keeper1/1")
        await shows(visitor, 1)
        await press(visitor, "ArrowRight")
        await shows(visitor, 2, 3)
        await press(visitor, "ArrowRight")
        await shows(visitor, 4)
        await press(visitor, "ArrowRight")
        await shows(visitor, 5, 6)
        await press(visitor, "Home", "o")
        await shows(visitor, 1, 2)
        await press(visitor, "ArrowRight")
        await shows(visitor, 3)
        await press(visitor, "d", "Home")
        await shows(visitor, 2, 1)
        await press(visitor, "ArrowLeft", "ArrowLeft", "ArrowLeft")
        await shows(visitor, 6, 5)
        await press(visitor, "m", "m", "m")  # as it fits, single, double: over strip and round
        assert await visitor.barriers() == []


async def test_right_to_left_the_left_side_leads_on(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}, has_touch=True) as visitor:
        await opened(visitor, "/read/foxwind/1")
        await shows(visitor, 1)
        await visitor.page.touchscreen.tap(40, 400)
        await shows(visitor, 2)
        await visitor.page.touchscreen.tap(350, 400)
        await shows(visitor, 1)
        await press(visitor, "ArrowLeft")
        await shows(visitor, 2)


async def test_the_keyboard_opens_sheets_sizes_pages_and_changes_chapters(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}) as visitor:
        page = visitor.page
        await opened(visitor, "/read/keeper1/1.5")
        for key, name in (("c", "Chapters"), ("?", "Keyboard"), ("s", "Reading")):
            await press(visitor, key)
            await expect(page.get_by_role("dialog", name=name)).to_be_visible()
            await press(visitor, "Escape")
            await expect(page.get_by_role("dialog", name=name)).to_be_hidden()
        fit = "document.querySelector('.reader').dataset.fit"
        usual = await page.evaluate(fit)
        await press(visitor, "w")
        await visitor.until(f"{fit} !== '{usual}'")
        await press(visitor, "PageDown")
        await visitor.until("document.querySelector('[data-pages-shown]').textContent !== '1 / 3'")
        await press(visitor, "n")
        await page.wait_for_url("**/read/keeper1/2")
        await visitor.until(READY)
        await press(visitor, "p")
        await page.wait_for_url("**/read/keeper1/1.5*")


async def swiped(visitor: Visitor, begin: tuple[int, int], end: tuple[int, int]) -> None:
    """A finger laid down, moved in steps and lifted, as the browser hears it of a touch screen."""
    wire = await visitor.context.new_cdp_session(visitor.page)
    steps = [tuple(a + (b - a) * step / 4 for a, b in zip(begin, end, strict=True)) for step in range(5)]
    for place, (x, y) in enumerate(steps):
        kind = "touchMove" if place else "touchStart"
        await wire.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": [{"x": x, "y": y}]})
    await wire.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    await wire.detach()


async def test_a_finger_swipes_pages_and_what_is_too_short_or_upright_turns_none(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}, has_touch=True) as visitor:
        await opened(visitor, "/read/keeper1/1")
        await shows(visitor, 1)
        await swiped(visitor, (300, 400), (90, 410))
        await shows(visitor, 2)
        await swiped(visitor, (300, 400), (270, 400))
        await swiped(visitor, (200, 600), (170, 300))
        await swiped(visitor, (300, 400), (90, 400))
        await shows(visitor, 3)
        await swiped(visitor, (90, 400), (300, 400))
        await shows(visitor, 2)
        await opened(visitor, "/read/foxwind/1")
        await swiped(visitor, (90, 400), (300, 400))
        await shows(visitor, 2)


async def test_the_zones_are_shown_once(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}, has_touch=True) as visitor:
        await visitor.open("/read/keeper1/1")
        await visitor.until(READY)
        lesson = visitor.page.get_by_text("Tap anywhere to begin")
        await expect(lesson).to_be_visible()
        await lesson.click()
        await expect(lesson).to_be_hidden()
        await visitor.page.reload()
        await visitor.until(READY)
        await expect(lesson).to_be_hidden()


async def test_a_strip_is_seamless_and_settles_on_the_page_in_view(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}) as visitor:
        await opened(visitor, "/read/tower01/1")
        assert await visitor.page.evaluate("document.querySelector('.reader').dataset.view") == "strip"
        gap = f"{LEAF}[1].getBoundingClientRect().top - {LEAF}[0].getBoundingClientRect().bottom"
        assert abs(float(await visitor.page.evaluate(gap))) < 1
        await press(visitor, "ArrowRight", "ArrowRight")
        await expect(visitor.page.locator("[data-pages-shown]")).to_have_text("3 / 6")
        await press(visitor, "+", "+")
        await expect(visitor.page.locator("[data-pages-shown]")).to_have_text("3 / 6")
        await press(visitor, "End")
        await expect(visitor.page.locator("[data-pages-shown]")).to_have_text("6 / 6")
        await press(visitor, "ArrowRight")
        await expect(visitor.page.get_by_role("heading", name="You are up to date")).to_be_in_viewport()


async def test_the_end_leads_on_and_the_beginning_back(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}) as visitor:
        await opened(visitor, "/read/keeper1/1.5")
        await press(visitor, "End", "ArrowRight")
        await expect(visitor.page.get_by_role("heading", name="Chapter 2: Landfall")).to_be_visible()
        await press(visitor, "ArrowRight")
        await visitor.page.wait_for_url("**/read/keeper1/2")
        await visitor.until(READY)
        await press(visitor, "ArrowLeft")
        await visitor.page.wait_for_url("**/read/keeper1/1.5#end")
        await shows(visitor, 3)


async def test_reading_goes_on_where_somebody_stayed_and_not_at_what_flew_by(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}) as visitor:
        await opened(visitor, "/read/keeper1/1")
        await press(visitor, *["ArrowRight"] * 5, "ArrowLeft")
        await shows(visitor, 5)
        await visitor.page.wait_for_timeout(900)
        await visitor.open("/title/keeper1")
        await opened(visitor, "/read/keeper1/1")
        await shows(visitor, 5)


async def test_settings_are_kept_for_the_series_and_for_all_when_asked(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 1280, "height": 800}) as visitor:
        await opened(visitor, "/read/keeper1/1")
        await press(visitor, "s")
        sheet = visitor.page.get_by_role("dialog", name="Reading")
        await sheet.get_by_role("radio", name="Sepia").check()
        await sheet.get_by_role("radio", name="Single").check()
        assert await visitor.barriers() == []
        await sheet.get_by_role("button", name="Done").click()
        reader = visitor.page.locator(".reader")
        await expect(reader).to_have_attribute("data-ground", "sepia")
        await expect(reader).to_have_attribute("data-view", "single")
        await opened(visitor, "/read/foxwind/1")
        await expect(reader).to_have_attribute("data-ground", "theme")
        await opened(visitor, "/read/keeper1/2")
        await expect(reader).to_have_attribute("data-view", "single")
        await press(visitor, "s")
        await sheet.get_by_role("button", name="Use for every series").click()
        await opened(visitor, "/read/foxwind/1")
        await expect(reader).to_have_attribute("data-ground", "sepia")


async def test_a_page_that_fails_says_why_and_comes_when_asked_again(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 390, "height": 844}) as visitor:
        refused = {"type": "urn:marquee:problem:page-unreadable", "title": "No", "detail": "It is being repaired."}
        await visitor.page.route("**/pages/*/0*", lambda route: route.fulfill(status=409, json=refused))
        await opened(visitor, "/read/keeper1/1")
        await expect(visitor.page.get_by_text("It is being repaired.")).to_be_visible()
        await visitor.page.unroute("**/pages/*/0*")
        await visitor.page.get_by_role("button", name="Try again").click()
        await shows(visitor, 1)
        visitor.forgive("409")


async def test_without_javascript_a_chapter_is_a_strip_of_images_with_links(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, java_script_enabled=False, viewport={"width": 390, "height": 844}) as visitor:
        assert await visitor.open("/read/keeper1/1.5") == 200
        await expect(visitor.page.get_by_role("img", name="Page 1 of 3")).to_be_visible()
        await expect(visitor.page.get_by_role("slider")).to_be_hidden()
        await visitor.page.get_by_role("link", name="Read on").click()
        await visitor.page.wait_for_url("**/read/keeper1/2")
        await visitor.page.get_by_role("link", name="All chapters").first.click()
        await expect(visitor.page.get_by_role("heading", name="Chapters")).to_be_visible()


async def test_the_comic_s_page_and_the_end_of_a_chapter_have_no_barriers(browser: Browser, paper: str) -> None:
    async with visiting(browser, paper, viewport={"width": 1440, "height": 900}) as visitor:
        await visitor.open("/title/keeper1")
        assert await visitor.barriers() == []
        await opened(visitor, "/read/keeper1/2")
        await press(visitor, "End", "ArrowRight")
        await expect(visitor.page.get_by_role("heading", name="You are up to date")).to_be_visible()
        assert await visitor.barriers() == []
