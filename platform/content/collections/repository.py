"""Every query of collections, over one owner's."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from msgspec import Struct

from content.collections.model import Collection, shelved
from content.lenient import read
from storage.extended_json import identifiers
from storage.indexes import Index
from storage.mongo import Stored
from storage.repository import TenantRepository

INDEXES: Final = (Index("collections", (("_id.owner", 1), ("_marquee.sort", 1), ("_marquee.key", 1)), "owner_sort"),)


class CollectionPosition(Struct, frozen=True, array_like=True):
    """Where a page ended."""

    sort: str
    key: str


class CollectionRepository(TenantRepository[Collection]):
    """The collections of one owner, read leniently."""

    collection = "collections"
    document = Collection

    @classmethod
    def _decode(cls, document: Stored) -> Collection:
        return read(document, Collection)

    async def named(self, text: str) -> Collection | None:
        """The collection of this id, given as text."""
        keys = [{"owner": self.scope.owner, "id": each} for each in identifiers(text)]
        found = await self._list({"_id": {"$in": keys}}, limit=len(keys))
        return found[0] if found else None

    async def page(self, after: CollectionPosition | None, limit: int) -> list[Collection]:
        """Collections by name, after the position."""
        sort, key = "_marquee.sort", "_marquee.key"
        beyond: dict[str, Any] | None = None
        if after is not None:
            beyond = {"$or": [{sort: {"$gt": after.sort}}, {sort: after.sort, key: {"$gt": after.key}}]}
        return await self._list(beyond, sort=[(sort, 1), (key, 1)], limit=limit)

    async def taken(self, ids: Sequence[Any]) -> set[Any]:
        """Those of the ids that the owner has a collection of."""
        keys = [{"owner": self.scope.owner, "id": each} for each in ids]
        found = await self._list({"_id": {"$in": keys}}, projection={"_id": 1}, limit=max(len(keys), 1))
        return {each.id for each in found}

    async def put(self, collection_id: str, name: str, overview: str, titles: Sequence[str]) -> bool:
        """Writes the collection whole; says whether anything changed."""
        fields = {"name": name, "overview": overview, "titles": list(titles)}
        return await self._put(collection_id, {**fields, "_marquee": shelved({"_id": collection_id, **fields})})

    async def remove(self, collection_id: Any) -> bool:
        """Whether there was one."""
        return await self._delete(collection_id)
