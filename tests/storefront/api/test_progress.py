"""Progress over HTTP: heartbeats, the row that goes on, the history, other people's and other sites'."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from storefront.api.progress import HEARTBEATS_PER_MINUTE
from tests.content.samples import MANGA, SERIES, film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.support.clock import FakeClock
from tests.support.limits import until_limited
from tests.support.platform import open_site, take_in

EPISODES = {"1": [{"episode": 1, "title": "Pilot"}, {"episode": 2, "title": "Two"}], "2": [{"episode": 1}]}
CHAPTERS = [{"chap": number, "pages": ["a", "b", "c"]} for number in (1, 2, 2.5)]
SHOW = {**SERIES, "seasons": EPISODES}
BOOK = {**MANGA, "_id": "$odd.book", "chapters": CHAPTERS}


class Person:
    """A browser that keeps its session."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self.client = client
        self.cookie = ""
        self.seq = 0

    async def __call__(self, method: str, path: str, json: Any = None) -> httpx.Response:
        headers = {"cookie": self.cookie} if self.cookie else {}
        answer = await self.client.request(method, f"/api/v1{path}", json=json, headers=headers)
        if "set-cookie" in answer.headers:
            self.cookie = answer.headers["set-cookie"].partition(";")[0]
        return answer

    async def beat(self, target: str, **said: Any) -> httpx.Response:
        self.seq += 1
        path = f"/progress/{target.replace('#', '%23')}"
        return await self("PUT", path, {"session": "tab", "at": self.seq, **said})

    async def watched(self, target: str, position: float, duration: float = 1000) -> dict[str, Any]:
        answer = await self.beat(target, position_seconds=position, duration_seconds=duration)
        assert answer.status_code == 200, answer.text
        body: dict[str, Any] = answer.json()
        return body

    async def going(self) -> list[tuple[str, str]]:
        row = (await self("GET", "/continue")).json()["entries"]
        return [(each["target_id"], each["url"]) for each in row]


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    stores = two_sites.platform.stores
    titles = [film(1), film(2), SHOW, BOOK]
    await take_in(stores, Target.tenant(two_sites.north.scope), "library", titles, tmp_path)
    return two_sites


@asynccontextmanager
async def person(sites: TwoSites, host: str = "north.example", address: str = "127.0.0.1") -> AsyncGenerator[Person]:
    async with sites.platform.client(host, address=address) as client:
        yield Person(client)


async def test_a_heartbeat_is_kept_and_told_again(stocked: TwoSites) -> None:
    async with person(stocked) as viewer:
        said = await viewer.watched("film_001", 300)
        assert said["counted"]
        known = (await viewer("GET", "/progress/film_001")).json()
        assert known["progress"]["position_seconds"] == 300
        assert known["progress"]["share"] == 0.3
        assert known["session"] == "tab"


async def test_late_and_doubled_packets_are_answered_with_the_present_place(stocked: TwoSites) -> None:
    async with person(stocked) as viewer:
        await viewer.watched("film_001", 100)
        await viewer.watched("film_001", 200)
        for late in (1, 2):
            answer = await viewer("PUT", "/progress/film_001", {"session": "tab", "at": late, "position_seconds": 50})
            assert (answer.json()["counted"], answer.json()["progress"]["position_seconds"]) == (False, 200)


async def test_the_row_goes_on_with_the_next_one_and_lets_go_of_what_is_finished(
    stocked: TwoSites, clock: FakeClock
) -> None:
    async with person(stocked) as viewer:
        await viewer.watched("film_001", 300)
        clock.advance(10)
        await viewer.watched("film_002", 990)
        clock.advance(10)
        await viewer.watched("tmdb_1399#s1e2", 980)
        clock.advance(10)
        read = await viewer.beat("$odd.book#c2", page=2, pages=3)
        assert read.status_code == 200, read.text
        row = (await viewer("GET", "/continue")).json()["entries"]
        assert [each["target_id"] for each in row] == ["$odd.book#c2", "tmdb_1399#s2e1", "film_001"]
        assert row[0]["url"].endswith("/2")
        assert row[0]["progress"]["page"] == 2
        assert (row[1]["unit"]["name"], row[1]["progress"]) == ("S2 E1", None)
        clock.advance(10)
        await viewer.watched("tmdb_1399#s2e1", 980)
        assert [target for target, _ in await viewer.going()] == ["$odd.book#c2", "film_001"]
        again = await viewer.beat("film_002", session="again", position_seconds=5, duration_seconds=1000)
        assert again.json()["progress"]["times_finished"] == 1
        assert (await viewer.going())[0][0] == "film_002"


async def test_what_the_site_no_longer_shows_is_not_in_the_row(
    stocked: TwoSites, tmp_path: Path, clock: FakeClock
) -> None:
    async with person(stocked) as viewer:
        await viewer.watched("film_001", 300)
        await viewer.watched("film_002", 300)
        gone = film(1, status="banned", files=[resolved_file(2)])
        scope = stocked.north.scope
        await take_in(stocked.platform.stores, Target.tenant(scope), "library", [gone], tmp_path / "again")
        assert [target for target, _ in await viewer.going()] == ["film_002"]
        listed = (await viewer("GET", "/history")).json()["entries"]
        assert [each["target_id"] for each in listed] == ["film_002"]


