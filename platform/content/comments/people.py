"""Every query over those who comment, and over what they did to comments: likes and flags."""

from collections.abc import AsyncIterator, Mapping, Sequence
from datetime import datetime
from typing import Any, ClassVar, Final

import msgspec

from accounts.model import ViewerId
from content.comments.model import Commenter, Mark
from storage.indexes import Index
from storage.repository import TenantRepository

_OWNER: Final = ("_id.owner", 1)


class CommenterRepository(TenantRepository[Commenter]):
    """The names and faces of one site."""

    collection = "commenters"
    document = Commenter

    async def get(self, viewer: ViewerId) -> Commenter | None:
        """Who the viewer is to others, once they have said something."""
        return await self._get(viewer)

    async def add(self, commenter: Commenter) -> None:
        """Raises Conflict: the viewer has a name, or the name is somebody's."""
        fields = msgspec.structs.asdict(commenter)
        await self._insert(fields.pop("id"), fields)

    async def change(self, viewer: ViewerId, changes: Mapping[str, Any], *, unless_after: datetime) -> bool:
        """Whether the name was last changed before `unless_after`, and now is another. Raises Conflict."""
        where = {"$or": [{"changed_at": None}, {"changed_at": {"$lte": unless_after}}]}
        return await self._update(viewer, {"$set": dict(changes)}, where=where) == 1

    async def remove(self, viewer: ViewerId) -> bool:
        """Whether there was one."""
        return await self._delete(viewer)


class MarkRepository(TenantRepository[Mark]):
    """One mark a viewer and comment."""

    document = Mark

    async def add(self, comment_id: object, viewer: ViewerId, now: datetime, reason: str = "") -> None:
        """Raises Conflict: there is one."""
        await self._insert(_key(comment_id, viewer), {"at": now, "reason": reason})

    async def has(self, comment_id: object, viewer: ViewerId) -> bool:
        """Whether there is one."""
        return await self._get(_key(comment_id, viewer)) is not None

    async def remove(self, comment_id: object, viewer: ViewerId) -> bool:
        """Whether there was one."""
        return await self._delete(_key(comment_id, viewer))

    async def among(self, comment_ids: Sequence[object], viewer: ViewerId) -> list[object]:
        """Which of the comments the viewer has marked."""
        if not comment_ids:
            return []
        where = {"_id.id.viewer": {"$eq": viewer}, "_id.id.comment": {"$in": list(comment_ids)}}
        return [mark.id["comment"] for mark in await self._list(where, limit=len(comment_ids))]

    async def on(self, comment_id: object, *, limit: int) -> list[Mark]:
        """The newest marks on a comment."""
        return await self._list({"_id.id.comment": {"$eq": comment_id}}, sort=[("at", -1)], limit=limit)

    async def by(self, viewer: ViewerId) -> AsyncIterator[Mark]:
        """All marks of the viewer."""
        async for mark in self._find({"_id.id.viewer": {"$eq": viewer}}):
            yield mark

    async def remove_by(self, viewer: ViewerId) -> int:
        """How many there were."""
        return await self._delete_where({"_id.id.viewer": {"$eq": viewer}})


class LikeRepository(MarkRepository):
    """Who likes what."""

    collection: ClassVar[str] = "comment_likes"


class FlagRepository(MarkRepository):
    """Who thinks that moderators should look at what, and why."""

    collection: ClassVar[str] = "comment_flags"


def _key(comment_id: object, viewer: ViewerId) -> dict[str, object]:
    return {"comment": comment_id, "viewer": viewer}


INDEXES = (
    Index("commenters", (_OWNER, ("skeleton", 1)), "owner_skeleton", unique=True),
    *(
        index
        for name in ("comment_likes", "comment_flags")
        for index in (
            Index(name, (_OWNER, ("_id.id.viewer", 1), ("_id.id.comment", 1)), "owner_viewer_comment"),
            Index(name, (_OWNER, ("_id.id.comment", 1), ("at", -1)), "owner_comment_newest"),
        )
    ),
)
