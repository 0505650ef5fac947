"""One connection's account: which bytes of its stream were whose, and how many of them have arrived."""

from __future__ import annotations

import os
import socket
import struct
from collections.abc import Callable

from streaming.meter.meter import Meter
from streaming.meter.tcp import Endpoint, Probe, acknowledged_bytes, is_dead, outstanding_bytes

LINGER_SECONDS = 30.0


class Body:
    """A metered response body, at its place in the connection's stream."""

    __slots__ = ("complete", "credited", "handed_over", "owner", "start", "stream")

    def __init__(self, owner: str, stream: str, start: int) -> None:
        self.owner = owner
        self.stream = stream
        self.start = start
        self.handed_over = 0
        self.credited = 0
        self.complete = False

    def credit(self, acknowledged: int) -> int:
        """How many bytes arrived that were not credited before: of `min(body, acknowledged - start)`."""
        arrived = max(0, min(self.handed_over, acknowledged - self.start))
        fresh = max(0, arrived - self.credited)
        self.credited += fresh
        return fresh

    @property
    def is_settled(self) -> bool:
        """Whether nothing more can be credited."""
        return self.complete and self.credited == self.handed_over


class ConnectionAccount:
    """Settles the bodies of one connection: at every flush, at the next response, and when the connection ends."""

    def __init__(self, probe: Probe, meter: Meter, *, monotonic: Callable[[], float]) -> None:
        self._probe = probe
        self._meter = meter
        self._monotonic = monotonic
        self._bodies: list[Body] = []
        self._last: _LastBytes | None = None

    def begin(self, owner: str, stream: str) -> Body:
        """A metered body starts here: to be called after the response headers were written and before the body is."""
        self.settle()
        body = Body(owner, stream, self._probe.written())
        self._bodies.append(body)
        self._meter.begin(owner, stream)
        self._meter.watch(self)
        return body

    def hand_over(self, body: Body, size_bytes: int) -> None:
        """Bytes of the body were given to the transport."""
        body.handed_over += size_bytes
        self._probe.handed_over(size_bytes)

    def settle(self) -> None:
        """Credit what was acknowledged since the last time."""
        if not self._bodies:
            return
        last = self._last
        is_over = last is not None and last.is_over(self._monotonic())
        acknowledged = self._probe.acknowledged() if last is None else last.acknowledged()
        for body in self._bodies:
            fresh = body.credit(acknowledged)
            if fresh:
                self._meter.add(body.owner, body.stream, fresh)
        self._bodies = [] if is_over else [body for body in self._bodies if not body.is_settled]
        if not self._bodies:
            self._let_go()

    def lost(self, endpoint: Endpoint | None, *, cleanly: bool) -> None:
        """The connection ends; called while its descriptor is still open.

        After a clean close our kernel still delivers what it holds: that is followed up for a while on a descriptor of
        our own. A broken connection is settled as it stands.
        """
        for body in self._bodies:
            body.complete = True
        if self._bodies and cleanly and self._probe.exact and endpoint is not None and not is_dead(endpoint):
            self._last = _LastBytes(endpoint, self._monotonic() + LINGER_SECONDS)
        if cleanly or self._probe.exact:
            # Without TCP_INFO a broken transport would pass off its dropped buffer as delivered.
            self.settle()
        if self._last is None:
            self._let_go()

    def end(self) -> None:
        """Settle as it stands and let go: the process ends."""
        self.settle()
        self._let_go()

    def _let_go(self) -> None:
        self._bodies = []
        self._meter.unwatch(self)
        if self._last is not None:
            self._last.close()
            self._last = None


class _LastBytes:
    """A closed connection's socket, kept until its last bytes are acknowledged, refused or too late."""

    def __init__(self, endpoint: Endpoint, deadline: float) -> None:
        self._socket = socket.socket(fileno=os.dup(endpoint.fileno()))
        self._deadline = deadline
        try:
            # The transport's own close sends no FIN while this descriptor is open.
            self._socket.shutdown(socket.SHUT_WR)
        except OSError:
            self._deadline = -1.0

    def acknowledged(self) -> int:
        return acknowledged_bytes(self._socket)

    def is_over(self, now: float) -> bool:
        if now >= self._deadline and not is_dead(self._socket):
            # What the far side did not take by now is given up, not left to our kernel to deliver unseen.
            self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            return True
        return is_dead(self._socket) or outstanding_bytes(self._socket) == 0

    def close(self) -> None:
        self._socket.close()
