"""Films of computed bytes, and a source that can be told to fail."""

import asyncio
from collections.abc import AsyncIterator

from storage.scope import TenantScope
from streaming.model import Bucket
from streaming.source import SourceUnavailable

SLICE = 128 << 10
PATTERN = bytes(range(251)) * 1024


def content(start: int, end: int) -> bytes:
    """Bytes `[start, end)` of every film."""
    first = start % 251
    repeats = (end - start) // len(PATTERN) + 2
    return (PATTERN * repeats)[first : first + end - start]


def bucket(size: int, mime: str = "video/mp4") -> Bucket:
    return Bucket(etag="e7a9", mime=mime, documents=(), size_bytes=size, last_modified=784111777.0)


class Film:
    """A reader. `fails_at`: the offset at which the source gives up; `hangs_at`: where it never answers again."""

    def __init__(self, *, fails_at: int | None = None, hangs_at: int | None = None, surplus: int = 0) -> None:
        self.fails_at = fails_at
        self.hangs_at = hangs_at
        self.surplus = surplus
        self.is_closed = False
        self.has_left = False
        self.given = 0

    async def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        try:
            for offset in range(start, end, SLICE):
                stop = min(offset + SLICE, end)
                if self.fails_at is not None and stop > self.fails_at:
                    raise SourceUnavailable("the sandbox said so", retry_after_seconds=7)
                if self.hangs_at is not None and stop > self.hangs_at:
                    await asyncio.Event().wait()
                self.given += stop - offset
                yield memoryview(content(offset, stop + (self.surplus if stop == end else 0)))
        finally:
            self.has_left = True

    async def close(self) -> None:
        self.is_closed = True


class Core:
    """Stands where StreamCore does; remembers the last film it opened."""

    def __init__(self) -> None:
        self.film = Film()
        self.tiers: list[int] = []

    async def open(self, bucket: Bucket, scope: TenantScope, *, tier: int = 1) -> Film:
        self.tiers.append(tier)
        return self.film
