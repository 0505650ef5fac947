"""What changes comments: POST, PATCH and DELETE /comments…, likes, flags, appeals."""

from __future__ import annotations

from typing import Annotated

from litestar import delete, patch, post, put
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Meta, Struct

from accounts.model import Viewer
from content.comments.model import LONGEST_TIMESTAMP, Comment
from content.comments.writing import LONGEST_APPEAL, LONGEST_REASON, Draft
from content.targets import LONGEST_TARGET
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.community.answers import CommentAnswer, LikeAnswer, comment_answer
from storefront.community.declared import (
    ADULTS,
    AWAY,
    BAD,
    BANNED,
    CLOSED,
    DUPLICATE,
    ELSEWHERE,
    GONE,
    NO_COMMENT,
    NO_TARGET,
    NOT_YOURS,
    REFUSED,
    SETTLED,
    TOO_MANY,
    CommentId,
)
from storefront.community.discussions import Discussions
from storefront.community.examples import COMMENT, LIKE, REMOVED
from storefront.members import Member

BodyText = Annotated[str, Meta(max_length=8_000, description="Markdown; `>!text!<` is a spoiler")]
_COMMON = (BAD, ELSEWHERE, BANNED, ADULTS, NO_COMMENT, GONE, NOT_JSON, TOO_MANY, TOO_OFTEN, AWAY)


class NewComment(Struct, kw_only=True, forbid_unknown_fields=True):
    """What somebody says. `timestamp` pins it to a second of a film or episode; `reply_to` is a comment's id."""

    target_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_TARGET)]
    body: BodyText
    is_spoiler: bool = False
    timestamp: Annotated[int, Meta(ge=0, le=LONGEST_TIMESTAMP)] | None = None
    reply_to: Annotated[str, Meta(min_length=1, max_length=200)] | None = None


class EditedComment(Struct, kw_only=True, forbid_unknown_fields=True):
    """What it says from now on."""

    body: BodyText
    is_spoiler: bool = False


