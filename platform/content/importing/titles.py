"""What an import of the library adds to each document: the derived half of a title, and which units are new in it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from msgspec import to_builtins

from content.derive import VERSION, derive, derived_slug, stored, usable_slug
from content.lenient import read
from content.media.judging import has_units, unit_file_ids
from content.media.model import MediaFile
from content.media.pictures import SHORTEST_FILE_ID, picture_file_ids
from content.media.repository import MediaRepository
from content.model import Derived, Rights, Title, UnitState
from content.takedowns.screening import Screen, with_shares
from content.takedowns.standing import Share
from storage.extended_json import identity
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from streaming.telegram.file_ids import decode_file_id
from tenancy.resolver import platform_scope


class TitleDeriver:
    """Derives for one import into one owner's library. `rights` is None where nobody declared any."""

    def __init__(
        self, database: Database, scope: TenantScope | PlatformScope, rights: Rights | None, now: datetime
    ) -> None:
        self._files = MediaRepository(database, scope)
        self._owner = scope.owner
        self._rights = rights
        self._now = now
        self._media: dict[str, MediaFile] = {}
        self._file_ids: set[str] = set()
        self._screen = Screen(database, scope, platform_scope())
        self._shares: dict[Any, list[Share]] = {}

    async def look_up(self, documents: Sequence[Mapping[str, Any]]) -> None:
        """Learns what is known of the files that the documents' episodes and chapters name, before they are derived,
        and what was taken down of all that they hold."""
        self._shares = await self._screen.bans(documents)
        named = [
            file_id
            for document in documents
            if has_units(document) or document.get("visuals")
            for file_id in _named(read({**document, "id": None}, Title))
        ]
        self._media = await self._files.many(named)
        unknown = [file_id for file_id in named if file_id not in self._media and len(file_id) >= SHORTEST_FILE_ID]
        # Reading file ids loads kurigram: placeholders do without.
        self._file_ids = await asyncio.to_thread(_file_ids, unknown) if unknown else set()

    def is_current(self, held: Mapping[str, Any]) -> bool:
        """Whether what is held of an unchanged document needs no new derivation: its rights stay as they are."""
        known = read(held, Derived)
        return known.slug != "" and known.version == VERSION and self._rights_of(known) == known.rights

    def derive(self, document: Mapping[str, Any], held: Mapping[str, Any], attempt: int = 0) -> dict[str, Any]:
        """The platform's fields; an `attempt` beyond 0 takes another slug than the one that was taken."""
        known = read(held, Derived)
        derived = derive(
            document,
            owner=self._owner,
            slug=self._slug(document, known, attempt),
            rights=self._rights_of(known),
            added_at=known.added_at or self._now,
            earlier=known.files,
            ban=with_shares(known.ban, self._shares.get(identity(document["_id"]), ())),
            media=self._media,
            is_file_id=self._file_ids.__contains__,
        )
        if derived.visible and known.version:
            derived.new_units = [*known.new_units, *_added(known.units, derived.units)]
        fields = stored(derived)
        return fields if derived.ban == known.ban else {**fields, "ban": to_builtins(derived.ban)}

    def _slug(self, document: Mapping[str, Any], known: Derived, attempt: int) -> str:
        if attempt:
            return derived_slug(document["_id"], attempt)
        return usable_slug(document.get("short_id")) or known.slug or derived_slug(document["_id"])

    def _rights_of(self, known: Derived) -> Rights | None:
        """A declaration made once is not made again by the same people on the same ground."""
        if self._rights is None:
            return known.rights
        same = known.rights and (known.rights.basis, known.rights.by) == (self._rights.basis, self._rights.by)
        return known.rights if same else self._rights


def _named(title: Title) -> list[str]:
    return [*unit_file_ids(title), *picture_file_ids(title)]


def _added(before: Sequence[UnitState], now: Sequence[UnitState]) -> list[str]:
    """Episodes and chapters that were not there before."""
    known = {_unit(state) for state in before}
    return list(dict.fromkeys(unit for state in now if (unit := _unit(state)) not in known and unit is not None))


def _unit(state: UnitState) -> str | None:
    """The episode or chapter that the state is of; None for a season pack."""
    return None if state.key.startswith("pack/") else state.key.partition("/")[0]


def _file_ids(texts: Sequence[str]) -> set[str]:
    return {text for text in texts if decode_file_id(text) is not None}
