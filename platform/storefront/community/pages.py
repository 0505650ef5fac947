"""Comments as pages and forms: everything works without JavaScript, which then asks for fragments of the same pages."""

from __future__ import annotations

from typing import Annotated, Final, Literal

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body, QueryParameter
from litestar.response import Redirect
from msgspec import Meta, Struct

from content.comments.model import LONGEST_TIMESTAMP
from content.comments.orders import SORTS
from content.comments.reading import Seen, Thread
from content.comments.writing import LONGEST_APPEAL, LONGEST_REASON, Draft
from content.targets import LONGEST_TARGET
from storefront.age.returning import own_path
from storefront.community.answers import comment_answer
from storefront.community.declared import CommentId, order_of
from storefront.community.discussions import Discussions
from storefront.community.views import comment_thread_view, comment_view, me_view, replies_view, thread_view
from storefront.members import Member
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, page

_MOST_SECONDS: Final = 6
Fragment = Annotated[str, QueryParameter(max_length=1)]
Deed = Literal["like", "unlike", "edit", "delete", "report", "appeal"]


class CommentForm(Struct, frozen=True):
    """What the composer says; `timestamp` is empty or a whole second."""

    target_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_TARGET)]
    body: Annotated[str, Meta(max_length=8_000)] = ""
    is_spoiler: Literal["", "1"] = ""
    timestamp: Annotated[str, Meta(max_length=_MOST_SECONDS, pattern=r"^[0-9]*$")] = ""
    reply_to: Annotated[str, Meta(max_length=200)] = ""
    back: Annotated[str, Meta(max_length=2_048)] = "/"


class DeedForm(Struct, frozen=True):
    """What the small forms beside a comment say."""

    deed: Deed
    body: Annotated[str, Meta(max_length=8_000)] = ""
    is_spoiler: Literal["", "1"] = ""
    reason: Annotated[str, Meta(max_length=LONGEST_REASON)] = ""
    text: Annotated[str, Meta(max_length=LONGEST_APPEAL)] = ""
    back: Annotated[str, Meta(max_length=2_048)] = ""


class NicknameForm(Struct, frozen=True):
    """The name wanted."""

    nickname: Annotated[str, Meta(max_length=100)] = ""


@route("/comments", http_method=READ)
async def comments_page(
    tenant: TheTenant,
    themes: TheThemes,
    discussions: NamedDependency[Discussions],
    target_id: Text = "",
    sort: Text = "",
    after: Text = "",
    fragment: Fragment = "",
) -> Response[str]:
    """All that is said about something; `fragment=1` is the list alone."""
    subject = await discussions.subject(target_id)
    order = order_of(sort if sort in SORTS else None)
    view = await comment_thread_view(discussions, subject.title, subject.unit, sort=order, after=after or None)
    template = "parts/threads.html" if fragment else "comments.html"
    return page(themes, tenant, template, {"comments": view, "title_href": f"/title/{subject.title.slug}"})


@route("/comments/mine", http_method=READ)
async def my_comments_page(
    tenant: TheTenant, themes: TheThemes, discussions: NamedDependency[Discussions], after: Text = ""
) -> Response[str]:
    """The viewer's own comments with what moderators made of them, and the viewer's name."""
    viewer = discussions.viewer_id
    seen = Seen([], None, [], [])
    if viewer is not None:
        seen = await discussions.reading.mine(viewer, after=after or None)
    own = [comment_answer(thread.comment, seen, viewer, discussions.writing) for thread in seen.threads]
    context = {
        "me": await me_view(discussions),
        "own": [comment_view(each, discussions, None) for each in own],
        "more": f"/comments/mine?after={seen.after}" if seen.after else None,
    }
    return page(themes, tenant, "my-comments.html", context)


@route("/comments/{comment_id:str}", http_method=READ)
async def comment_page(
    tenant: TheTenant,
    themes: TheThemes,
    discussions: NamedDependency[Discussions],
    comment_id: CommentId,
    after: Text = "",
    fragment: Fragment = "",
) -> Response[str]:
    """One comment with the replies, and what its reader or its author can do about it."""
    found = await discussions.comment(comment_id, discussions.viewer)
    subject = await discussions.subject(found.ours.target)
    root = await discussions.reading.root_of(found)
    seen = await discussions.reading.thread(root, viewer=discussions.viewer_id, after=after or None)
    alone = await discussions.reading.told([found], discussions.viewer_id)
    replies = seen.threads[0].replies
    context = {
        "c": comment_view(
            comment_answer(found, alone, discussions.viewer_id, discussions.writing), discussions, subject
        ),
        "thread": thread_view(seen.threads[0], seen, discussions, subject),
        "replies": replies_view(replies, seen, discussions, subject),
        "closed": discussions.why_closed,
        "target": subject.id,
        "heading": subject.title.name,
        "title_href": f"/title/{subject.title.slug}",
        "here": f"/comments/{found.id}",
    }
    return page(themes, tenant, "parts/replies.html" if fragment else "comment.html", context)


@post("/comments", status_code=303)
async def submit_comment(
    tenant: TheTenant,
    themes: TheThemes,
    discussions: NamedDependency[Discussions],
    member: NamedDependency[Member],
    data: Annotated[CommentForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
    fragment: Fragment = "",
) -> Response[str] | Redirect:
    """Says it, and leads to it; `fragment=1` answers with the comment alone."""
    subject = await discussions.subject(data.target_id)
    draft = Draft(
        body=data.body,
        is_spoiler=data.is_spoiler == "1",
        second=min(int(data.timestamp), LONGEST_TIMESTAMP) if data.timestamp else None,
        reply_to=data.reply_to or None,
    )
    said = await discussions.writing.post(member.viewer, subject, draft)
    if not fragment:
        return Redirect(f"{own_path(data.back).partition('#')[0]}#{said.id}", status_code=303)
    discussions.viewer = member.viewer
    seen = await discussions.reading.told([said], member.viewer.id)
    view = thread_view(Thread(said, seen.threads[0].replies), seen, discussions, subject)
    context = {"thread": view, "back": own_path(data.back), "target": subject.id, "closed": ""}
    answer = page(themes, tenant, "parts/said.html", context)
    answer.status_code = 201
    return answer


@post("/comments/{comment_id:str}", status_code=303)
async def do_deed(
    discussions: NamedDependency[Discussions],
    member: NamedDependency[Member],
    comment_id: CommentId,
    data: Annotated[DeedForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Likes, edits, takes back, flags or appeals, and leads back."""
    found = await discussions.comment(comment_id, member.viewer)
    viewer, here = member.viewer, f"/comments/{found.id}"
    match data.deed:
        case "like":
            await discussions.marking.like(viewer, found)
        case "unlike":
            await discussions.marking.unlike(viewer, found)
        case "report":
            await discussions.marking.flag(viewer, found, data.reason)
        case "edit":
            await discussions.writing.edit(viewer, found, data.body, is_spoiler=data.is_spoiler == "1")
        case "appeal":
            await discussions.writing.appeal(viewer, found, data.text)
        case "delete":
            await discussions.writing.take_back(viewer, found)
            here = "/comments/mine"
    back = own_path(data.back) if data.back else here
    return Redirect(f"{back.partition('#')[0]}#{found.id}", status_code=303)


@post("/nickname", status_code=303)
async def submit_nickname(
    discussions: NamedDependency[Discussions],
    member: NamedDependency[Member],
    data: Annotated[NicknameForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Takes another name."""
    await discussions.writing.rename(member.viewer, data.nickname)
    return Redirect("/comments/mine", status_code=303)
