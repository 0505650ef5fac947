"""A chapter as a comic book archive, read by somebody else's ZIP."""

from __future__ import annotations

from collections.abc import AsyncIterator
from io import BytesIO
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile

import pytest

from content.units import ChapterUnit
from storage.scope import TenantScope
from storefront.opds.files import ComicFile, comic_head, located
from streaming.core import build_core
from streaming.disk import describe_file
from streaming.model import Bucket
from streaming.pages.errors import PageUnreadable
from streaming.pages.reading import MOST_BYTES, PageReader
from streaming.settings import CoreSettings
from streaming.source import DocumentGone, NotPlayable
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant
from tests.streaming.pages.drawing import SVG, picture

pytestmark = pytest.mark.anyio
BODIES = [picture("JPEG"), picture("PNG"), SVG, picture("WEBP")]
MIMES = ["image/jpeg", "image/png", "image/jpeg", "image/webp"]


class Shelf:
    """Pages on disk; page 4 is not known, page 5 is gone, page 6 was taken down, page 7 is too large."""

    def __init__(self, folder: Path, tenant: ResolvedTenant) -> None:
        self.tenant = tenant
        self.core = build_core(CoreSettings(media_root=str(folder)))
        self.reader = PageReader(self.core)
        self._folder = folder
        for place, body in enumerate(BODIES):
            (folder / f"page{place}").write_bytes(body)

    async def __call__(self, tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        place = int(bucket.rpartition("/")[2])
        if place == 4:
            raise NotPlayable("nobody knows")
        if place == 5:
            raise DocumentGone("gone")
        if place == 6:
            raise TakenDown("taken down")
        document = describe_file(self._folder, f"page{place % 7}", "platform")
        size = MOST_BYTES + 1 if place == 7 else document.size_bytes
        return Bucket(f"e{place}", MIMES[place % 7], (document,), size)

    def pages(self, *places: int) -> list[Bucket]:
        documents = [describe_file(self._folder, f"page{place}", "platform") for place in places]
        return [
            Bucket(f"e{place}", MIMES[place], (each,), each.size_bytes)
            for place, each in zip(places, documents, strict=True)
        ]

    async def archive(self, *places: int) -> tuple[bytes, int]:
        file = ComicFile(self.pages(*places), self.reader, self.tenant)
        return b"".join([bytes(piece) async for piece in await file.begun()]), file.size_bytes


class TakenDown(DocumentGone):
    """As the takedown desk says it."""


@pytest.fixture
async def shelf(tmp_path: Path, scope_a: TenantScope) -> AsyncIterator[Shelf]:
    shelf = Shelf(tmp_path, ResolvedTenant(Tenant(id="tenant_a", domain="a.example"), scope_a, "a.example"))
    await shelf.core.start()
    yield shelf
    await shelf.core.close()


def unit(pages: int) -> ChapterUnit:
    names: list[str | None] = [f"page{place}" for place in range(pages)]
    return ChapterUnit(key="c1", chap=1.0, number="1", title="", is_numbered=True, place=0, storage_id="", pages=names)


async def test_an_archive_has_every_page_as_it_is_and_exactly_the_size_it_said(shelf: Shelf) -> None:
    body, size = await shelf.archive(0, 1, 3)
    assert len(body) == size
    with ZipFile(BytesIO(body)) as found:
        assert found.testzip() is None
        assert found.namelist() == ["0001.jpg", "0002.png", "0003.webp"]
        assert [found.read(name) for name in found.namelist()] == [BODIES[0], BODIES[1], BODIES[3]]
        assert {entry.compress_type for entry in found.infolist()} == {ZIP_STORED}


async def test_what_is_no_picture_is_in_no_archive(shelf: Shelf) -> None:
    with pytest.raises(PageUnreadable):
        await shelf.archive(2, 0)
    with pytest.raises(PageUnreadable):
        await shelf.archive(0, 2)


async def test_pages_that_cannot_be_had_are_left_out_and_a_takedown_is_told(shelf: Shelf) -> None:
    assert [page.etag for page in await located(shelf, shelf.tenant, "keeper", unit(6))] == ["e0", "e1", "e2", "e3"]
    with pytest.raises(TakenDown):
        await located(shelf, shelf.tenant, "keeper", unit(7))


async def test_a_chapter_without_pages_or_with_one_that_is_too_large_is_no_file(shelf: Shelf) -> None:
    async def nothing(tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        raise DocumentGone("gone")

    async def large(tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        return await shelf(tenant, title_id, "c1/7")

    for locate in (nothing, large):
        with pytest.raises(PageUnreadable):
            await located(locate, shelf.tenant, "keeper", unit(2))


def test_the_head_says_that_it_is_whole(tmp_path: Path, scope_a: TenantScope) -> None:
    tenant = ResolvedTenant(Tenant(id="tenant_a", domain="a.example"), scope_a, "a.example")
    shelf = Shelf(tmp_path, tenant)
    head = dict(comic_head(ComicFile(shelf.pages(0), shelf.reader, tenant), 'Rain/"Fog" 1.cbz').headers)
    assert head[b"accept-ranges"] == b"none"
    assert head[b"content-disposition"].startswith(b'attachment; filename="Rain_Fog_ 1.cbz"')
