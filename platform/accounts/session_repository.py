"""Every query over sessions: those of browsers, and the tokens of apps, which are sessions without an end."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from accounts.model import ViewerId
from storage.indexes import Index
from storage.repository import TenantDocument, TenantRepository

SessionKind = Literal["browser", "token"]


class Session(TenantDocument):
    """A session by the hash of its cookie or token. `agent` is a hash of the browser's User-Agent.

    `device` is what the viewer's list calls it: derived from the User-Agent, or the name that a token was given.
    `seen_at` is when it was last used, to about a day; `expires_at` None has no end.
    """

    id: str
    viewer: ViewerId
    agent: str
    created_at: datetime
    expires_at: datetime | None = None
    kind: SessionKind = "browser"
    device: str = "A browser"
    seen_at: datetime | None = None


class SessionRepository(TenantRepository[Session]):
    """The sessions of one site."""

    collection = "sessions"
    document = Session

    async def get(self, session_id: str, now: datetime) -> Session | None:
        """The session if it has not run out."""
        session = await self._get(session_id)
        return None if session is None or _is_over(session, now) else session

    async def of_viewer(self, viewer_id: ViewerId, now: datetime, *, limit: int) -> list[Session]:
        """The viewer's sessions, the last used first."""
        found = await self._list({"viewer": viewer_id}, sort=[("seen_at", -1), ("created_at", -1)], limit=limit)
        return [each for each in found if not _is_over(each, now)]

    async def count(self, viewer_id: ViewerId, kind: SessionKind, *, limit: int) -> int:
        """How many of the kind there are; counting stops at `limit`."""
        return await self._count({"viewer": viewer_id, "kind": kind}, limit=limit)

    async def add(self, session: Session) -> None:
        """Raises Conflict."""
        fields: dict[str, Any] = msgspec.structs.asdict(session)
        del fields["id"]
        if fields["expires_at"] is None:
            del fields["expires_at"]
        await self._insert(session.id, fields)

    async def used(self, session: Session, now: datetime, expires_at: datetime) -> None:
        """Notes the use, and moves the end of one that has an end further away."""
        changes: dict[str, Any] = {"$max": {"seen_at": now}}
        if session.expires_at is not None:
            changes["$max"]["expires_at"] = expires_at
        await self._update(session.id, changes)

    async def end(self, session_id: str, *, viewer_id: ViewerId | None = None) -> bool:
        """Whether there was one, and the viewer's where one is named."""
        where = None if viewer_id is None else {"viewer": viewer_id}
        return await self._delete(session_id, where=where)

    async def end_all_of(self, viewer_id: ViewerId, *, but: str | None = None) -> int:
        """How many there were."""
        kept = {} if but is None else {"_id.id": {"$ne": but}}
        return await self._delete_where({"viewer": viewer_id, **kept})


def _is_over(session: Session, now: datetime) -> bool:
    return session.expires_at is not None and session.expires_at <= now


INDEXES = (
    Index("sessions", (("_id.owner", 1), ("viewer", 1)), "owner_viewer"),
    # MongoDB itself sweeps what has run out; what has no end stays.
    Index("sessions", (("expires_at", 1),), "expiry", options={"expireAfterSeconds": 0}),
)
