"""How a viewer is told beyond the site: an address that they confirmed, and the token of their own feed."""

from __future__ import annotations

import secrets
from datetime import timedelta
from typing import Any, Final

from accounts.repository import ViewerRepository
from content.notices.model import PendingAddress, Wishes, token_hash
from content.notices.repository import WishesRepository, pending_fields
from storage.jobs import Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.mail.letters import address_of

MAIL_CONFIRM: Final = "mail_confirm"
"""A letter that asks to confirm an address: payload {"viewer", "token"}; only the address that waits gets it."""
CONFIRM_SECONDS: Final = 24 * 3_600


class Addresses:
    """One site's. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database, scope: TenantScope, jobs: Jobs, clock: Clock) -> None:
        self._scope = scope
        self._jobs = jobs
        self._clock = clock
        self._wishes = WishesRepository(database, scope)
        self._viewers = ViewerRepository(database, scope)

    async def wishes(self, viewer_id: object) -> Wishes:
        """What the viewer has said."""
        return await self._wishes.get(viewer_id) or Wishes(id=viewer_id)

    async def ask(self, viewer_id: Any, email: str, site: str) -> None:
        """Sends a link to the address; until it is followed nothing else is sent there. Raises BadAddress.

        `site` is where the viewer uses the site, as `https://a.example`.
        """
        token = secrets.token_urlsafe(32)
        now = moment(self._clock())
        expires_at = now + timedelta(seconds=CONFIRM_SECONDS)
        pending = PendingAddress(email=address_of(email), token=token_hash(token), expires_at=expires_at)
        await self._wishes.set(viewer_id, {"pending": pending_fields(pending), "site": site})
        await self._jobs.enqueue(self._scope, MAIL_CONFIRM, {"viewer": viewer_id, "token": token})

    async def awaiting(self, token: str) -> PendingAddress | None:
        """The address that this token of a letter would confirm."""
        found = await self._wishes.by("pending.token", token_hash(token))
        pending = found.pending if found else None
        return pending if pending and pending.expires_at > moment(self._clock()) else None

    async def confirm(self, token: str) -> bool:
        """Confirms the address; False for a token that is old, used or nobody's."""
        hashed = token_hash(token)
        found = await self._wishes.by("pending.token", hashed)
        now = moment(self._clock())
        if found is None or found.pending is None or found.pending.expires_at <= now:
            return False
        fields = {"email": found.pending.email, "confirmed_at": now, "pending": None}
        fields["stop"] = secrets.token_urlsafe(32)
        return await self._wishes.set(found.id, fields, where={"pending.token": hashed})

    async def stop(self, token: str) -> bool:
        """Ends letters by the token of one of them; whether it is a token that was sent."""
        found = await self._wishes.by("stop", token) if token else None
        if found is None:
            return False
        # The token stays, so that the same letter's link works again.
        await self._wishes.set(found.id, {"email": None, "confirmed_at": None, "pending": None})
        return True

    async def forget(self, viewer_id: object) -> None:
        """Ends letters and forgets the address."""
        gone: dict[str, Any] = {"email": None, "confirmed_at": None, "pending": None, "stop": None}
        await self._wishes.set(viewer_id, gone, where={"site": {"$exists": True}})

    async def feed(self, viewer_id: object, site: str, *, renewed: bool = False) -> str:
        """The token of the viewer's feed; `renewed` makes the former one worthless."""
        held = await self.wishes(viewer_id)
        if held.feed and not renewed:
            return held.feed
        token = secrets.token_urlsafe(32)
        await self._wishes.set(viewer_id, {"feed": token, "site": held.site or site})
        return token

    async def reader_of(self, feed: str) -> Any:
        """Whose feed it is; None for a token that is nobody's, or of somebody who is banned."""
        found = await self._wishes.by("feed", feed) if feed else None
        return None if found is None or await self._viewers.is_banned(found.id) else found.id
