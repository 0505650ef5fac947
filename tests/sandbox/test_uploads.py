"""What is uploaded stays, and comes back as it was."""

import hashlib
import random
import secrets
from pathlib import Path
from typing import Any

import pytest
from PIL import Image
from pyrogram.errors import BadRequest, InternalServerError

from sandbox.telegram import SandboxOptions, TelegramSandbox
from sandbox.telegram.clients import signed_in
from tests.sandbox.conftest import CHANNEL
from tests.sandbox.files import Bot, functions, types
from tests.sandbox.test_download import read_all

KIB, MIB = 1 << 10, 1 << 20


@pytest.fixture
def sandbox(lasting_sandbox: TelegramSandbox) -> TelegramSandbox:
    lasting_sandbox.counters.reset()
    return lasting_sandbox


@pytest.fixture
def bot(lasting_bot: Bot) -> Bot:
    return lasting_bot


@pytest.fixture
def file_id() -> int:
    return secrets.randbits(62)


def make_file(path: Path, size: int) -> Path:
    path.write_bytes(random.Random(size).randbytes(size))
    return path


@pytest.mark.parametrize("size", [1, 700 * KIB, 11 * MIB + 3])
async def test_what_is_sent_can_be_downloaded(bot: Bot, chat_id: int, tmp_path: Path, size: int) -> None:
    path = make_file(tmp_path / "film.mp4", size)
    sent = await bot.send_document(chat_id, str(path), caption="a film", force_document=True)
    assert (sent.document.file_size, sent.document.file_name, sent.caption) == (size, "film.mp4", "a film")
    assert await read_all(bot, chat_id, sent.id) == path.read_bytes()


async def test_a_photo_comes_back(bot: Bot, chat_id: int, tmp_path: Path) -> None:
    path = tmp_path / "poster.jpg"
    Image.new("RGB", (320, 200), "teal").save(path)
    sent = await bot.send_photo(chat_id, str(path))
    assert (sent.photo.width, sent.photo.height) == (320, 200)
    assert await read_all(bot, chat_id, sent.id) == path.read_bytes()


async def test_a_restart_keeps_channels_messages_and_uploads(tmp_path: Path) -> None:
    options = SandboxOptions(data=tmp_path / "data")
    path = make_file(tmp_path / "film.mp4", 3 * MIB)
    async with TelegramSandbox(options) as sandbox:
        chat_id = sandbox.add_channel(CHANNEL)
        async with signed_in(sandbox, folder=tmp_path) as client:
            sent = await client.send_document(chat_id, str(path))
        fingerprint = sandbox.fingerprint
    async with TelegramSandbox(options) as sandbox:
        assert sandbox.fingerprint == fingerprint
        assert sandbox.add_channel(CHANNEL) == chat_id
        async with signed_in(sandbox, folder=tmp_path) as client:
            assert await read_all(client, chat_id, sent.id) == path.read_bytes()
        assert not sandbox.counters.calls["auth.importBotAuthorization"], "the key and its sign-in are kept too"


async def test_a_file_on_disk_is_served_where_it_lies(
    sandbox: TelegramSandbox, bot: Bot, chat_id: int, tmp_path: Path
) -> None:
    path = make_file(tmp_path / "lies here", 2 * MIB + 9)
    info = sandbox.add_document(chat_id, path=path)
    assert await read_all(bot, chat_id, info.message_id) == path.read_bytes()
    assert sandbox.content(info.media_id, MIB, MIB + 5) == path.read_bytes()[MIB : MIB + 5]


async def save(client: Bot, file_id: int, number: int, data: bytes, *, total: int | None = None) -> None:
    session = await client.get_session(2, is_media=True)
    query: Any = functions.upload.SaveFilePart(file_id=file_id, file_part=number, bytes=data)
    if total is not None:
        query = functions.upload.SaveBigFilePart(file_id=file_id, file_part=number, file_total_parts=total, bytes=data)
    assert await session.invoke(query) is True


async def send(client: Bot, chat_id: int, file: Any) -> Any:
    media = types.InputMediaUploadedDocument(file=file, mime_type="video/mp4", attributes=[])
    peer = await client.resolve_peer(chat_id)
    return await client.invoke(
        functions.messages.SendMedia(peer=peer, media=media, message="", random_id=secrets.randbits(62))
    )


async def test_parts_may_come_in_any_order(bot: Bot, chat_id: int, file_id: int) -> None:
    parts = [bytes([number]) * 512 * KIB for number in range(3)] + [b"the end"]
    for number in (3, 1, 0, 2):
        await save(bot, file_id, number, parts[number], total=4)
    sent = await send(bot, chat_id, types.InputFileBig(id=file_id, parts=4, name="n"))
    message_id = sent.updates[0].id
    assert await read_all(bot, chat_id, message_id) == b"".join(parts)


async def test_a_missing_part_is_named(bot: Bot, chat_id: int, file_id: int) -> None:
    await save(bot, file_id, 0, bytes(512 * KIB), total=3)
    await save(bot, file_id, 2, b"end", total=3)
    with pytest.raises(BadRequest, match="Part 1 of the file"):
        await send(bot, chat_id, types.InputFileBig(id=file_id, parts=3, name="n"))


async def test_a_wrong_checksum_is_refused(bot: Bot, chat_id: int, file_id: int) -> None:
    await save(bot, file_id, 0, b"small")
    file = types.InputFile(id=file_id, parts=1, name="n", md5_checksum=hashlib.md5(b"other").hexdigest())
    with pytest.raises(BadRequest, match="MD5_CHECKSUM_INVALID"):
        await send(bot, chat_id, file)


@pytest.mark.parametrize(
    ("number", "size", "total", "error"),
    [
        (0, 513 * KIB, None, "FILE_PART_TOO_BIG"),
        (0, 0, None, "FILE_PART_EMPTY"),
        (0, 1000, 3, "FILE_PART_SIZE_INVALID"),
        (3, KIB, 3, "FILE_PART_INVALID"),
        (0, KIB, 4001, "FILE_PARTS_INVALID"),
    ],
)
async def test_parts_beyond_the_rules_are_refused(
    bot: Bot, file_id: int, number: int, size: int, total: int | None, error: str
) -> None:
    with pytest.raises(BadRequest, match=error):
        await save(bot, file_id, number, bytes(size), total=total)


async def test_a_message_sent_twice_is_posted_once(sandbox: TelegramSandbox, bot: Bot, chat_id: int) -> None:
    peer = await bot.resolve_peer(chat_id)
    query = functions.messages.SendMessage(peer=peer, message="hello", random_id=secrets.randbits(62))
    await bot.invoke(query)
    with pytest.raises(InternalServerError, match="RANDOM_ID_DUPLICATE"):
        await bot.session.send(query)
    assert sandbox.counters.errors["RANDOM_ID_DUPLICATE"] == 1
