"""One connection to a datacenter, from its introduction to its end."""

from __future__ import annotations

import asyncio
import os
from concurrent.futures import Executor
from typing import Any, Final

from streaming.telegram import messages
from streaming.telegram.envelope import Envelope, Opened
from streaming.telegram.faults import ConnectionLost, KeyUnknown, WrongAnswer
from streaming.telegram.keys import AuthKey
from streaming.telegram.messages import Message
from streaming.telegram.outbox import Outbox
from streaming.telegram.queries import introduction
from streaming.telegram.schema import PROVIDER, TL, read_object
from streaming.telegram.wire import Wire

_OPEN_ELSEWHERE_BYTES: Final = 64 << 10
_UNANSWERED: Final = 4
_PING_SECONDS: Final = 10
_TIME_IS_WRONG: Final = (16, 17)
_UNKNOWN_KEY: Final = -404


class Session:
    """A session of one authorisation key. Never started again: a lost one is replaced.

    A connection that ends fails every waiting call at once with ConnectionLost. One on which nothing at all arrives
    for `timeout_seconds` while calls wait is ended, and so is one that leaves a call unanswered for four times as long.
    `executor` decrypts large packets.
    """

    def __init__(self, key: AuthKey, *, api_id: int, timeout_seconds: float, executor: Executor) -> None:
        self.key = key
        self.lost: ConnectionLost | None = None
        self.config: Any = None
        self._api_id = api_id
        self._timeout_seconds = timeout_seconds
        self._executor = executor
        self._envelope = Envelope(key.secret, os.urandom(8), PROVIDER)
        self._wire = Wire(self._received, lambda reason: self._end(ConnectionLost(reason)))
        self._outbox = Outbox(key, self._envelope, self._wire.send)
        self._keeper: asyncio.Task[None] | None = None
        self._opening: set[asyncio.Task[None]] = set()

    @property
    def alive(self) -> bool:
        return self.lost is None

    @property
    def in_flight(self) -> int:
        return len(self._outbox)

    async def connect(self, host: str, port: int) -> None:
        """Connect and introduce the client; `config` is the answer. Raises ConnectionLost, RpcFault or WrongAnswer."""
        try:
            async with asyncio.timeout(self._timeout_seconds):
                await asyncio.get_running_loop().create_connection(lambda: self._wire, host, port)
                self._keeper = asyncio.create_task(self._keep(), name=f"telegram dc{self.key.dc_id} keeper")
                self.config = await self.invoke(introduction(self._api_id))
        except (OSError, TimeoutError) as error:
            lost = ConnectionLost(f"dc{self.key.dc_id} cannot be reached: {error!r}")
            self._end(lost)
            raise lost from error
        except BaseException:
            self._end(ConnectionLost("the introduction failed"))
            raise

    async def close(self) -> None:
        """End the connection; calls under way fail with ConnectionLost."""
        self._end(ConnectionLost("closed by us"))
        tasks = [task for task in (self._keeper, *self._opening) if task is not None]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def invoke(self, query: TL) -> Any:
        """The answer as a TL object. Raises RpcFault, ConnectionLost or WrongAnswer."""
        answer = await self._call(query)
        try:
            return read_object(messages.result_of(answer))
        except (KeyError, ValueError, IndexError, TypeError) as error:
            raise WrongAnswer("the answer cannot be read") from error

    async def get_file(self, query: TL) -> memoryview:
        """The bytes answered to an upload.getFile, not copied. Raises RpcFault, ConnectionLost or WrongAnswer."""
        return messages.file_bytes(messages.result_of(await self._call(query)))

    async def _call(self, query: TL) -> memoryview:
        if self.lost is not None:
            raise ConnectionLost(str(self.lost))
        return await self._outbox.call(query.write())

    def _received(self, packet: bytes | memoryview) -> None:
        if len(packet) == 4:
            code = int.from_bytes(packet, "little", signed=True)
            kind = KeyUnknown if code == _UNKNOWN_KEY else ConnectionLost
            self._end(kind(f"dc{self.key.dc_id} sent transport error {code}"))
        elif isinstance(packet, bytes) or len(packet) < _OPEN_ELSEWHERE_BYTES:
            self._open(packet)
        else:
            task = asyncio.create_task(self._open_elsewhere(packet), name="telegram packet")
            self._opening.add(task)
            task.add_done_callback(self._opening.discard)

    def _open(self, packet: bytes | memoryview) -> None:
        try:
            self._handle(self._envelope.open(packet))
        except WrongAnswer as error:
            self._end(ConnectionLost(str(error)))

    async def _open_elsewhere(self, packet: memoryview) -> None:
        try:
            opened = await asyncio.get_running_loop().run_in_executor(self._executor, self._envelope.open, packet)
            self._wire.recycle(packet)
            self._handle(opened)
        except WrongAnswer as error:
            self._end(ConnectionLost(str(error)))

    def _handle(self, opened: Opened) -> None:
        for message in messages.messages_in(opened):
            if message.seq_no & 1:
                self._outbox.to_acknowledge(message.msg_id)
            self._take(message)

    def _take(self, message: Message) -> None:
        body = message.body
        match message.constructor:
            case messages.RPC_RESULT | messages.PONG:
                self._outbox.answered(messages.long(body, 4), body)
            case messages.BAD_SERVER_SALT:
                self.key.salt = messages.long(body, 20)
                self._outbox.send_again(messages.long(body, 4))
            case messages.BAD_MESSAGE:
                self._correct(message)
            case messages.NEW_SESSION:
                self.key.salt = messages.long(body, 20)
            case messages.DETAILED_INFO:
                self._outbox.to_acknowledge(messages.long(body, 12))
            case messages.NEW_DETAILED_INFO:
                self._outbox.to_acknowledge(messages.long(body, 4))
            case _:
                return  # updates and the rest are nobody's here

    def _correct(self, message: Message) -> None:
        code = messages.uint(message.body, 16)
        if code in _TIME_IS_WRONG:
            self._outbox.set_clock(message.msg_id)
            self._outbox.send_again(messages.long(message.body, 4))
        else:
            self._end(ConnectionLost(f"dc{self.key.dc_id} refused a message (code {code})"))

    async def _keep(self) -> None:
        """Ping, acknowledge what is left, and end the connection when nothing comes any more."""
        loop = asyncio.get_running_loop()
        pinged_at = seen_at = loop.time()
        seen_bytes = 0
        while self.lost is None:
            await asyncio.sleep(min(_PING_SECONDS, self._timeout_seconds / 4))
            now = loop.time()
            if self._wire.received_bytes != seen_bytes:
                seen_bytes, seen_at = self._wire.received_bytes, now
            oldest = self._outbox.oldest(now)
            if now - max(seen_at, oldest) > self._timeout_seconds or now - oldest > _UNANSWERED * self._timeout_seconds:
                self._end(ConnectionLost(f"dc{self.key.dc_id} has hung"))
            elif now - pinged_at >= _PING_SECONDS:
                pinged_at = now
                self._outbox.ping()
            self._outbox.acknowledge()

    def _end(self, error: ConnectionLost) -> None:
        if self.lost is not None:
            return
        self.lost = error
        self._wire.abort()
        if self._keeper is not None and self._keeper is not asyncio.current_task():
            self._keeper.cancel()
        self._outbox.fail(error)
