"""MTProto's own messages, good and bad."""

import asyncio
import os
import struct
import time
from pathlib import Path
from typing import Any

import pytest
from pyrogram import Client
from pyrogram.raw.core import FutureSalts, GzipPacked

from sandbox.telegram import SandboxOptions, TelegramSandbox
from sandbox.telegram.clients import signed_in
from tests.sandbox.conftest import CHANNEL
from tests.sandbox.files import functions, types
from tests.sandbox.raw_session import container, raw_session


async def key_of(bot: Client) -> bytes:
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


async def test_a_new_session_is_announced_after_a_bad_salt_is_set_right(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=None) as session:
        refused = session.send(functions.help.GetConfig())
        bad = await session.receive()
        assert (bad.bad_msg_id, bad.error_code) == (refused, 48)
        session.salt = bad.new_server_salt
        sent = session.send(functions.help.GetConfig())
        created, answer = await session.receive(), await session.receive()
        assert (created.first_msg_id, created.server_salt) == (sent, session.salt)
        assert answer.result.this_dc == 2


async def test_future_salts_are_good_when_their_time_comes() -> None:
    now = time.time()
    async with TelegramSandbox(SandboxOptions(clock=lambda: now, salt_seconds=20)) as sandbox:
        async with signed_in(sandbox) as bot, raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
            salts: FutureSalts = await session.ask(functions.GetFutureSalts(num=3))
            assert len(salts.salts) == 3
            assert all(one.valid_until > two.valid_since for one, two in zip(salts.salts, salts.salts[1:], strict=False))
            now += 20
            session.salt = salts.salts[1].salt
            assert (await session.ask(functions.help.GetConfig())).this_dc == 2


