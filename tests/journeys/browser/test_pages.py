"""Every kind of page, over the themes: no barrier, nothing wider than a phone, nothing asked of another host."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, expect

from content.importing.target import Target
from tests.journeys.browser.conftest import Served
from tests.support.browser import Visitor, visiting
from tests.support.platform import open_site, take_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PHONE, DESK = {"width": 390, "height": 844}, {"width": 1440, "height": 900}
PAGES: dict[str, tuple[str, ...]] = {
    "nocturne": ("/", "/browse", "/title/film_tide", "/watch/film_tide", "/history", "/legal", "/legal/takedown"),
    "hanabi": ("/", "/browse", "/title/lamp001", "/watchlist", "/sign-in", "/legal/privacy", "/nothing/here"),
    "folio": ("/", "/browse", "/title/fox0001", "/notices", "/collections", "/collections/best", "/legal/status"),
    "base": (
        "/",
        "/search?q=tide",
        "/account",
        "/comments/mine",
        "/reports",
        "/title/late001",
        "/title/film_tide/downloads",
    ),
}
TOO_WIDE = """document.documentElement.scrollWidth <= innerWidth ? [] : [...document.querySelectorAll('body *')]
    .filter((each) => each.getBoundingClientRect().right > innerWidth + 1)
    .map((each) => `${each.tagName}.${each.className}`).slice(0, 8)"""


@pytest.fixture(scope="module")
async def sites(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A site of each theme, with a series, a comic, a collection, and a film that is for adults alone."""
    stores = served.process.services.stores
    for theme in PAGES:
        site = await open_site(stores, f"in-{theme}", f"in-{theme}.localhost", theme=theme, brand__name="Aurora Cinema")
        common: dict[str, Any] = {"status": "available", "year": 2025, "overview": "Somebody counts the waves."}
        episodes = [{"episode": number, "title": "The Tide", "file_id": "nowhere"} for number in (1, 2)]
        chapters = [{"chap": 1.5, "title": "Fog", "storage_id": "-1", "pages": ["nobody-knows"]}]
        titles: list[dict[str, Any]] = [
            {
                **common,
                "_id": "lamp",
                "short_id": "lamp001",
                "media_type": "series",
                "title": "Lamp Keepers",
                "seasons": {"1": episodes},
            },
            {
                **common,
                "_id": "fox",
                "short_id": "fox0001",
                "media_type": "manga",
                "title": "Fox Against the Wind",
                "chapters": chapters,
            },
            {
                **common,
                "_id": "late",
                "short_id": "late001",
                "media_type": "movie",
                "title": "The Late Show",
                "content_rating": "18+",
            },
        ]
        folder: Path = tmp_path_factory.mktemp(theme)
        target = Target.tenant(site.scope)
        await take_in(stores, target, "library", titles, folder)
        shelf = {"_id": "best", "name": "The Best", "titles": ["lamp", "fox"]}
        await take_in(stores, target, "collections", [shelf], folder)
    return served


async def faults(visitor: Visitor, path: str) -> list[str]:
    """What is wrong with a page at the width of a phone and of a desk."""
    found: list[str] = []
    await visitor.page.set_viewport_size({"width": 390, "height": 844})
    await visitor.open(path)
    found += await visitor.barriers()
    found += [f"{path} is too wide: {each}" for each in await visitor.page.evaluate(TOO_WIDE)]
    await visitor.page.set_viewport_size({"width": 1440, "height": 900})
    return found + await visitor.barriers()


@pytest.mark.parametrize(
    ("theme", "scheme"), [("nocturne", "light"), ("hanabi", "dark"), ("folio", "light"), ("base", "dark")]
)
async def test_no_page_has_a_barrier_or_is_too_wide_or_asks_another_host(
    sites: Served, browser: Browser, theme: str, scheme: Literal["light", "dark"]
) -> None:
    profile: dict[str, Any] = {"viewport": PHONE, "color_scheme": scheme, "reduced_motion": "reduce"}
    async with visiting(browser, sites.origin(f"in-{theme}"), **profile) as visitor:
        found = [each for path in PAGES[theme] for each in await faults(visitor, path)]
        assert found == []
        assert len(visitor.requests) > len(PAGES[theme])
        elsewhere = [url for url in visitor.requests if not url.startswith((visitor.origin, "blob:", "data:"))]
        assert elsewhere == []
        visitor.forgive("404", "403")


async def test_the_notice_of_a_closed_site_has_no_barrier(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("harbour"), viewport=PHONE, reduced_motion="reduce") as visitor:
        assert await faults(visitor, "/") == []
        visitor.forgive("503")


async def test_what_is_for_adults_opens_to_whoever_says_so(sites: Served, browser: Browser) -> None:
    async with visiting(browser, sites.origin("in-folio"), viewport=PHONE, java_script_enabled=False) as visitor:
        assert await visitor.open("/browse") == 200
        await expect(visitor.page.get_by_text("The Late Show")).to_have_count(0)
        assert await visitor.open("/title/late001") == 403
        await visitor.page.get_by_role("button", name="I am 18 or older").click()
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("The Late Show")
        assert visitor.page.url.endswith("/title/late001")
        visitor.forgive("403")
