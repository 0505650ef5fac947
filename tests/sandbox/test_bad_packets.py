"""What breaks MTProto's rules is told so, or ends the connection."""

import asyncio
import os
import struct
import time
from collections.abc import Iterator
from typing import Any

import pytest
from pyrogram.raw.core import GzipPacked

from sandbox.telegram import TelegramSandbox
from tests.sandbox.files import Bot, functions
from tests.sandbox.raw_session import Bytes, key_of, raw_session


@pytest.fixture
def sandbox(lasting_sandbox: TelegramSandbox) -> Iterator[TelegramSandbox]:
    yield lasting_sandbox
    lasting_sandbox.faults.clear()


@pytest.fixture
def bot(lasting_bot: Bot) -> Bot:
    return lasting_bot


@pytest.mark.parametrize(
    ("seconds", "bits", "code"), [(-400, 0, 16), (60, 0, 17), (0, 1, 18)], ids=["too old", "too new", "odd"]
)
async def test_message_ids_out_of_order_are_complained_of(
    sandbox: TelegramSandbox, bot: Bot, seconds: float, bits: int, code: int
) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        msg_id = int((time.time() + seconds) * 2**32) & ~3 | bits
        session.send(functions.help.GetConfig(), msg_id=msg_id)
        bad = await session.receive()
        assert (bad.bad_msg_id, bad.error_code) == (msg_id, code)


@pytest.mark.parametrize(("seq_no", "code"), [(1, 32), (8, 35), (99, 0)])
async def test_sequence_numbers_are_checked(sandbox: TelegramSandbox, bot: Bot, seq_no: int, code: int) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        session.send(functions.help.GetConfig(), seq_no=seq_no)
        assert getattr(await session.receive(), "error_code", 0) == code


async def test_an_earlier_id_with_a_later_number_is_complained_of(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        early = session.new_id()
        await session.ask(functions.help.GetConfig())
        session.send(functions.help.GetConfig(), msg_id=early, seq_no=99)
        assert (await session.receive()).error_code == 33


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (Bytes(struct.pack("<I", 0xDEADBEEF)), "INPUT_METHOD_INVALID"),
        (Bytes(functions.upload.GetFile.ID.to_bytes(4, "little") + bytes(4)), "INPUT_METHOD_INVALID"),
        (Bytes(GzipPacked.ID.to_bytes(4, "little") + b"\x04nope\0\0\0"), "INPUT_METHOD_INVALID"),
        (functions.account.GetAuthorizations(), "METHOD_INVALID"),
    ],
)
async def test_what_is_no_method_is_refused(sandbox: TelegramSandbox, bot: Bot, body: Any, error: str) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        answer = await session.ask(body)
        assert (answer.error_code, answer.error_message) == (400, error)


async def test_an_unknown_key_is_answered_404(sandbox: TelegramSandbox) -> None:
    async with raw_session(sandbox, os.urandom(256), salt=None) as session:
        session.send(functions.help.GetConfig())
        assert struct.unpack("<i", await session.packet())[0] == -404
        assert await session.is_closed()


@pytest.mark.parametrize("damage", [30, 10, 60], ids=["ciphertext", "msg_key", "further on"])
async def test_a_damaged_packet_ends_the_connection(sandbox: TelegramSandbox, bot: Bot, damage: int) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        packet = bytearray(session.key_id + os.urandom(16 + 96))
        packet[damage] ^= 1
        session.write(bytes(packet))
        assert struct.unpack("<i", await session.packet())[0] == -404
        assert await session.is_closed()


@pytest.mark.parametrize(
    "noise",
    [
        b"\xee" * 4 + b"\xff" * 64,
        b"\xef\x7f\xff\xff\xff" + bytes(64),
        b"\xee" * 4 + struct.pack("<i", 40) + bytes(40),
        b"\x37\x91\x02\xc4\x5d\x80\x6a" + b"\1" * 80,
    ],
    ids=["longest packet", "longest abridged", "no key", "no transport"],
)
async def test_noise_ends_the_connection(sandbox: TelegramSandbox, noise: bytes) -> None:
    reader, writer = await asyncio.open_connection(*sandbox.datacenters[2])
    writer.write(noise)
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()


async def test_a_broken_container_is_complained_of(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        body = struct.pack("<Ii", 0x73F1F8DC, 5) + bytes(8)
        session.send(Bytes(body), content=False)
        assert (await session.receive()).error_code == 64
