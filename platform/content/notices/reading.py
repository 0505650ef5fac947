"""A viewer's notices as the site shows them, and marking them as read."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from msgspec import Struct

from content.catalogue import Catalogue
from content.cursors import seal, unseal
from content.model import Title
from content.notices.model import Notice
from content.notices.repository import NoticeRepository, Place
from content.shown import shown
from storage.moments import Clock, epoch_of, moment
from storage.mongo import Database
from tenancy.resolver import ResolvedTenant

MOST_LISTED: Final = 50
MOST_UNREAD: Final = 99


class Told(Struct, frozen=True, kw_only=True):
    """A notice, with the title it is about as the site shows it."""

    notice: Notice
    title: Title | None


class ToldPage(Struct, frozen=True):
    """Some notices, and the cursor of what follows."""

    told: list[Told]
    after: str | None = None


class ReadNotices:
    """One site's notices for one request's audience: what it does not see is left out. Raises StorageUnavailable."""

    def __init__(self, database: Database, tenant: ResolvedTenant, catalogue: Catalogue, clock: Clock) -> None:
        self._tenant = tenant
        self._catalogue = catalogue
        self._clock = clock
        self._notices = NoticeRepository(database, tenant.scope)

    async def page(self, viewer_id: object, *, after: str | None, limit: int) -> ToldPage:
        """The newest first. Raises CursorInvalid."""
        place = unseal(after, Place, self._tenant.id, "notices", str(viewer_id)) if after else None
        wanted = max(1, min(limit, MOST_LISTED))
        listed = await self._notices.latest(viewer_id, after=place, limit=wanted + 1)
        told = await self.shown(listed[:wanted])
        if len(listed) <= wanted:
            return ToldPage(told)
        last = listed[wanted - 1]
        end = Place(round(epoch_of(last.created_at) * 1_000), last.key)
        return ToldPage(told, seal(end, self._tenant.id, "notices", str(viewer_id)))

    async def shown(self, notices: Sequence[Notice]) -> list[Told]:
        """Those of the notices that may be seen."""
        titles = await shown(self._catalogue, [each.title for each in notices if each.title is not None])
        return [
            Told(notice=each, title=titles.get(each.title or ""))
            for each in notices
            if each.title is None or each.title in titles
        ]

    async def unread(self, viewer_id: object) -> int:
        """How many are unread, counted to `MOST_UNREAD`."""
        return await self._notices.unread(viewer_id, MOST_UNREAD)

    async def get(self, viewer_id: object, key: str) -> Told | None:
        """One of the viewer's notices that may be seen."""
        notice = await self._notices.get(viewer_id, key)
        found = await self.shown([notice]) if notice else []
        return found[0] if found else None

    async def read(self, viewer_id: object, keys: Sequence[str] | None) -> int:
        """Marks these, or (None) all, as read; how many were not."""
        return await self._notices.read(viewer_id, keys, moment(self._clock()))
