"""The way to a chunk: memory, disk cache, a fetch under way, or the source in its fair turn."""

from __future__ import annotations

import asyncio
from typing import NamedTuple

from msgspec import Struct

from storage.scope import TenantScope
from streaming.buckets import Part, chunk_length
from streaming.cache.disk import DiskCache
from streaming.cache.memory import MemoryCache
from streaming.model import ChunkKey, Document, chunk_key
from streaming.scheduler import Lanes, Ticket
from streaming.singleflight import FlightEnded, SingleFlight
from streaming.source import CHUNK, Chunk, ChunkSource, NotPlayable, SourceError, SourcePaused, SourceUnavailable


class Demand(NamedTuple):
    """Who asks, and the weight of their capacity tier."""

    scope: TenantScope
    tier: int


class Counters(Struct):
    """What happened since the start."""

    from_memory: int = 0
    from_disk_cache: int = 0
    fetched: int = 0
    fetched_bytes: int = 0
    first_pieces: int = 0
    pauses: int = 0
    failures: int = 0


class Chunks:
    """Fetches each chunk once for all who want it and keeps it for the next."""

    def __init__(
        self,
        *,
        disk: ChunkSource | None,
        telegram: ChunkSource | None,
        memory: MemoryCache,
        disk_cache: DiskCache | None,
        lanes: Lanes,
        patience_seconds: float,
    ) -> None:
        self.counters = Counters()
        self.flights: SingleFlight[ChunkKey, Chunk] = SingleFlight()
        self.lanes = lanes
        self.memory = memory
        self.disk_cache = disk_cache
        self._disk = disk
        self._telegram = telegram
        self._patience_seconds = patience_seconds
        self._tickets: dict[ChunkKey, Ticket] = {}

    def source(self, document: Document) -> ChunkSource:
        """Raises NotPlayable when the platform runs without the source that the document needs."""
        source = self._telegram if document.path is None else self._disk
        if source is None:
            raise NotPlayable(f"no {'Telegram' if document.path is None else 'media folder'} is set up here")
        return source

    def is_cold(self, part: Part) -> bool:
        """Neither in memory nor on its way."""
        key = chunk_key(part.document, part.index)
        return key not in self.memory and not self.flights.flying(key)

    async def get(self, part: Part, demand: Demand) -> Chunk:
        """The whole chunk of `part`. Raises SourceError."""
        key = chunk_key(part.document, part.index)
        if (chunk := self.memory.get(key)) is not None:
            self.counters.from_memory += 1
            return chunk
        if (ticket := self._tickets.get(key)) is not None:
            ticket.join(demand.scope.tenant_id, demand.tier)
        try:
            return await self.flights.run(key, lambda: self._fetch(key, part, demand))
        except FlightEnded as ended:
            raise SourceUnavailable("the streaming core is closing") from ended

    async def piece(self, part: Part, demand: Demand) -> Chunk | None:
        """The first bytes of `part` ahead of its chunk, where that pays; None otherwise. Never raises SourceError."""
        source = self.source(part.document)
        if self.disk_cache and await self.disk_cache.holds(chunk_key(part.document, part.index)):
            return None
        origin = part.index * CHUNK
        queue = self.lanes.queue(source.lane(part.document))
        try:
            async with queue.slot(queue.ticket(demand.scope.tenant_id, demand.tier)):
                piece = await source.piece(
                    part.document, origin + part.start, origin + part.end, owner_of_request=demand.scope
                )
        except SourceError:
            return None
        self.counters.first_pieces += piece is not None
        return piece

    async def close(self) -> None:
        await self.flights.close()
        if self.disk_cache is not None:
            await self.disk_cache.close()

    async def _fetch(self, key: ChunkKey, part: Part, demand: Demand) -> Chunk:
        length = chunk_length(part.document, part.index)
        disk_cache = self.disk_cache if part.document.path is None else None
        if disk_cache is None:
            return await self._from_source(key, part, demand, length)
        if (kept := await disk_cache.get_or_claim(key, length)) is not None:
            self.counters.from_disk_cache += 1
            self.memory.put(key, kept)
            return kept
        try:
            chunk = await self._from_source(key, part, demand, length)
        except BaseException:
            disk_cache.abandon(key)
            raise
        disk_cache.put(key, chunk)
        return chunk

    async def _from_source(self, key: ChunkKey, part: Part, demand: Demand, length: int) -> Chunk:
        try:
            chunk = await self._in_turn(key, part, demand)
            if len(chunk) != length:
                raise SourceUnavailable(f"the source gave {len(chunk)} bytes for a chunk of {length}")
        except SourceError:
            self.counters.failures += 1
            raise
        self.counters.fetched += 1
        self.counters.fetched_bytes += length
        self.memory.put(key, chunk)
        return chunk

    async def _in_turn(self, key: ChunkKey, part: Part, demand: Demand) -> Chunk:
        source = self.source(part.document)
        queue = self.lanes.queue(source.lane(part.document))
        clock = asyncio.get_running_loop().time
        deadline = clock() + self._patience_seconds
        while True:
            ticket = self._tickets[key] = queue.ticket(demand.scope.tenant_id, demand.tier)
            try:
                async with queue.slot(ticket), asyncio.timeout(self._patience_seconds):
                    return await source.chunk(part.document, part.index, owner_of_request=demand.scope)
            except SourcePaused as pause:
                if clock() + pause.retry_after_seconds > deadline:
                    raise
                self.counters.pauses += 1
                rest = pause.retry_after_seconds
            except TimeoutError as error:
                raise SourceUnavailable("the source did not answer in time") from error
            finally:
                self._tickets.pop(key, None)
            await asyncio.sleep(rest)
