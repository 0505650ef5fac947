"""The TCP transport, abridged framing: one length byte in words of four, or 0x7f and three.

https://core.telegram.org/mtproto/mtproto-transports#abridged
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

_MAX_PACKET_BYTES = 4 << 20
_SCRATCH_BYTES = 64 << 10
_BUFFER_BYTES = (1 << 20) + (4 << 10)
_SPARE_BUFFERS = 2
_LONG = 0x7F


class Wire(asyncio.BufferedProtocol):
    """Cuts packets out of the stream and hands each over as it is complete; says at once when the connection ends.

    A small packet is handed over as bytes. A large one is read straight into a buffer of its own and handed over as a
    view of it, which the receiver gives back to `recycle`: fresh memory for each costs more than filling it.
    """

    def __init__(self, on_packet: Callable[[bytes | memoryview], None], on_lost: Callable[[str], None]) -> None:
        self._on_packet = on_packet
        self._on_lost = on_lost
        self._transport: asyncio.Transport | None = None
        self._scratch = bytearray(_SCRATCH_BYTES)
        self._head = bytearray()
        self._packet: memoryview | None = None
        self._spare: list[bytearray] = []
        self._filled = 0
        self.received_bytes = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transports are of its own family, so this is told, not asked.
        self._transport = cast("asyncio.Transport", transport)
        self._transport.write(b"\xef")

    def send(self, packet: bytes) -> None:
        """Queue a packet. Does nothing once the connection is closing."""
        if self._transport is None or self._transport.is_closing():
            return
        words = len(packet) // 4
        head = bytes((words,)) if words < _LONG else b"\x7f" + words.to_bytes(3, "little")
        self._transport.write(head + packet)

    def abort(self) -> None:
        if self._transport is not None:
            self._transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        self._on_lost(str(exc) if exc is not None else "closed by the other side")

    def eof_received(self) -> bool:
        return False

    def recycle(self, packet: memoryview) -> None:
        """Take back a large packet that nobody reads any more."""
        buffer = packet.obj
        packet.release()
        if isinstance(buffer, bytearray) and len(buffer) == _BUFFER_BYTES and len(self._spare) < _SPARE_BUFFERS:
            self._spare.append(buffer)

    def get_buffer(self, sizehint: int) -> memoryview:
        del sizehint
        if self._packet is None:
            return memoryview(self._scratch)
        return self._packet[self._filled :]

    def buffer_updated(self, nbytes: int) -> None:
        self.received_bytes += nbytes
        if self._packet is None:
            self._head += memoryview(self._scratch)[:nbytes]
            self._cut()
            return
        self._filled += nbytes
        if self._filled == len(self._packet):
            packet, self._packet = self._packet, None
            self._on_packet(packet)

    def _buffer(self, size_bytes: int) -> memoryview:
        if size_bytes > _BUFFER_BYTES:
            return memoryview(bytearray(size_bytes))
        return memoryview(self._spare.pop() if self._spare else bytearray(_BUFFER_BYTES))[:size_bytes]

    def _cut(self) -> None:
        """Take whole packets off the head; what is left of a long one moves into a buffer of its own."""
        position = 0
        with memoryview(self._head) as head:
            while (found := _packet_bounds(head, position)) is not None:
                start, end = found
                if not 0 < end - start <= _MAX_PACKET_BYTES:
                    self.abort()
                    return
                if end > len(head):
                    self._packet = self._buffer(end - start)
                    self._filled = len(head) - start
                    self._packet[: self._filled] = head[start:]
                    position = len(head)
                    break
                self._on_packet(bytes(head[start:end]))
                position = end
        del self._head[:position]


def _packet_bounds(head: memoryview, position: int) -> tuple[int, int] | None:
    left = len(head) - position
    if left < 1:
        return None
    words = head[position] & _LONG
    if words != _LONG:
        return position + 1, position + 1 + words * 4
    if left < 4:
        return None
    words = int.from_bytes(head[position + 1 : position + 4], "little")
    return position + 4, position + 4 + words * 4
