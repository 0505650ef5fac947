"""Runs the process that opens a container, gives it the bytes it asks for, and bounds it from outside."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import AsyncGenerator, AsyncIterator
from contextlib import aclosing, suppress
from typing import Final, Protocol, cast

import msgspec
from msgspec import Struct

from content.subtitles.wire import DONE, LENGTH, MOST_ANSWER, MOST_ASKED, READ, REQUEST, Taken

_IN_A_ROW: Final = 3
"""So many reads that follow each other are the start of a long one, which is then fetched ahead."""


class Bounds(Struct, frozen=True, kw_only=True):
    """What one container may cost."""

    seconds: float = 900.0
    read_bytes: int = 16 << 30
    memory_bytes: int = 1 << 30


class Reader(Protocol):
    """The part of `streaming.core.Reading` that is used here."""

    def read(self, start: int, end: int) -> AsyncIterator[memoryview]:
        """Bytes `[start, end)` in slices."""
        ...


class Unreadable(Exception):
    """The container cannot be read, now or later; the message says why, for people."""


async def extract(reader: Reader, size_bytes: int, bounds: Bounds) -> Taken:
    """What is in the container. Raises Unreadable, and what `reader` raises."""
    command = [sys.executable, "-I", "-m", "content.subtitles.demuxing", str(size_bytes), str(bounds.memory_bytes)]
    pipe = asyncio.subprocess.PIPE
    process = await asyncio.create_subprocess_exec(
        *command, stdin=pipe, stdout=pipe, stderr=asyncio.subprocess.DEVNULL, env={}, limit=1 << 16
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        async with asyncio.timeout(bounds.seconds):
            return await _serve(process.stdin, process.stdout, _Pieces(reader, size_bytes), bounds)
    except TimeoutError:
        raise Unreadable("reading it took too long") from None
    except (asyncio.IncompleteReadError, ConnectionError, msgspec.MsgspecError):
        raise Unreadable("reading it failed") from None
    finally:
        with suppress(ProcessLookupError):
            process.kill()
        process.stdin.close()
        await process.wait()
        with suppress(ConnectionError):
            await process.stdin.wait_closed()


async def _serve(sink: asyncio.StreamWriter, source: asyncio.StreamReader, pieces: _Pieces, bounds: Bounds) -> Taken:
    served = 0
    async with aclosing(pieces):
        while (kind := await source.readexactly(1)) == READ:
            offset, length = REQUEST.unpack(await source.readexactly(REQUEST.size))
            served += length
            if served > bounds.read_bytes:
                raise Unreadable("the file is too large to be searched for subtitles")
            data = await pieces.get(offset, min(length, MOST_ASKED))
            sink.write(LENGTH.pack(len(data)) + data)
            await sink.drain()
    if kind != DONE:
        raise Unreadable("reading it failed")
    (length,) = LENGTH.unpack(await source.readexactly(LENGTH.size))
    if length > MOST_ANSWER:
        raise Unreadable("it holds more text than a film's subtitles")
    return msgspec.json.decode(await source.readexactly(length), type=Taken)


class _Pieces:
    """Ranges of a reading: each by itself, or out of one long reading while they follow each other."""

    def __init__(self, reader: Reader, size_bytes: int) -> None:
        self._reader = reader
        self._size = size_bytes
        self._place = 0
        self._in_a_row = 0
        self._ahead: AsyncGenerator[memoryview] | None = None
        self._rest = b""

    async def get(self, offset: int, length: int) -> bytes:
        """Bytes `[offset, offset + length)`, fewer at the end."""
        end = min(offset + length, self._size)
        if offset >= end:
            return b""
        if offset == self._place:
            self._in_a_row += 1
        else:
            self._in_a_row = 0
            await self.aclose()
        self._place = end
        if self._ahead is None and self._in_a_row >= _IN_A_ROW:
            self._ahead = cast("AsyncGenerator[memoryview]", self._reader.read(offset, self._size))
        if self._ahead is not None:
            return await self._next(end - offset)
        pieces = cast("AsyncGenerator[memoryview]", self._reader.read(offset, end))
        async with aclosing(pieces):
            return b"".join([bytes(piece) async for piece in pieces])

    async def _next(self, length: int) -> bytes:
        assert self._ahead is not None
        while len(self._rest) < length:
            self._rest += await anext(self._ahead)
        data, self._rest = self._rest[:length], self._rest[length:]
        return data

    async def aclose(self) -> None:
        """Ends the long reading."""
        ahead, self._ahead, self._rest = self._ahead, None, b""
        if ahead is not None:
            await ahead.aclose()
