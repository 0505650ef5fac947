"""Starting with, without and before Telegram; uploads; describing what is there."""

import asyncio
import os
import stat
import subprocess
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path

import msgspec
import pytest

import streaming
from sandbox.telegram import SandboxOptions, TelegramSandbox
from streaming.core import build_core
from streaming.model import Document
from streaming.settings import CoreSettings, TelegramSettings
from streaming.source import CHUNK, DocumentGone, NotPlayable, SourceUnavailable
from streaming.telegram.datacenters import BadPublicKey
from streaming.telegram.upload import MAX_BYTES, PART, TooLarge, upload
from tests.streaming.core.conftest import CHANNEL, Studio, source_of
from tests.streaming.core.doubles import bucket, read, tenant, until

pytestmark = pytest.mark.anyio


async def test_a_telegram_that_cannot_be_reached_does_not_stop_the_start_and_is_reached_later(
    studio: Studio, tmp_path: Path
) -> None:
    info = studio.sandbox.add_document(CHANNEL, 3 * CHUNK)
    studio.sandbox.faults.set(down_datacenters=(2, 4))
    (tmp_path / "film.mp4").write_bytes(b"x" * 100)
    settings = CoreSettings(media_root=str(tmp_path), telegram=studio.settings())
    core = build_core(settings)
    await core.start()
    try:
        on_disk = bucket(Document(owner="platform", path="film.mp4", size_bytes=100))
        assert await read(core, on_disk, tenant("a"), 0, 100) == b"x" * 100
        with pytest.raises(SourceUnavailable):
            await source_of(core).describe(CHANNEL, info.message_id)
        studio.sandbox.faults.clear()
        await until(lambda: source_of(core).ready, seconds=15)
        film = bucket(await source_of(core).describe(CHANNEL, info.message_id))
        assert await studio.reads_exactly(core, film)
    finally:
        await core.close()


async def test_sign_ins_are_kept_over_restarts_in_files_for_the_owner_alone(studio: Studio, tmp_path: Path) -> None:
    settings = studio.settings(workers=2, session_dir=str(tmp_path / "sessions"))
    for sign_ins in (2, 0):
        studio.sandbox.counters.reset()
        core = await studio.core(settings)
        film = await studio.film(core, CHUNK, dc_id=4)
        assert await studio.reads_exactly(core, film)
        assert studio.sandbox.counters.calls["auth.importBotAuthorization"] == sign_ins
        await core.close()
    files = list((tmp_path / "sessions").iterdir())
    assert len(files) == 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in files} == {0o600}
    assert not any(b"xxxxx" in path.read_bytes() or "xxxxx" in path.name for path in files), "no token is kept"


@pytest.mark.parametrize("damage", [b"", b"garbage", b"\x82"])
async def test_a_broken_session_file_costs_a_sign_in_and_no_more(studio: Studio, tmp_path: Path, damage: bytes) -> None:
    settings = studio.settings(session_dir=str(tmp_path))
    await (await studio.core(settings)).close()
    for path in tmp_path.iterdir():
        path.write_bytes(damage)
    core = await studio.core(settings)
    assert await studio.reads_exactly(core, await studio.film(core, CHUNK))


async def test_keys_of_another_telegram_are_replaced(studio: Studio, tmp_path: Path) -> None:
    settings = studio.settings(session_dir=str(tmp_path))
    await (await studio.core(settings)).close()
    async with TelegramSandbox(SandboxOptions()) as other:
        chat = other.add_channel(CHANNEL)
        info = other.add_document(chat, 1000)
        elsewhere = msgspec.structs.replace(
            settings, datacenters=other.datacenters, public_keys=(str(other.public_key_pem),)
        )
        core = await studio.core(elsewhere)
        film = bucket(await source_of(core).describe(chat, info.message_id))
        assert await read(core, film, tenant("a"), 0, 1000) == other.content(info.media_id, 0, 1000)
        await core.close()


async def test_an_account_that_lives_in_another_datacenter_is_signed_in_there() -> None:
    async with TelegramSandbox(SandboxOptions(home_dc_id=4)) as sandbox, AsyncExitStack() as stack:
        studio = Studio(sandbox, stack)
        core = await studio.core()
        assert await studio.reads_exactly(core, await studio.film(core, CHUNK, dc_id=2))


