"""Reading pages through the core, so that single flight and the caches serve them like films."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import AsyncGenerator, Mapping
from contextlib import aclosing, asynccontextmanager
from typing import Final

from streaming.core import Reading, StreamCore
from streaming.model import Bucket
from streaming.pages.errors import PageGone, PageUnreadable
from streaming.pages.pictures import HEAD_BYTES, Picture, picture_of
from streaming.pages.resizing import Resizer, width_for
from streaming.routes import capacity_tier
from streaming.source import DocumentGone, NotPlayable
from tenancy.resolver import ResolvedTenant

MOST_BYTES: Final = 32 << 20
"""A page that is larger is no page."""
_REMEMBERED: Final = 65_536
_REMEMBERED_CHAPTERS: Final = 4_096

Chapter = tuple[str, str, str]
"""Owner of the asking scope, title and bucket (`c12.5`), as in a link."""


class PageReader:
    """The pages that one process shows.

    Reading raises PageGone, PageUnreadable (with a reason for people) and SourceUnavailable.
    """

    def __init__(self, core: StreamCore) -> None:
        self._core = core
        self._resizer = Resizer()
        self._known: OrderedDict[str, Picture] = OrderedDict()
        self._chapters: OrderedDict[Chapter, dict[int, Picture]] = OrderedDict()

    def seen_of(self, chapter: Chapter) -> Mapping[int, Picture]:
        """What this process has shown of the chapter, by page from 0: a hint for reserving space, no more."""
        return self._chapters.get(chapter, {})

    def note(self, chapter: Chapter, page: int, picture: Picture) -> None:
        """Remembers what a page of the chapter is."""
        if picture.width and picture.height:
            self._chapters.setdefault(chapter, {})[page] = picture
            self._chapters.move_to_end(chapter)
            if len(self._chapters) > _REMEMBERED_CHAPTERS:
                self._chapters.popitem(last=False)

    async def picture(self, bucket: Bucket, tenant: ResolvedTenant) -> Picture:
        """What the page is by its first bytes."""
        found = self._known.get(bucket.etag)
        if found is None:
            if bucket.size_bytes > MOST_BYTES:
                raise PageUnreadable(f"It is larger than {MOST_BYTES >> 20} MiB.")
            found = picture_of(await self._bytes(bucket, tenant, HEAD_BYTES))
            if found is None:
                raise PageUnreadable("It is no picture that browsers show.")
            self._remember(bucket, found)
        return found

    async def smaller(self, bucket: Bucket, tenant: ResolvedTenant, width: int) -> bytes:
        """The page as JPEG, about `width` pixels wide at most."""
        await self.picture(bucket, tenant)
        copy_width = width_for(width)
        return await self._resizer.copy(bucket.etag, copy_width, lambda: self._bytes(bucket, tenant, bucket.size_bytes))

    async def whole(self, bucket: Bucket, tenant: ResolvedTenant) -> bytes:
        """The page as it is stored."""
        await self.picture(bucket, tenant)
        return await self._bytes(bucket, tenant, bucket.size_bytes)

    async def pieces(self, bucket: Bucket, tenant: ResolvedTenant, start: int, end: int) -> AsyncGenerator[memoryview]:
        """Bytes `[start, end)` of the page. The first piece is there when this returns."""
        following = self._slices(bucket, tenant, start, end)
        first = await anext(following, None)

        async def all_of_them() -> AsyncGenerator[memoryview]:
            async with aclosing(following):
                if first is not None:
                    yield first
                async for piece in following:
                    yield piece

        return all_of_them()

    async def _bytes(self, bucket: Bucket, tenant: ResolvedTenant, most: int) -> bytes:
        taken = bytearray()
        async with aclosing(self._slices(bucket, tenant, 0, min(most, bucket.size_bytes))) as pieces:
            async for piece in pieces:
                taken += piece
        return bytes(taken)

    async def _slices(self, bucket: Bucket, tenant: ResolvedTenant, start: int, end: int) -> AsyncGenerator[memoryview]:
        async with told(), await self._open(bucket, tenant) as reading:
            async for piece in reading.read(start, end):
                yield piece

    async def _open(self, bucket: Bucket, tenant: ResolvedTenant) -> Reading:
        return await self._core.open(bucket, tenant.scope, tier=capacity_tier(tenant))

    def _remember(self, bucket: Bucket, picture: Picture) -> None:
        self._known[bucket.etag] = picture
        if len(self._known) > _REMEMBERED:
            self._known.popitem(last=False)


@asynccontextmanager
async def told() -> AsyncGenerator[None]:
    """Tells what the core says of a document in the words for pages."""
    try:
        yield
    except DocumentGone as error:
        if type(error) is not DocumentGone:
            raise  # whoever said so knows better: it was taken down
        raise PageGone("This page is no longer here.") from error
    except NotPlayable as error:
        raise PageUnreadable(f"{error.reason[:1].upper()}{error.reason[1:]}.") from error