class Flag(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why moderators should look."""

    reason: Annotated[str, Meta(max_length=LONGEST_REASON)] = ""


class AppealText(Struct, kw_only=True, forbid_unknown_fields=True):
    """Why the comment should be shown."""

    text: Annotated[str, Meta(max_length=LONGEST_APPEAL)]


class RemovedAnswer(Struct, frozen=True):
    """How many comments are gone."""

    removed: int


@post(
    "/comments",
    operation_id="writeComment",
    summary="Say something",
    description=(
        "Opens a guest session for whoever has none; the nickname is generated. A comment with a link by somebody new "
        "is held back (`status: flagged`) until a moderator has looked."
    ),
    tags=["comments"],
    status_code=201,
    operation_class=shown(COMMENT),
    responses=problems(
        BAD, ELSEWHERE, BANNED, ADULTS, CLOSED, NO_TARGET, NO_COMMENT, DUPLICATE, NOT_JSON, REFUSED, TOO_MANY,
        TOO_OFTEN, GONE, AWAY,
    ),
)  # fmt: skip
async def write_comment(
    discussions: NamedDependency[Discussions], member: NamedDependency[Member], data: JSONBody[NewComment]
) -> CommentAnswer:
    """The new comment."""
    subject = await discussions.subject(data.target_id)
    draft = Draft(body=data.body, is_spoiler=data.is_spoiler, second=data.timestamp, reply_to=data.reply_to)
    return await _answer(discussions, await discussions.writing.post(member.viewer, subject, draft), member.viewer)


@patch(
    "/comments/{comment_id:str}",
    operation_id="editComment",
    summary="Change one's own comment",
    description="Within a day. It is marked as edited, and moderators can see what it said before.",
    tags=["comments"],
    operation_class=shown({**COMMENT, "mine": True, "edited": True}),
    responses=problems(*_COMMON, CLOSED, NOT_YOURS, SETTLED, REFUSED),
)
async def edit_comment(
    discussions: NamedDependency[Discussions],
    member: NamedDependency[Member],
    comment_id: CommentId,
    data: JSONBody[EditedComment],
) -> CommentAnswer:
    """The comment as it is now."""
    found = await discussions.comment(comment_id, member.viewer)
    after = await discussions.writing.edit(member.viewer, found, data.body, is_spoiler=data.is_spoiler)
    return await _answer(discussions, after, member.viewer)


@delete(
    "/comments/{comment_id:str}",
    operation_id="deleteComment",
    summary="Take one's own comment back",
    description="The words are gone for good; replies stay.",
    tags=["comments"],
    responses=problems(*_COMMON, NOT_YOURS),
)
async def delete_comment(
    discussions: NamedDependency[Discussions], member: NamedDependency[Member], comment_id: CommentId
) -> None:
    """Nothing is left of its words."""
    found = await discussions.comment(comment_id, member.viewer)
    await discussions.writing.take_back(member.viewer, found)


@delete(
    "/comments/mine",
    operation_id="deleteMyComments",
    summary="Take all of one's own comments back",
    description="For those who want their words gone before they delete their account, which only unlinks them.",
    tags=["comments"],
    status_code=200,
    operation_class=shown(REMOVED),
    responses=problems(ELSEWHERE, BANNED, NOT_JSON, AWAY),
)
async def delete_mine(discussions: NamedDependency[Discussions]) -> RemovedAnswer:
    """How many there were."""
    if discussions.viewer is None:
        return RemovedAnswer(0)
    return RemovedAnswer(await discussions.writing.take_all_back(discussions.viewer))


@put(
    "/comments/{comment_id:str}/like",
    operation_id="likeComment",
    summary="Like a comment",
    tags=["comments"],
    operation_class=shown(LIKE),
    responses=problems(*_COMMON),
)
async def like_comment(
    discussions: NamedDependency[Discussions], member: NamedDependency[Member], comment_id: CommentId
) -> LikeAnswer:
    """One like a viewer; again changes nothing."""
    found = await discussions.comment(comment_id, member.viewer)
    after = await discussions.marking.like(member.viewer, found)
    return LikeAnswer(max(0, after.ours.likes), liked=True)


@delete(
    "/comments/{comment_id:str}/like",
    operation_id="unlikeComment",
    summary="Take a like back",
    tags=["comments"],
    status_code=200,
    operation_class=shown({**LIKE, "liked": False}),
    responses=problems(*_COMMON),
)
async def unlike_comment(
    discussions: NamedDependency[Discussions], member: NamedDependency[Member], comment_id: CommentId
) -> LikeAnswer:
    """Where there is none, nothing changes."""
    found = await discussions.comment(comment_id, member.viewer)
    after = await discussions.marking.unlike(member.viewer, found)
    return LikeAnswer(max(0, after.ours.likes), liked=False)


@post(
    "/comments/{comment_id:str}/report",
    operation_id="flagComment",
    summary="Ask the moderators to look at a comment",
    tags=["comments"],
    status_code=204,
    responses=problems(*_COMMON, REFUSED),
)
async def flag_comment(
    discussions: NamedDependency[Discussions],
    member: NamedDependency[Member],
    comment_id: CommentId,
    data: JSONBody[Flag],
) -> None:
    """Counts once a viewer; enough viewers hold the comment back until a moderator has looked."""
    found = await discussions.comment(comment_id, member.viewer)
    await discussions.marking.flag(member.viewer, found, data.reason)


@post(
    "/comments/{comment_id:str}/appeal",
    operation_id="appealComment",
    summary="Object to a moderator's decision on one's own comment",
    description="Once. Another look follows, and its outcome stands.",
    tags=["comments"],
    status_code=200,
    operation_class=shown({**COMMENT, "mine": True, "status": "deleted", "reason": "Off topic"}),
    responses=problems(*_COMMON, NOT_YOURS, SETTLED, REFUSED),
)
async def appeal_comment(
    discussions: NamedDependency[Discussions],
    member: NamedDependency[Member],
    comment_id: CommentId,
    data: JSONBody[AppealText],
) -> CommentAnswer:
    """The comment with the appeal."""
    found = await discussions.comment(comment_id, member.viewer)
    return await _answer(discussions, await discussions.writing.appeal(member.viewer, found, data.text), member.viewer)


async def _answer(discussions: Discussions, comment: Comment, viewer: Viewer) -> CommentAnswer:
    seen = await discussions.reading.told([comment], viewer.id)
    return comment_answer(comment, seen, viewer.id, discussions.writing)
