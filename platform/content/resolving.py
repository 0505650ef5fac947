"""The job `resolve_bucket`: asks Telegram what the buckets of a title miss, through the messages that hold them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from content.model import FileState, Origin, Part, RawKeys, TitleFile
from content.playable import Playable, judge
from content.repository import TitleRepository
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from streaming.model import Document
from streaming.source import DocumentGone, NotPlayable


class Found(Protocol):
    """What Telegram says of the document of a message."""

    @property
    def document(self) -> Document:
        """The document with its present keys."""
        ...

    @property
    def mime(self) -> str:
        """Its type, as its uploader gave it."""
        ...


Inspect = Callable[[int, int], Awaitable[Found]]
"""Chat and message to what they hold. Raises DocumentGone, NotPlayable; SourceUnavailable to be asked again."""
MayRead = Callable[[int, str], bool]
"""Whether a chat is registered to an owner: an import may name any chat, and most belong to somebody else."""


async def resolve_buckets(
    database: Database,
    scope: TenantScope | PlatformScope,
    payload: Mapping[str, Any],
    *,
    inspect: Inspect,
    may_read: MayRead,
) -> int:
    """Works one job of this owner; gives how many of its buckets play now.

    A bucket that cannot be resolved keeps a reason. Raises SourceUnavailable and StorageUnavailable: try again later.
    """
    titles = TitleRepository(database, scope)
    title = await titles.by_id(payload.get("title_id"))
    if title is None:
        return 0
    states = list(title.derived.files)
    places = [place for place in _places(payload) if place < min(len(states), len(title.files))]
    for place in places:
        states[place] = await _resolved(title.files[place], states[place], scope.owner, inspect, may_read)
    await titles.settle_files(title, states, playable=any(state.reason is None for state in states))
    return sum(states[place].reason is None for place in places)


async def _resolved(file: TitleFile, state: FileState, owner: str, inspect: Inspect, may_read: MayRead) -> FileState:
    origins = [part.origin for part in file.documents] if file.documents else [file.origin]
    try:
        found = [await _inspected(origin, owner, inspect, may_read) for origin in origins]
    except (DocumentGone, NotPlayable) as error:
        return FileState(file=state.file, reason=error.reason)
    parts = [_part(each.document, origin) for each, origin in zip(found, origins, strict=True)]
    settled = FileState(file=state.file, mime=found[0].mime, documents=parts)
    verdict = judge(file, settled, owner)
    if not isinstance(verdict, Playable):
        return FileState(file=state.file, reason=verdict.reason)
    return settled


async def _inspected(origin: Origin | None, owner: str, inspect: Inspect, may_read: MayRead) -> Found:
    if origin is None or origin.chat is None or origin.message is None:
        raise NotPlayable("its origin message is not known")
    if not may_read(origin.chat, owner):
        raise NotPlayable("its origin is no channel of this owner")
    return await inspect(origin.chat, origin.message)


def _part(document: Document, origin: Origin | None) -> Part:
    return Part(
        tg_raw=RawKeys(
            media_id=document.media_id,
            access_hash=document.access_hash,
            file_reference=document.file_reference.hex(),
        ),
        file_hash=document.file_hash or None,
        size_bytes=document.size_bytes,
        dc_id=document.dc_id,
        origin=origin,
    )


def _places(payload: Mapping[str, Any]) -> Sequence[int]:
    buckets = payload.get("buckets")
    places: list[Any] = buckets if isinstance(buckets, list) else []
    return [place for place in places if isinstance(place, int) and place >= 0]
