"""What a viewer's kernel has acknowledged of a connection's bytes, asked of our kernel.

Linux counts in TCP_INFO (`tcpi_bytes_acked`, RFC 4898's HCThruOctetsAcked), and SIOCOUTQ tells what of the written
bytes is not acknowledged yet. Where there is no TCP_INFO, and behind our own TLS (whose records the kernel would count
along), bytes count once our kernel has taken them over: a bound from above, told by `exact` being False.
"""

from __future__ import annotations

import asyncio
import fcntl
import socket
import struct
import sys
from typing import Protocol, cast

SIOCOUTQ = 0x5411
TCP_CLOSE = 7

_ACKED = struct.Struct("=Q")
_ACKED_OFFSET = 120
_INFO_BYTES = _ACKED_OFFSET + _ACKED.size
_TRIES = 8


class Endpoint(Protocol):
    """The part of a socket that asyncio's and uvloop's transports give out too."""

    def fileno(self) -> int:
        """The descriptor."""
        ...

    def getsockopt(self, level: int, option: int, buffer_bytes: int, /) -> bytes:
        """As socket.socket does."""
        ...


class Probe(Protocol):
    """A connection's outgoing stream, in bytes since it was opened."""

    exact: bool

    def acknowledged(self) -> int:
        """How far the far side has acknowledged; never decreases."""
        ...

    def written(self) -> int:
        """How far we have written, buffers included."""
        ...

    def handed_over(self, size_bytes: int) -> None:
        """Body bytes went into the transport."""
        ...


class TcpProbe:
    """Reads TCP_INFO; good from connection_made to the end of connection_lost, while the descriptor is open."""

    exact = True

    def __init__(self, transport: asyncio.WriteTransport, endpoint: Endpoint) -> None:
        self._transport = transport
        self._endpoint = endpoint

    def acknowledged(self) -> int:
        """See Probe."""
        return acknowledged_bytes(self._endpoint)

    def written(self) -> int:
        """See Probe. An acknowledgement that slips in between pushes it up: nothing is billed too much."""
        acknowledged = self.acknowledged()
        outstanding = 0
        for _ in range(_TRIES):
            outstanding = outstanding_bytes(self._endpoint)
            again = self.acknowledged()
            if again == acknowledged:
                break
            acknowledged = again
        return acknowledged + outstanding + self._transport.get_write_buffer_size()

    def handed_over(self, size_bytes: int) -> None:
        """The kernel counts for us."""


class HandedOverProbe:
    """Counts body bytes that left the transport's buffer; for connections without TCP_INFO."""

    exact = False

    def __init__(self, transport: asyncio.WriteTransport) -> None:
        self._transport = transport
        self._written = 0
        self._left = 0

    def acknowledged(self) -> int:
        """See Probe."""
        buffered = self._transport.get_write_buffer_size()
        self._left = max(self._left, self._written - buffered)
        return self._left

    def written(self) -> int:
        """See Probe; headers are not counted on either side."""
        return self._written

    def handed_over(self, size_bytes: int) -> None:
        """See Probe."""
        self._written += size_bytes


def probe_for(transport: asyncio.Transport) -> Probe:
    """The best probe that a fresh connection allows."""
    endpoint = cast("Endpoint | None", transport.get_extra_info("socket"))
    if sys.platform == "linux" and endpoint is not None and transport.get_extra_info("sslcontext") is None:
        probe = TcpProbe(transport, endpoint)
        try:
            probe.written()
        except OSError:
            return HandedOverProbe(transport)
        return probe
    return HandedOverProbe(transport)


def acknowledged_bytes(endpoint: Endpoint) -> int:
    """`tcpi_bytes_acked`. Raises OSError where the kernel does not tell."""
    (acknowledged,) = _ACKED.unpack_from(_tcp_info(endpoint, _INFO_BYTES), _ACKED_OFFSET)
    return int(acknowledged)


def outstanding_bytes(endpoint: Endpoint) -> int:
    """Written and not acknowledged (SIOCOUTQ)."""
    answer = fcntl.ioctl(endpoint.fileno(), SIOCOUTQ, bytes(4))
    (outstanding,) = struct.unpack("=i", answer)
    return max(0, int(outstanding))


def is_dead(endpoint: Endpoint) -> bool:
    """Whether the kernel has given the connection up, so that nothing more can be acknowledged."""
    return _tcp_info(endpoint, 1)[0] == TCP_CLOSE


def _tcp_info(endpoint: Endpoint, size_bytes: int) -> bytes:
    info = endpoint.getsockopt(socket.IPPROTO_TCP, socket.TCP_INFO, size_bytes)
    if len(info) < size_bytes:
        raise OSError("this kernel's TCP_INFO does not count acknowledged bytes")
    return info


def tune_listener(listener: socket.socket, *, unsent_bytes: int = 128 << 10, stalled_seconds: float = 120) -> None:
    """Options that accepted connections inherit.

    TCP_NOTSENT_LOWAT keeps what the kernel buffers unsent small, so that an aborted film has cost little;
    TCP_USER_TIMEOUT ends a connection whose far side takes nothing for that long, also while it is being closed;
    keep-alive finds the silent dead.
    """
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    if sys.platform == "linux":
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT, unsent_bytes)
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, int(stalled_seconds * 1000))
        listener.setsockopt(socket.IPPROTO_TCP, socket.TCP_KEEPIDLE, int(stalled_seconds))
