"""The watch page over HTTP: films, episodes, other players, premium, and what a form without scripts answers."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest

from content.importing.target import Target
from content.media.model import MediaFile
from content.media.resolving import register_media
from content.model import Origin, Part, RawKeys
from tests.content.samples import film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.support.platform import open_site, take_in

EMBEDS = [
    {"host": "Second", "url": "https://b.example/e", "priority": 2},
    {"host": "First", "url": "https://a.example:8443/e?x=1", "priority": 1},
    {"host": "Odd", "url": "javascript:alert(1)", "priority": 0},
    {"host": "Plain", "url": "http://c.example/e"},
    {"host": "Quote", "url": "https://d.example;script-src/e"},
    {"host": "Again", "url": "https://b.example/e"},
    {"url": None},
]


def series(**fields: Any) -> dict[str, Any]:
    seasons = {
        "1": [{"episode": 1, "title": "One", "file_id": "ep-1"}, {"episode": 2, "title": "Two", "file_id": "ep-2"}],
        "0": [{"episode": 1, "title": "Special", "file_id": "ep-1"}],
    }
    return {
        "_id": "show_1",
        "short_id": "show001",
        "media_type": "series",
        "title": "A Show",
        "seasons": seasons,
    } | fields


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    stores, scope = two_sites.platform.stores, two_sites.north.scope
    raw = RawKeys(media_id=7, access_hash=1, file_reference="00")
    part = Part(tg_raw=raw, file_hash="h", size_bytes=9, dc_id=1, origin=Origin(chat=-1001, message=1))
    for file_id in ("ep-1", "ep-2"):
        await register_media(stores.database, scope, MediaFile(id=file_id, documents=[part], mime="video/mp4"))
    subtitles = [{"lang": "eng", "index": 2}]
    titles = [
        film(1, short_id="film001", files=[resolved_file(1, subtitles=subtitles, embeds=EMBEDS), resolved_file(2)]),
        film(2, short_id="film002", files=[{"quality": "1080p", "embeds": EMBEDS}]),
        film(3, short_id="film003", files=[{"quality": "1080p"}]),
        series(),
    ]
    await take_in(stores, Target.tenant(scope), "library", titles, tmp_path)
    return two_sites


async def test_a_film_and_an_episode_have_a_player_each(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.get("/watch/film001?t=75&q=720p")
        assert answer.status_code == 200
        for words in ('data-target="film_001"', 'data-begin="75"', 'data-quality="720p"', "/titles/film001/play"):
            assert words in answer.text
        assert "frame-src" not in answer.headers["content-security-policy"]
        assert "set-cookie" not in answer.headers
        answer = await client.get("/watch/show001/s1e1")
        for words in (
            'data-target="show_1#s1e1"',
            "/episodes/s1e1/play",
            'data-next="/watch/show001/s1e2"',
            "intro?episode=s1e1",
        ):
            assert words in answer.text
        assert 'data-next=""' in (await client.get("/watch/show001/s1e2")).text


async def test_a_series_begins_at_its_first_episode_and_not_at_a_special(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.get("/watch/show001")
        assert (answer.status_code, answer.headers["location"]) == (303, "/watch/show001/s1e1")


@pytest.mark.parametrize("path", ["/watch/nope", "/watch/show001/s9e9", "/watch/show001/x", "/watch/film001/s1e1"])
async def test_what_is_not_there_is_a_404(stocked: TwoSites, path: str) -> None:
    async with stocked.platform.client("north.example") as client:
        assert (await client.get(path)).status_code == 404
        assert (await client.post(path)).status_code == 404
    async with stocked.platform.client("south.example") as client:
        for theirs in ("/watch/film001", "/watch/show001/s1e1"):
            assert (await client.get(theirs)).status_code == 404
            assert (await client.post(theirs)).status_code == 404


async def test_without_a_stream_of_its_own_a_film_shows_the_players_of_others_by_priority(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.get("/watch/film002")
        assert re.findall(r'data-embed="(\w+)"', answer.text) == ["First", "Second"]
        assert answer.headers["content-security-policy"].endswith(
            "; frame-src https://a.example:8443 https://b.example"
        )
        assert "<iframe" not in answer.text
        answer = await client.get("/watch/film003")
        assert (answer.status_code, answer.headers["location"]) == (303, "/title/film003")


async def test_a_form_without_scripts_gets_a_video_that_plays(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.post("/watch/film001")
        assert answer.status_code == 200
        assert answer.headers["set-cookie"].startswith("__Host-session=")
        cookie = answer.headers["set-cookie"].partition(";")[0]
        assert len(re.findall(r'<source src="/stream/[\w-]+" type="video/mp4">', answer.text)) == 2
        assert re.search(r'<track kind="subtitles" src="/subtitles/[\w-]+" srclang="en" label="English">', answer.text)
        source = re.findall(r'src="(/stream/[\w-]+)"', answer.text)[0]
        assert (await client.head(source, headers={"cookie": cookie})).status_code == 200
        assert (await client.head(source)).status_code == 403
        assert "<source" in (await client.post("/watch/show001/s1e1")).text
        assert (await client.post("/watch/film003")).status_code == 409
        assert (await client.post("/watch/film001", headers={"sec-fetch-site": "cross-site"})).status_code == 403


async def test_external_links_play_without_a_cookie(stocked: TwoSites) -> None:
    async with stocked.platform.client("north.example") as client:
        answer = await client.post("/api/v1/titles/film001/external")
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        body = answer.json()
        assert [each["size_bytes"] for each in body["streams"]] == [1_000_000, 1_000_000]
        assert (await client.head(body["streams"][0]["url"])).status_code == 200
        episode = (await client.post("/api/v1/titles/show001/external?episode=s1e2")).json()
        assert (await client.head(episode["streams"][0]["url"])).status_code == 200
        for odd, status in (("film003", 409), ("nope", 404), ("show001?episode=s9e9", 404)):
            path = odd.replace("?", "/external?") if "?" in odd else f"{odd}/external"
            assert (await client.post(f"/api/v1/titles/{path}")).status_code == status
    async with stocked.platform.client("south.example") as client:
        assert (await client.post("/api/v1/titles/film001/external")).status_code == 404
        assert (await client.head(body["streams"][0]["url"])).status_code == 403


async def test_where_streams_are_for_premium_others_see_the_other_players_and_a_plain_sentence(
    two_sites: TwoSites, tmp_path: Path
) -> None:
    stores = two_sites.platform.stores
    fine = await open_site(stores, "fine", "fine.example", access__streams="premium")
    titles = [film(1, short_id="film001", files=[resolved_file(1, embeds=EMBEDS)]), film(2, short_id="film002")]
    await take_in(stores, Target.tenant(fine.scope), "library", titles, tmp_path)
    async with two_sites.platform.client("fine.example") as client:
        answer = await client.get("/watch/film001")
        assert "for premium members" in answer.text
        assert "<film-player" not in answer.text
        assert re.findall(r'data-embed="(\w+)"', answer.text) == ["First", "Second"]
        assert (await client.post("/watch/film001")).status_code == 403
        assert (await client.post("/api/v1/titles/film001/external")).status_code == 403
        alone = await client.get("/watch/film002")
        assert alone.status_code == 200
        assert "for premium members" in alone.text
        assert "frame-src" not in alone.headers["content-security-policy"]
