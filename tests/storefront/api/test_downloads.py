"""Downloads: the archive page as data, and links to keep files with for those who may."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from content.media.repository import MediaRepository
from tenancy.desk import change_tenant
from tenancy.resolver import platform_scope
from tests.content.media.files import media, named, series
from tests.content.samples import MOVIE, film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.support.platform import ACTOR, take_in

pytestmark = pytest.mark.anyio
PACK = {"season": 1, "zip_file_id": named(9), "size": "25 GB"}


async def stocked(two_sites: TwoSites, folder: Path, *more: dict[str, Any], **access: str) -> None:
    stores = two_sites.platform.stores
    repository = MediaRepository(stores.database, platform_scope())
    await repository.keep(media(1))
    await repository.keep(media(9, mime="application/zip", file_name="weird name.ZIP", size_bytes=5_000))
    lines = [series([1, None], season_packs=[PACK]), film(1, files=[resolved_file(5)], year=1999), *more]
    await take_in(stores, Target.shared(platform_scope()), "library", lines, folder)
    if access:
        settings = {f"access.{name}": value for name, value in access.items()}
        await change_tenant(stores.desk, "north", settings, actor=ACTOR)


async def link(client: httpx.AsyncClient, title: str, name: str) -> httpx.Response:
    return await client.post(f"/api/v1/titles/{title}/downloads/{name}")


async def test_a_season_pack_is_kept_as_a_file(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path, downloads="everyone")
    async with two_sites.platform.client("north.example") as client:
        answer = await link(client, "series_1", "pack-1")
        body = answer.json()
        assert answer.status_code == 200, body
        assert (body["file_name"], body["size_bytes"]) == ("A Series S01.ZIP", 5_000)
        cookie = answer.headers["set-cookie"].partition(";")[0]
        head = await client.head(body["url"], headers={"Cookie": cookie})
        assert head.headers["content-disposition"].startswith('attachment; filename="A Series S01.ZIP"')
        assert head.headers["content-type"] == "application/octet-stream"
        assert (await client.head(body["url"])).status_code == 403


@pytest.mark.parametrize(
    ("title", "name", "file_name"),
    [("film_001", "0", "Film 001 (1999) 1080p.mp4"), ("series_1", "s1e1-0", "A Series S01E01 1080p.mp4")],
)
async def test_films_and_episodes_are_kept_too(
    two_sites: TwoSites, tmp_path: Path, title: str, name: str, file_name: str
) -> None:
    await stocked(two_sites, tmp_path, downloads="everyone")
    async with two_sites.platform.client("north.example") as client:
        assert (await link(client, title, name)).json()["file_name"] == file_name


@pytest.mark.parametrize("rule", ["premium", "nobody"])
async def test_those_who_may_not_keep_files_are_refused(two_sites: TwoSites, tmp_path: Path, rule: str) -> None:
    await stocked(two_sites, tmp_path, downloads=rule)
    async with two_sites.platform.client("north.example") as client:
        answer = await link(client, "series_1", "pack-1")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:marquee:problem:premium-only")
        assert not (await client.get("/api/v1/titles/series_1/downloads")).json()["allowed"]


@pytest.mark.parametrize("name", ["1", "pack-2", "s1e1-4", "s1e9-0", "x", "pack-1x", "٣", "s1e1", "c1"])
async def test_what_is_not_there_is_404(two_sites: TwoSites, tmp_path: Path, name: str) -> None:
    await stocked(two_sites, tmp_path, downloads="everyone")
    async with two_sites.platform.client("north.example") as client:
        assert (await link(client, "series_1", name)).status_code == 404


async def test_what_cannot_be_had_says_why(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path, downloads="everyone")
    async with two_sites.platform.client("north.example") as client:
        answer = await link(client, "series_1", "s1e2-0")
    assert (answer.status_code, answer.json()["detail"]) == (409, "its file id is no Telegram file id")


async def test_the_archive_page_names_mirrors_backups_and_embeds(two_sites: TwoSites, tmp_path: Path) -> None:
    hostile = {
        "embeds": [
            {"host": "B", "url": "https://b.example/e", "priority": 2},
            {"host": "A", "url": "https://a.example/e", "priority": 1},
            {"host": "Last", "url": "https://c.example/e"},
            *({"host": "x", "url": url} for url in ("javascript:alert(1)", "//x.example", "https://u@x.example", 5)),
        ],
        "downloads": [
            {"host": "Dead", "url": "https://dead.example/d", "status": "dead"},
            {"url": "https://live.example/d", "status": "active", "icon": "icon.png"},
            {"host": "Odd", "url": "https://odd.example:99999/d", "status": "active"},
        ],
        "backup_url": "data:text/html,x",
    }
    await stocked(two_sites, tmp_path, MOVIE, film(2, files=[{"quality": "1080p", **hostile}]))
    async with two_sites.platform.client("north.example") as client:
        found = (await client.get("/api/v1/titles/film_002/downloads")).json()
        movie = (await client.get("/api/v1/titles/tmdb_10378/downloads")).json()
        packs = (await client.get("/api/v1/titles/series_1/downloads")).json()["files"]
    assert [each["host"] for each in found["embeds"]] == ["A", "B", "Last"]
    assert [(each["host"], each["status"]) for each in found["mirrors"]] == [
        ("live.example", "active"),
        ("Dead", "dead"),
    ]
    assert [(each["kind"], each["host"]) for each in movie["mirrors"]] == [
        ("mirror", "Archive"),
        ("backup", "mirror.example"),
    ]
    assert movie["files"][0]["available"] is False
    assert [(each["id"], each["available"], each["size"]) for each in packs] == [("pack-1", True, "25 GB")]


async def test_an_outsiders_session_cannot_use_somebody_elses_link(two_sites: TwoSites, tmp_path: Path) -> None:
    await stocked(two_sites, tmp_path, downloads="everyone")
    async with (
        two_sites.platform.client("north.example") as client,
        two_sites.platform.client("south.example") as south,
    ):
        mine, other = await link(client, "series_1", "pack-1"), await link(client, "series_1", "pack-1")
        cookie = other.headers["set-cookie"].partition(";")[0]
        assert (await client.get(mine.json()["url"], headers={"Cookie": cookie})).status_code == 403
        assert (await south.get(mine.json()["url"], headers={"Cookie": cookie})).status_code == 403
        assert (await link(south, "series_1", "pack-1")).status_code == 403
