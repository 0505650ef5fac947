"""What a viewer's list says and how it changes: one list, each of whose titles may also send word of what is new."""

from __future__ import annotations

from typing import Final

from msgspec import Struct

from content.catalogue import Catalogue
from content.cursors import seal, unseal
from content.model import Title
from content.shown import shown
from content.watchlist.repository import Entry, Place, WatchlistRepository
from storage.moments import Clock, epoch_of, moment
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant

MOST_TITLES: Final = 1_000
MOST_LISTED: Final = 50


class ListFull(Exception):
    """The viewer's list is as long as a list may be."""


class NotListed(LookupError):
    """The site shows no such title."""


class Kept(Struct, frozen=True, kw_only=True):
    """A title of the list that the site shows."""

    title: Title
    entry: Entry


class KeptPage(Struct, frozen=True):
    """Some of the list, and the cursor of what follows."""

    kept: list[Kept]
    after: str | None = None


class Watchlist:
    """One site's lists, for one request's audience. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database, tenant: ResolvedTenant, catalogue: Catalogue, clock: Clock) -> None:
        self._tenant = tenant
        self._catalogue = catalogue
        self._clock = clock
        self._entries = WatchlistRepository(database, tenant.scope)

    async def add(self, viewer_id: object, title_id: str, *, notify: bool = True) -> Kept:
        """Puts a title on the list. Raises NotListed, ListFull."""
        title = await self._catalogue.get(title_id)
        if title is None:
            raise NotListed(f"Nothing on this site has the id or slug {title_id!r}.")
        own_id = str(title.id)
        held = await self._entries.get(viewer_id, own_id)
        if held is None and await self._entries.count(viewer_id, MOST_TITLES) >= MOST_TITLES:
            raise ListFull(f"A list holds {MOST_TITLES} titles. Take some off it first.")
        await self._entries.add(viewer_id, own_id, moment(self._clock()), notify=notify)
        entry = await self._entries.get(viewer_id, own_id)
        return Kept(title=title, entry=entry or self._entry(viewer_id, own_id, notify=notify))

    async def remove(self, viewer_id: object, title_id: str) -> bool:
        """Takes a title off the list, by its id, also one that the site no longer shows; whether it was there."""
        return await self._entries.remove(viewer_id, title_id)

    async def has(self, viewer_id: object, title: Title) -> Entry | None:
        """The title's entry, if it is on the list."""
        return await self._entries.get(viewer_id, str(title.id))

    async def page(self, viewer_id: object, *, after: str | None, limit: int) -> KeptPage:
        """A page of the list, the last added first. Raises CursorInvalid."""
        place = unseal(after, Place, self._tenant.id, "watchlist", str(viewer_id)) if after else None
        wanted = max(1, min(limit, MOST_LISTED))
        listed = await self._entries.latest(viewer_id, after=place, limit=wanted + 1)
        some = listed[:wanted]
        titles = await shown(self._catalogue, [each.title for each in some])
        kept = [Kept(title=title, entry=each) for each in some if (title := titles.get(each.title))]
        if len(listed) <= wanted:
            return KeptPage(kept)
        end = Place(round(epoch_of(some[-1].added_at) * 1_000), some[-1].title)
        return KeptPage(kept, seal(end, self._tenant.id, "watchlist", str(viewer_id)))

    def _entry(self, viewer_id: object, title_id: str, *, notify: bool) -> Entry:
        key = {"viewer": viewer_id, "title": title_id}
        return Entry(id=key, viewer=viewer_id, title=title_id, added_at=moment(self._clock()), notify=notify)
