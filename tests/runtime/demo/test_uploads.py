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
from runtime.demo.books import Comic
from runtime.demo.comics import LETTERS
from runtime.demo.dump import named_files, short_id, title, uploads, write_dump
from runtime.demo.film import Film, Work
from runtime.demo.films import SHARED
from runtime.demo.footage import SHOTS
from runtime.demo.media import Upload, film_files, page_files, pieces, place, screenshot_files
from runtime.demo.shows import LAMPLIGHTERS, Series
from runtime.demo.sites import SHARED_CHANNEL, SITES, channels, everything
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


def made(folder: Path, work: Work) -> list[Upload]:
    """Stand-ins for the work's files; a season's archive is made of them as the real one is."""
    for piece in pieces(work):
        place(folder, piece.name).mkdir(parents=True, exist_ok=True)
    films = [work] if isinstance(work, Film) else list(work.films().values()) if isinstance(work, Series) else []
    for film in films:
        for quality, file in film_files(film, folder).items():
            file.path.write_bytes(f"{film.slug} {quality} ".encode() * 60_000)
    for shot in screenshot_files(work, folder) if isinstance(work, Film) else []:
        shot.path.write_bytes(shot.key.encode())
    pages = [page_files(work, each, folder) for each in work.chapters] if isinstance(work, Comic) else []
    for page in (page for chapter in pages for page in chapter):
        page.path.write_bytes(page.key.encode())
    return uploads(work, folder)


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


def filled(folder: Path, *works: Work) -> UploadBook:
    """A book in which all files of the works are up."""
    book = UploadBook(folder / "uploads.json")
    for number, file in enumerate((file for work in works for file in made(folder, work)), 1):
        book.enter(file, [stored(10 * number + part) for part in range(file.documents)])
    return book


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
    media = tmp_path / "media"
    files = made(media, CUT) + made(media, WHOLE)
    book = UploadBook(tmp_path / "telegram" / "uploads.json")
    async with core_on(tmp_path) as core:
        assert isinstance(core.telegram, TelegramSource)
        for file in book.missing(files):
            book.enter(file, await put(core.telegram, file, SHARED_CHANNEL))
    again = UploadBook(tmp_path / "telegram" / "uploads.json")
    assert again.missing(files) == []
    assert [len(again.of(file)) for file in uploads(CUT, media)] == [2, 1, *[1] * SHOTS]
    async with core_on(tmp_path) as core:
        for film in (CUT, WHOLE):
            found = await streamed(core, title(film, media, again), scope_a)
            assert found == {quality: file.path.read_bytes() for quality, file in film_files(film, media).items()}


async def test_a_channel_takes_films_of_its_owner_alone(tmp_path: Path) -> None:
    file = made(tmp_path / "media", WHOLE)[1]
    async with core_on(tmp_path) as core:
        assert isinstance(core.telegram, TelegramSource)
        with pytest.raises(NotPlayable):
            await put(core.telegram, file, SHARED_CHANNEL - 1)


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
    best, saving = made(tmp_path, WHOLE)[:2]
    book = UploadBook(path)
    assert book.missing([best, saving]) == [best, saving]
    book.enter(best, [stored(1)])
    assert UploadBook(path).missing([best, saving]) == [saving]


def test_shares_cover_a_file_without_gap_or_overlap() -> None:
    assert shares(10, 3) == [(0, 3), (3, 6), (6, 10)]
    assert shares(7, 1) == [(0, 7)]


def test_a_dump_has_one_title_a_line_in_the_public_shape(tmp_path: Path) -> None:
    book = filled(tmp_path, WHOLE, CUT)
    lines = write_dump(tmp_path / "dump", [WHOLE, CUT], tmp_path, book).read_bytes().splitlines()
    whole, cut = (decode(line) for line in lines)
    assert whole["_id"] == "demo_salt_meridian"
    assert whole["files"][0]["tg_raw"] == {"media_id": 10, "access_hash": -10, "file_reference": "00aa"}
    assert whole["files"][0]["origin"] == {"chat": SHARED_CHANNEL, "message": 10}
    assert cut["files"][0]["size_bytes"] == sum(part["size_bytes"] for part in cut["files"][0]["documents"])
    assert "tg_raw" not in cut["files"][0]


def test_a_series_and_a_comic_name_their_files_and_say_what_is_behind_the_names(tmp_path: Path) -> None:
    book = filled(tmp_path, LAMPLIGHTERS, LETTERS)
    series, comic = title(LAMPLIGHTERS, tmp_path, book), title(LETTERS, tmp_path, book)
    assert [len(series["seasons"][season]) for season in ("1", "2")] == [6, 4], "each episode in two qualities"
    assert [chapter["chap"] for chapter in comic["chapters"]] == [1, 2, 2.5, 3]
    named = [entry["file_id"] for season in series["seasons"].values() for entry in season]
    named += [pack["zip_file_id"] for pack in series["season_packs"]]
    named += [page for chapter in comic["chapters"] for page in chapter["pages"]]
    known = [file for work in (LAMPLIGHTERS, LETTERS) for file in named_files(work, tmp_path, book)]
    assert sorted(named) == sorted(file.id for file in known)
    assert all(file.documents and file.mime for file in known)
    assert {series["franchise"], comic["franchise"]} == {"Old Quay"}


def test_short_ids_are_seven_letters_and_all_different() -> None:
    ids = {short_id(work.slug) for work in everything()}
    assert len(ids) == len(everything())
    assert all(len(each) == 7 and each.isalnum() for each in ids)


def test_every_site_has_a_host_of_its_own_and_one_is_closed() -> None:
    assert len({site.domain for site in SITES}) == 4
    assert len({(site.theme, site.brand.colours.accent) for site in SITES}) == 4
    assert [site.id for site in SITES if site.closed] == ["saltwind"]
    assert set(channels().values()) == {"platform", "tenant:kumo"}


def _runs_in(process: Path, folder: Path) -> bool:
    try:
        return str(folder) in (process / "cmdline").read_text()
    except OSError:
        return False
