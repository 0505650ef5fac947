"""A chapter as a CBZ: a ZIP archive whose members are stored as they are, so that its size is known before it is read.

APPNOTE.TXT 4.3; no member is larger than a page and no chapter comes near 4 GiB, so ZIP64 is never needed.
"""

from __future__ import annotations

import struct
import zlib
from collections.abc import AsyncGenerator
from contextlib import aclosing
from http import HTTPStatus
from typing import Final

from content.units import ChapterUnit
from streaming.heads import Head, content_disposition
from streaming.model import Bucket
from streaming.pages.errors import PageUnreadable
from streaming.pages.reading import MOST_BYTES, PageReader
from streaming.source import BucketLocator, DocumentGone, NotPlayable
from tenancy.resolver import ResolvedTenant

COMIC: Final = "application/vnd.comicbook+zip"
MOST_CHAPTER_BYTES: Final = 1 << 30
_ENDINGS: Final = {"image/png": ".png", "image/webp": ".webp", "image/gif": ".gif", "image/avif": ".avif"}
_LOCAL: Final = struct.Struct("<4sHHHHHIIIHH")
_CENTRAL: Final = struct.Struct("<4sHHHHHHIIIHHHHHII")
_END: Final = struct.Struct("<4sHHHHIIH")
_VERSION: Final = 20
# The first moment that a ZIP can name: pages carry no date worth telling.
_TIME, _DATE = 0, 0x21


class DownloadNotAllowed(Exception):
    """The viewer may read here and not take files along."""


class ComicFile:
    """The pages of a chapter, each read whole and checked before it is sent: at most one is in memory."""

    def __init__(self, pages: list[Bucket], reader: PageReader, tenant: ResolvedTenant) -> None:
        self._pages = pages
        self._reader = reader
        self._tenant = tenant
        self._names = [f"{place:04}{_ENDINGS.get(page.mime, '.jpg')}".encode() for place, page in enumerate(pages, 1)]

    @property
    def size_bytes(self) -> int:
        """Of the whole archive."""
        heads = sum(_LOCAL.size + _CENTRAL.size + 2 * len(name) for name in self._names)
        return heads + sum(page.size_bytes for page in self._pages) + _END.size

    async def begun(self) -> AsyncGenerator[memoryview]:
        """The archive, whose first page is there when this returns. Raises what reading pages raises."""
        following = self._written()
        first = await anext(following)

        async def all_of_it() -> AsyncGenerator[memoryview]:
            async with aclosing(following):
                yield first
                async for piece in following:
                    yield piece

        return all_of_it()

    async def _written(self) -> AsyncGenerator[memoryview]:
        directory = bytearray()
        offset = 0
        for name, page in zip(self._names, self._pages, strict=True):
            body = await self._reader.whole(page, self._tenant)
            sums = (zlib.crc32(body), len(body), len(body))
            directory += _central(name, sums, offset)
            head = _LOCAL.pack(b"PK\x03\x04", _VERSION, 0, 0, _TIME, _DATE, *sums, len(name), 0) + name
            yield memoryview(head)
            yield memoryview(body)
            offset += len(head) + len(body)
        count = len(self._pages)
        end = _END.pack(b"PK\x05\x06", 0, 0, count, count, len(directory), offset, 0)
        yield memoryview(bytes(directory) + end)


def _central(name: bytes, sums: tuple[int, int, int], offset: int) -> bytes:
    return (
        _CENTRAL.pack(b"PK\x01\x02", _VERSION, _VERSION, 0, 0, _TIME, _DATE, *sums, len(name), 0, 0, 0, 0, 0, offset)
        + name
    )


async def located(locate: BucketLocator, tenant: ResolvedTenant, slug: str, unit: ChapterUnit) -> list[Bucket]:
    """The pages that can be read. Raises PageUnreadable where there is none, or they are too much for a file."""
    found: list[Bucket] = []
    for place in range(unit.page_count):
        try:
            found.append(await locate(tenant, slug, f"{unit.key}/{place}"))
        except (DocumentGone, NotPlayable) as error:
            if type(error) not in (DocumentGone, NotPlayable):
                raise  # it was taken down
    if not found:
        raise PageUnreadable("None of its pages can be read.")
    too_large = any(page.size_bytes > MOST_BYTES for page in found)
    if too_large or sum(page.size_bytes for page in found) > MOST_CHAPTER_BYTES:
        raise PageUnreadable("It is too large for one file.")
    return found


def comic_head(file: ComicFile, file_name: str) -> Head:
    """The head of the answer: the whole archive, never a part of it."""
    headers = (
        (b"content-type", COMIC.encode()),
        (b"content-length", b"%d" % file.size_bytes),
        (b"content-disposition", content_disposition(file_name, is_download=True)),
        (b"accept-ranges", b"none"),
        (b"cache-control", b"private, no-store"),
        (b"x-accel-buffering", b"no"),
    )
    return Head(HTTPStatus.OK, headers)
