"""Lists of episodes and chapters: in order, a page at a time, as the site shows them."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from tenancy.resolver import platform_scope
from tests.content.media.files import book, series
from tests.storefront.conftest import TwoSites
from tests.support.platform import take_in

pytestmark = pytest.mark.anyio
EPISODES = "/api/v1/titles/series_1/episodes"
CHAPTERS = "/api/v1/titles/book_1/chapters"


@pytest.fixture
async def north(two_sites: TwoSites, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """A shared series of 130 episodes, a shared book of 7 chapters, and the north site's own book."""
    stores = two_sites.platform.stores
    odd: list[dict[str, Any]] = [{"chap": chap, "pages": ["p"]} for chap in (3, 1, 2.5, None, 10, 2)]
    shared = [series([None] * 65, [None] * 65), book(chapters=odd)]
    await take_in(stores, Target.shared(platform_scope()), "library", shared, tmp_path / "shared")
    own = [book([None], _id="own", title="Own")]
    await take_in(stores, Target.tenant(two_sites.north.scope), "library", own, tmp_path / "north")
    async with two_sites.platform.client("north.example") as client:
        yield client


async def every(client: httpx.AsyncClient, path: str, name: str, **asked: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    after: dict[str, str] = {}
    while True:
        answer = await client.get(path, params={**asked, **after})
        assert answer.status_code == 200, answer.text
        found += answer.json()[name]
        if answer.json()["next"] is None:
            return found
        after = {"after": answer.json()["next"]}


@pytest.mark.parametrize("limit", ["1", "7", "100", "500"])
async def test_pages_give_every_episode_once_and_in_order(north: httpx.AsyncClient, limit: str) -> None:
    found = await every(north, EPISODES, "episodes", limit=limit, **({"season": "2"} if limit == "1" else {}))
    expected = [f"s{season}e{episode}" for season in (1, 2) for episode in range(1, 66)]
    assert [each["id"] for each in found] == (expected[65:] if limit == "1" else expected)
    assert found[-1]["target_id"] == "series_1#s2e65"
    assert found[-1]["play_url"].endswith("/episodes/s2e65/play")


async def test_chapters_come_by_number_and_say_what_was_numbered_here(north: httpx.AsyncClient) -> None:
    found = await every(north, CHAPTERS, "chapters", limit="2")
    assert [(each["number"], each["numbered"]) for each in found] == [
        ("1", True), ("2", True), ("2.5", True), ("3", True), ("4", False), ("10", True),
    ]  # fmt: skip
    assert not found[0]["readable"]
    assert found[0]["reason"] == "its file id is no Telegram file id"
    assert found[2]["target_id"] == "book_1#c2.5"
    assert found[2]["pages_url"].endswith("/chapters/2.5/pages")


async def test_a_film_has_neither(north: httpx.AsyncClient) -> None:
    assert (await north.get("/api/v1/titles/book_1/episodes")).json() == {"episodes": [], "next": None}
    assert (await north.get("/api/v1/titles/series_1/chapters")).json() == {"chapters": [], "next": None}


@pytest.mark.parametrize(
    "asked",
    [
        {"limit": "0"},
        {"limit": "501"},
        {"limit": "1_0"},
        {"limit": "٣"},
        {"season": "-1"},
        {"season": "x"},
        {"season": ""},
    ],
)
async def test_what_cannot_be_read_is_refused(north: httpx.AsyncClient, asked: dict[str, str]) -> None:
    answer = await north.get(EPISODES, params=asked)
    assert (answer.status_code, answer.json()["type"]) == (400, "urn:marquee:problem:bad-parameter")


async def test_a_cursor_continues_its_own_list_alone(two_sites: TwoSites, north: httpx.AsyncClient) -> None:
    cursor = (await north.get(EPISODES, params={"limit": "5"})).json()["next"]
    for path, asked in (
        (EPISODES, {"after": cursor, "season": "1"}),
        (CHAPTERS, {"after": cursor}),
        (EPISODES, {"after": cursor[:-2] + "AA"}),
        (EPISODES, {"after": "x"}),
    ):
        answer = await north.get(path, params=asked)
        assert (answer.status_code, answer.json()["type"]) == (400, "urn:marquee:problem:cursor-invalid")
    async with two_sites.platform.client("south.example") as south:
        assert (await south.get(EPISODES, params={"after": cursor})).status_code == 400


async def test_another_sites_own_book_has_no_chapters_here(two_sites: TwoSites, north: httpx.AsyncClient) -> None:
    async with two_sites.platform.client("south.example") as south:
        for path in ("chapters", "episodes", "downloads", "related"):
            if path != "related":
                assert (await north.get(f"/api/v1/titles/own/{path}")).status_code == 200
            assert (await south.get(f"/api/v1/titles/own/{path}")).status_code == 404