async def test_a_telegram_without_the_usual_first_datacenter_is_signed_in_to_where_there_is_one() -> None:
    options = SandboxOptions(datacenters=(4, 5), home_dc_id=4)
    async with TelegramSandbox(options) as sandbox, AsyncExitStack() as stack:
        studio = Studio(sandbox, stack)
        core = await studio.core()
        assert await studio.reads_exactly(core, await studio.film(core, CHUNK, dc_id=5))


@pytest.mark.parametrize("content", [b"", b"-----BEGIN NOTHING-----\n", None])
def test_a_bad_public_key_is_named(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "server.pem"
    if content is not None:
        path.write_bytes(content)
    settings = msgspec.structs.replace(_offline(), public_keys=(str(path),))
    with pytest.raises(BadPublicKey, match=r"server\.pem"):
        build_core(CoreSettings(telegram=settings))


def _offline() -> TelegramSettings:
    return TelegramSettings(api_id=1, api_hash="h", bot_tokens=("1:xxxxxxxx",))


async def test_a_refused_token_leaves_the_other_workers_to_work(studio: Studio) -> None:
    settings = studio.settings()
    core = await studio.core(msgspec.structs.replace(settings, bot_tokens=("no-token", *settings.bot_tokens[:1])))
    assert await studio.reads_exactly(core, await studio.film(core, 2 * CHUNK, dc_id=4))
    assert core.stats["telegram_workers_ready"] == 1


async def test_closing_ends_every_task_and_connection(studio: Studio) -> None:
    before = asyncio.all_tasks()
    core = await studio.core()
    film = await studio.film(core, 9 * CHUNK, dc_id=4)
    assert await studio.reads_exactly(core, film)
    await core.close()
    assert core.stats["telegram_sessions"] == 0
    named = ("telegram", "worker", "fetch", "stream", "disk")
    ours = {task for task in asyncio.all_tasks() - before if task.get_name().startswith(named)}
    assert not ours


async def _stream(content: bytes, step: int) -> AsyncIterator[bytes]:
    for start in range(0, len(content), step):
        yield content[start : start + step]


@pytest.mark.parametrize("size", [1, PART, PART + 1, (10 << 20) + 5])
async def test_an_uploaded_file_streams_back_exactly(studio: Studio, tmp_path: Path, size: int) -> None:
    core = await studio.core()
    content = os.urandom(size)
    (tmp_path / "film.mp4").write_bytes(content)
    told: list[tuple[int, int]] = []
    sent = await upload(
        source_of(core),
        tmp_path / "film.mp4",
        CHANNEL,
        file_name="film.mp4",
        mime="video/mp4",
        progress=lambda done, total: told.append((done, total)),
    )
    assert (sent.mime, sent.file_name, sent.document.owner) == ("video/mp4", "film.mp4", "platform")
    assert told[-1] == (size, size)
    assert await read(core, bucket(sent.document), tenant("a"), 0, size) == content
    assert sent.document.message_id is not None
    again = await source_of(core).describe(CHANNEL, sent.document.message_id)
    assert (again.media_id, again.size_bytes) == (sent.document.media_id, size)


async def test_a_stream_is_uploaded_through_floods_and_lost_connections(studio: Studio) -> None:
    core = await studio.core()
    content = os.urandom((10 << 20) + 77)
    studio.sandbox.faults.set(
        methods=("upload.saveBigFilePart", "messages.sendMedia"), flood_every=9, drop_every=13, flood_seconds=1
    )
    sent = await upload(
        source_of(core),
        _stream(content, 300_000),
        1234567890,
        file_name="a.mp4",
        mime="video/mp4",
        size_bytes=len(content),
    )
    studio.sandbox.faults.clear()
    assert await read(core, bucket(sent.document), tenant("a"), 0, len(content)) == content


@pytest.mark.parametrize(
    ("size", "channel", "error"),
    [
        (None, CHANNEL, ValueError),
        (0, CHANNEL, ValueError),
        (99, CHANNEL, ValueError),
        (101, CHANNEL, ValueError),
        (MAX_BYTES + 1, CHANNEL, TooLarge),
        (100, -1000000000999, NotPlayable),
    ],
)
async def test_an_upload_that_cannot_be_is_refused(
    studio: Studio, size: int | None, channel: int, error: type[Exception]
) -> None:
    core = await studio.core()
    media = _stream(b"x" * 100, 40)
    with pytest.raises(error):
        await upload(source_of(core), media, channel, file_name="a", mime="video/mp4", size_bytes=size)


async def test_raw_keys_alone_are_completed_from_the_owners_channels(studio: Studio) -> None:
    core = await studio.core()
    for _ in range(2):
        await studio.film(core, 100)
    film = await studio.film(core, CHUNK + 9, dc_id=4)
    document = film.documents[0]
    bare = Document(owner="platform", media_id=document.media_id, access_hash=7, file_reference=b"\x06", file_hash="k")
    complete = await source_of(core).complete(bare)
    assert (complete.size_bytes, complete.dc_id, complete.file_hash) == (CHUNK + 9, 4, "k")
    assert (complete.chat_id, complete.message_id) == (document.chat_id, document.message_id)
    assert await studio.reads_exactly(core, bucket(complete))
    with pytest.raises(DocumentGone):
        await source_of(core).complete(msgspec.structs.replace(bare, owner="tenant:a"))
    with pytest.raises(DocumentGone):
        await source_of(core).complete(msgspec.structs.replace(document, media_id=5))
    with pytest.raises(NotPlayable):
        await source_of(core).describe(-1000000000999, 1)
    with pytest.raises(NotPlayable):
        await source_of(core).complete(msgspec.structs.replace(document, owner="tenant:a"))


async def test_a_channel_is_read_once_for_all_that_is_looked_for_in_it(studio: Studio) -> None:
    core = await studio.core()
    documents = [(await studio.film(core, 100 + number)).documents[0] for number in range(6)]
    studio.sandbox.counters.reset()
    for document in reversed(documents):
        bare = Document(owner="platform", media_id=document.media_id, file_hash="k")
        assert (await source_of(core).complete(bare)).message_id == document.message_id
    assert studio.sandbox.counters.calls["channels.getMessages"] == 1
    later = (await studio.film(core, 99)).documents[0]
    bare = Document(owner="platform", media_id=later.media_id, file_hash="k")
    assert (await source_of(core).complete(bare)).message_id == later.message_id


_ON_UVLOOP = """
import uvloop
from sandbox.telegram import SandboxOptions, TelegramSandbox
from storage.scope import TenantId, mint_tenant_scope
from streaming.core import build_core
from streaming.model import Bucket
from streaming.settings import CoreSettings, TelegramSettings

async def main():
    async with TelegramSandbox(SandboxOptions()) as sandbox:
        chat = sandbox.add_channel(77)
        info = sandbox.add_document(chat, 3_000_000, dc_id=4)
        telegram = TelegramSettings(
            api_id=1, api_hash="h", bot_tokens=("1:xxxxxxxx",), storage_channels={77: "platform"},
            datacenters=sandbox.datacenters, public_keys=(str(sandbox.public_key_pem),),
        )
        core = build_core(CoreSettings(telegram=telegram))
        await core.start()
        document = await core.telegram.describe(chat, info.message_id)
        film = Bucket("e", "video/mp4", (document,), document.size_bytes)
        async with await core.open(film, mint_tenant_scope(TenantId("a"))) as reading:
            got = b"".join([bytes(view) async for view in reading.read(0, film.size_bytes)])
        await core.close()
        print(got == sandbox.content(info.media_id, 0, 3_000_000), core.telegram.crypto)

uvloop.run(main())
"""


def test_it_streams_on_uvloop_as_in_production() -> None:
    root = Path(streaming.__file__).parents[1]
    environment = {**os.environ, "PYTHONPATH": str(root)}
    done = subprocess.run(
        [sys.executable, "-c", _ON_UVLOOP], env=environment, capture_output=True, text=True, timeout=60, check=False
    )
    assert done.stdout.startswith("True warpcrypto"), done.stderr


def test_the_core_loads_no_telegram_library_where_none_is_set_up() -> None:
    root = Path(streaming.__file__).parents[1]
    code = (
        "import sys; from streaming.core import build_core; from streaming.settings import CoreSettings; "
        "build_core(CoreSettings(media_root='.')); assert not any(n.startswith('pyrogram') for n in sys.modules)"
    )
    subprocess.run([sys.executable, "-c", code], env={**os.environ, "PYTHONPATH": str(root)}, check=True, timeout=30)
