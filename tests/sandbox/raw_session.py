"""A client of the bare protocol: every field of a message is the test's to choose."""

import asyncio
import hashlib
import os
import struct
import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from io import BytesIO
from typing import Any

from pyrogram.crypto import mtproto
from pyrogram.raw.core import Message, MsgContainer

from sandbox.telegram import TelegramSandbox
from tests.sandbox.files import Bot, functions


class RawSession:
    """One intermediate-framed connection with a signed-in bot's key."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, key: bytes) -> None:
        self.reader, self.writer, self.key = reader, writer, key
        self.key_id = hashlib.sha1(key).digest()[-8:]
        self.session_id = os.urandom(8)
        self.salt = 0
        self._last = 0
        self._content = 0

    def new_id(self, seconds: float = 0) -> int:
        self._last = max(int((time.time() + seconds) * 2**32) & ~3, self._last + 4)
        return self._last

    def message(self, body: Any, *, content: bool = True, msg_id: int | None = None, seq_no: int | None = None) -> Any:
        if seq_no is None:
            seq_no = self._content * 2 + content
            self._content += content
        return Message(body, msg_id if msg_id is not None else self.new_id(), seq_no, len(body))

    def write(self, packet: bytes) -> None:
        self.writer.write(struct.pack("<i", len(packet)) + packet)

    def send(self, body: Any, **fields: Any) -> int:
        message = self.message(body, **fields)
        self.write(mtproto.pack(message, self.salt, self.session_id, self.key, self.key_id))
        return int(message.msg_id)

    async def packet(self) -> bytes:
        (length,) = struct.unpack("<i", await asyncio.wait_for(self.reader.readexactly(4), 5))
        return await asyncio.wait_for(self.reader.readexactly(length), 5)

    async def receive(self) -> Any:
        """The next message's body."""
        return (await self.receive_message()).body

    async def receive_message(self) -> Any:
        packet = await self.packet()
        assert len(packet) > 4, f"transport error {struct.unpack('<i', packet)[0]}"
        return mtproto.unpack(BytesIO(packet), self.session_id, self.key, self.key_id)

    async def ask(self, body: Any) -> Any:
        """Send a request and give the answer to it, other messages aside."""
        msg_id = self.send(body)
        while True:
            got = await self.receive()
            if getattr(got, "req_msg_id", getattr(got, "msg_id", None)) == msg_id:
                return getattr(got, "result", got)

    async def is_closed(self) -> bool:
        return await asyncio.wait_for(self.reader.read(1), 5) == b""


def container(messages: list[Any]) -> Any:
    return MsgContainer(messages)


@asynccontextmanager
async def raw_session(sandbox: TelegramSandbox, key: bytes, *, salt: int | None) -> AsyncGenerator[RawSession, None]:
    """A raw session with a bot's key on datacenter 2; with a salt, its first messages are exchanged already."""
    reader, writer = await asyncio.open_connection(*sandbox.datacenters[2])
    writer.write(b"\xee" * 4)
    session = RawSession(reader, writer, key)
    try:
        if salt is not None:
            session.salt = salt
            await session.ask(functions.help.GetConfig())
        yield session
    finally:
        writer.close()
        await writer.wait_closed()


async def key_of(bot: Bot) -> bytes:
    key: bytes = await bot.storage.auth_key()
    return key


class Bytes:
    """A body already serialised."""

    def __init__(self, data: bytes) -> None:
        self.data = data

    def __len__(self) -> int:
        return len(self.data)

    def write(self) -> bytes:
        return self.data
