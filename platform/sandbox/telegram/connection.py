"""One TCP connection: packets in, messages out, each request answered in its own turn of the loop.

Requests are not answered where they arrive but one a turn, so a connection with thirty outstanding file parts does
not keep the others waiting, and none is computed while the client does not read.
"""

import asyncio
import contextlib
from collections import deque
from typing import TYPE_CHECKING, cast

from .envelope import BadEnvelope, clear, open_clear, open_sealed, seal
from .faults import Fate, Pacer
from .handshake import BadHandshake, Handshake
from .model import AuthKey
from .session import Request, Session
from .transport import BadFrame, Wire

if TYPE_CHECKING:
    from .datacenter import Datacenter

_WRITE_HIGH_BYTES = 4 << 20
NO_KEY = -404


class Connection(asyncio.Protocol):
    """A client's connection to one datacenter."""

    def __init__(self, datacenter: "Datacenter") -> None:
        self.datacenter = datacenter
        self.world = datacenter.world
        self.pacer = Pacer()
        self.waiting: deque[Request] = deque()
        self.timers: dict[int, tuple[asyncio.TimerHandle, Request]] = {}
        self._loop = asyncio.get_running_loop()
        self._wire = Wire()
        self._handshake: Handshake | None = None
        self._transport: asyncio.Transport | None = None
        self._is_hung = False
        self._may_write = True
        self._turn: asyncio.Handle | None = None
        self._deadline: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Take the socket, or close it at once where this datacenter is down."""
        # uvloop's transports have asyncio's methods without being its classes
        self._transport = transport = cast("asyncio.Transport", transport)
        transport.set_write_buffer_limits(high=_WRITE_HIGH_BYTES)
        self.world.counters.connections[self.datacenter.dc_id] += 1
        self.datacenter.connections.add(self)
        if self.datacenter.dc_id in self.world.faults.down_datacenters:
            transport.abort()

    def connection_lost(self, exc: Exception | None) -> None:
        """Forget what was still to be answered."""
        self.datacenter.connections.discard(self)
        self._transport = None
        self.waiting.clear()
        for timer, _ in self.timers.values():
            timer.cancel()
        self.timers.clear()
        for handle in (self._turn, self._deadline):
            if handle is not None:
                handle.cancel()

    def pause_writing(self) -> None:
        """The client does not read: answer no more for now."""
        self._may_write = False

    def resume_writing(self) -> None:
        """It reads again."""
        self._may_write = True
        self.schedule()

    def data_received(self, data: bytes) -> None:
        """Cut packets and take them in."""
        if self._is_hung:
            return
        try:
            for packet in self._wire.feed(data):
                self._take(packet)
        except (BadFrame, BadEnvelope, BadHandshake):
            self.fail(NO_KEY)

    def _take(self, packet: bytes) -> None:
        if packet[:8] == bytes(8):
            self._take_clear(packet)
            return
        key = self.world.store.keys.get((self.datacenter.dc_id, packet[:8]))
        if key is None:
            self.fail(NO_KEY)
            return
        envelope = open_sealed(packet, key.secret)
        counters = self.world.counters.session(envelope.session_id, key.dc_id, key.user_id)
        counters.bytes_received += len(packet)
        self.datacenter.inbox.take(self, key, envelope)

    def _take_clear(self, packet: bytes) -> None:
        if self._handshake is None:
            self._handshake = Handshake(self.datacenter.dc_id, self.datacenter.server_key, self.world.clock)
        answer = self._handshake.answer(open_clear(packet))
        if self._handshake.made is not None:
            self.world.store.put_key(self._handshake.made)
        msg_id = int(self.world.clock() * (1 << 32)) & ~3 | 1
        self.write([clear(msg_id, answer)])

    def enqueue(self, request: Request, delay_seconds: float) -> None:
        """Answer a request in its turn, and not before a delay."""
        if delay_seconds > 0:
            timer = self._loop.call_later(delay_seconds, self._ripe, request)
            self.timers[id(request)] = (timer, request)
            return
        self.waiting.append(request)
        self.schedule()

    def _ripe(self, request: Request) -> None:
        del self.timers[id(request)]
        self.waiting.append(request)
        self.schedule()

    def withdraw(self, session: Session, msg_id: int) -> bool:
        """Drop a request not answered yet; whether there was one."""
        for timer, request in list(self.timers.values()):
            if request.session is session and request.msg_id == msg_id:
                timer.cancel()
                del self.timers[id(request)]
                return True
        for request in self.waiting:
            if request.session is session and request.msg_id == msg_id:
                self.waiting.remove(request)
                return True
        return False

    def schedule(self) -> None:
        """See to it that the next request gets its turn."""
        if self._turn is None and self.waiting and self._may_write and not self._is_hung:
            self._turn = self._loop.call_soon(self._next)

    def _next(self) -> None:
        self._turn = None
        if self.waiting and self._may_write:
            self.datacenter.desk.answer(self, self.waiting.popleft())
        self.schedule()

    def send(
        self, session: Session, parts: list[bytes], *, answers: bool, content: bool, fate: Fate = Fate.ANSWER
    ) -> None:
        """Encrypt one message of the session and write it, or half of it where it is to be cut."""
        key: AuthKey = session.key
        salt = self.world.salts.at(key, self.world.clock()).value
        msg_id = session.next_msg_id(answers=answers)
        seq_no = session.next_seq_no(content=content)
        packet = seal(key.secret, key.key_id, salt, session.session_id, msg_id, seq_no, parts)
        counters = self.world.counters.session(session.session_id, key.dc_id, key.user_id)
        counters.bytes_sent += self.write(packet, cut=fate is Fate.CUT)

    def write(self, packet: list[bytes], *, cut: bool = False) -> int:
        """Frame a packet, write it and give the bytes handed to the socket."""
        transport = self._transport
        if transport is None or transport.is_closing():
            return 0
        framed = self._wire.wrap(packet)
        if cut:
            whole = b"".join(framed)
            framed = [whole[: len(whole) // 2]]
        for part in framed:
            transport.write(part)
        if cut:
            transport.close()
        return sum(map(len, framed))

    def fail(self, code: int) -> None:
        """Write a transport error and close. https://core.telegram.org/mtproto/mtproto-transports#transport-errors"""
        with contextlib.suppress(BadFrame):
            self.write([code.to_bytes(4, "little", signed=True)])
        self.close()

    def close(self) -> None:
        """Close after what is written."""
        if self._transport is not None:
            self._transport.close()

    def reset(self) -> None:
        """End the connection at once."""
        if self._transport is not None:
            self._transport.abort()

    def hang(self) -> None:
        """Answer nothing from now on, and do not even close."""
        self._is_hung = True
        self.waiting.clear()
        if self._deadline is not None:
            self._deadline.cancel()

    def close_in(self, seconds: float) -> None:
        """Close unless called again before."""
        if self._deadline is not None:
            self._deadline.cancel()
        self._deadline = self._loop.call_later(seconds, self.close)
