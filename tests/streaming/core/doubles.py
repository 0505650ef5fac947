"""A source under the test's control, scopes and documents."""

from __future__ import annotations

import asyncio
import functools
import hashlib
from collections import Counter
from collections.abc import Callable, Hashable
from pathlib import Path

import msgspec

from storage.scope import TenantId, TenantScope, mint_tenant_scope
from streaming.buckets import chunk_length
from streaming.core import StreamCore
from streaming.model import Bucket, Document
from streaming.settings import CoreSettings
from streaming.source import CHUNK, Chunk, ChunkSource, SourceError


def tenant(name: str) -> TenantScope:
    return mint_tenant_scope(TenantId(name))


@functools.lru_cache(maxsize=256)
def _block(media_id: int, index: int) -> bytes:
    return hashlib.shake_128(b"%d:%d" % (media_id, index)).digest(CHUNK)


def content(document: Document, start: int, end: int) -> bytes:
    """Bytes that follow from the document's id and the offset alone; no two places look alike."""
    first = start // CHUNK
    blocks = b"".join(_block(document.media_id, index) for index in range(first, -(-end // CHUNK)))
    return blocks[start - first * CHUNK : end - first * CHUNK]


def document(media_id: int = 1, size_bytes: int = 3 * CHUNK + 777, owner: str = "platform") -> Document:
    return Document(owner=owner, media_id=media_id, size_bytes=size_bytes, file_hash=f"hash{media_id}")


def bucket(*documents: Document) -> Bucket:
    return Bucket("e0", "video/mp4", documents, sum(one.size_bytes for one in documents))


class FakeSource:
    """Gives computed content; `gate` holds answers back, `faults` are raised once each, in order."""

    def __init__(self) -> None:
        self.asked: Counter[tuple[int, int]] = Counter()
        self.order: list[tuple[str, int, int]] = []
        self.running = 0
        self.most_running = 0
        self.cancelled = 0
        self.gate = asyncio.Event()
        self.gate.set()
        self.faults: list[SourceError] = []
        self.bend: Callable[[bytes], bytes] = lambda chunk: chunk
        self.first_piece: int | None = None
        self.lane_of: Callable[[Document], Hashable] = lambda _: "lane"
        self.closed = False
        self.delay_seconds = 0.0

    @property
    def stats(self) -> dict[str, float]:
        return {"fake": 1.0}

    async def start(self) -> None: ...

    async def close(self) -> None:
        self.closed = True

    def admit(self, document: Document, scope: TenantScope) -> None: ...

    def lane(self, document: Document) -> Hashable:
        return self.lane_of(document)

    async def piece(self, document: Document, start: int, end: int, *, owner_of_request: TenantScope) -> Chunk | None:
        if self.first_piece is None:
            return None
        return content(document, start, min(end, start + self.first_piece))

    async def chunk(self, document: Document, index: int, *, owner_of_request: TenantScope) -> Chunk:
        self.asked[document.media_id, index] += 1
        self.order.append((owner_of_request.tenant_id, document.media_id, index))
        self.running += 1
        self.most_running = max(self.most_running, self.running)
        try:
            await self.gate.wait()
            await asyncio.sleep(self.delay_seconds)
            if self.faults:
                raise self.faults.pop(0)
            start = index * CHUNK
            return self.bend(content(document, start, start + chunk_length(document, index)))
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        finally:
            self.running -= 1


def core_on(source: ChunkSource, *, disk_cache: Path | None = None, **settings: float) -> StreamCore:
    """A core on this source alone, without a memory cache unless `memory_cache_bytes` is given."""
    folder = str(disk_cache) if disk_cache is not None else None
    chosen = msgspec.convert({"memory_cache_bytes": 0, "disk_cache_dir": folder, **settings}, CoreSettings)
    return StreamCore(chosen, disk=None, telegram=source)


async def read(core: StreamCore, bucket: Bucket, scope: TenantScope, start: int, end: int) -> bytes:
    async with await core.open(bucket, scope) as reading:
        return b"".join([bytes(view) async for view in reading.read(start, end)])


async def until(condition: Callable[[], bool], seconds: float = 5.0) -> None:
    """Poll the condition; fails when it does not come true in time."""
    async with asyncio.timeout(seconds):
        while not condition():
            await asyncio.sleep(0.002)
