"""MTProto's own messages, as they should be."""

import struct
import time
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import pytest
from pyrogram.raw.core import GzipPacked

from sandbox.telegram import SandboxOptions, TelegramSandbox
from sandbox.telegram.clients import signed_in
from tests.sandbox.conftest import CHANNEL
from tests.sandbox.files import Bot, functions, types
from tests.sandbox.raw_session import container, key_of, raw_session


@pytest.fixture
def sandbox(lasting_sandbox: TelegramSandbox) -> Iterator[TelegramSandbox]:
    yield lasting_sandbox
    lasting_sandbox.faults.clear()


@pytest.fixture
def bot(lasting_bot: Bot) -> Bot:
    return lasting_bot


async def test_a_new_session_is_announced_after_a_bad_salt_is_set_right(sandbox: TelegramSandbox, bot: Bot) -> None:
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
    options = SandboxOptions(clock=lambda: now, salt_seconds=20)
    async with (
        TelegramSandbox(options) as sandbox,
        signed_in(sandbox) as bot,
        raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session,
    ):
        salts: Any = (await session.ask(functions.GetFutureSalts(num=3))).salts
        assert len(salts) == 3
        assert all(one.valid_until > two.valid_since for one, two in pairwise(salts))
        now += 20
        session.salt = salts[1].salt
        assert (await session.ask(functions.help.GetConfig())).this_dc == 2


async def test_a_container_is_taken_apart(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        ping = session.message(functions.Ping(ping_id=7))
        ack = session.message(types.MsgsAck(msg_ids=[1]), content=False)
        config = session.message(functions.help.GetNearestDc())
        session.send(container([ping, ack, config]), content=False)
        pong, nearest = await session.receive(), await session.receive()
        assert (pong.msg_id, pong.ping_id) == (ping.msg_id, 7)
        assert nearest.req_msg_id == config.msg_id


async def test_packed_requests_and_answers_are_understood(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        assert (await session.ask(GzipPacked(functions.help.GetNearestDc()))).this_dc == 2
        chat_id = sandbox.add_channel(CHANNEL)
        info = sandbox.add_document(chat_id, 1, text="a long text " * 200)
        peer = types.InputChannel(channel_id=CHANNEL, access_hash=0)
        ids = [types.InputMessageID(id=info.message_id)]
        session.send(functions.channels.GetMessages(channel=peer, id=ids))
        before = len(await session.packet())
        assert before < 1000


async def test_a_message_that_came_already_is_acknowledged_alone(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        sent = session.send(functions.help.GetConfig())
        await session.receive()
        session.send(functions.help.GetConfig(), msg_id=sent)
        assert (await session.receive()).msg_ids == [sent]


async def test_the_state_of_messages_can_be_asked(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session:
        sent = session.send(functions.help.GetConfig())
        await session.receive()
        session.send(types.MsgsStateReq(msg_ids=[sent, session.new_id(), 4]))
        info = (await session.receive()).info
        assert [ord(state) for state in info] == [68, 2, 1]


async def test_an_answer_can_be_dropped(sandbox: TelegramSandbox, bot: Bot) -> None:
    sandbox.faults.set(methods=("help.getConfig",), latency_seconds=60)
    async with raw_session(sandbox, await key_of(bot), salt=None) as session:
        session.salt = bot.session.salt
        waiting = session.send(functions.help.GetConfig())
        dropped = await session.ask(functions.RpcDropAnswer(req_msg_id=waiting))
        assert dropped.QUALNAME == "types.RpcAnswerDroppedRunning"
        unknown = await session.ask(functions.RpcDropAnswer(req_msg_id=waiting))
        assert unknown.QUALNAME == "types.RpcAnswerUnknown"


async def test_sessions_can_be_destroyed(sandbox: TelegramSandbox, bot: Bot) -> None:
    async with (
        raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as session,
        raw_session(sandbox, await key_of(bot), salt=bot.session.salt) as other,
    ):
        number = struct.unpack("<q", other.session_id)[0]
        for wanted in ("DestroySessionOk", "DestroySessionNone"):
            session.send(functions.DestroySession(session_id=number))
            answer = await session.receive()
            assert answer.QUALNAME.removeprefix("types.") == wanted


async def test_a_ping_may_ask_for_the_end(sandbox: TelegramSandbox, bot: Bot) -> None:
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


async def test_server_ids_rise_and_tell_answers_apart(sandbox: TelegramSandbox, bot: Bot) -> None:
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
