"""The job `resolve_bucket`: asks Telegram what the buckets of a title miss, through the messages that hold them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, Protocol

from msgspec import Struct

from content.media.judging import plays
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

    @property
    def file_name(self) -> str:
        """Its name, as its uploader gave it; may be empty."""
        ...


Inspect = Callable[[int, int], Awaitable[Found]]
"""Chat and message to what they hold. Raises DocumentGone, NotPlayable; SourceUnavailable to be asked again."""
Locate = Callable[[int, str], Awaitable[tuple[int, int]]]
"""The chat and message, among an owner's channels, of the document of a media id. Raises as Inspect does."""
MayRead = Callable[[int, str], bool]
"""Whether a chat is registered to an owner: an import may name any chat, and most belong to somebody else."""


async def resolve_buckets(
    database: Database,
    scope: TenantScope | PlatformScope,
    payload: Mapping[str, Any],
    *,
    inspect: Inspect,
    may_read: MayRead,
    locate: Locate | None = None,
) -> int:
    """Works one job of this owner; gives how many of its buckets play now.

    A bucket that came without its origin message is looked for with `locate`; one that cannot be resolved keeps a
    reason. Raises SourceUnavailable and StorageUnavailable: try again later.
    """
    titles = TitleRepository(database, scope)
    title = await titles.by_id(payload.get("title_id"))
    if title is None:
        return 0
    states = list(title.derived.files)
    places = [place for place in _places(payload) if place < min(len(states), len(title.files))]
    for place in places:
        file, state = title.files[place], states[place]
        states[place] = await _resolved(file, state, _Asking(scope.owner, inspect, may_read, locate))
    playable = any(state.reason is None for state in states) or plays(title.derived.units)
    await titles.settle_files(title, states, playable=playable)
    return sum(states[place].reason is None for place in places)


class _Asking(Struct, frozen=True):
    """What can be asked for one owner."""

    owner: str
    inspect: Inspect
    may_read: MayRead
    locate: Locate | None

    async def about(self, part: TitleFile | Part) -> tuple[Part, str]:
        """The document as Telegram has it now, and its type."""
        origin = part.origin if part.origin is not None else await self._found(part.tg_raw)
        if origin is None or origin.chat is None or origin.message is None:
            raise NotPlayable("its origin message is not known")
        if not self.may_read(origin.chat, self.owner):
            raise NotPlayable("its origin is no channel of this owner")
        found = await self.inspect(origin.chat, origin.message)
        return part_of(found.document, origin), found.mime

    async def _found(self, raw: RawKeys | None) -> Origin | None:
        if self.locate is None or raw is None or raw.media_id is None:
            return None
        chat, message = await self.locate(raw.media_id, self.owner)
        return Origin(chat=chat, message=message)


async def _resolved(file: TitleFile, state: FileState, asking: _Asking) -> FileState:
    parts: Sequence[TitleFile | Part] = file.documents or [file]
    try:
        found = [await asking.about(part) for part in parts]
    except (DocumentGone, NotPlayable) as error:
        return FileState(file=state.file, reason=error.reason)
    settled = FileState(file=state.file, mime=found[0][1], documents=[part for part, _ in found])
    verdict = judge(file, settled, asking.owner)
    if not isinstance(verdict, Playable):
        return FileState(file=state.file, reason=verdict.reason)
    return settled


def part_of(document: Document, origin: Origin) -> Part:
    """What is kept of a document that Telegram showed in its origin message."""
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
