"""What readers do to comments: like them, and ask the moderators to look.

Each verb raises StorageUnavailable, TooManyComments, and NoSuchComment for what is not shown any more.
"""

import hashlib
from contextlib import suppress
from typing import Final, final

from accounts.model import Viewer, ViewerId
from content.comments.errors import CommentRefused, NoSuchComment, TooManyComments
from content.comments.model import Comment
from content.comments.people import FlagRepository, LikeRepository
from content.comments.repository import CommentRepository
from content.comments.text import readable_line
from content.comments.writing import LONGEST_REASON
from storage.errors import Conflict
from storage.limits import Limits
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none
from tenancy.model import CommentRules

MARKS_A_MINUTE: Final = 60
FLAG_COUNTS_AGAIN_SECONDS: Final = 7 * 24 * 3_600
"""After which another flag from one address counts once more."""
HELD_FOR_FLAGS: Final = "Several viewers asked the moderators to look at it."
_AGAIN_AFTER_CLEARED: Final = 3


@final
class Marking:
    """The likes and flags of one site. `address` is where they come from: guests cost nothing, addresses do."""

    def __init__(
        self,
        database: Database,
        scope: TenantScope,
        rules: CommentRules,
        limits: Limits,
        clock: Clock,
        *,
        address: str = "",
    ) -> None:
        self._database = database
        self._comments = CommentRepository(database, scope)
        self._likes = LikeRepository(database, scope)
        self._flags = FlagRepository(database, scope)
        self._scope = scope
        self._rules = rules
        self._limits = limits
        self._clock = clock
        self._address = address

    async def like(self, viewer: Viewer, comment: Comment) -> Comment:
        """One like a viewer; a second one changes nothing."""
        _check_shown(comment)
        await self._count(viewer.id)

        async def add() -> None:
            await self._likes.add(comment.id, viewer.id, moment(self._clock()))
            await self._comments.move_likes(comment.id, 1)

        with suppress(Conflict):
            await all_or_none(self._database, add)
        return await self._again(comment)

    async def unlike(self, viewer: Viewer, comment: Comment) -> Comment:
        """Takes the like back, if there is one."""
        await self._count(viewer.id)

        async def remove() -> None:
            if await self._likes.remove(comment.id, viewer.id):
                await self._comments.move_likes(comment.id, -1)

        await all_or_none(self._database, remove)
        return await self._again(comment)

    async def flag(self, viewer: Viewer, comment: Comment, reason: str) -> None:
        """Asks the moderators to look, once a viewer; with enough of them nobody sees it until they have."""
        _check_shown(comment)
        if comment.is_by(viewer.id):
            raise CommentRefused("This comment is your own: you can delete it.")
        await self._count(viewer.id)
        reason = readable_line(reason, LONGEST_REASON)
        counts = await self._is_first_here(comment)

        async def add() -> None:
            await self._flags.add(comment.id, viewer.id, moment(self._clock()), reason)
            if not counts:
                return
            after = await self._comments.change(comment.id, {"$inc": {"_marquee.flags": 1}})
            if after is not None and after.ours.flags >= self._most_flags(after):
                await self._hold(after)

        with suppress(Conflict):
            await all_or_none(self._database, add)

    async def _is_first_here(self, comment: Comment) -> bool:
        """One address hides nothing by itself: moderators read what else it says, and it counts once."""
        if not self._address:
            return True
        said = hashlib.blake2b(f"{comment.id!r} {self._address}".encode(), digest_size=16).hexdigest()
        verdict = await self._limits.take(
            self._scope, "comment-flags-here", said, limit=1, window_seconds=FLAG_COUNTS_AGAIN_SECONDS
        )
        return verdict.allowed

    def _most_flags(self, comment: Comment) -> int:
        return self._rules.flags * (_AGAIN_AFTER_CLEARED if comment.ours.cleared else 1)

    async def _hold(self, comment: Comment) -> None:
        held = {"moderation_status": "flagged", "_marquee.status": "flagged", "_marquee.reason": HELD_FOR_FLAGS}
        done = await self._comments.change(comment.id, {"$set": held}, where={"_marquee.status": "active"})
        if done is not None and done.ours.root is not None:
            await self._comments.move_replies(done.ours.root, -1)

    async def _count(self, viewer: ViewerId) -> None:
        verdict = await self._limits.take(
            self._scope, "comment-marks", repr(viewer), limit=MARKS_A_MINUTE, window_seconds=60
        )
        if not verdict.allowed:
            raise TooManyComments(verdict.retry_after_seconds)

    async def _again(self, comment: Comment) -> Comment:
        return await self._comments.get(comment.id) or comment


def _check_shown(comment: Comment) -> None:
    if not comment.is_shown:
        raise NoSuchComment("This comment is not there any more.")
