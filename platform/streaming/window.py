"""How far a stream reads ahead of its viewer."""

from __future__ import annotations

import asyncio
import math
from collections import deque
from collections.abc import Callable, Coroutine, Iterator
from typing import Any, NamedTuple

from streaming.buckets import Part, chunk_length
from streaming.source import CHUNK, Chunk, SourceUnavailable

_SHALLOWEST = 2
_GAIN = 1.5
_RECENT = 16


class Budget:
    """Bytes that all windows together may hold ahead of their viewers."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used_bytes = 0

    def take(self, size_bytes: int) -> bool:
        if self.used_bytes + size_bytes > self.max_bytes:
            return False
        self.used_bytes += size_bytes
        return True

    def give(self, size_bytes: int) -> None:
        self.used_bytes -= size_bytes


class Pace:
    """How deep a window must be to keep the line full: the bandwidth-delay product.

    Rate is what the viewer takes; delay is the quickest of the recent fetches, so that queueing does not feed on
    itself. The gain lets the rate grow until the line or the viewer limits it.
    """

    def __init__(self, deepest: int) -> None:
        self.depth = min(_SHALLOWEST, deepest)
        self._deepest = deepest
        self._delays: deque[float] = deque(maxlen=_RECENT)
        self._bytes_per_second = 0.0
        self._taken_at: float | None = None

    def fetched(self, seconds: float) -> None:
        self._delays.append(seconds)

    def taken(self, size_bytes: int, now: float) -> None:
        """The viewer has asked for the next chunk, having had `size_bytes` since the last call."""
        if self._taken_at is not None:
            rate = size_bytes / max(now - self._taken_at, 1e-3)
            self._bytes_per_second = (self._bytes_per_second + rate) / 2 if self._bytes_per_second else rate
        self._taken_at = now
        wanted = _GAIN * self._bytes_per_second * min(self._delays, default=0.0) / CHUNK
        self.depth = min(max(math.ceil(wanted) + 1, _SHALLOWEST), self._deepest)


class _Ahead(NamedTuple):
    part: Part
    task: asyncio.Task[Chunk]
    reserved_bytes: int


class Window:
    """Chunks fetched ahead of one reader, in order.

    Fetches start only when the reader takes: a paused viewer asks for nothing more and what was asked for lands within
    the window's bounds. The chunk that the reader waits for is never refused by the budget.
    """

    def __init__(
        self, parts: Iterator[Part], fetch: Callable[[Part], Coroutine[Any, Any, Chunk]], budget: Budget, deepest: int
    ) -> None:
        self._parts = parts
        self._fetch = fetch
        self._budget = budget
        self._pace = Pace(max(deepest, 1))
        self._ahead: deque[_Ahead] = deque()
        self._waiting: Part | None = next(parts, None)
        self._closed = False

    @property
    def depth(self) -> int:
        return self._pace.depth

    def __len__(self) -> int:
        return len(self._ahead)

    def fill(self) -> None:
        while self._waiting is not None and len(self._ahead) < self._pace.depth:
            size = chunk_length(self._waiting.document, self._waiting.index)
            reserved = size if self._budget.take(size) else 0
            if self._ahead and not reserved:
                return
            task = asyncio.create_task(self._timed(self._waiting), name="stream window")
            self._ahead.append(_Ahead(self._waiting, task, reserved))
            self._waiting = next(self._parts, None)

    def head(self) -> asyncio.Task[Chunk] | None:
        return self._ahead[0].task if self._ahead else None

    async def take(self, taken_bytes: int) -> tuple[Part, Chunk] | None:
        """The next part with its chunk; None at the end. `taken_bytes`: what the reader had since the last call.

        Raises what the fetch raises, and SourceUnavailable when the window was closed meanwhile.
        """
        if self._closed:
            raise SourceUnavailable("the reading was closed")
        self._pace.taken(taken_bytes, asyncio.get_running_loop().time())
        self.fill()
        if not self._ahead:
            return None
        ahead = self._ahead[0]
        try:
            chunk = await ahead.task
        except asyncio.CancelledError:
            if self._closed:
                raise SourceUnavailable("the reading was closed") from None
            raise
        if self._closed:
            raise SourceUnavailable("the reading was closed")
        self._ahead.popleft()
        self._budget.give(ahead.reserved_bytes)
        return ahead.part, chunk

    async def close(self) -> None:
        """Give up what is ahead; returns when no task is left."""
        self._closed = True
        ahead = list(self._ahead)
        self._ahead.clear()
        self._waiting = None
        for item in ahead:
            item.task.cancel()
            self._budget.give(item.reserved_bytes)
        await asyncio.gather(*(item.task for item in ahead), return_exceptions=True)

    async def _timed(self, part: Part) -> Chunk:
        clock = asyncio.get_running_loop().time
        started = clock()
        chunk = await self._fetch(part)
        self._pace.fetched(clock() - started)
        return chunk
