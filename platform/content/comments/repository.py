"""Every query over the comments of a site."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final

from accounts.model import ViewerId
from content.comments.model import Comment, Status
from content.comments.orders import Place, Sort, beyond, ordering
from content.lenient import read
from storage.indexes import Index
from storage.mongo import Stored
from storage.repository import TenantRepository

_MARQUEE: Final = "_marquee"
_MOST_MARKERS: Final = 1_000
Where = Mapping[str, Any]


class CommentRepository(TenantRepository[Comment]):
    """The comments of one site."""

    collection = "comments"
    document = Comment

    @classmethod
    def _decode(cls, document: Stored) -> Comment:
        return read(document, Comment)

    async def named(self, comment_id: str) -> Comment | None:
        """The comment of this id as text; a brought id may be a number."""
        found = await self._get(comment_id)
        if found is None and comment_id.isascii() and comment_id.isdecimal() and len(comment_id) < 19:
            return await self._get(int(comment_id))
        return found

    async def get(self, comment_id: object) -> Comment | None:
        """The comment of exactly this id."""
        return await self._get(comment_id)

    async def add(self, comment_id: str, fields: Mapping[str, Any], ours: Mapping[str, Any]) -> None:
        """Raises Conflict."""
        await self._insert(comment_id, {**fields, _MARQUEE: dict(ours)})

    async def page(
        self, target: str, sort: Sort, *, viewer: ViewerId | None, after: Place | None, limit: int
    ) -> list[Comment]:
        """What the viewer may see of those who began a thread: shown ones, own ones, and what replies hang on."""
        where = {"_marquee.target": target, "_marquee.root": None, **_seen_by(viewer, with_replies=True)}
        return await self._list({"$and": [where, beyond(after, sort)]}, sort=ordering(sort), limit=limit)

    async def replies(self, root: object, *, viewer: ViewerId | None, after: Place | None, limit: int) -> list[Comment]:
        """The answers in a thread, the oldest first."""
        where = {"_marquee.root": {"$eq": root}, **_seen_by(viewer, with_replies=False)}
        return await self._list({"$and": [where, beyond(after, "old")]}, sort=ordering("old"), limit=limit)

    async def many(self, ids: Sequence[object]) -> list[Comment]:
        """Those of the ids that are there."""
        return await self._list({"_id.id": {"$in": list(ids)}}, limit=len(ids)) if ids else []

    async def by(self, viewer: ViewerId, *, after: Place | None, limit: int) -> list[Comment]:
        """What the viewer wrote and did not delete, the newest first."""
        where = {"user_id": {"$eq": viewer}, "_marquee.gone": {"$ne": "author"}}
        return await self._list({"$and": [where, beyond(after, "new")]}, sort=ordering("new"), limit=limit)

    async def latest_by(self, viewer: ViewerId) -> Comment | None:
        """The viewer's newest, under whatever name."""
        return await self._find_one({"user_id": {"$eq": viewer}}, sort=ordering("new"))

    async def queue(self, status: Status, *, appealed: bool, after: Place | None, limit: int) -> list[Comment]:
        """What moderators look through, the newest first."""
        where: dict[str, Any] = {"_marquee.status": status, "_marquee.gone": {"$ne": "author"}}
        if appealed:
            where |= {"_marquee.appeal.text": {"$type": "string"}, "_marquee.appeal.decision": None}
        return await self._list({"$and": [where, beyond(after, "new")]}, sort=ordering("new"), limit=limit)

    async def count_shown(self, target: str, *, limit: int) -> int:
        """How many comments and replies everybody can read."""
        return await self._count({"_marquee.target": target, "_marquee.status": "active"}, limit=limit)

    async def count_shown_by(self, viewer: ViewerId, *, limit: int) -> int:
        """How many of the viewer's are shown."""
        return await self._count({"user_id": {"$eq": viewer}, "_marquee.status": "active"}, limit=limit)

    async def looks_taken(self, skeleton: str, but: ViewerId) -> bool:
        """Whether somebody else has commented under a name that looks like this."""
        where = {"_marquee.nick": skeleton, "user_id": {"$ne": but}}
        return await self._find_one(where, projection={"_id": 1}) is not None

    def markers(self, target: str) -> AsyncIterator[Stored]:
        """By second: how many comments are pinned to it, and the best liked of them."""
        pinned = {"_marquee.target": target, "_marquee.root": None, "_marquee.status": "active"}
        return self._aggregate(
            [
                {"$match": {**pinned, "_marquee.second": {"$gte": 0}}},
                {"$sort": {"_marquee.second": 1, "_marquee.likes": -1, "_marquee.at": 1}},
                {
                    "$group": {
                        "_id": "$_marquee.second",
                        "count": {"$sum": 1},
                        "body": {"$first": "$body"},
                        "is_spoiler": {"$first": "$is_spoiler"},
                    }
                },
                {"$sort": {"_id": 1}},
                {"$limit": _MOST_MARKERS},
            ]
        )

    async def change(
        self, comment_id: object, update: Mapping[str, Any], *, where: Where | None = None
    ) -> Comment | None:
        """The comment after the update; None where it is not there or not in the state that `where` asks for."""
        return await self._change(comment_id, update, where=where)

    async def move_likes(self, comment_id: object, step: int) -> None:
        """One like more or less, in the user's field too where that holds a number."""
        both = {"$inc": {"likes": step, "_marquee.likes": step}}
        if not await self._update(comment_id, both, where={"likes": {"$type": "number"}}):
            await self._update(comment_id, {"$inc": {"_marquee.likes": step}})

    async def move_replies(self, root: object, step: int) -> None:
        """One reply more or less that can be read."""
        await self._update(root, {"$inc": {"_marquee.replies": step}})

    async def rename(self, viewer: ViewerId, changes: Mapping[str, Any]) -> int:
        """Sets fields of everything that the viewer wrote; how many comments there were."""
        return await self._update_where({"user_id": {"$eq": viewer}}, changes)

    async def of_viewer(self, viewer: ViewerId) -> AsyncIterator[Stored]:
        """Everything the viewer wrote as stored."""
        async for document in self._raw({"user_id": {"$eq": viewer}}):
            yield document

    async def some_by(self, viewer: ViewerId, *, limit: int) -> list[Comment]:
        """Some of what the viewer wrote and did not delete."""
        where = {"user_id": {"$eq": viewer}, "_marquee.gone": {"$ne": "author"}}
        return await self._list(where, limit=limit)


