"""The ASGI response that carries a film: exact bytes, or a clean early close that a Range request resumes."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, Protocol, cast

from litestar.types import Receive, Scope, Send
from msgspec import Struct

from streaming.delivery import Delivery, delivery_of
from streaming.heads import Head
from streaming.ranges import Part
from streaming.running import RunningStream, RunningStreams, StreamEnded
from streaming.source import SourceError, SourceUnavailable

_log = logging.getLogger(__name__)


class Reader(Protocol):
    """The part of `streaming.core.Reading` that a response uses."""

    def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        """Bytes `[start, end)` in slices."""
        ...

    async def close(self) -> None:
        """End every fetch."""
        ...


class Patience(Struct, frozen=True):
    """How long a response waits for its two sides: one slice from the source, one slice to the client."""

    source_seconds: float = 60.0
    send_seconds: float = 60.0


class PlainResponse:
    """A head with no film behind it: HEAD, 304, 412 and 416."""

    def __init__(self, head: Head) -> None:
        self._head = head

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer."""
        await send({"type": "http.response.start", "status": self._head.status, "headers": self._head.headers})
        body = b"" if scope.get("method") == "HEAD" else self._head.problem
        await send({"type": "http.response.body", "body": body, "more_body": False})


class FilmResponse:
    """A film, or a part of it, metered to `running.scope` and ended with its lease.

    `open_reader` is called once. SourceUnavailable, DocumentGone and NotPlayable before the first byte are raised, for
    the error table to answer; later ones close the connection after the bytes that were good.
    """

    def __init__(
        self,
        head: Head,
        part: Part,
        open_reader: Callable[[], Awaitable[Reader]],
        running: RunningStream,
        streams: RunningStreams,
        patience: Patience | None = None,
    ) -> None:
        self._head = head
        self._part = part
        self._open_reader = open_reader
        self._running = running
        self._streams = streams
        self._patience = patience or Patience()

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer; see the class."""
        delivery = delivery_of(cast("dict[str, Any]", scope))
        with self._streams.entered(self._running):
            reader = await self._open_reader()
            pieces = cast("AsyncGenerator[memoryview]", reader.read(self._part.start, self._part.end))
            sending = _Sending(self._head, self._part.size_bytes, self._running, self._patience, delivery, send)
            try:
                async with aclosing(pieces):
                    await sending.run(pieces)
            finally:
                if delivery is not None:
                    delivery.finish()
                await reader.close()


class _Sending:
    """One response on its way out."""

    def __init__(
        self,
        head: Head,
        size_bytes: int,
        running: RunningStream,
        patience: Patience,
        delivery: Delivery | None,
        send: Send,
    ) -> None:
        self._head = head
        self._left = size_bytes
        self._running = running
        self._patience = patience
        self._delivery = delivery
        self._send = send
        self._has_begun = False
        self._is_stopped = False
        self._awaits_client = False

    async def run(self, pieces: AsyncIterator[memoryview]) -> None:
        """Send the head and all pieces, or end the connection so that the client cannot take a part for the whole."""
        try:
            async with asyncio.timeout(None) as limit:
                self._limit = limit
                self._listen(self._stop)
                try:
                    await self._send_all(pieces)
                finally:
                    self._listen(None)
        except TimeoutError:
            self._give_up()
        except SourceError as error:
            if not self._has_begun:
                raise
            _log.warning("a stream was cut short: %s", error.reason)
            self._end(self._delivery.close if self._delivery else None)

    async def _send_all(self, pieces: AsyncIterator[memoryview]) -> None:
        self._wait_for(client=False)
        async for piece in pieces:
            if self._delivery is not None and self._delivery.is_closing():
                return
            if len(piece) > self._left:
                raise SourceUnavailable("the source gave more than was asked for")
            self._wait_for(client=True)
            if not self._has_begun:
                await self._begin()
            await self._send({"type": "http.response.body", "body": cast("bytes", piece), "more_body": True})
            self._left -= len(piece)
            if self._delivery is not None:
                self._delivery.sent(len(piece))
            self._wait_for(client=False)
        if self._left:
            raise SourceUnavailable("the source ended early")
        self._wait_for(client=True)
        await self._send({"type": "http.response.body", "body": b"", "more_body": False})

    async def _begin(self) -> None:
        await self._send({"type": "http.response.start", "status": self._head.status, "headers": self._head.headers})
        self._has_begun = True
        if self._delivery is not None:
            self._delivery.begin(self._running.scope.owner, self._running.lease_id)

    def _wait_for(self, *, client: bool) -> None:
        if self._is_stopped:
            raise TimeoutError
        self._awaits_client = client
        seconds = self._patience.send_seconds if client else self._patience.source_seconds
        self._limit.reschedule(asyncio.get_running_loop().time() + seconds)

    def _listen(self, stop: Callable[[], None] | None) -> None:
        self._running.when_ended = stop
        if self._delivery is not None:
            self._delivery.call_when_lost(stop)

    def _stop(self) -> None:
        self._is_stopped = True
        if not self._limit.expired():
            self._limit.reschedule(asyncio.get_running_loop().time())

    def _give_up(self) -> None:
        """The lease ended, the client left, or one of the two sides took too long."""
        delivery = self._delivery
        if self._running.is_ended:
            if not self._has_begun:
                raise StreamEnded("This stream was ended.")
            self._end(delivery.abort if delivery else None)
        elif delivery is not None and delivery.is_closing():
            return
        elif self._awaits_client:
            self._end(delivery.abort if delivery else None)
        elif self._has_begun:
            self._end(delivery.close if delivery else None)
        else:
            raise SourceUnavailable("the source did not answer in time")

    def _end(self, verb: Callable[[], None] | None) -> None:
        if verb is None:
            # No connection of ours to close: an in-process client has to see an error.
            raise ConnectionAbortedError("the response was cut short")
        verb()
