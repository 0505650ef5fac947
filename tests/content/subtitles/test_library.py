"""A container is read once, whoever asks; what it holds lies with its owner."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from content.subtitles.extracting import Bounds
from content.subtitles.library import Patience, SubtitleLibrary, SubtitlePending, SubtitleUnavailable
from content.subtitles.repository import ContentsRepository
from storage.blobs import Blobs
from storage.mongo import Database
from storage.scope import PLATFORM, TenantScope
from streaming.model import Bucket, Document
from streaming.source import SourceUnavailable
from tenancy.data import PassingData
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant
from tests.content.subtitles.containers import make
from tests.support.clock import FakeClock


class Disk:
    """A core over one file, which can be held up or away."""

    def __init__(self, content: bytes) -> None:
        self.content = content
        self.opened = 0
        self.open_now = 0
        self.is_away = False
        self.gate = asyncio.Event()
        self.gate.set()

    async def open(self, bucket: Bucket, scope: TenantScope) -> Disk:
        self.opened += 1
        self.open_now += 1
        return self

    async def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        await self.gate.wait()
        if self.is_away:
            raise SourceUnavailable("Telegram is away")
        yield memoryview(self.content)[start:end]

    async def close(self) -> None:
        self.open_now -= 1


@pytest.fixture(scope="module")
def content(tmp_path_factory: pytest.TempPathFactory) -> bytes:
    return make(tmp_path_factory.mktemp("film"), "film.mkv").read_bytes()


@pytest.fixture
def tenant(scope_a: TenantScope) -> ResolvedTenant:
    return ResolvedTenant(Tenant(id="tenant_a", domain="a.example"), scope_a, "a.example")


@pytest.fixture
def disk(content: bytes) -> Disk:
    return Disk(content)


@pytest.fixture
async def library(database: Database, disk: Disk, clock: FakeClock) -> AsyncIterator[SubtitleLibrary]:
    patience = Patience(wait_seconds=15, at_once=1, in_line=1)
    bounds = Bounds(seconds=20)
    library = SubtitleLibrary(database, Blobs(database), disk, clock, bounds=bounds, patience=patience)
    yield library
    await library.close()


def bucket(content: bytes, owner: str = "tenant:tenant_a", etag: str = "aa11") -> Bucket:
    document = Document(owner, media_id=1, size_bytes=len(content))
    return Bucket(etag=etag, mime="video/x-matroska", documents=(document,), size_bytes=len(content))


async def test_all_subtitles_come_out_of_one_reading_and_stay(
    library: SubtitleLibrary, disk: Disk, tenant: ResolvedTenant
) -> None:
    wanted = bucket(disk.content)
    english, spanish, again = await asyncio.gather(*(library.file(tenant, wanted, index) for index in (3, 4, 3)))
    assert english.body.startswith(b"WEBVTT\n\n00:00:00.500 --> 00:00:02.000\n<i>Hello</i>")
    assert "línea" in spanish.body.decode()
    assert again == english
    assert await library.file(tenant, wanted, 3) == english
    assert (disk.opened, disk.open_now) == (1, 0)
    for index in (0, 5, 999):
        with pytest.raises(SubtitleUnavailable, match="no such subtitle"):
            await library.file(tenant, wanted, index)
    assert disk.opened == 1


async def test_the_text_of_a_shared_film_belongs_to_the_platform(
    library: SubtitleLibrary, disk: Disk, tenant: ResolvedTenant, database: Database
) -> None:
    await library.file(tenant, bucket(disk.content, PLATFORM), 3)
    assert await ContentsRepository(database, tenant.scope).of("aa11") is None
    assert await ContentsRepository(database, tenant.shared).of("aa11") is not None
    await library.file(tenant, bucket(disk.content), 3)
    assert disk.opened == 2, "one owner's text is not another's"
    data = PassingData(database, ContentsRepository)
    assert [each async for each in data.export(tenant.scope)] == []
    assert [await data.delete(tenant.scope), await data.delete(tenant.scope)] == [1, 0]
    assert await ContentsRepository(database, tenant.shared).of("aa11") is not None


async def test_a_film_that_cannot_be_read_is_remembered_for_a_day(
    library: SubtitleLibrary, disk: Disk, tenant: ResolvedTenant, clock: FakeClock
) -> None:
    disk.content = b"no film" * 100
    wanted = bucket(disk.content)
    for _ in range(3):
        with pytest.raises(SubtitleUnavailable, match="no container"):
            await library.file(tenant, wanted, 3)
    assert disk.opened == 1
    clock.advance(25 * 3600)
    with pytest.raises(SubtitleUnavailable):
        await library.file(tenant, wanted, 3)
    assert disk.opened == 2


async def test_a_source_that_is_away_is_not_remembered(
    library: SubtitleLibrary, disk: Disk, tenant: ResolvedTenant
) -> None:
    disk.is_away = True
    with pytest.raises(SourceUnavailable):
        await library.file(tenant, bucket(disk.content), 3)
    disk.is_away = False
    assert (await library.file(tenant, bucket(disk.content), 3)).body


async def test_who_has_waited_long_enough_is_told_to_come_again_and_the_line_is_bounded(
    database: Database, disk: Disk, tenant: ResolvedTenant, clock: FakeClock
) -> None:
    patience = Patience(wait_seconds=0.2, at_once=1, in_line=1)
    library = SubtitleLibrary(database, Blobs(database), disk, clock, patience=patience)
    try:
        disk.gate.clear()
        waits: list[float] = []
        for etag in ("aa11", "bb22", "cc33"):
            with pytest.raises(SubtitlePending) as pending:
                await library.file(tenant, bucket(disk.content, etag=etag), 3)
            waits.append(pending.value.retry_after_seconds)
        assert waits == [5, 5, 30]
        assert disk.opened == 1, "one at a time"
        disk.gate.set()
        for _ in range(100):
            try:
                found = await library.file(tenant, bucket(disk.content, etag="aa11"), 3)
                break
            except SubtitlePending:
                continue
        else:
            pytest.fail("it never came")
        assert found.body
    finally:
        disk.gate.clear()
        await library.close()
    assert disk.open_now == 0
