"""Every query over viewers' lists."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from storage.errors import Conflict
from storage.indexes import Index
from storage.moments import EpochMillis, moment
from storage.repository import TenantDocument, TenantRepository


class Entry(TenantDocument, kw_only=True):
    """A title on a viewer's list; its id is {viewer, title}. `notify`: they are told of new episodes and chapters."""

    viewer: Any
    title: str
    added_at: datetime
    notify: bool = True


class Place(Struct, frozen=True):
    """Where a list ended: epoch milliseconds and the title."""

    at: EpochMillis
    title: str


class WatchlistRepository(TenantRepository[Entry]):
    """The lists of one site's viewers."""

    collection = "watchlist"
    document = Entry

    async def get(self, viewer_id: object, title_id: str) -> Entry | None:
        """The entry, if the title is on the list."""
        return await self._get(_key(viewer_id, title_id))

    async def add(self, viewer_id: object, title_id: str, now: datetime, *, notify: bool) -> None:
        """Puts the title on the list; one that is there keeps its place and takes the new `notify`."""
        fields = {"viewer": viewer_id, "title": title_id, "added_at": now}
        change = {"$set": {"notify": notify}, "$setOnInsert": fields}
        try:
            await self._update(_key(viewer_id, title_id), change, upsert=True)
        except Conflict:  # added at the same moment from elsewhere
            await self._update(_key(viewer_id, title_id), change)

    async def remove(self, viewer_id: object, title_id: str) -> bool:
        """Whether it was there."""
        return await self._delete(_key(viewer_id, title_id))

    async def count(self, viewer_id: object, limit: int) -> int:
        """How many titles are on the list, counted to `limit`."""
        return await self._count({"viewer": viewer_id}, limit=limit)

    async def latest(self, viewer_id: object, *, after: Place | None, limit: int) -> list[Entry]:
        """The list, the last added first."""
        wanted: list[Mapping[str, Any]] = [{"viewer": viewer_id}]
        if after is not None:
            at = moment(after.at / 1_000)
            wanted += [{"$or": [{"added_at": {"$lt": at}}, {"added_at": at, "title": {"$gt": after.title}}]}]
        return await self._list({"$and": wanted}, sort=[("added_at", -1), ("title", 1)], limit=limit)

    async def all_of(self, viewer_id: object) -> AsyncIterator[Entry]:
        """The whole list."""
        async for entry in self._find({"viewer": viewer_id}):
            yield entry

    async def remove_all(self, viewer_id: object) -> int:
        """How many there were."""
        return await self._delete_where({"viewer": viewer_id})

    async def is_followed(self, title_ids: Sequence[str]) -> bool:
        """Whether anybody wants to be told of one of the titles."""
        return await self._find_one({"title": {"$in": list(title_ids)}, "notify": True}) is not None

    async def followers(self, title_id: str) -> AsyncIterator[Any]:
        """The ids of those who want to be told of the title."""
        async for entry in self._find({"title": title_id, "notify": True}):
            yield entry.viewer


def _key(viewer_id: object, title_id: str) -> dict[str, object]:
    return {"viewer": viewer_id, "title": title_id}


INDEXES: Final = (
    Index("watchlist", (("_id.owner", 1), ("viewer", 1), ("added_at", -1), ("title", 1)), "owner_viewer_added"),
    Index("watchlist", (("_id.owner", 1), ("title", 1)), "owner_title"),
)
