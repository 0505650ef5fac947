"""GET /comments…: what is said here."""

from __future__ import annotations

from typing import Final

from litestar import get
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency

from content.comments.reading import MOST_COMMENTS
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import problems, shown
from storefront.community.answers import (
    CommentAnswer,
    CommentList,
    MarkerList,
    OwnComments,
    ReplyList,
    comment_answer,
    comment_list,
    marker_list,
    own_comments,
    reply_list,
)
from storefront.community.declared import (
    ADULTS,
    AWAY,
    BAD,
    BANNED,
    CURSOR,
    GONE,
    NO_COMMENT,
    NO_TARGET,
    CommentId,
    CountText,
    OrderText,
    TargetText,
    order_of,
)
from storefront.community.discussions import Discussions
from storefront.community.examples import COMMENT, COMMENTS, MARKERS, OWN, REPLIES

_NO_STORE: Final = CacheControlHeader(no_store=True)


@get(
    "/comments",
    operation_id="listComments",
    summary="What is said about a title, an episode or a chapter",
    description="Threads with their first replies. `timeline` lists only what is pinned to a second, in its order.",
    tags=["comments"],
    cache_control=_NO_STORE,
    operation_class=shown(COMMENTS),
    responses=problems(BAD, CURSOR, BANNED, ADULTS, NO_TARGET, GONE, AWAY),
)
async def list_comments(
    discussions: NamedDependency[Discussions],
    target_id: TargetText,
    sort: OrderText = None,
    limit: CountText = None,
    after: AfterText = None,
) -> CommentList:
    """A page of threads."""
    order = order_of(sort)
    wanted = number_of("limit", limit, 1, MOST_COMMENTS) or 20
    subject = await discussions.subject(target_id)
    viewer = discussions.viewer_id
    seen = await discussions.reading.threads(subject.id, order, viewer=viewer, after=after, limit=wanted)
    return comment_list(seen, await discussions.reading.count(subject.id), viewer, discussions.writing)


@get(
    "/comments/markers",
    operation_id="listCommentMarkers",
    summary="The comments on a player's timeline",
    tags=["comments"],
    cache_control=_NO_STORE,
    operation_class=shown(MARKERS),
    responses=problems(BAD, BANNED, ADULTS, NO_TARGET, GONE, AWAY),
)
async def list_markers(discussions: NamedDependency[Discussions], target_id: TargetText) -> MarkerList:
    """By second: how many, and the first words of the best liked one without spoilers. At most 1,000 seconds."""
    subject = await discussions.subject(target_id)
    return marker_list(await discussions.reading.markers(subject.id))


@get(
    "/comments/mine",
    operation_id="listMyComments",
    summary="What the viewer wrote, with what moderators made of it",
    tags=["comments"],
    cache_control=_NO_STORE,
    operation_class=shown(OWN),
    responses=problems(CURSOR, BANNED, AWAY),
)
async def list_mine(discussions: NamedDependency[Discussions], after: AfterText = None) -> OwnComments:
    """The viewer's own comments, the newest first; none for somebody who has no session."""
    viewer = discussions.viewer_id
    if viewer is None:
        return OwnComments(comments=[], next=None)
    return own_comments(await discussions.reading.mine(viewer, after=after), viewer, discussions.writing)


@get(
    "/comments/{comment_id:str}",
    operation_id="getComment",
    summary="One comment",
    tags=["comments"],
    cache_control=_NO_STORE,
    operation_class=shown(COMMENT),
    responses=problems(BAD, BANNED, ADULTS, NO_COMMENT, GONE, AWAY),
)
async def get_comment(discussions: NamedDependency[Discussions], comment_id: CommentId) -> CommentAnswer:
    """The comment as the viewer may see it."""
    found = await discussions.comment(comment_id, discussions.viewer)
    viewer = discussions.viewer_id
    seen = await discussions.reading.told([found], viewer)
    return comment_answer(found, seen, viewer, discussions.writing)


@get(
    "/comments/{comment_id:str}/replies",
    operation_id="listReplies",
    summary="The replies in a thread",
    tags=["comments"],
    cache_control=_NO_STORE,
    operation_class=shown(REPLIES),
    responses=problems(BAD, CURSOR, BANNED, ADULTS, NO_COMMENT, GONE, AWAY),
)
async def list_replies(
    discussions: NamedDependency[Discussions], comment_id: CommentId, after: AfterText = None
) -> ReplyList:
    """A page of replies, the oldest first."""
    found = await discussions.comment(comment_id, discussions.viewer)
    viewer = discussions.viewer_id
    replies = await discussions.reading.replies(found, viewer=viewer, after=after)
    seen = await discussions.reading.told(replies.comments, viewer)
    return reply_list(replies, seen, viewer, discussions.writing)
