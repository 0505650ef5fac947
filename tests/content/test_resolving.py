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
    file_name: str = "film.mp4"


async def inspect(chat: int, message: int) -> Described:
    if message == 99:
        raise DocumentGone("the message was deleted")
    if message == 98:
        raise SourceUnavailable("all workers wait")
    document = Document("", message * 10, -4, b"\x06", 2, 500, "", chat, message)
    return Described(document, "text/html" if message == 97 else "video/mp4")


async def locate(media_id: int, owner: str) -> tuple[int, int]:
    """The owner's one channel holds the documents 120 and, in a message that an import may not read, 130."""
    if owner != "tenant:tenant_a" or media_id not in (120, 130):
        raise DocumentGone("the document is in none of its owner's channels")
    return (CHAT if media_id == 120 else -100777), media_id // 10


def is_own(chat: int, owner: str) -> bool:
    return (chat, owner) == (CHAT, "tenant:tenant_a")


def stale(message: int, chat: int = CHAT) -> dict[str, Any]:
    file = resolved_file(1, origin={"chat": chat, "message": message})
    file["tg_raw"]["file_reference"] = "placeholder"
    del file["size_bytes"]
    return file


async def resolve(database: Database, scope: TenantScope, buckets: list[Any]) -> int:
    payload = {"title_id": "film_001", "buckets": buckets}
    return await resolve_buckets(database, scope, payload, inspect=inspect, may_read=is_own, locate=locate)


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


def without_origin(media_id: int | None) -> dict[str, Any]:
    """A bucket in the shape that operators hold: raw keys and nothing that the platform adds."""
    file = resolved_file()
    file["tg_raw"]["media_id"] = media_id
    for added in ("origin", "size_bytes", "dc_id", "mime"):
        del file[added]
    return file


async def test_a_bucket_without_its_message_is_looked_for_in_its_owners_channels(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    files = [without_origin(120), without_origin(999), without_origin(130), without_origin(None)]
    for scope, playing in ((scope_a, 1), (scope_b, 0)):
        assert (await importing(scope, [film(1, files=files)])).jobs == 1
        assert await resolve(database, scope, [0, 1, 2, 3]) == playing
    title = await TitleRepository(database, scope_a).by_id("film_001")
    assert title is not None
    verdicts = [offered.verdict for offered in qualities(title, scope_a.owner)]
    assert isinstance(verdicts[0], Playable)
    document = verdicts[0].bucket.documents[0]
    assert (document.media_id, document.chat_id, document.message_id, document.size_bytes) == (120, CHAT, 12, 500)
    assert [state.reason for state in title.derived.files[1:]] == [
        "the document is in none of its owner's channels",
        "its origin is no channel of this owner",
        "its origin message is not known",
    ]


async def test_a_source_that_is_away_leaves_the_job_for_later(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1, files=[stale(98)])])
    with pytest.raises(SourceUnavailable):
        await resolve(database, scope_a, [0])


async def test_a_title_that_is_gone_is_no_work(database: Database, scope_a: TenantScope) -> None:
    assert await resolve(database, scope_a, [0]) == 0
