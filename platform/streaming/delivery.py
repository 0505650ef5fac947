"""One response's view of the connection that it goes out on."""

from __future__ import annotations

from collections.abc import Callable, MutableMapping
from typing import Any, Protocol, cast

from streaming.meter.connection import Body, ConnectionAccount

EXTENSION = "marquee.delivery"


class Cycle(Protocol):
    """The part of uvicorn's RequestResponseCycle that a delivery touches."""

    disconnected: bool


class Connection(Protocol):
    """What MeteredProtocol lets its deliveries do. Only one response of a connection runs at a time."""

    when_lost: Callable[[], None] | None
    """Called when the connection ends under the running response."""

    def is_closing(self) -> bool:
        """Whether the transport is closed or about to be."""
        ...

    def billing(self) -> ConnectionAccount:
        """The connection's account."""
        ...

    def close_soon(self) -> None:
        """Close after flushing, within a bounded time."""
        ...

    def reset(self) -> None:
        """Drop the connection with all that is buffered."""
        ...


class Delivery:
    """Made for every request by MeteredProtocol and carried in the ASGI scope's extensions."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._body: Body | None = None
        self._when_lost: Callable[[], None] | None = None
        self.cycle: Cycle | None = None

    def is_closing(self) -> bool:
        """Whether sending is of no use any more; uvicorn's send() then silently does nothing."""
        return self._connection.is_closing()

    def call_when_lost(self, lost: Callable[[], None] | None) -> None:
        """Have `lost` called if the connection ends before the response does; None takes it back."""
        if lost is not None or self._connection.when_lost is self._when_lost:
            # The next response on the connection may have put its own there already.
            self._connection.when_lost = lost
        self._when_lost = lost

    def begin(self, owner: str, stream: str) -> None:
        """Bill the body that follows; to be called between the response's headers and its first body byte."""
        self._body = self._connection.billing().begin(owner, stream)

    def sent(self, size_bytes: int) -> None:
        """That much body was given to send()."""
        if self._body is not None:
            self._connection.billing().hand_over(self._body, size_bytes)

    def finish(self) -> None:
        """The response is over, whole or not."""
        self.call_when_lost(None)
        if self._body is not None:
            self._body.complete = True

    def close(self) -> None:
        """End the connection early: what was written still goes out, then the client sees a body cut short."""
        self._leave_unfinished()
        self._connection.close_soon()

    def abort(self) -> None:
        """End the connection at once; what is buffered is dropped."""
        self._leave_unfinished()
        self._connection.reset()

    def _leave_unfinished(self) -> None:
        if self.cycle is not None:
            # Tells uvicorn that the missing rest is meant; it logs an error otherwise.
            self.cycle.disconnected = True


def delivery_of(scope: MutableMapping[str, Any]) -> Delivery | None:
    """The connection's Delivery, or None where the server is not ours (an in-process test client)."""
    extensions = cast("dict[str, Any]", scope.get("extensions") or {})
    return cast("Delivery | None", extensions.get(EXTENSION))
