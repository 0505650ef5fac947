"""What a viewer has among the comments of a site: to take along, to leave without a name, to bring to an account."""

from collections.abc import AsyncIterator, Mapping
from functools import partial
from typing import Any, Final, final

import msgspec

from accounts.belongings import Belongings
from accounts.model import ViewerId
from content.comments.model import FORMER_VIEWER, Mark
from content.comments.people import CommenterRepository, FlagRepository, LikeRepository, MarkRepository
from content.comments.repository import CommentRepository
from storage.documents import MARQUEE
from storage.errors import Conflict
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none

_NOBODYS: Final[dict[str, Any]] = {
    "user_id": None,
    "nickname": FORMER_VIEWER,
    "avatar_seed": "former",
    "_marquee.nick": "",
    "_marquee.versions": [],
}


@final
class CommentsBelongings:
    """Comments. Those of a deleted account stay without a name, so that threads can still be read; whoever wants them
    gone takes them back first (`DELETE /api/v1/comments/mine`)."""

    name: str = "comments"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """Every comment in the users' own shape, and the name that the viewer has."""
        async for document in CommentRepository(self._database, scope).of_viewer(viewer_id):
            document.pop(MARQUEE, None)
            yield document

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """How many comments have lost their author."""
        return await CommentRepository(self._database, scope).rename(viewer_id, {"$set": _NOBODYS})

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's comments under the viewer's name, or under the guest's where the viewer has none."""
        commenters = CommenterRepository(self._database, scope)
        own, guests = await commenters.get(viewer_id), await commenters.get(guest_id)
        if own is None and guests is not None:
            await commenters.remove(guest_id)
            own = msgspec.structs.replace(guests, id=viewer_id)
            try:
                await commenters.add(own)
            except Conflict:
                own = await commenters.get(viewer_id)
        changes: dict[str, Any] = {"user_id": viewer_id}
        if own is not None:
            changes |= {"nickname": own.nickname, "avatar_seed": own.avatar_seed, "_marquee.nick": own.skeleton}
        await CommentRepository(self._database, scope).rename(guest_id, {"$set": changes})
        await commenters.remove(guest_id)


@final
class CommenterBelongings:
    """The viewer's name."""

    name: str = "nickname"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """The name, if there is one."""
        found = await CommenterRepository(self._database, scope).get(viewer_id)
        if found is not None:
            fields = msgspec.structs.asdict(found)
            yield {name: fields[name] for name in ("nickname", "avatar_seed", "created_at", "changed_at")}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Whether there was one, as 1 or 0."""
        return int(await CommenterRepository(self._database, scope).remove(viewer_id))

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """Nothing: the comments bring it."""


@final
class MarksBelongings:
    """Likes and flags."""

    name: str = "comment_marks"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """What the viewer liked and flagged."""
        for kind in (LikeRepository, FlagRepository):
            async for mark in kind(self._database, scope).by(viewer_id):
                yield {"kind": kind.collection, "comment": mark.id["comment"], "at": mark.at, "reason": mark.reason}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """How many there were. What they counted for stays counted."""
        kinds = (LikeRepository, FlagRepository)
        return sum([await kind(self._database, scope).remove_by(viewer_id) for kind in kinds])

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's marks become the viewer's; what both liked counts once from now on."""
        for kind in (LikeRepository, FlagRepository):
            marks = kind(self._database, scope)
            async for mark in marks.by(guest_id):
                await all_or_none(self._database, partial(self._bring, scope, marks, mark, viewer_id))

    async def _bring(self, scope: TenantScope, marks: MarkRepository, mark: Mark, viewer_id: ViewerId) -> None:
        comment, guest_id = mark.id["comment"], mark.id["viewer"]
        if not await marks.remove(comment, guest_id):
            return
        if not await marks.has(comment, viewer_id):
            await marks.add(comment, viewer_id, mark.at, mark.reason)
        elif isinstance(marks, LikeRepository):
            await CommentRepository(self._database, scope).move_likes(comment, -1)


def comments_belongings(database: Database) -> list[Belongings]:
    """What comments give to the registry. Marks first: whose they are is asked of the comments' own ids alone."""
    return [MarksBelongings(database), CommentsBelongings(database), CommenterBelongings(database)]
