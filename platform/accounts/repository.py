"""Every query over viewers."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final, get_args

import msgspec

from accounts.model import Ban, Grant, Profile, Role, SignUp, Viewer, ViewerId, ViewerType
from storage.indexes import Index
from storage.mongo import Stored
from storage.repository import TenantRepository

_MARQUEE: Final = "_marquee"
_BAN: Final = f"{_MARQUEE}.ban"
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

    async def is_banned(self, viewer_id: ViewerId) -> bool:
        """Whether there is such a viewer who may not use the site."""
        viewer = await self.identity(viewer_id)
        return viewer is not None and viewer.ours.ban is not None

    async def add_guest(self, viewer_id: str, now: datetime) -> None:
        """A guest in the users' own shape. Raises Conflict."""
        fields = {"type": "guest", "role": "free", "security": {}, "history": {}, "referral": {}}
        await self._insert(viewer_id, {**fields, _MARQUEE: {"created_at": now}})

    async def set_role(self, viewer_id: ViewerId, role: Role) -> bool:
        """Whether there is such a viewer."""
        return await self._update(viewer_id, {"$set": {"role": role}}) == 1

    async def set_ban(self, viewer_id: ViewerId, ban: Ban | None) -> bool:
        """Whether there is such a viewer."""
        change: Mapping[str, Any] = (
            {"$unset": {_BAN: ""}} if ban is None else {"$set": {_BAN: msgspec.structs.asdict(ban)}}
        )
        return await self._update(viewer_id, change) == 1

    async def set_confirmed_age(self, viewer_id: ViewerId, age: int | None) -> bool:
        """Whether there is such a viewer."""
        path = f"{_MARQUEE}.confirmed_age"
        change: Mapping[str, Any] = {"$unset": {path: ""}} if age is None else {"$set": {path: age}}
        return await self._update(viewer_id, change) == 1

    async def add_telegram(self, viewer_id: int, profile: Profile, sign_up: SignUp, now: datetime) -> None:
        """Somebody whom Telegram vouches for, in the users' own shape. Raises Conflict."""
        fields = {"type": "telegram", "role": "free", "security": {}, "history": {}, "referral": {}}
        ours = {"profile": msgspec.to_builtins(profile), "sign_up": msgspec.to_builtins(sign_up), "created_at": now}
        await self._insert(viewer_id, {**fields, _MARQUEE: ours})

    async def set_profile(self, viewer_id: ViewerId, profile: Profile) -> None:
        """What Telegram calls the person by now."""
        await self._update(viewer_id, {"$set": {f"{_MARQUEE}.profile": msgspec.to_builtins(profile)}})

    async def welcomed(self, viewer_id: ViewerId) -> None:
        """Everybody has been told of the first sign-up."""
        await self._update(viewer_id, {"$unset": {f"{_MARQUEE}.sign_up": ""}})

    async def begin_merge(self, guest_id: ViewerId, viewer_id: ViewerId) -> bool:
        """The guest's things become the viewer's from now on.

        False for a guest who is banned or somebody else's already, and for a viewer who is becoming somebody: two
        guests who take each other over at once would both be gone.
        """
        path = f"{_MARQUEE}.merging_into"
        free = {"type": {"$ne": "telegram"}, path: {"$in": [None, viewer_id]}, _BAN: None}
        if await self._update(guest_id, {"$set": {path: viewer_id}}, where=free) == 0:
            return False
        viewer = await self.identity(viewer_id)
        if viewer is not None and viewer.ours.merging_into is None:
            return True
        await self._update(guest_id, {"$unset": {path: ""}}, where={path: viewer_id})
        return False

    async def merging_into(self, viewer_id: ViewerId) -> list[ViewerId]:
        """The guests whose things are becoming the viewer's."""
        found = self._find({f"{_MARQUEE}.merging_into": viewer_id}, projection={"history": 0})
        return [guest.id async for guest in found]

    async def add_grant(self, viewer_id: ViewerId, grant: Grant, now: datetime) -> bool:
        """Gives the grant in the place of one of the same id; those that ran out go. Whether there is such a viewer.

        There is never none of the id in between, and never two.
        """
        path, given = f"{_MARQUEE}.grants", msgspec.structs.asdict(grant)
        ran_out = {"id": {"$ne": grant.id}, "until": {"$ne": None, "$lte": now}}
        await self._update(viewer_id, {"$pull": {path: ran_out}})
        for _ in range(2):
            if await self._update(viewer_id, {"$set": {f"{path}.$": given}}, where={f"{path}.id": grant.id}):
                return True
            if await self._update(viewer_id, {"$push": {path: given}}, where={f"{path}.id": {"$ne": grant.id}}):
                return True
        return False

    async def drop_grant(self, viewer_id: ViewerId, grant_id: str) -> bool:
        """Takes one grant away. Whether there was one."""
        path = f"{_MARQUEE}.grants"
        there = {f"{path}.id": grant_id}
        return await self._update(viewer_id, {"$pull": {path: {"id": grant_id}}}, where=there) == 1

    async def drop_grants(self, viewer_id: ViewerId) -> bool:
        """Takes every grant away. Whether there is such a viewer."""
        return await self._update(viewer_id, {"$unset": {f"{_MARQUEE}.grants": ""}}) == 1

    async def some(self, *, after: ViewerId | None, limit: int) -> list[Viewer]:
        """Viewers by id, numbers before texts, without their histories."""
        behind = None if after is None else _behind(after)
        return await self._list(behind, projection={"history": 0}, sort=[("_id.id", 1)], limit=limit)

    async def raw_one(self, viewer_id: ViewerId) -> Stored | None:
        """One user with what is ours."""
        return await self._raw_one(viewer_id)

    async def delete(self, viewer_id: ViewerId) -> bool:
        """Whether there was one."""
        return await self._delete(viewer_id)


def _behind(viewer_id: ViewerId) -> Mapping[str, Any]:
    """MongoDB's comparisons stay within one type: every text comes behind every number."""
    if isinstance(viewer_id, int):
        return {"$or": [{"_id.id": {"$gt": viewer_id}}, {"_id.id": {"$type": "string"}}]}
    return {"_id.id": {"$gt": viewer_id}}


INDEXES = (
    Index("users", (("_id.owner", 1), ("referral.code", 1)), "owner_referral_code"),
    Index(
        "users",
        (("_id.owner", 1), ("_marquee.merging_into", 1)),
        "owner_merging_into",
        partial={"_marquee.merging_into": {"$exists": True}},
    ),
)
