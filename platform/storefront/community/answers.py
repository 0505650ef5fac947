"""What the API says of comments. Times are epoch seconds."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from msgspec import Struct

from accounts.model import ViewerId
from content.comments.markup import html_of
from content.comments.model import Comment, Commenter, Mark
from content.comments.reading import Marker, Replies, Seen
from content.comments.writing import Writing, edit_ends, may_appeal
from storage.moments import epoch_of
from storefront.community.avatars import avatar_url

_TAKEN_BACK = "Its author has deleted this comment."
_NOT_SHOWN = "This comment is not shown."


class ReplyTo(Struct, frozen=True):
    """The comment that was answered."""

    id: str
    nickname: str


class AppealAnswer(Struct, frozen=True):
    """The author's word and what came of it: `decision` is restored, upheld or, while it waits, null."""

    text: str
    at: float
    decision: str | None
    words: str


class CommentAnswer(Struct, kw_only=True, frozen=True):
    """A comment as whoever asks may see it. `html` is sanitised, with spoilers veiled; `body` is its Markdown source.

    One that is not shown any more but still holds a thread together has neither nickname nor words. Its author still
    sees them, with the `status` (active, flagged: held back, deleted), the moderators' `reason` and the `appeal`.
    """

    id: str
    target_id: str
    nickname: str
    avatar: str
    body: str
    html: str
    is_spoiler: bool
    timestamp: int | None
    likes: int
    liked: bool
    mine: bool
    created_at: float
    edited: bool
    reply_count: int
    thread_id: str
    reply_to: ReplyTo | None
    status: str
    reason: str
    appeal: AppealAnswer | None
    edit_until: float | None
    may_appeal: bool


class ThreadAnswer(Struct, kw_only=True, frozen=True):
    """A comment with the first replies; `next` continues them at /comments/{comment_id}/replies."""

    comment: CommentAnswer
    replies: list[CommentAnswer]
    next: str | None


class CommentList(Struct, kw_only=True, frozen=True):
    """Threads in the order asked for; `count` is how many comments and replies can be read, counted to 10,000."""

    threads: list[ThreadAnswer]
    next: str | None
    count: int


class ReplyList(Struct, kw_only=True, frozen=True):
    """Replies, the oldest first."""

    replies: list[CommentAnswer]
    next: str | None


class OwnComments(Struct, kw_only=True, frozen=True):
    """What the viewer wrote, the newest first."""

    comments: list[CommentAnswer]
    next: str | None


class MarkerAnswer(Struct, frozen=True):
    """A second of the film with comments; `text` are the first words of the best liked one, without spoilers."""

    second: int
    count: int
    text: str


class MarkerList(Struct, frozen=True):
    """The markers of a timeline, in its order."""

    markers: list[MarkerAnswer]


class LikeAnswer(Struct, frozen=True):
    """How many like the comment, and whether the viewer does."""

    likes: int
    liked: bool


class NicknameAnswer(Struct, frozen=True):
    """The viewer's name and face here. `nickname` is empty before the first comment; `changeable_at` null means now."""

    nickname: str
    avatar: str
    changeable_at: float | None


class FlagAnswer(Struct, frozen=True):
    """One viewer's word to the moderators."""

    at: float
    reason: str


class VersionAnswer(Struct, frozen=True):
    """What the comment said until then."""

    body: str
    until: float


class QueuedComment(Struct, kw_only=True, frozen=True):
    """A comment as moderators see it: everything but who the author is outside of this site."""

    id: str
    target_id: str
    nickname: str
    author: str | None
    body: str
    html: str
    is_spoiler: bool
    timestamp: int | None
    likes: int
    created_at: float
    status: str
    reason: str
    decided_by: str
    flags: int
    appeal: AppealAnswer | None
    versions: list[VersionAnswer]


class CommentQueue(Struct, frozen=True):
    """A page of what moderators look through, the newest first."""

    comments: list[QueuedComment]
    next: str | None


class QueuedDetail(Struct, frozen=True):
    """One comment, and what viewers said about it."""

    comment: QueuedComment
    flags: list[FlagAnswer]


