"""Episodes over HTTP: played by their key, one lease a series, and only where the site shows them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from content.media.model import MediaFile
from content.media.repository import MediaRepository
from tenancy.desk import change_tenant
from tenancy.resolver import platform_scope
from tests.content.media.files import media, series
from tests.storefront.conftest import TwoSites
from tests.support.platform import ACTOR, take_in

pytestmark = pytest.mark.anyio
EPISODES = "/api/v1/titles/series_1/episodes"


async def stocked(two_sites: TwoSites, folder: Path, *files: MediaFile, **fields: Any) -> None:
    """The shared catalogue with a series of two seasons, whose files are known."""
    stores = two_sites.platform.stores
    repository = MediaRepository(stores.database, platform_scope())
    for file in files or (media(1), media(2), media(3)):
        await repository.keep(file)
    await take_in(stores, Target.shared(platform_scope()), "library", [series([1, None, 2], [3], **fields)], folder)


async def play(client: httpx.AsyncClient, episode: str, **headers: str) -> httpx.Response:
    return await client.post(f"{EPISODES}/{episode}/play", headers=headers)


def cookie_of(answer: httpx.Response) -> str:
    return answer.headers["set-cookie"].partition(";")[0]


async def test_an_episode_plays_and_names_the_next_one(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    async with two_sites.platform.client("north.example") as client:
        answer = await play(client, "s1e3")
        body = answer.json()
        assert answer.status_code == 200, body
        assert [(each["quality"], each["size_bytes"]) for each in body["streams"]] == [("1080p", 1000)]
        assert (body["next"]["id"], body["next"]["url"]) == ("s2e1", body["next"]["url"])
        assert body["next"]["play_url"].endswith("/episodes/s2e1/play")
        assert body["next"]["playable"]
        following = await client.post(body["next"]["play_url"], headers={"Cookie": cookie_of(answer)})
        assert following.json()["next"] is None
        assert following.json()["lease"]["id"] == body["lease"]["id"]
        head = await client.head(body["streams"][0]["url"], headers={"Cookie": cookie_of(answer)})
        assert (head.status_code, head.headers["content-length"]) == (200, "1000")
        assert head.headers["content-disposition"].startswith('inline; filename="A Series S01E03 1080p.mp4"')


async def test_an_episode_that_cannot_be_had_says_why(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    async with two_sites.platform.client("north.example") as client:
        answer = await play(client, "s1e2")
    assert (answer.status_code, answer.json()["detail"]) == (409, "its file id is no Telegram file id")
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("episode", ["s1e9", "s9e1", "e1", "0", "pack", "s1e1%2F0", "s٣e1", "c1", "x" * 500])
async def test_an_episode_that_is_not_there_is_404(two_sites: TwoSites, tmp_path: Path, episode: str) -> None:
    await stocked(two_sites, tmp_path)
    async with two_sites.platform.client("north.example") as client:
        answer = await play(client, episode)
    assert answer.status_code == 404
    assert "set-cookie" not in answer.headers


@pytest.mark.parametrize("status", ["processing", "repairing"])
async def test_a_series_that_is_held_back_does_not_play_and_says_so(
    two_sites: TwoSites, tmp_path: Path, status: str
) -> None:
    await stocked(two_sites, tmp_path, status=status)
    async with two_sites.platform.client("north.example") as client:
        answer = await play(client, "s1e1")
    assert (answer.status_code, answer.json()["detail"]) == (409, f"it is being {status.replace('ing', '')}ed")


async def test_a_banned_series_is_gone_for_legal_reasons(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path, status="banned")
    async with two_sites.platform.client("north.example") as client:
        assert (await play(client, "s1e1")).status_code == 451
        assert (await client.get("/api/v1/titles/series_1")).status_code == 451
        assert (await client.get("/api/v1/titles")).json()["titles"] == []


async def test_what_a_site_does_not_show_does_not_play_there(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    await change_tenant(two_sites.platform.stores.desk, "south", {"policy.shared": False}, actor=ACTOR)
    async with two_sites.platform.client("north.example") as north, two_sites.platform.client("south.example") as south:
        assert (await play(north, "s1e1")).status_code == 200
        assert (await play(south, "s1e1")).status_code == 404


async def test_a_link_to_an_episode_opens_nothing_on_another_site(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    async with two_sites.platform.client("north.example") as north, two_sites.platform.client("south.example") as south:
        answer = await play(north, "s1e1")
        url = answer.json()["streams"][0]["url"]
        assert (await south.get(url, headers={"Cookie": cookie_of(answer)})).status_code == 403
        assert (await north.get(url)).status_code == 403


async def test_streams_for_premium_members_are_refused_to_others(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path)
    stores = two_sites.platform.stores
    await change_tenant(stores.desk, "north", {"access.streams": "premium"}, actor=ACTOR)
    async with two_sites.platform.client("north.example") as client:
        guest = await play(client, "s1e1")
        assert (guest.status_code, guest.json()["type"]) == (403, "urn:marquee:problem:premium-only")
        assert "set-cookie" not in guest.headers
