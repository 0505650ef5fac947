"""Looking up file ids: only in the owner's own channels, a little at a time, and nothing is forgotten on the way."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
import pytest

from content.known import Pictures
from content.media.repository import MediaRepository
from content.media.resolving import SECONDS_AT_ONCE, Asking, register_media, resolve_media, settle_title
from content.model import Title
from content.repository import TitleRepository
from content.units import episodes
from storage.mongo import Database
from storage.scope import TenantScope
from streaming.model import Document
from streaming.source import DocumentGone, SourceUnavailable
from tests.content.conftest import Importing
from tests.content.media.files import CHANNEL, media, named, series


class Described(msgspec.Struct):
    document: Document
    mime: str = "video/mp4"
    file_name: str = "episode.mp4"


class Telegram:
    """Channels of one owner; `holds` says which documents lie where."""

    def __init__(self, owner: str, *holds: int, channel: int = CHANNEL) -> None:
        self.owner = owner
        self.channel = channel
        self.messages = {media_id: media_id + 100 for media_id in holds}
        self.registered = {channel: owner}
        self.swapped: dict[int, int] = {}
        self.seconds = 0.0
        self.seconds_a_look = 0.0
        self.fails_at: int | None = None
        self.again: list[Mapping[str, Any]] = []

    async def locate(self, media_id: int, owner: str) -> tuple[int, int]:
        self.seconds += self.seconds_a_look
        if media_id == self.fails_at:
            raise SourceUnavailable("no worker")
        if media_id not in self.messages:
            raise DocumentGone("the document is in none of its owner's channels")
        return self.channel, self.messages[media_id]

    async def inspect(self, chat: int, message: int) -> Described:
        media_id = next(each for each, at in self.messages.items() if at == message)
        found = self.swapped.get(media_id, media_id)
        return Described(Document(self.owner, found, 5, b"\x06", 4, 2_000, chat_id=chat, message_id=message))

    async def enqueue(self, payload: Mapping[str, Any]) -> None:
        self.again.append(payload)

    async def work(self, database: Database, scope: TenantScope) -> int:
        asking = Asking(
            self.inspect, self.locate, lambda chat, owner: self.registered.get(chat) == owner, lambda: self.seconds
        )
        return await resolve_media(database, scope, {"title_id": "series_1"}, asking=asking, again=self.enqueue)


async def title_of(database: Database, scope: TenantScope) -> Title:
    title = await TitleRepository(database, scope).by_id("series_1")
    assert title is not None
    return title


async def reasons(database: Database, scope: TenantScope) -> list[str | None]:
    return [unit.qualities[0].reason for unit in episodes(await title_of(database, scope))]


async def test_files_in_the_owners_channel_play_afterwards(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1, 2, None])])
    telegram = Telegram(scope_a.owner, 1)
    assert await telegram.work(database, scope_a) == 1
    assert await reasons(database, scope_a) == [
        None,
        "the document is in none of its owner's channels",
        "its file id is no Telegram file id",
    ]
    assert (await title_of(database, scope_a)).derived.playable
    found = (await MediaRepository(database, scope_a).many([named(1)]))[named(1)]
    assert (found.file_name, found.mime, found.documents[0].size_bytes) == ("episode.mp4", "video/mp4", 2_000)
    assert telegram.again == []


async def test_what_could_not_be_found_is_not_asked_for_again_until_it_is_forgotten(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1])])
    assert await Telegram(scope_a.owner).work(database, scope_a) == 0
    assert await Telegram(scope_a.owner, 1).work(database, scope_a) == 0
    assert await MediaRepository(database, scope_a).forget_failures([named(1)]) == 1
    assert await Telegram(scope_a.owner, 1).work(database, scope_a) == 1


async def test_a_file_in_a_channel_of_somebody_else_is_not_given(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1])])
    telegram = Telegram(scope_a.owner, 1)
    telegram.registered = {CHANNEL: "tenant:b"}
    assert await telegram.work(database, scope_a) == 0
    assert await reasons(database, scope_a) == ["its origin is no channel of this owner"]


async def test_a_message_that_holds_another_document_is_not_given(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1])])
    telegram = Telegram(scope_a.owner, 1)
    telegram.swapped = {1: 99}
    assert await telegram.work(database, scope_a) == 0
    assert await reasons(database, scope_a) == ["the origin message holds another document now"]


async def test_a_long_job_leaves_the_rest_to_the_next_one(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1, 2, 3])])
    telegram = Telegram(scope_a.owner, 1, 2, 3)
    telegram.seconds_a_look = SECONDS_AT_ONCE * 0.6
    assert await telegram.work(database, scope_a) == 2
    assert telegram.again == [{"title_id": "series_1"}]
    assert await telegram.work(database, scope_a) == 1
    assert await reasons(database, scope_a) == [None, None, None]


async def test_what_was_found_before_telegram_went_away_is_kept(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1, 2])])
    telegram = Telegram(scope_a.owner, 1, 2)
    telegram.fails_at = 2
    with pytest.raises(SourceUnavailable):
        await telegram.work(database, scope_a)
    assert await reasons(database, scope_a) == [None, "its file id was not looked up yet"]


async def test_a_title_that_is_gone_is_no_work(database: Database, scope_a: TenantScope) -> None:
    assert await Telegram(scope_a.owner).work(database, scope_a) == 0
    assert not await settle_title(database, scope_a, "series_1")


async def test_media_that_are_registered_after_the_import_play_once_the_title_is_settled(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1, None])])
    await register_media(database, scope_a, media(1))
    await register_media(database, scope_a, msgspec.structs.replace(media(2), id="BAACAg"))
    assert await settle_title(database, scope_a, "series_1")
    assert await reasons(database, scope_a) == [None, None]


async def test_a_job_that_was_overtaken_by_an_import_does_not_overwrite_it(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1])])
    before = await title_of(database, scope_a)
    await importing(scope_a, [series([1, 2])])
    assert not await TitleRepository(database, scope_a).settle_units(before, [], Pictures(), playable=True)
    assert len((await title_of(database, scope_a)).derived.units) == 2
