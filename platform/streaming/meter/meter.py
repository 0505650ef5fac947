"""The process's meter: counts in memory, settles what runs and makes it durable once a second."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from typing import Protocol

from streaming.meter.records import Usage
from streaming.meter.segments import SegmentLog

Clock = Callable[[], float]

_QUARTER_SECONDS = 900

logger = logging.getLogger(__name__)


class Settling(Protocol):
    """Something with bytes under way, asked before every flush to credit what arrived since."""

    def settle(self) -> None:
        """Credit what has been acknowledged by now."""
        ...

    def end(self) -> None:
        """Credit a last time and give up what it holds."""
        ...


class Meter:
    """Counts bytes by owner, stream and quarter of an hour. Used from the event loop's thread alone."""

    def __init__(self, log: SegmentLog, *, clock: Clock) -> None:
        self._log = log
        self._clock = clock
        self._counts: dict[tuple[str, str, str], tuple[int, int]] = {}
        self._under_way: set[Settling] = set()
        self._day = ""
        self._streams_today: set[tuple[str, str]] = set()
        self._flushing = asyncio.Lock()
        self.durable = True
        """Whether the last flush reached the disk; counts are kept in memory while it does not."""

    def begin(self, owner: str, stream: str) -> None:
        """A response of the stream begins; a stream counts once a day in each process that serves it."""
        quarter = self._quarter()
        day = quarter[:10]
        if day != self._day:
            self._day = day
            self._streams_today.clear()
        if (owner, stream) not in self._streams_today:
            self._streams_today.add((owner, stream))
            self._count(owner, stream, quarter, 0, 1)

    def add(self, owner: str, stream: str, size_bytes: int) -> None:
        """Count acknowledged bytes."""
        self._count(owner, stream, self._quarter(), size_bytes, 0)

    def watch(self, settling: Settling) -> None:
        """Ask `settling` before every flush until `unwatch`."""
        self._under_way.add(settling)

    def unwatch(self, settling: Settling) -> None:
        """Stop asking; again does nothing."""
        self._under_way.discard(settling)

    @property
    def unwritten(self) -> Mapping[tuple[str, str, str], tuple[int, int]]:
        """What is counted and not durable yet: (owner, stream, quarter) to (bytes, streams)."""
        return self._counts

    @property
    def under_way(self) -> int:
        """How many connections have bytes that may still arrive."""
        return len(self._under_way)

    def settle(self) -> None:
        """Credit everything that is under way."""
        self._each(lambda settling: settling.settle())

    def end(self) -> None:
        """Settle everything under way as it stands; a flush makes it durable."""
        self._each(lambda settling: settling.end())

    async def flush(self) -> None:
        """Settle, then make everything counted so far durable. A disk that refuses keeps the counts for later."""
        async with self._flushing:
            self.settle()
            counts, self._counts = self._counts, {}
            records = [Usage(*key, size_bytes, streams) for key, (size_bytes, streams) in counts.items()]
            try:
                await asyncio.to_thread(self._log.append, records)
            except OSError:
                if self.durable:
                    logger.exception("usage cannot be written down and is kept in memory")
                self.durable = False
                for key, (size_bytes, streams) in counts.items():
                    self._count(*key, size_bytes, streams)
            else:
                self.durable = True

    def _each(self, verb: Callable[[Settling], None]) -> None:
        for settling in tuple(self._under_way):
            try:
                verb(settling)
            except OSError:
                # A socket that cannot be asked must not keep the others from being billed.
                logger.exception("a connection cannot be settled")
                self.unwatch(settling)

    def _count(self, owner: str, stream: str, quarter: str, size_bytes: int, streams: int) -> None:
        counted_bytes, counted_streams = self._counts.get((owner, stream, quarter), (0, 0))
        self._counts[owner, stream, quarter] = counted_bytes + size_bytes, counted_streams + streams

    def _quarter(self) -> str:
        now = int(self._clock())
        return datetime.fromtimestamp(now - now % _QUARTER_SECONDS, UTC).strftime("%Y-%m-%dT%H:%M")
