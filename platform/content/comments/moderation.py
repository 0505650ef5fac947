"""What the people of a site do about comments. Every deed has a reason and is in the audit.

Each verb raises NoSuchComment and StorageUnavailable.
"""

from typing import Any, Final, final

from msgspec import Struct

from accounts.errors import NoSuchViewer
from accounts.viewers import Viewers
from content.comments.errors import CommentRefused, CommentSettled, NoSuchComment
from content.comments.model import AppealDecision, Comment, Mark, Status
from content.comments.orders import Place, place_of
from content.comments.people import FlagRepository
from content.comments.repository import CommentRepository
from content.comments.text import readable_line
from content.comments.writing import LONGEST_REASON
from content.cursors import seal, unseal
from storage.audit import Actor, Audit
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none

_MOST_FLAGS: Final = 100


class Queue(Struct, frozen=True):
    """A page of what there is to look at."""

    comments: list[Comment]
    after: str | None


@final
class Moderation:
    """The comments of one site, for its moderators."""

    def __init__(self, database: Database, scope: TenantScope, audit: Audit, viewers: Viewers, clock: Clock) -> None:
        self._database = database
        self._comments = CommentRepository(database, scope)
        self._flags = FlagRepository(database, scope)
        self._scope = scope
        self._audit = audit
        self._viewers = viewers
        self._clock = clock

    async def queue(self, status: Status, *, appealed: bool, after: str | None = None, limit: int = 20) -> Queue:
        """Comments of one status, the newest first; `appealed`: only those whose author waits. Raises CursorInvalid."""
        asked = ("moderation", status, appealed)
        place = unseal(after, Place, self._scope.tenant_id, *asked) if after else None
        found = await self._comments.queue(status, appealed=appealed, after=place, limit=limit + 1)
        kept = found[:limit]
        further = seal(place_of(kept[-1], "new"), self._scope.tenant_id, *asked) if len(found) > limit else None
        return Queue(kept, further)

    async def one(self, comment_id: str) -> Comment:
        """The comment whatever its status; one that its author took back is gone."""
        found = await self._comments.named(comment_id)
        if found is None or found.ours.gone == "author":
            raise NoSuchComment("There is no such comment on this site.")
        return found

    async def flags_on(self, comment: Comment) -> list[Mark]:
        """What viewers said about it, the newest first."""
        return await self._flags.on(comment.id, limit=_MOST_FLAGS)

    async def decide(self, comment_id: str, status: Status, reason: str, *, actor: Actor) -> Comment:
        """Shows, holds back or deletes a comment. Its author is told the reason; without one, only showing is free.

        Raises CommentRefused, and CommentSettled where somebody else decided meanwhile.
        """
        comment = await self.one(comment_id)
        reason = readable_line(reason, LONGEST_REASON)
        if status != "active" and not reason:
            raise CommentRefused("Say why: the author is told the reason.")
        after = await self._set(comment, status, reason, actor)
        await self._audit.record(self._scope, actor, f"comment.{_DEEDS[status]}", str(comment.id), {"reason": reason})
        return after

    async def ban_author(self, comment_id: str, reason: str, *, removing: bool, actor: Actor) -> Comment:
        """The author may no longer use the site; `removing` deletes this comment with the same reason.

        Raises CommentRefused where there is no author to ban.
        """
        comment = await self.one(comment_id)
        reason = readable_line(reason, LONGEST_REASON)
        if not reason:
            raise CommentRefused("Say why: the ban keeps the reason.")
        if comment.user_id is None:
            raise CommentRefused("The author's account is gone.")
        try:
            await self._viewers.ban(self._scope, comment.user_id, reason, actor=actor)
        except NoSuchViewer:
            raise CommentRefused("The author has no account on this site.") from None
        if removing and comment.ours.status != "deleted":
            return await self.decide(comment_id, "deleted", reason, actor=actor)
        return comment

    async def answer_appeal(self, comment_id: str, decision: AppealDecision, words: str, *, actor: Actor) -> Comment:
        """The one decision over the author's appeal; `restored` shows the comment again. Raises CommentSettled."""
        comment = await self.one(comment_id)
        now = moment(self._clock())
        changes = {
            "_marquee.appeal.decision": decision,
            "_marquee.appeal.words": readable_line(words, LONGEST_REASON),
            "_marquee.appeal.decided_at": now,
            "_marquee.appeal.decided_by": _named(actor),
        }
        where = {"_marquee.appeal.text": {"$type": "string"}, "_marquee.appeal.decision": None}
        after = await self._comments.change(comment.id, {"$set": changes}, where=where)
        if after is None:
            raise CommentSettled("No appeal waits for a decision here.")
        await self._audit.record(self._scope, actor, "comment.appeal", str(comment.id), {"decision": decision})
        if decision == "restored" and after.ours.status != "active":
            return await self._set(after, "active", after.ours.appeal.words if after.ours.appeal else "", actor)
        return after

    async def _set(self, comment: Comment, status: Status, reason: str, actor: Actor) -> Comment:
        changes: dict[str, Any] = {
            "moderation_status": status,
            "_marquee.status": status,
            "_marquee.reason": reason,
            "_marquee.gone": "moderator" if status == "deleted" else "",
            "_marquee.decided_at": moment(self._clock()),
            "_marquee.decided_by": _named(actor),
        }
        if status == "active":
            # Those who flagged it have been answered: it takes more of them to hold it back again.
            changes |= {"_marquee.flags": 0, "_marquee.cleared": True}
        where = {"_marquee.status": comment.ours.status, "_marquee.gone": {"$ne": "author"}}

        async def change() -> Comment:
            after = await self._comments.change(comment.id, {"$set": changes}, where=where)
            if after is None:
                raise CommentSettled("The comment changed meanwhile. Please look at it again.")
            step = (status == "active") - (comment.ours.status == "active")
            if step and after.ours.root is not None:
                await self._comments.move_replies(after.ours.root, step)
            return after

        return await all_or_none(self._database, change)


_DEEDS: Final[dict[Status, str]] = {"active": "show", "flagged": "hold", "deleted": "delete"}


def _named(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"
