"""The streaming core: opens buckets for reading, whoever's bytes they are and wherever they lie."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path
from types import TracebackType
from typing import Final

from storage.scope import PLATFORM, TenantScope
from streaming import buckets
from streaming.buckets import Part
from streaming.cache.disk import DiskCache
from streaming.cache.memory import MemoryCache
from streaming.chunks import Chunks, Demand
from streaming.disk import DiskSource
from streaming.model import Bucket, Document
from streaming.scheduler import Lanes
from streaming.settings import CoreSettings
from streaming.source import CHUNK, ChunkSource, NotPlayable
from streaming.window import Budget, Window

SLICE: Final = 256 << 10
"""Most bytes that a reading yields at once."""


class Reading:
    """One viewer's reading of one bucket. Use as `async with`; leaving the block ends every fetch it waits for."""

    def __init__(self, bucket: Bucket, demand: Demand, chunks: Chunks, budget: Budget, window_bytes: int) -> None:
        self.bucket = bucket
        self._demand = demand
        self._chunks = chunks
        self._budget = budget
        self._deepest = max(window_bytes // CHUNK, 1)
        self._windows: set[Window] = set()

    async def __aenter__(self) -> Reading:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    async def close(self) -> None:
        for window in list(self._windows):
            await window.close()
        self._windows.clear()

    async def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        """Bytes `[start, end)` of the bucket in slices of at most 256 KiB.

        Raises ValueError for a range outside the bucket, and SourceUnavailable, DocumentGone or NotPlayable as soon as
        the next bytes cannot be had; what was yielded before is exact.
        """
        parts = buckets.plan(self.bucket, start, end)
        first = next(buckets.plan(self.bucket, start, end), None)
        window = Window(parts, lambda part: self._chunks.get(part, self._demand), self._budget, self._deepest)
        self._windows.add(window)
        try:
            taken = 0
            if first is not None and self._chunks.is_cold(first):
                piece = await self._first_piece(first, window)
                taken = len(piece)
                if piece:
                    yield piece
            skip = taken
            while (following := await window.take(taken)) is not None:
                part, chunk = following
                view = memoryview(chunk)[part.start + skip : part.end]
                taken, skip = len(view), 0
                for offset in range(0, len(view), SLICE):
                    yield view[offset : offset + SLICE]
        finally:
            self._windows.discard(window)
            await window.close()

    async def _first_piece(self, part: Part, window: Window) -> memoryview:
        """What comes first of a cold chunk: some bytes ahead of it, or none when the chunk itself is there."""
        ahead = asyncio.create_task(self._chunks.piece(part, self._demand), name="first piece")
        try:
            window.fill()
            whole = window.head()
            await asyncio.wait({ahead} if whole is None else {ahead, whole}, return_when=asyncio.FIRST_COMPLETED)
            piece = ahead.result() if ahead.done() else None
        finally:
            ahead.cancel()
            await asyncio.gather(ahead, return_exceptions=True)
        return memoryview(piece or b"")[: part.end - part.start]


class StreamCore:
    """All sources, caches and queues of one process. `telegram` is the Telegram source where one is set up."""

    def __init__(self, settings: CoreSettings, *, disk: ChunkSource | None, telegram: ChunkSource | None) -> None:
        self._settings = settings
        self._budget = Budget(settings.window_total_bytes)
        self.telegram = telegram
        self._sources = [source for source in (disk, telegram) if source is not None]
        self._chunks = Chunks(
            disk=disk,
            telegram=telegram,
            memory=MemoryCache(settings.memory_cache_bytes),
            disk_cache=_disk_cache(settings),
            lanes=Lanes(settings.parallel_fetches),
            patience_seconds=settings.patience_seconds,
        )

    async def start(self) -> None:
        """Make the sources ready; returns although Telegram cannot be reached, which is tried again by itself."""
        for source in self._sources:
            await source.start()

    async def close(self) -> None:
        await self._chunks.close()
        for source in reversed(self._sources):
            await source.close()

    async def open(self, bucket: Bucket, scope: TenantScope, *, tier: int = 1) -> Reading:
        """A reading of `bucket` for the tenant of `scope`, whose capacity tier weighs in the fair queue.

        Raises NotPlayable when the bucket is incomplete or a document belongs to somebody else; fetches nothing.
        """
        buckets.check(bucket)
        for document in bucket.documents:
            self._admit(document, scope)
        return Reading(bucket, Demand(scope, tier), self._chunks, self._budget, self._settings.stream_window_bytes)

    def _admit(self, document: Document, scope: TenantScope) -> None:
        if document.owner not in (PLATFORM, scope.owner):
            raise NotPlayable("the document belongs to another owner")
        self._chunks.source(document).admit(document, scope)

    @property
    def stats(self) -> dict[str, float]:
        """Counters and gauges by name, for the metrics."""
        return stats_of(self._chunks, self._budget, self._sources)


def stats_of(chunks: Chunks, budget: Budget, sources: list[ChunkSource]) -> dict[str, float]:
    counters = chunks.counters
    figures: dict[str, float] = {name: getattr(counters, name) for name in counters.__struct_fields__}
    figures |= {
        "joined": chunks.flights.joined,
        "in_flight": len(chunks.flights),
        "slots_busy": chunks.lanes.busy,
        "queue_waiting": chunks.lanes.waiting,
        "memory_cache_bytes": chunks.memory.used_bytes,
        "window_bytes": budget.used_bytes,
    }
    if (cache := chunks.disk_cache) is not None:
        figures |= {
            "disk_cache_failing": float(cache.failing),
            "disk_cache_failures": cache.failures,
            "disk_cache_dropped_writes": cache.dropped_writes,
        }
    for source in sources:
        figures |= source.stats
    return figures


def _disk_cache(settings: CoreSettings) -> DiskCache | None:
    if settings.disk_cache_dir is None or settings.disk_cache_bytes <= 0:
        return None
    return DiskCache(Path(settings.disk_cache_dir), settings.disk_cache_bytes)


def build_core(settings: CoreSettings) -> StreamCore:
    """The core for these settings. Loads the Telegram library only where Telegram is set up."""
    disk = DiskSource(Path(settings.media_root)) if settings.media_root is not None else None
    return StreamCore(settings, disk=disk, telegram=_telegram(settings))


def _telegram(settings: CoreSettings) -> ChunkSource | None:
    if settings.telegram is None:
        return None
    from streaming.telegram.source import TelegramSource

    return TelegramSource(settings.telegram)
