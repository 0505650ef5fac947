"""Search over HTTP on two sites: typos, pages, suggestions, kinds, and nothing of the other site's."""

# Titles and the index are changed behind the room's back.
# pyright: reportPrivateUsage=false
import asyncio
import time
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from tests.content.samples import film
from tests.storefront.conftest import TwoSites
from tests.support.platform import take_in

PATIENCE_SECONDS = 10.0
HOSTILE = ["", " ", "x" * 200, "\x00", "(((", "a OR b", "title:*", "%", "🦊", "\u202e", "'; drop", "進", "~" * 200]


async def stocked(sites: TwoSites, folder: Path, north: list[dict[str, Any]], south: list[dict[str, Any]]) -> None:
    for site, titles in ((sites.north, north), (sites.south, south)):
        await take_in(sites.platform.stores, Target.tenant(site.scope), "library", titles, folder)
    search, deadline = sites.platform.services.search, time.monotonic() + PATIENCE_SECONDS
    assert search is not None
    while search.titles != len(north) + len(south):
        assert time.monotonic() < deadline, "the index never heard of them"
        await asyncio.sleep(0.02)


async def asked(client: httpx.AsyncClient, path: str, **query: Any) -> Any:
    answer = await client.get(f"/api/v1/{path}", params=query)
    assert answer.status_code == 200, answer.text
    return answer.json()


async def test_a_typo_finds_the_title_on_its_own_site_alone(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path, [film(1, title="Interstellar")], [film(2, title="Interstellar South")])
    async with two_sites.platform.client("north.example") as north:
        found = await asked(north, "titles", q="interstelar")
        assert [title["title"] for title in found["titles"]] == ["Interstellar"]
        suggested = await asked(north, "suggestions", q="inetrst")
        assert [each["title"] for each in suggested["suggestions"]] == ["Interstellar"]
        assert (await asked(north, "search/kinds", q="interstelar"))["kinds"] == [
            {"key": "movie", "name": "movie", "count": 1}
        ]
        for path in ("titles", "suggestions", "search/kinds"):
            assert "south" not in (await north.get(f"/api/v1/{path}", params={"q": "south"})).text.lower()
        page = await north.get("/search", params={"q": "interstelar south"}, headers={"accept": "text/html"})
        assert page.status_code == 200
        assert "Interstellar South" not in page.text
        assert "Interstellar" in page.text


async def test_pages_follow_their_cursor_on_their_own_site(two_sites: TwoSites, tmp_path: Path) -> None:
    north = [film(number, title=f"Dune {number}") for number in range(7)]
    await stocked(two_sites, tmp_path, north, [film(1, title="Dune")])
    async with two_sites.platform.client("north.example") as client:
        found: list[str] = []
        page = await asked(client, "titles", q="dune", limit=3)
        first = page["next"]
        while True:
            found += [title["id"] for title in page["titles"]]
            if page["next"] is None:
                break
            page = await asked(client, "titles", q="dune", limit=3, after=page["next"])
        assert sorted(found) == sorted(title["_id"] for title in north)
        for query in ({"q": "dun", "after": first}, {"q": "dune", "after": first + "A"}, {"after": first}):
            answer = await client.get("/api/v1/titles", params=query)
            assert answer.status_code == 400
            assert answer.json()["type"] == "urn:marquee:problem:cursor-invalid"
    async with two_sites.platform.client("south.example") as other:
        assert (await other.get("/api/v1/titles", params={"q": "dune", "after": first})).status_code == 400


async def test_the_page_finds_every_kind_and_narrows_to_one(two_sites: TwoSites, tmp_path: Path) -> None:
    titles = [film(number, title="Dune") for number in range(40)] + [film(50, title="Dune", media_type="manga")]
    await stocked(two_sites, tmp_path, titles, [])
    async with two_sites.platform.client("north.example") as client:
        html = (await client.get("/search", params={"q": "dune"})).text
        assert "41 titles" in html
        assert 'href="/search?q=dune&amp;kind=manga"' in html
        assert "data-load-more" in html
        html = (await client.get("/search", params={"q": "dune", "kind": "manga"})).text
        assert "1 title<" in html
        assert 'aria-current="true">Comics' in html
        assert (await client.get("/search", params={"q": "dune", "kind": "nonsense"})).status_code == 200
        assert (await client.get("/search", params={"q": "dune", "after": "zzz"})).status_code == 400


async def test_without_an_index_the_text_search_of_mongodb_answers(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path, [film(1, title="Interstellar")], [])
    search = two_sites.platform.services.search
    assert search is not None
    search._shelf = None
    async with two_sites.platform.client("north.example") as client:
        found = await asked(client, "titles", q="interstellar")
        assert [title["title"] for title in found["titles"]] == ["Interstellar"]


@pytest.mark.parametrize("path", ["titles", "suggestions", "search/kinds"])
async def test_odd_questions_are_answered_or_refused(two_sites: TwoSites, path: str) -> None:
    async with two_sites.platform.client("north.example") as client:
        for text in HOSTILE:
            assert (await client.get(f"/api/v1/{path}", params={"q": text})).status_code == 200
        too_long = await client.get(f"/api/v1/{path}", params={"q": "x" * 201})
        assert too_long.status_code == 400
        assert too_long.headers["content-type"] == "application/problem+json"


@pytest.mark.parametrize("limit", ["0", "11", "-1", "1_0", "٣", "x", ""])
async def test_a_limit_is_a_number_in_its_bounds(two_sites: TwoSites, limit: str) -> None:
    async with two_sites.platform.client("north.example") as client:
        answer = await client.get("/api/v1/suggestions", params={"q": "dune", "limit": limit})
        assert answer.status_code == 400
