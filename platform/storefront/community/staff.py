"""/staff/comments…: the moderators' queue and what they decide."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from litestar import get, patch, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency
from litestar.params import JSONBody, QueryParameter
from msgspec import Meta, Struct

from accounts.staff import Moderator
from content.comments.model import STATUSES, Status
from content.comments.moderation import Moderation
from content.comments.reading import MOST_COMMENTS
from content.comments.writing import LONGEST_REASON
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import NOT_JSON, problems, shown
from storefront.community.answers import CommentQueue, QueuedComment, QueuedDetail, flag_answer, queued
from storefront.community.declared import (
    AWAY,
    BAD,
    BANNED,
    CURSOR,
    ELSEWHERE,
    NO_COMMENT,
    REFUSED,
    SETTLED,
    CommentId,
    CountText,
)
from storefront.community.discussions import MODERATION
from storefront.community.examples import QUEUE, QUEUED, QUEUED_DETAIL
from storefront.refusals import BadParameter
from storefront.staff import NO_TOKEN, NOT_STAFF

_NO_STORE: Final = CacheControlHeader(no_store=True)
_DECIDING: Final = (BAD, NO_TOKEN, NOT_STAFF, ELSEWHERE, BANNED, NO_COMMENT, SETTLED, NOT_JSON, REFUSED, AWAY)
Reason = Annotated[str, Meta(max_length=LONGEST_REASON, description="The author is told")]
StatusText = Annotated[str | None, QueryParameter(description=f"One of {', '.join(STATUSES)}; flagged by default")]
AppealedText = Annotated[str | None, QueryParameter(description="1: only those whose author waits for another look")]


class Decision(Struct, kw_only=True, forbid_unknown_fields=True):
    """Show (active), hold back (flagged) or delete."""

    status: Status
    reason: Reason = ""


class BanOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the author may not come back, and whether the comment goes too."""

    reason: Reason
    delete_comment: bool = True


class AppealVerdict(Struct, kw_only=True, forbid_unknown_fields=True):
    """What the other look came to."""

    decision: Literal["restored", "upheld"]
    words: Reason = ""


@get(
    "/staff/comments",
    operation_id="listQueuedComments",
    summary="What moderators look through",
    tags=["staff"],
    cache_control=_NO_STORE,
    dependencies=MODERATION,
    operation_class=shown(QUEUE),
    responses=problems(BAD, CURSOR, NO_TOKEN, NOT_STAFF, BANNED, AWAY),
)
async def list_queue(
    moderator: NamedDependency[Moderator],
    moderation: NamedDependency[Moderation],
    status: StatusText = None,
    appealed: AppealedText = None,
    limit: CountText = None,
    after: AfterText = None,
) -> CommentQueue:
    """A page of one status, the newest first."""
    wanted = number_of("limit", limit, 1, MOST_COMMENTS) or 20
    if appealed not in (None, "0", "1"):
        raise BadParameter("appealed: 0 or 1")
    page = await moderation.queue(_status(status), appealed=appealed == "1", after=after, limit=wanted)
    return CommentQueue([queued(each) for each in page.comments], page.after)


@get(
    "/staff/comments/{comment_id:str}",
    operation_id="getQueuedComment",
    summary="One comment with its former versions and what viewers said about it",
    tags=["staff"],
    cache_control=_NO_STORE,
    dependencies=MODERATION,
    operation_class=shown(QUEUED_DETAIL),
    responses=problems(BAD, NO_TOKEN, NOT_STAFF, BANNED, NO_COMMENT, AWAY),
)
async def get_queued(
    moderator: NamedDependency[Moderator], moderation: NamedDependency[Moderation], comment_id: CommentId
) -> QueuedDetail:
    """Everything that helps to decide."""
    found = await moderation.one(comment_id)
    return QueuedDetail(queued(found), [flag_answer(each) for each in await moderation.flags_on(found)])


@patch(
    "/staff/comments/{comment_id:str}",
    operation_id="moderateComment",
    summary="Show, hold back or delete a comment",
    tags=["staff"],
    dependencies=MODERATION,
    operation_class=shown({**QUEUED, "status": "deleted", "reason": "Advertising"}),
    responses=problems(*_DECIDING),
)
async def moderate(
    moderator: NamedDependency[Moderator],
    moderation: NamedDependency[Moderation],
    comment_id: CommentId,
    data: JSONBody[Decision],
) -> QueuedComment:
    """The comment after the decision."""
    return queued(await moderation.decide(comment_id, data.status, data.reason, actor=moderator.actor))


@post(
    "/staff/comments/{comment_id:str}/ban",
    operation_id="banCommentAuthor",
    summary="Ban a comment's author from this site",
    tags=["staff"],
    status_code=200,
    dependencies=MODERATION,
    operation_class=shown({**QUEUED, "status": "deleted", "reason": "Advertising"}),
    responses=problems(*_DECIDING),
)
async def ban_author(
    moderator: NamedDependency[Moderator],
    moderation: NamedDependency[Moderation],
    comment_id: CommentId,
    data: JSONBody[BanOrder],
) -> QueuedComment:
    """The author's sessions are worth nothing from now on."""
    found = await moderation.ban_author(comment_id, data.reason, removing=data.delete_comment, actor=moderator.actor)
    return queued(found)


@post(
    "/staff/comments/{comment_id:str}/appeal",
    operation_id="decideCommentAppeal",
    summary="Decide over the author's appeal",
    description="Once: the decision stands. `restored` shows the comment again.",
    tags=["staff"],
    status_code=200,
    dependencies=MODERATION,
    operation_class=shown({**QUEUED, "status": "active", "reason": "You are right."}),
    responses=problems(*_DECIDING),
)
async def decide_appeal(
    moderator: NamedDependency[Moderator],
    moderation: NamedDependency[Moderation],
    comment_id: CommentId,
    data: JSONBody[AppealVerdict],
) -> QueuedComment:
    """The comment after it."""
    return queued(await moderation.answer_appeal(comment_id, data.decision, data.words, actor=moderator.actor))


def _status(text: str | None) -> Status:
    for status in STATUSES:
        if text == status:
            return status
    if text is None:
        return "flagged"
    raise BadParameter(f"status: one of {', '.join(STATUSES)}")