def comment_answer(comment: Comment, seen: Seen, viewer: ViewerId | None, writing: Writing) -> CommentAnswer:
    """The comment for this viewer."""
    mine = comment.is_by(viewer)
    readable = comment.is_shown or (mine and comment.ours.gone != "author")
    answered = {str(each.id): each for each in seen.answered}
    return CommentAnswer(
        id=str(comment.id),
        target_id=comment.ours.target,
        nickname=comment.nickname if readable else "",
        avatar=avatar_url(comment.avatar_seed if readable else ""),
        body=comment.body if readable else "",
        html=html_of(comment.body) if readable else "",
        is_spoiler=comment.is_spoiler and readable,
        timestamp=comment.ours.second,
        likes=max(0, comment.ours.likes),
        liked=comment.id in seen.liked,
        mine=mine,
        created_at=comment.ours.at / 1_000,
        edited=comment.ours.edited_at is not None,
        reply_count=max(0, comment.ours.replies),
        thread_id=str(comment.id if comment.ours.root is None else comment.ours.root),
        reply_to=_reply_to(comment, answered),
        status=comment.ours.status if readable else "deleted",
        reason=comment.ours.reason if mine else _why_gone(comment),
        appeal=appeal_answer(comment) if mine else None,
        edit_until=edit_ends(comment) if mine and writing.may_edit(comment) else None,
        may_appeal=mine and may_appeal(comment),
    )


def comment_list(seen: Seen, count: int, viewer: ViewerId | None, writing: Writing) -> CommentList:
    """A page of threads."""
    threads = [
        ThreadAnswer(
            comment=comment_answer(thread.comment, seen, viewer, writing),
            replies=[comment_answer(each, seen, viewer, writing) for each in thread.replies.comments],
            next=thread.replies.after,
        )
        for thread in seen.threads
    ]
    return CommentList(threads=threads, next=seen.after, count=count)


def reply_list(replies: Replies, seen: Seen, viewer: ViewerId | None, writing: Writing) -> ReplyList:
    """A page of replies."""
    return ReplyList(
        replies=[comment_answer(each, seen, viewer, writing) for each in replies.comments], next=replies.after
    )


def own_comments(seen: Seen, viewer: ViewerId | None, writing: Writing) -> OwnComments:
    """A page of one's own."""
    comments = [comment_answer(thread.comment, seen, viewer, writing) for thread in seen.threads]
    return OwnComments(comments=comments, next=seen.after)


def marker_list(markers: list[Marker]) -> MarkerList:
    """The markers."""
    return MarkerList([MarkerAnswer(each.second, each.count, each.text) for each in markers])


def nickname_answer(commenter: Commenter | None, changeable_at: float | None) -> NicknameAnswer:
    """The viewer's name, or that there is none yet."""
    if commenter is None:
        return NicknameAnswer("", avatar_url(""), None)
    return NicknameAnswer(commenter.nickname, avatar_url(commenter.avatar_seed), changeable_at)


def queued(comment: Comment) -> QueuedComment:
    """The comment for moderators."""
    ours = comment.ours
    return QueuedComment(
        id=str(comment.id),
        target_id=ours.target,
        nickname=comment.nickname,
        author=None if comment.user_id is None else str(comment.user_id),
        body=comment.body,
        html=html_of(comment.body),
        is_spoiler=comment.is_spoiler,
        timestamp=ours.second,
        likes=max(0, ours.likes),
        created_at=ours.at / 1_000,
        status=ours.status,
        reason=ours.reason,
        decided_by=ours.decided_by,
        flags=ours.flags,
        appeal=appeal_answer(comment),
        versions=[VersionAnswer(each.body, epoch_of(each.until)) for each in ours.versions],
    )


def flag_answer(mark: Mark) -> FlagAnswer:
    """A viewer's word, without the viewer."""
    return FlagAnswer(epoch_of(mark.at), mark.reason)


def appeal_answer(comment: Comment) -> AppealAnswer | None:
    """The author's appeal, if there is one."""
    appeal = comment.ours.appeal
    return None if appeal is None else AppealAnswer(appeal.text, epoch_of(appeal.at), appeal.decision, appeal.words)


def _why_gone(comment: Comment) -> str:
    if comment.is_shown:
        return ""
    return _TAKEN_BACK if comment.ours.gone == "author" else _NOT_SHOWN


def _reply_to(comment: Comment, answered: Mapping[str, Any]) -> ReplyTo | None:
    parent: Comment | None = answered.get(str(comment.ours.parent))
    if comment.ours.parent is None or parent is None:
        return None
    return ReplyTo(str(parent.id), parent.nickname if parent.is_shown else "")
