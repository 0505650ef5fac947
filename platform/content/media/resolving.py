"""The job `resolve_media`: looks up the files that a title's episodes, chapters, season packs and pictures name by
file id.

A file id names a file and grants nothing: its bytes are the title's owner's only when one of that owner's own channels
holds it. So each is looked for there by the file's own id, and what was found elsewhere, or under another id, is not.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from typing import Any, Final

from msgspec import Struct

from content.media.judging import judge_units, plays, unit_file_ids
from content.media.model import MediaFile
from content.media.pictures import judge_pictures, picture_file_ids
from content.media.repository import MediaRepository
from content.model import Origin, Title
from content.repository import TitleRepository
from content.resolving import Inspect, Locate, MayRead, part_of
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from streaming.source import DocumentGone, NotPlayable
from streaming.telegram.file_ids import decode_file_id

SECONDS_AT_ONCE: Final = 8.0
"""A job does what it can in this time and leaves the rest to the next one."""

Again = Callable[[Mapping[str, Any]], Awaitable[None]]
"""Enqueues the same kind of job with this payload."""


class Asking(Struct, frozen=True):
    """How Telegram is asked, and how long one job may."""

    inspect: Inspect
    locate: Locate
    may_read: MayRead
    monotonic: Callable[[], float]


async def resolve_media(
    database: Database,
    scope: TenantScope | PlatformScope,
    payload: Mapping[str, Any],
    *,
    asking: Asking,
    again: Again,
) -> int:
    """Works one job of this owner; gives how many files it found. Calls `again` when there is more to look up.

    What cannot be found keeps a reason. Raises SourceUnavailable and StorageUnavailable: try again later; what was
    found by then is kept.
    """
    titles, files = TitleRepository(database, scope), MediaRepository(database, scope)
    title = await titles.by_id(payload.get("title_id"))
    if title is None:
        return 0
    known = await files.many(all_file_ids(title))
    missing = judge_units(title, known, scope.owner, is_file_id).missing
    missing += judge_pictures(title, known, scope.owner, is_file_id).missing
    deadline, found = asking.monotonic() + SECONDS_AT_ONCE, 0
    try:
        for file_id in missing:
            if asking.monotonic() > deadline:
                await again({"title_id": title.id})
                break
            media = await look_up(file_id, scope.owner, asking)
            await files.keep(media)
            known[file_id] = media
            found += media.reason is None
    finally:
        await _settle(titles, title, known, scope.owner)
    return found


async def look_up(file_id: str, owner: str, asking: Asking) -> MediaFile:
    """What the owner's channels hold of the file id. Raises SourceUnavailable."""
    keys = decode_file_id(file_id)
    if keys is None:
        return MediaFile(id=file_id, reason="its file id is no Telegram file id")
    try:
        chat, message = await asking.locate(keys.media_id, owner)
        found = await asking.inspect(chat, message)
    except (DocumentGone, NotPlayable) as error:
        return MediaFile(id=file_id, reason=error.reason)
    if not asking.may_read(chat, owner):
        return MediaFile(id=file_id, reason="its origin is no channel of this owner")
    if found.document.media_id != keys.media_id:
        return MediaFile(id=file_id, reason="the origin message holds another document now")
    part = part_of(found.document, Origin(chat=chat, message=message))
    return MediaFile(id=file_id, documents=[part], mime=found.mime, file_name=found.file_name or None)


async def register_media(database: Database, scope: TenantScope | PlatformScope, media: MediaFile) -> None:
    """Says what is behind a file id, for whoever put it there: an upload, an ingest. Titles that are imported
    afterwards find it; for one that is there already see `settle_title`."""
    await MediaRepository(database, scope).keep(media)


async def settle_title(database: Database, scope: TenantScope | PlatformScope, title_id: Any) -> bool:
    """Judges the title's episodes and chapters anew by what is known of their files; False if there is no such title
    or an import came in between."""
    titles = TitleRepository(database, scope)
    title = await titles.by_id(title_id)
    if title is None:
        return False
    known = await MediaRepository(database, scope).many(all_file_ids(title))
    return await _settle(titles, title, known, scope.owner)


async def _settle(titles: TitleRepository, title: Title, known: Mapping[str, MediaFile], owner: str) -> bool:
    states = judge_units(title, known, owner, is_file_id).states
    playable = plays(states) or any(state.reason is None for state in title.derived.files)
    pictures = judge_pictures(title, known, owner, is_file_id)
    return await titles.settle_units(title, states, pictures, playable=playable)


def all_file_ids(title: Title) -> list[str]:
    """Every file id that the title names by string alone."""
    return [*unit_file_ids(title), *picture_file_ids(title)]


def is_file_id(text: str) -> bool:
    """Whether a text is a Telegram file id; what it names may still be nowhere."""
    return decode_file_id(text) is not None
