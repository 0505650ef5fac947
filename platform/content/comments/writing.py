"""What authors do: write, answer, edit, take back and appeal.

Each verb raises StorageUnavailable, NoSuchComment for what is not there or not shown, and what its own words say.
"""

import hashlib
import secrets
from datetime import timedelta
from typing import Final, final

import msgspec
from msgspec import Struct

from accounts.model import Viewer, ViewerId
from content.comments.errors import (
    CommentRefused,
    CommentSettled,
    DuplicateComment,
    NoSuchComment,
    NotYourComment,
    TooManyComments,
)
from content.comments.markup import has_link
from content.comments.model import (
    EDIT_SECONDS,
    MOST_EDITS,
    Appeal,
    Comment,
    Commenter,
    Status,
    Version,
)
from content.comments.naming import Names
from content.comments.repository import CommentRepository
from content.comments.rules import check_may_write
from content.comments.spoilers import has_spoiler
from content.comments.subjects import Subject
from content.comments.text import body_of, readable_line
from storage.limits import Limits
from storage.moments import Clock, epoch_of, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none
from tenancy.model import CommentRules

COMMENTS_A_MINUTE: Final = 6
COMMENTS_AN_HOUR: Final = 60
COMMENTS_AN_HOUR_AND_ADDRESS: Final = 240
"""By however many guests: who has spent one becomes another."""
SAME_AGAIN_SECONDS: Final = 600
LONGEST_REASON: Final = 300
LONGEST_APPEAL: Final = 1_000
KNOWN_AFTER: Final = 3
"""Shown comments after which a viewer's links need no moderator."""
HELD_FOR_LINKS: Final = "It has a link and waits for a moderator."
_ALPHABET: Final = "0123456789abcdefghijklmnopqrstuvwxyz"


class Draft(Struct, frozen=True, kw_only=True):
    """What somebody wants to say; `second` pins it to a moment of a film, `reply_to` is a comment's id."""

    body: str
    is_spoiler: bool = False
    second: int | None = None
    reply_to: str | None = None


