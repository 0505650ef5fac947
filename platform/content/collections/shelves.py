"""The collections that one tenant's site shows: its own and the shared ones, each as far as its titles are shown.

A collection of which nothing is shown is not there: a name would tell of titles that the site keeps back.
"""

from __future__ import annotations

import asyncio
from typing import Final

from msgspec import Struct

from content.catalogue import Catalogue
from content.collections.model import Collection
from content.collections.repository import CollectionPosition, CollectionRepository
from content.cursors import seal, unseal
from content.model import Title
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant

MOST_COLLECTIONS: Final = 50
_PREVIEW: Final = 6
_LOOKED_AT: Final = 40
_AT_ONCE: Final = 200


class Shelf(Struct, frozen=True):
    """A collection with some of its titles, and the cursor of those that follow (None: there are none)."""

    collection: Collection
    titles: list[Title]
    after: str | None = None


class ShelfPage(Struct, frozen=True):
    """Some collections, each with its first titles, and the cursor of those that follow."""

    shelves: list[Shelf]
    after: str | None = None


class _Place(Struct, frozen=True, array_like=True):
    """How many of the collection's ids were looked at."""

    place: int


class Shelves:
    """Collections through one tenant's catalogue. Verbs raise CursorInvalid and StorageUnavailable."""

    def __init__(self, database: Database, tenant: ResolvedTenant, catalogue: Catalogue) -> None:
        self._tenant = tenant
        self._catalogue = catalogue
        self._own = CollectionRepository(database, tenant.scope)
        self._shared = CollectionRepository(database, tenant.shared)

    async def page(self, *, after: str | None = None, limit: int = 24) -> ShelfPage:
        """Collections by name. A page may be shorter than asked for and still have a following one."""
        position = unseal(after, CollectionPosition, self._tenant.id, "collections") if after else None
        wanted = max(1, min(limit, MOST_COLLECTIONS))
        found, end = await self._merged(position, wanted)
        shelves = await asyncio.gather(*(self._previewed(each) for each in found))
        following = None if end is None else seal(end, self._tenant.id, "collections")
        return ShelfPage([shelf for shelf in shelves if shelf is not None], following)

    async def open(self, collection_id: str, *, after: str | None = None, limit: int = 24) -> Shelf | None:
        """A collection with its titles in its operator's order; None for one that is not on the site."""
        found = await self._own.named(collection_id)
        if found is None and self._tenant.policy.shared:
            found = await self._shared.named(collection_id)
        if found is None:
            return None
        asked = ("collection", found.derived.key)
        start = unseal(after, _Place, self._tenant.id, *asked).place if after else 0
        titles, place = await self._titles(found, max(start, 0), limit)
        if not titles and after is None:
            return None
        more = place < len(found.title_ids)
        return Shelf(found, titles, seal(_Place(place), self._tenant.id, *asked) if more else None)

    async def _titles(self, collection: Collection, start: int, limit: int) -> tuple[list[Title], int]:
        """The shown titles from a place on, and the place after the last id that was looked at for them."""
        ids, found = collection.title_ids, list[Title]()
        place = start
        while place < len(ids) and len(found) < limit:
            some = ids[place : place + _AT_ONCE]
            shown = {title.id: title for title in await self._catalogue.cards(some)}
            for title_id in some:
                place += 1
                title = shown.get(title_id) or shown.get(str(title_id))
                if title is not None:
                    found.append(title)
                if len(found) == limit:
                    break
        return found, place

    async def _previewed(self, collection: Collection) -> Shelf | None:
        titles = await self._catalogue.cards(collection.title_ids[:_LOOKED_AT])
        if not titles:
            titles, _ = await self._titles(collection, _LOOKED_AT, 1)
        return Shelf(collection, titles[:_PREVIEW]) if titles else None

    async def _merged(
        self, after: CollectionPosition | None, wanted: int
    ) -> tuple[list[Collection], CollectionPosition | None]:
        """Collections of both owners in one order, and where they end if any follow."""
        own = await self._own.page(after, wanted + 1)
        shared = await self._shared.page(after, wanted + 1) if self._tenant.policy.shared else []
        taken = await self._own.taken([each.id for each in shared]) if shared else set()
        both = sorted([*own, *(each for each in shared if each.id not in taken)], key=_order)
        # Beyond the end of a full page of one owner, collections of the other may not be the next ones.
        ends = [_order(page[-1]) for page in (own, shared) if len(page) > wanted]
        kept = [each for each in both if not ends or _order(each) <= min(ends)][:wanted]
        if len(kept) == wanted and (ends or len(both) > wanted):
            return kept, CollectionPosition(*_order(kept[-1]))
        return kept, CollectionPosition(*min(ends)) if ends else None


def _order(collection: Collection) -> tuple[str, str]:
    return collection.derived.sort, collection.derived.key