async def test_a_container_is_taken_apart(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        ping = session.message(functions.Ping(ping_id=7))
        ack = session.message(types.MsgsAck(msg_ids=[1]), content=False)
        config = session.message(functions.help.GetNearestDc())
        session.send(container([ping, ack, config]), content=False)
        pong, nearest = await session.receive(), await session.receive()
        assert (pong.msg_id, pong.ping_id) == (ping.msg_id, 7)
        assert nearest.req_msg_id == config.msg_id


async def test_packed_requests_and_answers_are_understood(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        assert (await session.ask(GzipPacked(functions.help.GetNearestDc()))).this_dc == 2
        chat_id = sandbox.add_channel(CHANNEL)
        info = sandbox.add_document(chat_id, 1, text="a long text " * 200)
        peer = types.InputChannel(channel_id=CHANNEL, access_hash=0)
        ids = [types.InputMessageID(id=info.message_id)]
        session.send(functions.channels.GetMessages(channel=peer, id=ids))
        before = len(await session.packet())
        assert before < 1000


@pytest.mark.parametrize(
    ("seconds", "bits", "code"), [(-400, 0, 16), (60, 0, 17), (0, 1, 18)], ids=["too old", "too new", "odd"]
)
async def test_message_ids_out_of_order_are_complained_of(
    sandbox: TelegramSandbox, bot: Client, seconds: float, bits: int, code: int
) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        msg_id = int((time.time() + seconds) * 2**32) & ~3 | bits
        session.send(functions.help.GetConfig(), msg_id=msg_id)
        bad = await session.receive()
        assert (bad.bad_msg_id, bad.error_code) == (msg_id, code)


@pytest.mark.parametrize(("seq_no", "code"), [(1, 32), (8, 35), (99, 0)])
async def test_sequence_numbers_are_checked(sandbox: TelegramSandbox, bot: Client, seq_no: int, code: int) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        session.send(functions.help.GetConfig(), seq_no=seq_no)
        assert getattr(await session.receive(), "error_code", 0) == code


async def test_an_earlier_id_with_a_later_number_is_complained_of(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        early = session.new_id()
        await session.ask(functions.help.GetConfig())
        session.send(functions.help.GetConfig(), msg_id=early, seq_no=99)
        assert (await session.receive()).error_code == 33


async def test_a_message_that_came_already_is_acknowledged_alone(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        sent = session.send(functions.help.GetConfig())
        await session.receive()
        session.send(functions.help.GetConfig(), msg_id=sent)
        assert (await session.receive()).msg_ids == [sent]


async def test_the_state_of_messages_can_be_asked(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        sent = session.send(functions.help.GetConfig())
        await session.receive()
        session.send(types.MsgsStateReq(msg_ids=[sent, session.new_id(), 4]))
        info = (await session.receive()).info
        assert [ord(state) for state in info] == [68, 2, 1]


async def test_an_answer_can_be_dropped(sandbox: TelegramSandbox, bot: Client) -> None:
    sandbox.faults.set(methods=("help.getConfig",), latency_seconds=60)
    async with raw_session(sandbox, await key_of(bot), salt=None) as session:
        session.salt = bot.session.salt
        waiting = session.send(functions.help.GetConfig())
        dropped = await session.ask(functions.RpcDropAnswer(req_msg_id=waiting))
        assert dropped.QUALNAME == "types.RpcAnswerDroppedRunning"
        unknown = await session.ask(functions.RpcDropAnswer(req_msg_id=waiting))
        assert unknown.QUALNAME == "types.RpcAnswerUnknown"


async def test_sessions_can_be_destroyed(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session, raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as other:
        number = struct.unpack("<q", other.session_id)[0]
        for expected in ("types.DestroySessionOk", "types.DestroySessionNone"):
            session.send(functions.DestroySession(session_id=number))
            assert (await session.receive()).QUALNAME == expected


async def test_a_ping_may_ask_for_the_end(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        assert (await session.ask(functions.PingDelayDisconnect(ping_id=1, disconnect_delay=0))).ping_id == 1
        assert await session.is_closed()


async def test_requests_must_first_tell_their_layer(tmp_path: Path) -> None:
    options = SandboxOptions(data=tmp_path)
    async with TelegramSandbox(options) as sandbox, signed_in(sandbox) as bot:
        key, salt = await bot.storage.auth_key(), bot.session.salt
    async with TelegramSandbox(options) as restarted, raw_session(restarted, key, salt=None) as session:
        session.salt = salt
        assert (await session.ask(functions.help.GetConfig())).error_message == "CONNECTION_NOT_INITED"


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (Bytes(struct.pack("<I", 0xDEADBEEF)), "INPUT_METHOD_INVALID"),
        (Bytes(functions.upload.GetFile.ID.to_bytes(4, "little") + bytes(4)), "INPUT_METHOD_INVALID"),
        (Bytes(GzipPacked.ID.to_bytes(4, "little") + b"\x04nope\0\0\0"), "INPUT_METHOD_INVALID"),
        (functions.account.GetAuthorizations(), "METHOD_INVALID"),
    ],
)
async def test_what_is_no_method_is_refused(sandbox: TelegramSandbox, bot: Client, body: Any, error: str) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        answer = await session.ask(body)
        assert (answer.error_code, answer.error_message) == (400, error)


async def test_an_unknown_key_is_answered_404(sandbox: TelegramSandbox, bot: Client) -> None:
    sandbox.forget_keys()
    async with raw_session(sandbox, await key_of(bot), salt=None) as session:
        session.send(functions.help.GetConfig())
        assert struct.unpack("<i", await session.packet())[0] == -404
        assert await session.is_closed()


@pytest.mark.parametrize("damage", [30, 10, 60], ids=["ciphertext", "msg_key", "further on"])
async def test_a_damaged_packet_ends_the_connection(sandbox: TelegramSandbox, bot: Client, damage: int) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        packet = bytearray(session.key_id + os.urandom(16 + 96))
        packet[damage] ^= 1
        session.write(bytes(packet))
        assert struct.unpack("<i", await session.packet())[0] == -404
        assert await session.is_closed()


@pytest.mark.parametrize(
    "noise",
    [b"\xee" * 4 + b"\xff" * 64, b"\xef\x7f\xff\xff\xff" + bytes(64), b"\xee" * 4 + struct.pack("<i", 40) + bytes(40), os.urandom(7) + b"\1" * 80],
)
async def test_noise_ends_the_connection(sandbox: TelegramSandbox, noise: bytes) -> None:
    reader, writer = await asyncio.open_connection(*sandbox.datacenters[2])
    writer.write(noise)
    await asyncio.wait_for(reader.read(), 5)
    writer.close()
    await writer.wait_closed()


async def test_a_broken_container_is_complained_of(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        body = struct.pack("<Ii", 0x73F1F8DC, 5) + bytes(8)
        session.send(Bytes(body), content=False)
        assert (await session.receive()).error_code == 64


async def test_server_ids_rise_and_tell_answers_apart(sandbox: TelegramSandbox, bot: Client) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        got: list[Any] = []
        for _ in range(3):
            session.send(functions.help.GetConfig())
            got.append(await session.receive_message())
        ids = [message.msg_id for message in got]
        assert ids == sorted(ids)
        assert {msg_id & 3 for msg_id in ids} == {1}
        assert [message.seq_no % 2 for message in got] == [1, 1, 1]
        assert got[1].seq_no - got[0].seq_no == 2
