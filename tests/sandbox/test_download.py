"""What a kurigram client reads out of the sandbox."""

import pytest
from pyrogram.connection.transport import TCP, TCPAbridged, TCPFull, TCPIntermediate, TCPIntermediatePadded
from pyrogram.connection.transport.tcp import TCPAbridgedO, TCPIntermediateO

from sandbox.telegram import TelegramSandbox, content
from sandbox.telegram.clients import signed_in
from tests.sandbox.conftest import CHANNEL
from tests.sandbox.files import Bot

MIB = 1 << 20


@pytest.fixture
def sandbox(lasting_sandbox: TelegramSandbox) -> TelegramSandbox:
    lasting_sandbox.counters.reset()
    return lasting_sandbox


@pytest.fixture
def bot(lasting_bot: Bot) -> Bot:
    return lasting_bot


async def read_all(client: Bot, chat_id: int, message_id: int) -> bytes:
    message = await client.get_messages(chat_id, message_id)
    return b"".join([part async for part in client.stream_media(message)])


async def test_a_bot_signs_in_and_knows_itself(bot: Bot) -> None:
    assert (bot.me.id, bot.me.is_bot) == (1000, True)


async def test_a_document_comes_as_its_content(sandbox: TelegramSandbox, bot: Bot, chat_id: int) -> None:
    info = sandbox.add_document(chat_id, 3 * MIB + 12_345, seed="a film")
    assert await read_all(bot, chat_id, info.message_id) == content(info.media_id, 0, info.size_bytes)


async def test_a_tiny_and_an_empty_end_of_a_document_come_too(sandbox: TelegramSandbox, bot: Bot, chat_id: int) -> None:
    for size in (1, 200, MIB):
        info = sandbox.add_document(chat_id, size)
        assert await read_all(bot, chat_id, info.message_id) == content(info.media_id, 0, size)


async def test_the_message_describes_the_document(sandbox: TelegramSandbox, bot: Bot, chat_id: int) -> None:
    info = sandbox.add_document(chat_id, MIB, mime="video/mp4", file_name="a.b", text="caption")
    message = await bot.get_messages(chat_id, info.message_id)
    assert (message.document.file_name, message.document.mime_type, message.document.file_size) == (
        "a.b",
        "video/mp4",
        MIB,
    )
    assert message.caption == "caption"
    assert message.chat.id == chat_id == -1_000_000_000_000 - CHANNEL


async def test_a_missing_message_is_empty(bot: Bot, chat_id: int) -> None:
    assert (await bot.get_messages(chat_id, 99)).empty


async def test_a_document_of_another_datacenter_comes_over_an_imported_authorization(
    sandbox: TelegramSandbox, bot: Bot, chat_id: int
) -> None:
    info = sandbox.add_document(chat_id, 2 * MIB, dc_id=4)
    assert await read_all(bot, chat_id, info.message_id) == content(info.media_id, 0, 2 * MIB)
    assert sandbox.counters.calls["auth.importAuthorization"] >= 1


@pytest.mark.parametrize(
    "transport", [TCPAbridged, TCPIntermediate, TCPIntermediatePadded, TCPFull, TCPAbridgedO, TCPIntermediateO]
)
async def test_every_transport_carries_a_document(sandbox: TelegramSandbox, chat_id: int, transport: type[TCP]) -> None:
    info = sandbox.add_document(chat_id, MIB + 7)
    async with signed_in(sandbox, transport=transport) as client:
        assert await read_all(client, chat_id, info.message_id) == content(info.media_id, 0, MIB + 7)


async def test_calls_and_bytes_are_counted(sandbox: TelegramSandbox, bot: Bot, chat_id: int) -> None:
    info = sandbox.add_document(chat_id, 2 * MIB + 1)
    await read_all(bot, chat_id, info.message_id)
    assert sandbox.counters.calls["upload.getFile"] == 3
    assert dict(sandbox.counters.file_parts) == {(info.media_id, offset * MIB): 1 for offset in range(3)}
    assert sandbox.counters.bytes_served == 2 * MIB + 1
    media = [session for session in sandbox.counters.sessions.values() if session.calls["upload.getFile"]]
    assert [(session.dc_id, session.user_id) for session in media] == [(2, 1000)]
    assert media[0].bytes_sent > 2 * MIB
