"""Notices and addresses in a viewer's export, deletion and sign-in, and in a tenant's."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from accounts.model import ViewerId
from content.notices.repository import NoticeRepository, WishesRepository
from storage.mongo import Database
from storage.scope import TenantScope


@final
class NoticeBelongings:
    """One viewer's notices, and how they want to be told."""

    name: str = "notices"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """The address first, where there is one; then a notice each."""
        wishes = await WishesRepository(self._database, scope).get(viewer_id)
        if wishes is not None:
            waiting = wishes.pending.email if wishes.pending else None
            yield {"email": wishes.email, "confirmed_at": wishes.confirmed_at, "email_to_confirm": waiting}
        async for notice in NoticeRepository(self._database, scope).all_of(viewer_id):
            yield {
                "kind": notice.kind,
                "title_id": notice.title,
                "units": notice.units,
                "text": notice.text,
                "created_at": notice.created_at,
                "read_at": notice.ours.read_at,
            }

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """How many notices there were, and one for the address."""
        notices = await NoticeRepository(self._database, scope).remove_all(viewer_id)
        return notices + int(await WishesRepository(self._database, scope).remove(viewer_id))

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's notices become the viewer's, and the address where the viewer has none."""
        notices = NoticeRepository(self._database, scope)
        wishes = WishesRepository(self._database, scope)
        async for notice in notices.all_of(guest_id):
            if await notices.get(viewer_id, notice.key) is None:
                await notices.give(notice, viewer_id)
        await notices.remove_all(guest_id)
        guest = await wishes.get(guest_id)
        if guest is None:
            return
        own = await wishes.get(viewer_id)
        if own is None or own.email is None:
            given = {"email": guest.email, "confirmed_at": guest.confirmed_at, "stop": guest.stop, "site": guest.site}
            held = {"feed": (own.feed if own else None) or guest.feed}
            await wishes.set(viewer_id, {name: value for name, value in (given | held).items() if value})
        await wishes.remove(guest_id)
