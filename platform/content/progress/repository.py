"""Every query over viewers' progress."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct, to_builtins

from content.progress.model import TitleProgress, UnitProgress, key_of, unit_field
from storage.errors import Conflict
from storage.indexes import Index
from storage.moments import EpochMillis, moment
from storage.repository import TenantRepository

_LISTED: Final[Mapping[str, Any]] = {"units": 0}


class Place(Struct, frozen=True):
    """Where a list ended: epoch milliseconds and the title."""

    at: EpochMillis
    title: str


class ProgressRepository(TenantRepository[TitleProgress]):
    """The progress of one site's viewers."""

    collection = "progress"
    document = TitleProgress

    async def get(self, viewer_id: object, title_id: str) -> TitleProgress | None:
        """With every unit."""
        return await self._get(key_of(viewer_id, title_id))

    async def get_unit(self, viewer_id: object, title_id: str, unit: str) -> TitleProgress | None:
        """With this unit alone."""
        units = {f"units.{unit_field(unit)}": 1}
        listed = dict.fromkeys(("viewer", "title", "unit", "at", "last", "open", "live", "revision"), 1)
        return await self._get(key_of(viewer_id, title_id), projection={**listed, **units})

    async def write(self, document: TitleProgress, changed: Mapping[str, UnitProgress], revision: int | None) -> bool:
        """Writes the summary and the changed units where the document is still of this revision (None: not there)."""
        fields: dict[str, Any] = {
            "viewer": document.viewer,
            "title": document.title,
            "unit": document.unit,
            "at": document.at,
            "last": _stored(document.last),
            "open": document.open,
            "live": document.live,
        }
        units = {f"units.{unit_field(unit)}": _stored(each) for unit, each in changed.items()}
        change = {"$set": {**fields, **units}, "$inc": {"revision": 1}}
        key = key_of(document.viewer, document.title)
        if revision is not None:
            return await self._update(key, change, where={"revision": revision}) == 1
        try:
            return await self._update(key, change, where={"revision": {"$exists": False}}, upsert=True) == 1
        except Conflict:
            return False

    async def latest(
        self, viewer_id: object, *, after: Place | None, limit: int, only_open: bool = False
    ) -> list[TitleProgress]:
        """The viewer's titles without their units, the last seen first."""
        wanted: list[Mapping[str, Any]] = [{"viewer": viewer_id}]
        wanted += [{"open": True}] if only_open else []
        if after is not None:
            at = moment(after.at / 1_000)
            wanted += [{"$or": [{"at": {"$lt": at}}, {"at": at, "title": {"$gt": after.title}}]}]
        return await self._list({"$and": wanted}, projection=_LISTED, sort=[("at", -1), ("title", 1)], limit=limit)

    async def all_of(self, viewer_id: object) -> AsyncIterator[TitleProgress]:
        """Every title of the viewer, whole."""
        async for document in self._find({"viewer": viewer_id}):
            yield document

    async def live_of(self, viewer_ids: Sequence[object]) -> AsyncIterator[TitleProgress]:
        """What these viewers saw here, whole."""
        async for document in self._find({"viewer": {"$in": list(viewer_ids)}, "live": True}):
            yield document

    async def remove(self, viewer_id: object, title_id: str) -> bool:
        """Whether there was any."""
        return await self._delete(key_of(viewer_id, title_id))

    async def remove_all(self, viewer_id: object) -> int:
        """How many titles there were."""
        return await self._delete_where({"viewer": viewer_id})


def _stored(unit: UnitProgress) -> dict[str, Any]:
    fields: dict[str, Any] = to_builtins(unit, builtin_types=(datetime,))
    return {name: value for name, value in fields.items() if value not in (None, [])}


INDEXES: Final = (Index("progress", (("_id.owner", 1), ("viewer", 1), ("at", -1), ("title", 1)), "owner_viewer_at"),)
