"""Votes on intros over HTTP: what the crowd says, who may say it, how often, and who hears of it."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from storefront.api.intro import VOTES_PER_HOUR
from tests.content.samples import SERIES, film
from tests.storefront.conftest import TwoSites
from tests.support.platform import take_in

INTRO = "/api/v1/titles/film_001/intro"
Ballot = dict[str, Any]


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    titles = [film(1, intro_timings={"start": 90, "end": 150, "votes": 5}), film(2), SERIES]
    await take_in(two_sites.platform.stores, Target.tenant(two_sites.north.scope), "library", titles, tmp_path)
    return two_sites


async def voted(client: httpx.AsyncClient, path: str, ballot: Ballot, cookie: str | None = None) -> httpx.Response:
    return await client.post(path, json=ballot, headers={"cookie": cookie} if cookie else {})


async def test_a_vote_is_counted_told_and_taken_back(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        before = await client.get(INTRO)
        assert before.json() == {"intro": {"start": 90.0, "end": 150.0}, "votes": 5, "mine": None}
        assert "set-cookie" not in before.headers
        answer = await voted(client, INTRO, {"start": 92, "end": 152.04, "duration": 596.5})
        assert answer.json() == {
            "intro": {"start": 90.0, "end": 150.0},
            "votes": 6,
            "mine": {"start": 92.0, "end": 152.0},
        }
        cookie = answer.headers["set-cookie"].partition(";")[0]
        again = await voted(client, INTRO, {"start": 93, "end": 153}, cookie)
        assert (again.json()["votes"], again.json()["mine"]) == (6, {"start": 93.0, "end": 153.0})
        assert (await client.get(INTRO, headers={"cookie": cookie})).json()["mine"] == {"start": 93.0, "end": 153.0}
        gone = await client.delete(INTRO, headers={"cookie": cookie})
        assert gone.json() == {"intro": {"start": 90.0, "end": 150.0}, "votes": 5, "mine": None}
        assert (await client.delete(INTRO)).json()["votes"] == 5


async def test_two_hands_are_no_crowd_and_a_third_makes_one(stocked: TwoSites) -> None:
    path = INTRO.replace("film_001", "film_002")
    async with stocked.platform.client("north.example") as client:
        for votes, intro in ((1, None), (2, None), (3, {"start": 10.0, "end": 40.0})):
            answer = (await voted(client, path, {"start": 10, "end": 40})).json()
            assert (answer["votes"], answer["intro"]) == (votes, intro)


async def test_an_episode_has_an_intro_of_its_own(stocked: TwoSites) -> None:
    path = f"/api/v1/titles/{SERIES['_id']}/intro"
    async with stocked.platform.client("north.example") as client:
        for _ in range(3):
            answer = await voted(client, f"{path}?episode=s1e1", {"start": 10, "end": 40})
            assert answer.status_code == 200, answer.text
        assert (await client.get(f"{path}?episode=s1e1")).json()["votes"] == 3
        assert (await client.get(path)).json()["votes"] == 0
        for odd in ("s9e9", "x", "", "s1e1%00", "S1E1"):
            answer = await client.get(f"{path}?episode={odd}")
            assert (answer.status_code, answer.json()["type"]) == (400, "urn:marquee:problem:bad-parameter")


@pytest.mark.parametrize(
    ("ballot", "kind"),
    [
        ({"start": 40, "end": 10}, "bad-vote"),
        ({"start": 0, "end": 1}, "bad-vote"),
        ({"start": 0, "end": 700}, "bad-vote"),
        ({"start": 10, "end": 40, "duration": 30}, "bad-vote"),
        ({"start": 1e300, "end": 1e301}, "bad-vote"),
        ({"start": "a", "end": 10}, None),
        ({"start": 1}, None),
        ({"start": 1, "end": 20, "votes": 500}, None),
    ],
)
async def test_a_vote_that_cannot_be_is_refused(stocked: TwoSites, ballot: Ballot, kind: str | None) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await voted(client, INTRO, ballot)
        assert answer.status_code == 400
        assert kind is None or answer.json()["type"] == f"urn:marquee:problem:{kind}"
        assert (await client.get(INTRO)).json()["votes"] == 5


async def test_another_site_shows_neither_the_title_nor_the_votes(stocked: TwoSites) -> None:
    async with stocked.platform.client("south.example") as client:
        for answer in (await client.get(INTRO), await voted(client, INTRO, {"start": 1, "end": 20})):
            assert answer.status_code == 404
        assert (await client.delete(INTRO)).status_code == 404


async def test_who_votes_all_the_time_is_asked_to_wait(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        cookie = (await voted(client, INTRO, {"start": 90, "end": 150})).headers["set-cookie"].partition(";")[0]
        for _ in range(VOTES_PER_HOUR - 1):
            assert (await voted(client, INTRO, {"start": 90, "end": 150}, cookie)).status_code == 200
        answer = await voted(client, INTRO, {"start": 90, "end": 150}, cookie)
        assert answer.status_code == 429
        assert int(answer.headers["retry-after"]) > 0


async def test_another_origin_votes_for_nobody(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.post(INTRO, json={"start": 1, "end": 20}, headers={"sec-fetch-site": "cross-site"})
        assert answer.status_code == 403
