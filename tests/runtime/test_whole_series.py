"""A series and a book that name their files by file id alone: looked up in Telegram, watched, kept and read."""

from __future__ import annotations

import asyncio
import json
from http.cookies import SimpleCookie
from pathlib import Path
from typing import Any

import httpx

from content.importing.dump import import_dump
from content.importing.target import Target
from content.locating import BucketLocation
from runtime.composition import import_services
from runtime.process import Process
from sandbox.telegram import DocumentInfo, TelegramSandbox
from tenancy.desk import change_tenant
from tenancy.resolver import platform_scope
from tests.content.media.files import book, named, series
from tests.runtime.conftest import CHANNEL, STAFF

EPISODE_BYTES = 3_000_000
ZIP_BYTES = 2_500_000
PAGE_BYTES = 70_000


async def taken_in(process: Process, folder: Path, lines: list[dict[str, Any]]) -> None:
    dump = folder / "library.jsonl"
    dump.write_text("\n".join(json.dumps(line) for line in lines), encoding="utf-8")
    services = import_services(process.services.stores)
    report = await import_dump(services, Target.shared(platform_scope()), "library", dump, rights="own", actor=STAFF)
    assert (report.inserted, report.jobs) == (len(lines), len(lines))


async def once_playable(site: httpx.AsyncClient, title: str) -> None:
    async with asyncio.timeout(20):
        while not (await site.get(f"/api/v1/titles/{title}")).json()["playable"]:
            await asyncio.sleep(0.1)


async def whole(site: httpx.AsyncClient, answer: httpx.Response, url: str) -> httpx.Response:
    cookie = SimpleCookie(answer.headers["set-cookie"])["__Host-session"].value
    return await site.get(url, headers={"Cookie": f"__Host-session={cookie}"})


def is_of(answer: httpx.Response, sandbox: TelegramSandbox, posted: DocumentInfo) -> bool:
    return answer.content == sandbox.content(posted.media_id, 0, posted.size_bytes)


async def test_what_only_file_ids_name_is_found_watched_kept_and_read(
    process: Process, site: httpx.AsyncClient, sandbox: TelegramSandbox, tmp_path: Path
) -> None:
    episode = sandbox.add_document(CHANNEL, EPISODE_BYTES, seed="episode")
    archive = sandbox.add_document(CHANNEL, ZIP_BYTES, seed="zip", mime="application/zip", file_name="s1.zip")
    page = sandbox.add_document(CHANNEL, PAGE_BYTES, seed="page", kind="photo")
    packs = [{"season": 1, "zip_file_id": named(archive.media_id), "size": "2.5 MB"}]
    await taken_in(process, tmp_path, [series([episode.media_id], season_packs=packs), book([page.media_id, None])])
    await once_playable(site, "series_1")
    await once_playable(site, "book_1")
    played = await site.post("/api/v1/titles/series_1/episodes/s1e1/play")
    assert is_of(await whole(site, played, played.json()["streams"][0]["url"]), sandbox, episode)
    assert (await site.post("/api/v1/titles/series_1/downloads/pack-1")).status_code == 403
    await change_tenant(process.services.stores.desk, "acme", {"access.downloads": "everyone"}, actor=STAFF)
    async with asyncio.timeout(5):
        while (kept := await site.post("/api/v1/titles/series_1/downloads/pack-1")).status_code != 200:
            await asyncio.sleep(0.1)
    got = await whole(site, kept, kept.json()["url"])
    assert is_of(got, sandbox, archive)
    assert got.headers["content-disposition"].startswith('attachment; filename="A Series S01.zip"')
    found = (await site.get("/api/v1/titles/book_1/chapters")).json()["chapters"]
    assert [(each["number"], each["readable"], each["pages"]) for each in found] == [("1", True, 2)]
    acme = await process.services.stores.resolver.by_id("acme")
    assert acme is not None
    slug = (await site.get("/api/v1/titles/book_1")).json()["slug"]
    bucket = await BucketLocation(process.services.stores.database)(acme, slug, "c1/0")
    assert (bucket.mime, bucket.size_bytes) == ("image/jpeg", PAGE_BYTES)


async def test_a_file_in_somebody_elses_channel_stays_theirs(
    process: Process, site: httpx.AsyncClient, sandbox: TelegramSandbox, tmp_path: Path
) -> None:
    theirs = sandbox.add_channel(-1_000_000_004_711)
    posted = sandbox.add_document(theirs, EPISODE_BYTES, seed="theirs")
    await taken_in(process, tmp_path, [series([posted.media_id])])
    async with asyncio.timeout(20):
        while True:
            (found,) = (await site.get("/api/v1/titles/series_1/episodes")).json()["episodes"]
            if found["qualities"][0]["reason"] != "its file id was not looked up yet":
                break
            await asyncio.sleep(0.1)
    assert found["qualities"][0]["reason"] == "the document is in none of its owner's channels"
    assert (await site.post("/api/v1/titles/series_1/episodes/s1e1/play")).status_code == 409
