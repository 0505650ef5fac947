"""A worker finds out what a bucket misses, through messages of the owner's own channels."""

from typing import Any

import msgspec
import pytest

from content.playable import Playable, qualities
from content.repository import TitleRepository
from content.resolving import resolve_buckets
from storage.mongo import Database
from storage.scope import TenantScope
from streaming.model import Document
from streaming.source import DocumentGone, SourceUnavailable
from tests.content.conftest import Importing
from tests.content.samples import film, resolved_file

CHAT = -1001234567890


class Described(msgspec.Struct):
    document: Document
    mime: str = "video/mp4"


async def inspect(chat: int, message: int) -> Described:
    if message == 99:
        raise DocumentGone("the message was deleted")
    if message == 98:
        raise SourceUnavailable("all workers wait")
    document = Document("", message * 10, -4, b"\x06", 2, 500, "", chat, message)
    return Described(document, "text/html" if message == 97 else "video/mp4")


def is_own(chat: int, owner: str) -> bool:
    return (chat, owner) == (CHAT, "tenant:tenant_a")


def stale(message: int, chat: int = CHAT) -> dict[str, Any]:
    file = resolved_file(1, origin={"chat": chat, "message": message})
    file["tg_raw"]["file_reference"] = "placeholder"
    del file["size_bytes"]
    return file


async def resolve(database: Database, scope: TenantScope, buckets: list[Any]) -> int:
    payload = {"title_id": "film_001", "buckets": buckets}
    return await resolve_buckets(database, scope, payload, inspect=inspect, may_read=is_own)


async def test_a_stale_bucket_plays_after_its_job_and_after_the_next_import(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    files = [stale(12), stale(99), stale(13, chat=-100777), stale(97)]
    report = await importing(scope_a, [film(1, files=files)])
    assert report.jobs == 1
    assert await resolve(database, scope_a, [0, 1, 2, 3, 4, -1, "x"]) == 1
    await importing(scope_a, [film(1, files=files, title="Changed")])
    title = await TitleRepository(database, scope_a).by_id("film_001")
    assert title is not None
    first, *others = qualities(title, scope_a.owner)
    assert isinstance(first.verdict, Playable)
    document = first.verdict.bucket.documents[0]
    assert (document.owner, document.media_id, document.size_bytes) == ("tenant:tenant_a", 120, 500)
    assert not any(isinstance(other.verdict, Playable) for other in others)
    assert title.derived.playable


async def test_reasons_say_what_is_wrong(importing: Importing, database: Database, scope_a: TenantScope) -> None:
    await importing(scope_a, [film(1, files=[stale(99), stale(13, chat=-100777), stale(97)])])
    assert await resolve(database, scope_a, [0, 1, 2]) == 0
    title = await TitleRepository(database, scope_a).by_id("film_001")
    assert title is not None
    assert [state.reason for state in title.derived.files] == [
        "the message was deleted",
        "its origin is no channel of this owner",
        "its media type is neither video nor audio",
    ]


async def test_a_source_that_is_away_leaves_the_job_for_later(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1, files=[stale(98)])])
    with pytest.raises(SourceUnavailable):
        await resolve(database, scope_a, [0])


async def test_a_title_that_is_gone_is_no_work(database: Database, scope_a: TenantScope) -> None:
    assert await resolve(database, scope_a, [0]) == 0
