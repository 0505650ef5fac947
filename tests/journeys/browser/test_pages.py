"""Every kind of page, over the themes: no barrier, nothing wider than a phone, nothing asked of another host."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import pytest
from playwright.async_api import Browser, expect

from content.importing.target import Target
from content.notices.telling import Notices
from tests.journeys.browser.conftest import Served
from tests.support.browser import PHONE, visiting
from tests.support.platform import open_site, take_in

pytestmark = [pytest.mark.browser, pytest.mark.timeout(240)]
PAGES: dict[str, tuple[str, ...]] = {
    "nocturne": ("/", "/browse", "/title/film_tide", "/watch/film_tide", "/legal", "/legal/transparency"),
    "hanabi": ("/", "/browse", "/title/lamp001", "/sign-in", "/legal/privacy", "/nothing/here", "/legal/counter"),
    "folio": ("/", "/browse", "/title/fox0001", "/read/fox0001/1.5", "/collections/best", "/legal/takedown"),
    "base": ("/", "/search?q=tide", "/account", "/history", "/title/late001", "/title/film_tide/downloads", "/invite"),
    "plain": ("/", "/collections", "/watchlist", "/notices", "/comments/mine", "/reports", "/legal/status"),
}
REFUSED = {"/nothing/here": 404, "/title/late001": 403}
OWN = {
    "/": "Continue",
    "/history": "The Tide Tables",
    "/watchlist": "Lamp Keepers",
    "/notices": "Episode 3 is here",
    "/comments/mine": "Who keeps them?",
    "/reports": "It is the director talking.",
    "/account": "This browser",
    "/title/lamp001": "Who keeps them?",
}
GATHER = """async (given) => {
    for (const [method, path, body] of given) {
        const answer = await fetch(`/api/v1${path}`, {
            method, headers: {"content-type": "application/json"}, body: JSON.stringify(body),
        });
        if (!answer.ok) throw new Error(`${path}: ${await answer.text()}`);
    }
    return (await (await fetch("/api/v1/me")).json()).viewer.id;
}"""
GATHERED: list[tuple[str, str, dict[str, Any]]] = [
    ("PUT", "/progress/film_tide", {"session": "tab", "at": 1, "position_seconds": 12, "duration_seconds": 30}),
    ("PUT", "/progress/film_orchard", {"session": "tab", "at": 1, "position_seconds": 29.5, "duration_seconds": 30}),
    ("PUT", "/watchlist/lamp", {}),
    ("PUT", "/watchlist/film_tide", {}),
    ("POST", "/comments", {"target_id": "lamp", "body": "Who keeps **them**? >!Nobody!< did."}),
    ("POST", "/reports", {"target_id": "film_tide", "issue": "wrong_audio", "note": "It is the director talking."}),
]


@pytest.fixture(scope="module")
async def sites(served: Served, tmp_path_factory: pytest.TempPathFactory) -> Served:
    """A site of each theme, with a series, a comic, a collection, and a film that is for adults alone."""
    stores = served.process.services.stores
    for theme in PAGES:
        named = {"theme": theme, "brand__name": "Aurora Cinema", "addons__dmca_shield__active": True}
        site = await open_site(stores, f"in-{theme}", f"in-{theme}.localhost", **named)
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


@pytest.mark.parametrize(
    ("theme", "scheme"),
    [("nocturne", "light"), ("hanabi", "dark"), ("folio", "light"), ("base", "dark"), ("plain", "light")],
)
async def test_no_page_has_a_barrier_or_is_too_wide_or_asks_another_host(
    sites: Served, browser: Browser, theme: str, scheme: Literal["light", "dark"]
) -> None:
    profile: dict[str, Any] = {"viewport": PHONE, "color_scheme": scheme, "reduced_motion": "reduce"}
    async with visiting(browser, sites.origin(f"in-{theme}"), **profile) as visitor:
        found = [each for path in PAGES[theme] for each in await visitor.faults(path, REFUSED.get(path, 200))]
        assert found == []
        assert len(visitor.requests) > len(PAGES[theme])
        elsewhere = [url for url in visitor.requests if not url.startswith((visitor.origin, "blob:", "data:"))]
        assert elsewhere == []


async def test_what_a_viewer_has_gathered_is_shown_without_a_barrier(sites: Served, browser: Browser) -> None:
    stores = sites.process.services.stores
    tenant = await stores.resolver.by_id("in-hanabi")
    assert tenant is not None
    async with visiting(browser, sites.origin("in-hanabi"), reduced_motion="reduce") as visitor:
        page = visitor.page
        assert await visitor.open("/") == 200
        viewer_id = await page.evaluate(GATHER, GATHERED)
        await Notices(stores.database, stores.jobs, stores.clock).tell(
            tenant.scope, viewer_id, "new_units", key="lamp", text="Episode 3 is here", url="/", title_id="lamp"
        )
        for path, words in OWN.items():
            assert await visitor.faults(path) == []
            await expect(page.locator("main")).to_contain_text(words)
        await page.set_viewport_size(PHONE)
        await page.get_by_role("navigation", name="Main").get_by_role("link", name="My list").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("My list")


async def test_the_notice_of_a_closed_site_has_no_barrier(served: Served, browser: Browser) -> None:
    async with visiting(browser, served.origin("harbour"), viewport=PHONE, reduced_motion="reduce") as visitor:
        assert await visitor.faults("/", 503) == []


async def test_what_is_for_adults_opens_to_whoever_says_so(sites: Served, browser: Browser) -> None:
    async with visiting(browser, sites.origin("in-folio"), viewport=PHONE, java_script_enabled=False) as visitor:
        assert await visitor.open("/browse") == 200
        await expect(visitor.page.get_by_text("The Late Show")).to_have_count(0)
        assert await visitor.open("/title/late001") == 403
        await visitor.page.get_by_role("button", name="I am 18 or older").click()
        await expect(visitor.page.get_by_role("heading", level=1)).to_have_text("The Late Show")
        assert visitor.page.url.endswith("/title/late001")
        visitor.forgive("403")
