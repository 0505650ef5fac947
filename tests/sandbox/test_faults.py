"""Each knob does what it says, to a kurigram client."""

import asyncio
import contextlib
import time

import pytest
from pyrogram.errors import (
    AccessTokenInvalid,
    AuthKeyUnregistered,
    FileReferenceExpired,
    FloodPremiumWait,
    FloodWait,
    UserMigrate,
)

from sandbox.telegram import DocumentInfo, Faults, SandboxOptions, TelegramSandbox, content
from sandbox.telegram.clients import client, signed_in
from tests.sandbox.files import Bot, functions, mine, part
from tests.sandbox.raw_session import raw_session
from tests.sandbox.test_download import read_all

MIB = 1 << 20


@pytest.fixture
def film(sandbox: TelegramSandbox, chat_id: int) -> DocumentInfo:
    return mine(sandbox, sandbox.add_document(chat_id, 8 * MIB))


async def test_every_nth_call_is_told_to_wait(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    sandbox.faults.set(flood_every=2, flood_seconds=30, flood_holds=False)
    await part(bot, film, 0, MIB)
    with pytest.raises(FloodWait) as told:
        await part(bot, film, 0, MIB)
    assert told.value.value == 30
    assert await part(bot, film, 0, MIB) == content(film.media_id, 0, MIB)
    assert sandbox.counters.errors["FLOOD_WAIT_30"] == 1


async def test_who_does_not_wait_is_told_again_and_counted(
    sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo
) -> None:
    sandbox.faults.set(flood_every=1, flood_seconds=30)
    for _ in range(2):
        with pytest.raises(FloodWait):
            await part(bot, film, 0, MIB)
        sandbox.faults.set(flood_every=0)
    assert sandbox.counters.calls_while_flooded == 1


async def test_kurigram_sits_a_short_wait_out(
    sandbox: TelegramSandbox, bot: Bot, chat_id: int, film: DocumentInfo
) -> None:
    sandbox.faults.set(flood_every=5, flood_seconds=1)
    assert await read_all(bot, chat_id, film.message_id) == content(film.media_id, 0, film.size_bytes)
    assert sandbox.counters.errors["FLOOD_WAIT_1"] >= 1


async def test_waits_can_come_by_chance(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    sandbox.faults.set(flood_probability=1.0, flood_seconds=7)
    with pytest.raises(FloodWait):
        await part(bot, film, 0, MIB)


async def test_knobs_can_be_about_one_datacenter_alone(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    sandbox.faults.set(flood_every=1, datacenters=(4,))
    assert await part(bot, film, 0, MIB)
    sandbox.move_document(film.media_id, 4)
    with pytest.raises(FloodWait):
        await part(bot, film, 0, MIB, dc_id=4)


async def test_premium_waits_have_their_own_name(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    sandbox.faults.set(premium_flood_every=1, premium_flood_seconds=3)
    with pytest.raises(FloodPremiumWait):
        await part(bot, film, 0, MIB)


async def test_references_expire_under_the_reader(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    sandbox.faults.set(expire_reference_every=2)
    await part(bot, film, 0, MIB)
    with pytest.raises(FileReferenceExpired):
        await part(bot, film, MIB, MIB)
    sandbox.faults.clear()
    with pytest.raises(FileReferenceExpired):
        await part(bot, film, MIB, MIB)
    assert await part(bot, mine(sandbox, film), MIB, MIB) == content(film.media_id, MIB, 2 * MIB)


async def test_references_die_of_age() -> None:
    now = time.time()
    async with TelegramSandbox(SandboxOptions(clock=lambda: now), Faults(reference_ttl_seconds=10)) as sandbox:
        info = sandbox.add_document(sandbox.add_channel(5), MIB)
        async with signed_in(sandbox) as bot:
            film = mine(sandbox, info)
            assert await part(bot, film, 0, MIB)
            now += 20
            with pytest.raises(FileReferenceExpired):
                await part(bot, film, 0, MIB)


async def test_a_lost_sign_in_is_told_until_there_is_another(
    sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo
) -> None:
    sandbox.faults.set(unregister_every=1)
    with pytest.raises(AuthKeyUnregistered):
        await part(bot, film, 0, MIB)
    sandbox.faults.clear()
    with pytest.raises(AuthKeyUnregistered):
        await part(bot, film, 0, MIB)
    await bot.sign_in_bot("1000:sandbox-token")
    assert await part(bot, film, 0, MIB) == content(film.media_id, 0, MIB)


async def test_a_sign_in_can_be_taken_away(sandbox: TelegramSandbox, bot: Bot) -> None:
    sandbox.sign_out()
    with pytest.raises(AuthKeyUnregistered):
        await bot.get_me()


@pytest.mark.parametrize("knob", ["drop_every", "cut_every"])
async def test_a_lost_connection_is_made_again(
    sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo, knob: str
) -> None:
    await part(bot, film, 0, MIB)
    sandbox.faults.set(**{knob: 1})
    with pytest.raises(TimeoutError):
        await part(bot, film, 0, MIB, timeout=0.2)
    sandbox.faults.clear()
    assert await part(bot, film, 0, MIB) == content(film.media_id, 0, MIB)


async def test_forgotten_keys_are_unknown(sandbox: TelegramSandbox, bot: Bot) -> None:
    key = await bot.storage.auth_key()
    sandbox.forget_keys()
    async with raw_session(sandbox, key, salt=None) as session:
        session.send(functions.help.GetConfig())
        assert await session.packet() == (-404).to_bytes(4, "little", signed=True)


async def test_a_datacenter_that_is_down_hangs_up(sandbox: TelegramSandbox) -> None:
    sandbox.faults.set(down_datacenters=[2])
    reader, writer = await asyncio.open_connection(*sandbox.datacenters[2])
    with contextlib.suppress(ConnectionError):
        assert await reader.read() == b""
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_a_call_can_hang_its_connection(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    await part(bot, film, 0, MIB)
    sandbox.faults.set(hang_every=2)
    assert await part(bot, film, 0, MIB)
    for _ in range(2):
        with pytest.raises(TimeoutError):
            await part(bot, film, 0, MIB, timeout=0.2)
    assert sandbox.counters.calls["upload.getFile"] == 3, "what came after it was not even looked at"


async def test_a_hung_connection_answers_nothing(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    session = await bot.get_session(2, is_media=True)
    sandbox.hang_connections(dc_id=2)
    with pytest.raises(TimeoutError):
        await session.invoke(functions.help.GetConfig(), retries=1, retry_delay=0, timeout=0.2)
    assert sandbox.reset_connections() >= 2


async def test_answers_come_late_and_out_of_order(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    await part(bot, film, 0, MIB)
    sandbox.faults.set(latency_seconds=0.05, jitter_seconds=0.1)
    order: list[int] = []

    async def fetch(number: int) -> None:
        assert await part(bot, film, number * MIB, MIB) == content(film.media_id, number * MIB, (number + 1) * MIB)
        order.append(number)

    began = time.monotonic()
    await asyncio.gather(*(fetch(number) for number in range(8)))
    assert time.monotonic() - began >= 0.05
    assert sorted(order) == list(range(8)) != order


@pytest.mark.parametrize("knob", ["bandwidth_bytes_per_second", "connection_bytes_per_second"])
async def test_bandwidth_is_capped(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo, knob: str) -> None:
    await part(bot, film, 0, MIB)
    sandbox.faults.set(**{knob: 10 * MIB})
    began = time.monotonic()
    await asyncio.gather(*(part(bot, film, number * MIB, MIB) for number in range(4)))
    assert time.monotonic() - began >= 0.39


async def test_only_known_tokens_sign_in() -> None:
    async with TelegramSandbox(SandboxOptions(bot_tokens=("1:right-token",))) as sandbox:
        stranger = client(sandbox, "1:wrong-token")
        with pytest.raises(AccessTokenInvalid):
            await stranger.start()
        async with signed_in(sandbox, "1:right-token") as bot:
            assert bot.me.id == 1


async def test_a_revoked_token_is_out_at_once(sandbox: TelegramSandbox, bot: Bot) -> None:
    sandbox.revoke_token("1000:sandbox-token")
    with pytest.raises(AuthKeyUnregistered):
        await bot.get_me()
    with pytest.raises(AccessTokenInvalid):
        await bot.sign_in_bot("1000:sandbox-token")


async def test_a_bot_of_another_home_is_sent_there() -> None:
    async with TelegramSandbox(SandboxOptions(home_dc_id=4)) as sandbox, signed_in(sandbox) as bot:
        assert await bot.storage.dc_id() == 4
        assert sandbox.counters.errors["USER_MIGRATE_4"] == 1
        assert UserMigrate.ID


def test_knobs_that_there_are_not_are_refused() -> None:
    with pytest.raises(AttributeError, match="flod_every"):
        Faults().set(flod_every=3)
