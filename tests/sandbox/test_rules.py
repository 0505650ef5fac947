"""Telegram's rules for file requests, refused where Telegram refuses."""

import msgspec
import pytest
from pyrogram.errors import (
    BadRequest,
    FileMigrate,
    FileReferenceEmpty,
    FileReferenceExpired,
    FileReferenceInvalid,
    LimitInvalid,
    LocationInvalid,
    OffsetInvalid,
)

from sandbox.telegram import DocumentInfo, SandboxOptions, TelegramSandbox, content
from sandbox.telegram.clients import signed_in
from tests.sandbox.conftest import CHANNEL
from tests.sandbox.files import Bot, mine, part

KIB, MIB = 1 << 10, 1 << 20


@pytest.fixture
def sandbox(lasting_sandbox: TelegramSandbox) -> TelegramSandbox:
    return lasting_sandbox


@pytest.fixture
def bot(lasting_bot: Bot) -> Bot:
    return lasting_bot


@pytest.fixture
def film(sandbox: TelegramSandbox, chat_id: int) -> DocumentInfo:
    return mine(sandbox, sandbox.add_document(chat_id, 3 * MIB))


@pytest.mark.parametrize(
    ("offset", "limit", "precise"),
    [
        (0, 4 * KIB, False),
        (4 * KIB, 4 * KIB, False),
        (512 * KIB, 512 * KIB, False),
        (MIB, MIB, False),
        (KIB, KIB, True),
        (5 * KIB, 7 * KIB, True),
        (MIB - 3 * KIB, 3 * KIB, True),
    ],
)
async def test_lawful_ranges_are_answered(bot: Bot, film: DocumentInfo, offset: int, limit: int, precise: bool) -> None:
    got = await part(bot, film, offset, limit, precise=precise)
    assert got == content(film.media_id, offset, offset + limit)


@pytest.mark.parametrize(
    ("offset", "limit", "precise", "error"),
    [
        (1, 4 * KIB, False, OffsetInvalid),
        (KIB, 4 * KIB, False, OffsetInvalid),
        (512, KIB, True, OffsetInvalid),
        (-4 * KIB, 4 * KIB, False, OffsetInvalid),
        (0, 0, False, LimitInvalid),
        (0, 1000, False, LimitInvalid),
        (0, 12 * KIB, False, LimitInvalid),
        (0, 2 * MIB, False, LimitInvalid),
        (4 * KIB, MIB, False, LimitInvalid),
        (MIB - KIB, 2 * KIB, True, LimitInvalid),
        (0, 1500, True, LimitInvalid),
    ],
)
async def test_unlawful_ranges_are_refused(
    bot: Bot, film: DocumentInfo, offset: int, limit: int, precise: bool, error: type[BadRequest]
) -> None:
    with pytest.raises(error):
        await part(bot, film, offset, limit, precise=precise)


async def test_behind_the_end_there_is_nothing(bot: Bot, film: DocumentInfo) -> None:
    assert await part(bot, film, 3 * MIB, MIB) == b""


async def test_a_wrong_access_hash_is_refused(bot: Bot, film: DocumentInfo) -> None:
    with pytest.raises(LocationInvalid):
        await part(bot, msgspec.structs.replace(film, access_hash=film.access_hash ^ 1), 0, MIB)


async def test_another_accounts_names_are_refused(sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo) -> None:
    theirs = mine(sandbox, film, user_id=2000)
    with pytest.raises(LocationInvalid):
        await part(bot, theirs, 0, MIB)
    with pytest.raises(FileReferenceInvalid):
        await part(bot, msgspec.structs.replace(theirs, access_hash=film.access_hash), 0, MIB)


async def test_with_global_hashes_any_account_may_use_them() -> None:
    async with TelegramSandbox(SandboxOptions(access_hash_per_account=False)) as sandbox:
        info = sandbox.add_document(sandbox.add_channel(CHANNEL), MIB)
        async with signed_in(sandbox, "77:another-token") as client:
            assert await part(client, info, 0, MIB) == content(info.media_id, 0, MIB)


@pytest.mark.parametrize(
    ("reference", "error"), [(b"", FileReferenceEmpty), (b"x" * 25, FileReferenceInvalid), (b"x", FileReferenceInvalid)]
)
async def test_references_that_are_none_are_refused(
    bot: Bot, film: DocumentInfo, reference: bytes, error: type[BadRequest]
) -> None:
    with pytest.raises(error):
        await part(bot, msgspec.structs.replace(film, file_reference=reference), 0, MIB)


async def test_an_expired_reference_is_refused_and_a_fetched_one_is_good(
    sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo
) -> None:
    sandbox.expire_references(film.media_id)
    with pytest.raises(FileReferenceExpired):
        await part(bot, film, 0, MIB)
    assert await part(bot, mine(sandbox, film), 0, MIB) == content(film.media_id, 0, MIB)


async def test_a_document_that_moved_is_found_by_migrating(
    sandbox: TelegramSandbox, bot: Bot, film: DocumentInfo
) -> None:
    sandbox.move_document(film.media_id, 4)
    with pytest.raises(FileMigrate) as moved:
        await part(bot, film, 0, MIB)
    assert moved.value.value == 4
    assert await part(bot, film, 0, MIB, dc_id=4) == content(film.media_id, 0, MIB)