async def test_the_history_pages_and_forgets(stocked: TwoSites, clock: FakeClock) -> None:
    async with person(stocked) as viewer:
        for target in ("film_001", "film_002", "tmdb_1399#s1e1", "tmdb_1399#s1e2"):
            await viewer.watched(target, 300)
            clock.advance(10)
        first = (await viewer("GET", "/history?limit=2")).json()
        assert [each["target_id"] for each in first["entries"]] == ["tmdb_1399", "film_002"]
        rest = (await viewer("GET", f"/history?limit=2&after={first['next']}")).json()
        assert ([each["target_id"] for each in rest["entries"]], rest["next"]) == (["film_001"], None)
        assert (await viewer("GET", f"/history?after={first['next']}x")).status_code == 400
        assert (await viewer("DELETE", "/history/tmdb_1399%23s1e2")).json() == {"removed": 1}
        known = (await viewer("GET", "/progress/tmdb_1399")).json()
        assert (known["target_id"], [unit["key"] for unit in known["units"]]) == ("tmdb_1399#s1e1", ["s1e1"])
        assert (await viewer("DELETE", "/history/film_001")).json() == {"removed": 1}
        assert (await viewer("DELETE", "/history/film_001")).json() == {"removed": 0}
        assert (await viewer("DELETE", "/history")).json() == {"removed": 2}
        assert (await viewer("GET", "/history")).json() == {"entries": [], "next": None}


@pytest.mark.parametrize(
    ("target", "said", "status", "problem"),
    [
        ("film_001", {"position_seconds": -1}, 400, "bad-progress"),
        ("film_001", {"position_seconds": 1e12}, 400, "bad-progress"),
        ("film_001", {}, 400, "bad-progress"),
        ("film_001", {"page": 1, "position_seconds": 1}, 400, "bad-progress"),
        ("film_999", {"position_seconds": 1}, 404, "no-such-unit"),
        ("film_001#s1e1", {"position_seconds": 1}, 404, "no-such-unit"),
        ("tmdb_1399", {"position_seconds": 1}, 404, "no-such-unit"),
        ("tmdb_1399#s9e9", {"position_seconds": 1}, 404, "no-such-unit"),
    ],
)
async def test_what_cannot_be_is_refused(
    stocked: TwoSites, target: str, said: dict[str, Any], status: int, problem: str
) -> None:
    async with person(stocked) as viewer:
        answer = await viewer.beat(target, **said)
        assert (answer.status_code, answer.json()["type"]) == (status, f"urn:marquee:problem:{problem}")


@pytest.mark.parametrize("body", [b'{"session": "a", "at": 1, "position_seconds": NaN}', b"[]", b"{", b'{"at": "x"}'])
async def test_a_body_that_is_none_is_refused(stocked: TwoSites, body: bytes) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.put(
            "/api/v1/progress/film_001", content=body, headers={"content-type": "application/json"}
        )
        assert answer.status_code == 400


async def test_nobody_sees_anothers_progress_nor_another_sites(stocked: TwoSites) -> None:
    async with person(stocked) as viewer, person(stocked) as other, person(stocked, "south.example") as elsewhere:
        await viewer.watched("film_001", 300)
        await other.watched("film_002", 300)
        elsewhere.cookie = viewer.cookie
        assert [target for target, _ in await other.going()] == ["film_002"]
        assert await elsewhere.going() == []
        assert (await elsewhere("GET", "/progress/film_001")).json()["progress"] is None
        assert (await elsewhere.beat("film_001", position_seconds=1)).status_code == 404
        assert (await elsewhere("DELETE", "/history")).json() == {"removed": 0}
        assert [target for target, _ in await viewer.going()] == ["film_001"]


async def test_whoever_only_looks_gets_no_session(stocked: TwoSites) -> None:
    async with person(stocked) as nobody:
        for path in ("/continue", "/history", "/progress/film_001"):
            answer = await nobody("GET", path)
            assert answer.status_code == 200
            assert "set-cookie" not in answer.headers


async def test_too_many_heartbeats_are_told_when_to_come_back(stocked: TwoSites) -> None:
    async with person(stocked) as viewer:
        answers = await until_limited(lambda: viewer.beat("film_001", position_seconds=0), HEARTBEATS_PER_MINUTE)
        assert "retry-after" in answers[-1].headers


async def test_a_title_for_adults_is_in_no_row_of_whoever_has_not_passed(stocked: TwoSites, tmp_path: Path) -> None:
    stores = stocked.platform.stores
    await open_site(stores, "night", "night.example")
    night = await stores.resolver.by_id("night")
    assert night is not None
    adult = film(7, content_rating="18+")
    await take_in(stores, Target.tenant(night.scope), "library", [adult], tmp_path / "night")
    async with person(stocked, "night.example") as viewer:
        assert (await viewer.beat("film_007", position_seconds=1)).status_code in {403, 404}
        assert await viewer.going() == []
