"""uvicorn's HTTP protocol with a meter and with the time-outs that it lacks.

Each request's ASGI scope carries a `Delivery` under `extensions["marquee.delivery"]`: the response's view of its own
connection. uvicorn has no deadline for a request's head, none for its body and no bound on the head's size; these are
`ConnectionLimits`. Settling at the next request and at the end of the connection is `ConnectionAccount`'s.
"""

from __future__ import annotations

import asyncio
import socket
import struct
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, cast

from msgspec import Struct
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol, RequestResponseCycle

from streaming.delivery import EXTENSION, Delivery, delivery_of
from streaming.meter.connection import ConnectionAccount
from streaming.meter.meter import Meter
from streaming.meter.tcp import probe_for
from tenancy.headers import SECURITY_HEADERS

if TYPE_CHECKING:
    from uvicorn.config import Config
    from uvicorn.server import ServerState

MOST_PIPELINED = 16
# What cannot be read has no host and no application: the answer's headers are all given here.
_REFUSAL_HEADERS = (
    (b"content-type", b"text/plain; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"connection", b"close"),
    *SECURITY_HEADERS,
)
_LARGEST_READ = 256 << 10


class ConnectionLimits(Struct, frozen=True):
    """How long a client may take, and how much head it may send.

    `head_seconds` is from the first byte (or the connection's start) to the end of the head; `body_seconds` is the
    longest silence within a request's body; `flush_seconds` is for what is buffered when we close in mid-response.
    """

    head_seconds: float = 15.0
    body_seconds: float = 30.0
    flush_seconds: float = 20.0
    head_bytes: int = 32 << 10


class HeadTooLarge(Exception):
    """The head is over the limit; the parser's answer to it is 400 and the end of the connection."""


class BadTarget(Exception):
    """Not an absolute path. uvicorn would drop the authority of `GET http://other/`; the answer is 400."""


class TooManyPipelined(Exception):
    """More requests were sent ahead than anybody needs."""


class MeteredProtocol(HttpToolsProtocol):
    """To be bound to a meter by `metered_protocol`."""

    meter: Meter
    limits: ConnectionLimits = ConnectionLimits()

    def __init__(
        self,
        config: Config,
        server_state: ServerState,
        app_state: dict[str, Any],
        _loop: asyncio.AbstractEventLoop | None = None,
    ) -> None:
        super().__init__(config, server_state, app_state, _loop)
        self._account: ConnectionAccount | None = None
        self.when_lost: Callable[[], None] | None = None
        self._head_bytes = 0
        self._unparsed_bytes = 0
        self._in_body = False
        self._is_reset = False
        self._waiting: asyncio.TimerHandle | None = None
        self._closing: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # reason: as uvicorn declares it
        """A client connected: its head is due."""
        super().connection_made(transport)
        self._wait(self.limits.head_seconds)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection ended; its descriptor is closed only after this."""
        self._stop_waiting()
        if self._closing is not None:
            self._closing.cancel()
        endpoint = self.transport.get_extra_info("socket")
        if self._is_reset and endpoint is not None:
            # Frees what a stalled client would leave in our kernel's buffer for minutes.
            endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if self._account is not None:
            self._account.lost(endpoint, cleanly=exc is None and not self._is_reset)
        super().connection_lost(exc)
        if self.when_lost is not None:
            self.when_lost()
            self.when_lost = None

    def data_received(self, data: bytes) -> None:
        """Bytes of a head or a body."""
        if self._in_body:
            self._wait(self.limits.body_seconds)
        elif self._waiting is None:
            self._wait(self.limits.head_seconds)
        self._unparsed_bytes += len(data)
        super().data_received(data)
        if self._unparsed_bytes > self.limits.head_bytes + _LARGEST_READ and not self.transport.is_closing():
            self.send_400_response("Request head too large.")

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._head_bytes = 0
        cast("dict[str, Any]", self.scope)["extensions"] = {EXTENSION: Delivery(self)}

    def on_url(self, url: bytes) -> None:
        """A piece of the target."""
        self._count_head(len(url))
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """One header line."""
        self._count_head(len(name) + len(value))
        super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The head is there: the request is answered, or queued behind the one before."""
        if not self.url.startswith(b"/"):
            raise BadTarget
        if len(self.pipeline) >= MOST_PIPELINED:
            raise TooManyPipelined
        self._unparsed_bytes = 0
        self._in_body = True
        self._wait(self.limits.body_seconds)
        if self._account is not None:
            self._account.settle()
        super().on_headers_complete()
        delivery = delivery_of(cast("dict[str, Any]", self.scope))
        if delivery is not None:
            delivery.cycle = self.cycle

    def on_body(self, body: bytes) -> None:
        """A piece of the body."""
        self._unparsed_bytes = 0
        super().on_body(body)

    def on_message_complete(self) -> None:
        """The request is whole."""
        self._in_body = False
        self._unparsed_bytes = 0
        self._stop_waiting()
        super().on_message_complete()

    def send_400_response(self, msg: str) -> None:
        """Answer what cannot be read. In the middle of a response the answer would become part of it: that one ends."""
        cycle = cast("RequestResponseCycle | None", self.cycle)
        if self._is_answering() and cycle is not None:
            if cycle.response_started or self.pipeline:
                self.close_soon()
                return
            # The head was good and what followed is not: its answer would come after the refusal.
            cycle.disconnected = True
        headers = (*self.server_state.default_headers, *_REFUSAL_HEADERS, (b"content-length", b"%d" % len(msg)))
        lines = b"".join(b"%s: %s\r\n" % header for header in headers)
        self.transport.write(b"HTTP/1.1 400 Bad Request\r\n%s\r\n%s" % (lines, msg.encode("ascii")))
        self.transport.close()

    def is_closing(self) -> bool:
        """See delivery.Connection."""
        return self.transport.is_closing()

    def billing(self) -> ConnectionAccount:
        """See delivery.Connection. Opened by the first metered response."""
        if self._account is None:
            self._account = ConnectionAccount(probe_for(self.transport), self.meter, monotonic=self.loop.time)
        return self._account

    def close_soon(self) -> None:
        """See delivery.Connection."""
        self.transport.close()
        if self._closing is None:
            self._closing = self.loop.call_later(self.limits.flush_seconds, self.reset)

    def reset(self) -> None:
        """See delivery.Connection."""
        self._is_reset = True
        self.transport.abort()

    def _is_answering(self) -> bool:
        cycle = cast("RequestResponseCycle | None", self.cycle)
        return cycle is not None and not cycle.response_complete

    def _unsupported_upgrade_warning(self) -> None:
        """An upgrade that we do not offer is passed over (RFC 9110 section 7.8), without a word in the log."""

    def _count_head(self, size_bytes: int) -> None:
        self._head_bytes += size_bytes
        if self._head_bytes > self.limits.head_bytes:
            raise HeadTooLarge

    def _wait(self, seconds: float) -> None:
        self._stop_waiting()
        self._waiting = self.loop.call_later(seconds, self._give_up_waiting)

    def _stop_waiting(self) -> None:
        if self._waiting is not None:
            self._waiting.cancel()
            self._waiting = None

    def _give_up_waiting(self) -> None:
        self._waiting = None
        if self.flow.read_paused or (self._is_answering() and not self._in_body):
            # Not the client's turn: we do not read, or the next head comes while a response is under way.
            self._wait(self.limits.head_seconds)
        else:
            self.close_soon()


def metered_protocol(meter: Meter, limits: ConnectionLimits | None = None) -> type[MeteredProtocol]:
    """The protocol class for `uvicorn.Config(http=…)`, counting into `meter`."""
    return type("BoundMeteredProtocol", (MeteredProtocol,), {"meter": meter, "limits": limits or ConnectionLimits()})