def _seen_by(viewer: ViewerId | None, *, with_replies: bool) -> dict[str, Any]:
    ways: list[dict[str, Any]] = [{"_marquee.status": "active"}]
    if with_replies:
        ways.append({"_marquee.replies": {"$gt": 0}})
    if viewer is not None:
        ways.append({"user_id": {"$eq": viewer}, "_marquee.gone": {"$ne": "author"}})
    return {"$or": ways}


_OWNER: Final = ("_id.owner", 1)
_OF_TARGET: Final = (_OWNER, ("_marquee.target", 1), ("_marquee.root", 1))
_KEY: Final = ("_marquee.key", 1)
_NEWEST: Final = ("_marquee.at", -1)
_OLDEST: Final = ("_marquee.at", 1)
INDEXES = (
    Index("comments", (*_OF_TARGET, _NEWEST, _KEY), "owner_target_newest"),
    Index("comments", (*_OF_TARGET, _OLDEST, _KEY), "owner_target_oldest"),
    Index("comments", (*_OF_TARGET, ("_marquee.likes", -1), _NEWEST, _KEY), "owner_target_top"),
    Index("comments", (*_OF_TARGET, ("_marquee.second", 1), _OLDEST, _KEY), "owner_target_timeline"),
    Index("comments", (_OWNER, ("_marquee.root", 1), _OLDEST, _KEY), "owner_root_oldest"),
    Index("comments", (_OWNER, ("user_id", 1), _NEWEST, _KEY), "owner_user_newest"),
    Index("comments", (_OWNER, ("_marquee.status", 1), _NEWEST, _KEY), "owner_status_newest"),
    Index("comments", (_OWNER, ("_marquee.nick", 1)), "owner_nick"),
)
