"""Messages to the server and those who wait for their answers."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from typing import Final

from streaming.telegram import messages
from streaming.telegram.envelope import Envelope
from streaming.telegram.faults import ConnectionLost
from streaming.telegram.keys import AuthKey

_ACKS_AT_ONCE: Final = 8
_DISCONNECT_SECONDS: Final = 60


class _Call:
    __slots__ = ("answer", "body", "msg_id", "sent_at")

    def __init__(self, body: bytes, answer: asyncio.Future[memoryview], sent_at: float) -> None:
        self.body = body
        self.answer = answer
        self.sent_at = sent_at
        self.msg_id = 0


class Outbox:
    """Numbers, seals and sends; keeps each call's body until its answer comes, for the server may ask for it again."""

    def __init__(self, key: AuthKey, envelope: Envelope, send: Callable[[bytes], None]) -> None:
        self._key = key
        self._envelope = envelope
        self._send_packet = send
        self._calls: dict[int, _Call] = {}
        self._acks: list[int] = []
        self._last_msg_id = 0
        self._content_sent = 0

    def __len__(self) -> int:
        return len(self._calls)

    def oldest(self, now: float) -> float:
        """When the call that waits longest was sent; `now` where none waits."""
        return min((call.sent_at for call in self._calls.values()), default=now)

    async def call(self, body: bytes) -> memoryview:
        """Send a request and wait for its rpc_result. Raises what `fail` is given."""
        call = self._post(body)
        try:
            return await call.answer
        finally:
            self._calls.pop(call.msg_id, None)

    def ping(self) -> None:
        """Send a ping; it counts as a call until the pong comes."""
        call = self._post(messages.ping(int.from_bytes(os.urandom(7), "little"), _DISCONNECT_SECONDS))
        call.answer.add_done_callback(lambda answer: answer.cancelled() or answer.exception())

    def answered(self, msg_id: int, body: memoryview) -> None:
        """An answer came; one that nobody waits for any more is dropped."""
        call = self._calls.pop(msg_id, None)
        if call is not None and not call.answer.done():
            call.answer.set_result(body)

    def send_again(self, msg_id: int) -> None:
        """The server did not take a message: send it under a new number."""
        call = self._calls.pop(msg_id, None)
        if call is not None:
            self._dispatch(call)

    def set_clock(self, server_msg_id: int) -> None:
        """Number by the server's clock from now on."""
        self._key.clock_offset = server_msg_id / (1 << 32) - time.time()
        self._last_msg_id = 0

    def to_acknowledge(self, msg_id: int) -> None:
        self._acks.append(msg_id)
        if len(self._acks) >= _ACKS_AT_ONCE:
            self.acknowledge()

    def acknowledge(self) -> None:
        if self._acks:
            self._send(messages.acks(self._acks), content=False)
            self._acks = []

    def fail(self, error: ConnectionLost) -> None:
        """End every call."""
        for call in self._calls.values():
            if not call.answer.done():
                call.answer.set_exception(type(error)(str(error)))
        self._calls.clear()

    def _post(self, body: bytes) -> _Call:
        loop = asyncio.get_running_loop()
        call = _Call(body, loop.create_future(), loop.time())
        self._dispatch(call)
        return call

    def _dispatch(self, call: _Call) -> None:
        call.msg_id = self._send(call.body, content=True)
        self._calls[call.msg_id] = call

    def _send(self, body: bytes, *, content: bool) -> int:
        msg_id = max(int((time.time() + self._key.clock_offset) * (1 << 32)) & ~3, self._last_msg_id + 4)
        self._last_msg_id = msg_id
        seq_no = self._content_sent * 2 + content
        self._content_sent += content
        self._send_packet(self._envelope.seal(self._key.salt, msg_id, seq_no, body))
        return msg_id