@final
class Writing:
    """The comments of one site, for those who write; `address` is where they do."""

    def __init__(
        self,
        database: Database,
        scope: TenantScope,
        rules: CommentRules,
        names: Names,
        limits: Limits,
        clock: Clock,
        *,
        address: str = "",
    ) -> None:
        self._database = database
        self._comments = CommentRepository(database, scope)
        self._scope = scope
        self._rules = rules
        self._names = names
        self._limits = limits
        self._clock = clock
        self._address = address

    async def post(self, viewer: Viewer, subject: Subject, draft: Draft) -> Comment:
        """A new comment. Raises CommentsClosed, CommentRefused, TooManyComments, DuplicateComment."""
        check_may_write(viewer, self._rules)
        body = body_of(draft.body)
        parent = await self._answered(draft, subject)
        if draft.second is not None and (parent or not subject.has_seconds):
            raise CommentRefused("Only comments on what plays can be pinned to a second.")
        if draft.second is not None and not 0 <= draft.second <= subject.last_second:
            raise CommentRefused(f"timestamp: a second from 0 to {subject.last_second}.")
        await self._count(viewer.id)
        name = await self._names.of(viewer.id)
        status, reason = await self._first_status(viewer.id, body)
        await self._only_once(viewer.id, subject.id, body)
        now = moment(self._clock())
        comment_id = "comment_" + "".join(secrets.choice(_ALPHABET) for _ in range(12))
        fields = {
            "target_id": subject.id,
            "user_id": viewer.id,
            "nickname": name.nickname,
            "avatar_seed": name.avatar_seed,
            "body": body,
            "is_spoiler": draft.is_spoiler or has_spoiler(body),
            "likes": 0,
            "created_at": now,
            "moderation_status": status,
        }
        if draft.second is not None:
            fields["timestamp"] = draft.second
        root = parent and (parent.id if parent.ours.root is None else parent.ours.root)
        ours = {
            "at": int(epoch_of(now) * 1_000),
            "likes": 0,
            "second": draft.second,
            "target": subject.id,
            "key": comment_id,
            "status": status,
            "nick": name.skeleton,
            "reason": reason,
            "root": root,
            "parent": parent.id if parent else None,
        }

        async def add() -> None:
            await self._comments.add(comment_id, fields, ours)
            if root is not None and status == "active":
                await self._comments.move_replies(root, 1)

        await all_or_none(self._database, add)
        return await self._found(comment_id)

    async def edit(self, viewer: Viewer, comment: Comment, body: str, *, is_spoiler: bool) -> Comment:
        """The comment with other words; what it said is kept for moderators. Raises CommentSettled, CommentRefused."""
        self._check_own(viewer, comment)
        check_may_write(viewer, self._rules)
        if comment.ours.status == "deleted":
            raise CommentSettled("A comment that was taken away cannot be edited.")
        if not self.may_edit(comment):
            raise CommentSettled("A comment can be edited for a day after it was written, and twenty times at most.")
        body = body_of(body)
        spoils = is_spoiler or has_spoiler(body)
        if body == comment.body and spoils == comment.is_spoiler:
            return comment
        await self._count(viewer.id)
        now = moment(self._clock())
        changed: dict[str, object] = {"body": body, "is_spoiler": spoils, "_marquee.edited_at": now}
        status, reason = await self._first_status(viewer.id, body)
        holds = status == "flagged" and comment.ours.status == "active"
        if holds:
            changed |= {"moderation_status": status, "_marquee.status": status, "_marquee.reason": reason}
        version = msgspec.structs.asdict(Version(comment.body, now))

        async def change() -> Comment:
            after = await self._comments.change(
                comment.id,
                {"$set": changed, "$push": {"_marquee.versions": version}},
                where={"body": comment.body, "_marquee.status": comment.ours.status},
            )
            if after is None:
                raise CommentSettled("The comment changed meanwhile. Please look at it again.")
            if holds and comment.ours.root is not None:
                await self._comments.move_replies(comment.ours.root, -1)
            return after

        return await all_or_none(self._database, change)

    def may_edit(self, comment: Comment) -> bool:
        """Whether its author may still change its words."""
        age = self._clock() - comment.ours.at / 1_000
        return comment.ours.status != "deleted" and age <= EDIT_SECONDS and len(comment.ours.versions) < MOST_EDITS

    async def take_back(self, viewer: Viewer, comment: Comment) -> None:
        """The author's words are gone for good, also the former ones; the thread below stays. Again does nothing."""
        self._check_own(viewer, comment)
        await self._erase(comment)

    async def take_all_back(self, viewer: Viewer) -> int:
        """The same for everything that the viewer wrote; how many comments there were."""
        removed = 0
        while found := await self._comments.some_by(viewer.id, limit=100):
            for comment in found:
                await self._erase(comment)
            removed += len(found)
        return removed

    async def rename(self, viewer: Viewer, nickname: str) -> Commenter:
        """Another name for the viewer. Raises CommentsClosed and what Names.change raises."""
        check_may_write(viewer, self._rules)
        return await self._names.change(viewer.id, nickname)

    async def _erase(self, comment: Comment) -> None:
        gone = {
            "body": "",
            "is_spoiler": False,
            "moderation_status": "deleted",
            "_marquee.status": "deleted",
            "_marquee.gone": "author",
            "_marquee.versions": [],
        }

        async def change() -> None:
            was_shown = await self._comments.change(comment.id, {"$set": gone}, where={"_marquee.status": "active"})
            if was_shown is None:
                await self._comments.change(comment.id, {"$set": gone})
            elif comment.ours.root is not None:
                await self._comments.move_replies(comment.ours.root, -1)

        await all_or_none(self._database, change)

    async def appeal(self, viewer: Viewer, comment: Comment, text: str) -> Comment:
        """The author's word against a moderator's decision, once. Raises CommentSettled, CommentRefused."""
        self._check_own(viewer, comment)
        words = readable_line(text, LONGEST_APPEAL)
        if not words:
            raise CommentRefused("Say why the comment should be shown.")
        if not may_appeal(comment):
            raise CommentSettled("There is nothing to appeal against, or it was appealed against already.")
        await self._count(viewer.id)
        appeal = msgspec.structs.asdict(Appeal(text=words, at=moment(self._clock())))
        after = await self._comments.change(
            comment.id,
            {"$set": {"_marquee.appeal": appeal}},
            where={"_marquee.appeal": None, "_marquee.status": comment.ours.status},
        )
        if after is None:
            raise CommentSettled("It was appealed against already.")
        return after

    async def _answered(self, draft: Draft, subject: Subject) -> Comment | None:
        if draft.reply_to is None:
            return None
        parent = await self._comments.named(draft.reply_to)
        if parent is None or parent.ours.target != subject.id or not parent.is_shown:
            raise NoSuchComment("The comment that you answer is not there any more.")
        return parent

    async def _first_status(self, viewer: ViewerId, body: str) -> tuple[Status, str]:
        if has_link(body) and await self._comments.count_shown_by(viewer, limit=KNOWN_AFTER) < KNOWN_AFTER:
            return "flagged", HELD_FOR_LINKS
        return "active", ""

    async def _count(self, viewer: ViewerId) -> None:
        for name, limit, window in (
            ("comments-minute", COMMENTS_A_MINUTE, 60.0),
            ("comments-hour", COMMENTS_AN_HOUR, 3_600.0),
        ):
            await self._take(name, repr(viewer), limit, window)
        if self._address:
            await self._take("comments-here", self._address, COMMENTS_AN_HOUR_AND_ADDRESS, 3_600.0)

    async def _take(self, name: str, subject: str, limit: int, window: float) -> None:
        verdict = await self._limits.take(self._scope, name, subject, limit=limit, window_seconds=window)
        if not verdict.allowed:
            raise TooManyComments(verdict.retry_after_seconds)

    async def _only_once(self, viewer: ViewerId, target: str, body: str) -> None:
        """One script in Redis decides, so that two clicks at once are one comment."""
        said = hashlib.blake2b(
            "\n".join((repr(viewer), target, " ".join(body.casefold().split()))).encode(), digest_size=16
        ).hexdigest()
        verdict = await self._limits.take(self._scope, "comment-same", said, limit=1, window_seconds=SAME_AGAIN_SECONDS)
        if not verdict.allowed:
            raise DuplicateComment("You have just said this.")

    def _check_own(self, viewer: Viewer, comment: Comment) -> None:
        if not comment.is_by(viewer.id):
            raise NotYourComment("This comment is somebody else's.")

    async def _found(self, comment_id: str) -> Comment:
        found = await self._comments.get(comment_id)
        if found is None:
            raise NoSuchComment("This comment is not there any more.")
        return found


def may_appeal(comment: Comment) -> bool:
    """Whether moderators decided against it and its author has not answered yet."""
    return comment.ours.status != "active" and comment.ours.gone != "author" and comment.ours.appeal is None


def edit_ends(comment: Comment) -> float:
    """Epoch seconds until which its author may edit it."""
    return comment.ours.at / 1_000 + timedelta(seconds=EDIT_SECONDS).total_seconds()
