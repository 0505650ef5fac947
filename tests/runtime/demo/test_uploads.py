"""The demo's films in a Telegram of their own: up once, read back by the real client, described as a dump."""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from content.lenient import read
from content.model import Title
from content.playable import Playable, qualities
from runtime.core_settings import core_settings
from runtime.demo.dump import short_id, title, write_dump
from runtime.demo.film import Film
from runtime.demo.films import EVERYTHING, SHARED
from runtime.demo.media import Media, find
from runtime.demo.sites import SHARED_CHANNEL, SITES, channels
from runtime.demo.telegram import telegram
from runtime.demo.uploads import Stored, UploadBook, put, shares
from runtime.errors import Refused
from runtime.settings import ChunkCache, Settings
from storage.extended_json import decode
from storage.scope import PLATFORM, TenantScope
from streaming.core import StreamCore, build_core
from streaming.source import NotPlayable
from streaming.telegram.source import TelegramSource

CUT = next(film for film in SHARED if film.documents == 2)
WHOLE = next(film for film in SHARED if film.documents == 1)


def media_of(folder: Path, film: Film) -> Media:
    (media,) = find([film], folder)
    media.directory.mkdir(parents=True, exist_ok=True)
    for quality, path in media.qualities.items():
        path.write_bytes(f"{film.slug} {quality} ".encode() * 60_000)
    return media


def stored(number: int) -> Stored:
    return Stored(
        media_id=number,
        access_hash=-number,
        file_reference="00aa",
        file_hash=f"{number:032x}",
        dc_id=2,
        size_bytes=1000 + number,
        chat_id=SHARED_CHANNEL,
        message_id=number,
    )


@asynccontextmanager
async def core_on(home: Path) -> AsyncGenerator[StreamCore]:
    async with telegram(home / "telegram", channels()) as reached:
        settings = Settings(home=home, telegram=reached, cache=ChunkCache(memory_bytes=1 << 20, disk_bytes=0))
        core = build_core(core_settings(settings))
        try:
            await core.start()
            yield core
        finally:
            await core.close()


async def streamed(core: StreamCore, document: dict[str, object], scope: TenantScope) -> dict[str, bytes]:
    found: dict[str, bytes] = {}
    for quality in qualities(read({**document, "id": document["_id"]}, Title), PLATFORM):
        assert isinstance(quality.verdict, Playable), quality.verdict
        bucket = quality.verdict.bucket
        async with await core.open(bucket, scope) as reading:
            found[quality.quality] = b"".join([bytes(view) async for view in reading.read(0, bucket.size_bytes)])
    return found


async def test_what_went_up_comes_back_after_a_restart_also_when_cut_in_two(
    tmp_path: Path, scope_a: TenantScope
) -> None:
    cut, whole = media_of(tmp_path / "media", CUT), media_of(tmp_path / "media", WHOLE)
    book = UploadBook(tmp_path / "telegram" / "uploads.json")
    async with core_on(tmp_path) as core:
        assert isinstance(core.telegram, TelegramSource)
        for media, quality in book.missing([cut, whole]):
            book.enter(media, quality, await put(core.telegram, media, quality, SHARED_CHANNEL))
    again = UploadBook(tmp_path / "telegram" / "uploads.json")
    assert again.missing([cut, whole]) == []
    assert [len(again.of(cut, quality) or []) for quality in cut.qualities] == [2, 1]
    async with core_on(tmp_path) as core:
        for media in (cut, whole):
            bytes_by_quality = await streamed(core, title(media, again), scope_a)
            assert bytes_by_quality == {quality: path.read_bytes() for quality, path in media.qualities.items()}


async def test_a_channel_takes_films_of_its_owner_alone(tmp_path: Path) -> None:
    media = media_of(tmp_path / "media", WHOLE)
    async with core_on(tmp_path) as core:
        assert isinstance(core.telegram, TelegramSource)
        with pytest.raises(NotPlayable):
            await put(core.telegram, media, "270p", SHARED_CHANNEL - 1)


async def test_a_telegram_that_cannot_start_says_why_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "telegram").mkdir()
    with pytest.raises(Refused, match="demo's Telegram did not start: ") as refused:
        async with telegram(tmp_path / "telegram", {0: "platform", 2**80: "platform"}):
            pass
    assert "\n" not in str(refused.value)


async def test_the_demos_telegram_is_gone_with_its_block(tmp_path: Path) -> None:
    async with telegram(tmp_path / "telegram", channels()) as reached:
        assert len(reached.datacenters) > 1
        assert all(path.is_file() for path in reached.public_keys)
    assert [process for process in Path("/proc").glob("[0-9]*") if _runs_in(process, tmp_path)] == []


def test_a_book_that_a_crash_cut_short_is_begun_anew(tmp_path: Path) -> None:
    path = tmp_path / "uploads.json"
    path.write_bytes(b'{"demo/540p": [{"media')
    media = media_of(tmp_path, WHOLE)
    book = UploadBook(path)
    assert book.missing([media]) == [(media, "540p"), (media, "270p")]
    book.enter(media, "540p", [stored(1)])
    assert UploadBook(path).missing([media]) == [(media, "270p")]


def test_shares_cover_a_file_without_gap_or_overlap() -> None:
    assert shares(10, 3) == [(0, 3), (3, 6), (6, 10)]
    assert shares(7, 1) == [(0, 7)]


def test_a_dump_has_one_title_a_line_in_the_public_shape(tmp_path: Path) -> None:
    book, media = UploadBook(tmp_path / "uploads.json"), [media_of(tmp_path, film) for film in (WHOLE, CUT)]
    for number, (each, quality) in enumerate(book.missing(media), 1):
        count = each.film.documents if quality == "540p" else 1
        book.enter(each, quality, [stored(10 * number + part) for part in range(count)])
    lines = write_dump(tmp_path / "dump", media, book).read_bytes().splitlines()
    whole, cut = (decode(line) for line in lines)
    assert whole["_id"] == "demo_salt_meridian"
    assert whole["files"][0]["tg_raw"] == {"media_id": 10, "access_hash": -10, "file_reference": "00aa"}
    assert whole["files"][0]["origin"] == {"chat": SHARED_CHANNEL, "message": 10}
    assert cut["files"][0]["size_bytes"] == sum(part["size_bytes"] for part in cut["files"][0]["documents"])
    assert "tg_raw" not in cut["files"][0]


def test_short_ids_are_seven_letters_and_all_different() -> None:
    ids = {short_id(film.slug) for film in EVERYTHING}
    assert len(ids) == len(EVERYTHING)
    assert all(len(each) == 7 and each.isalnum() for each in ids)


def test_every_site_has_a_host_of_its_own_and_one_is_closed() -> None:
    assert len({site.domain for site in SITES}) == 3
    assert len({(site.theme, site.brand.colours.accent) for site in SITES}) == 3
    assert [site.id for site in SITES if site.closed] == ["saltwind"]
    assert set(channels().values()) == {"platform", "tenant:kumo"}


def _runs_in(process: Path, folder: Path) -> bool:
    try:
        return str(folder) in (process / "cmdline").read_text()
    except OSError:
        return False
