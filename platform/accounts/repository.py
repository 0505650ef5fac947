"""Every query over viewers and their sessions."""

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final, get_args

import msgspec

from accounts.model import Ban, Role, Viewer, ViewerId, ViewerType
from storage.indexes import Index
from storage.mongo import Stored
from storage.repository import TenantDocument, TenantRepository

_MARQUEE: Final = "_marquee"
_DOCUMENTS: Final = ("security", "history", "referral")


class ViewerRepository(TenantRepository[Viewer]):
    """The viewers of one site."""

    collection = "users"
    document = Viewer

    @classmethod
    def _decode(cls, document: Stored) -> Viewer:
        """Odd values of a brought document read as the least: a guest, free, without history."""
        if document.get("type") not in get_args(ViewerType):
            document["type"] = "telegram" if isinstance(document["id"], int) else "guest"
        if document.get("role") not in get_args(Role):
            document["role"] = "free"
        for name in _DOCUMENTS:
            if not isinstance(document.get(name), dict):
                document[name] = {}
        return super()._decode(document)

    async def get(self, viewer_id: ViewerId) -> Viewer | None:
        """The viewer with the whole history."""
        return await self._get(viewer_id)

    async def identity(self, viewer_id: ViewerId) -> Viewer | None:
        """The viewer without the history, which may be long: for requests."""
        return await self._get(viewer_id, projection={"history": 0})

    async def add_guest(self, viewer_id: str, now: datetime) -> None:
        """A guest in the users' own shape. Raises Conflict."""
        fields = {"type": "guest", "role": "free", "security": {}, "history": {}, "referral": {}}
        await self._insert(viewer_id, {**fields, _MARQUEE: {"created_at": now}})

    async def set_role(self, viewer_id: ViewerId, role: Role) -> bool:
        """Whether there is such a viewer."""
        return await self._update(viewer_id, {"$set": {"role": role}}) == 1

    async def set_ban(self, viewer_id: ViewerId, ban: Ban | None) -> bool:
        """Whether there is such a viewer."""
        path = f"{_MARQUEE}.ban"
        change: Mapping[str, Any] = (
            {"$unset": {path: ""}} if ban is None else {"$set": {path: msgspec.structs.asdict(ban)}}
        )
        return await self._update(viewer_id, change) == 1

    async def raw(self) -> AsyncIterator[Stored]:
        """Every user as brought, without what is ours."""
        async for document in self._raw():
            document.pop(_MARQUEE, None)
            yield document

    async def delete_all(self) -> int:
        """How many there were."""
        return await self._delete_where()


class Session(TenantDocument):
    """A session by the hash of its cookie. `agent` is a hash of the browser's User-Agent."""

    id: str
    viewer: ViewerId
    agent: str
    created_at: datetime
    expires_at: datetime


class SessionRepository(TenantRepository[Session]):
    """The sessions of one site."""

    collection = "sessions"
    document = Session

    async def get(self, session_id: str, now: datetime) -> Session | None:
        """The session if it has not run out."""
        session = await self._get(session_id)
        return None if session is None or session.expires_at <= now else session

    async def add(self, session: Session) -> None:
        """Raises Conflict."""
        fields = msgspec.structs.asdict(session)
        del fields["id"]
        await self._insert(session.id, fields)

    async def extend(self, session_id: str, expires_at: datetime) -> None:
        """Moves the end further away."""
        await self._update(session_id, {"$max": {"expires_at": expires_at}})

    async def end(self, session_id: str) -> bool:
        """Whether there was one."""
        return await self._delete(session_id)

    async def end_all_of(self, viewer_id: ViewerId) -> int:
        """How many there were."""
        return await self._delete_where({"viewer": viewer_id})

    async def delete_all(self) -> int:
        """How many there were."""
        return await self._delete_where()


INDEXES = (
    Index("users", (("_id.owner", 1), ("referral.code", 1)), "owner_referral_code"),
    Index("sessions", (("_id.owner", 1), ("viewer", 1)), "owner_viewer"),
    # MongoDB itself sweeps what has run out.
    Index("sessions", (("expires_at", 1),), "expiry", options={"expireAfterSeconds": 0}),
)
