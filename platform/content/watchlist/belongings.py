"""Lists in a viewer's export, deletion and sign-in, and in a tenant's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from accounts.model import ViewerId
from content.watchlist.repository import WatchlistRepository
from storage.mongo import Database
from storage.scope import TenantScope


@final
class WatchlistBelongings:
    """One viewer's list."""

    name: str = "watchlist"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """A title each."""
        async for entry in WatchlistRepository(self._database, scope).all_of(viewer_id):
            yield {"title_id": entry.title, "added_at": entry.added_at, "notify": entry.notify}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """How many titles there were."""
        return await WatchlistRepository(self._database, scope).remove_all(viewer_id)

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """Both lists become one; a title that is on both stays as the viewer had it."""
        entries = WatchlistRepository(self._database, scope)
        async for entry in entries.all_of(guest_id):
            if await entries.get(viewer_id, entry.title) is None:
                await entries.add(viewer_id, entry.title, entry.added_at, notify=entry.notify)
            await entries.remove(guest_id, entry.title)
