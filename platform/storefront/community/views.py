"""Threads as the plain dicts that templates get, and the dependency that pages name: `discussion`."""

from __future__ import annotations

import asyncio
from typing import Final
from urllib.parse import urlencode

import msgspec
from markupsafe import Markup

from content.comments.model import FORMER_VIEWER
from content.comments.orders import Sort
from content.comments.reading import Replies, Seen, Thread
from content.comments.spoilers import has_spoiler
from content.comments.subjects import Subject
from content.model import Title
from storefront.community.answers import CommentAnswer, comment_answer
from storefront.community.avatars import avatar_url
from storefront.community.discussions import Discussions

View = dict[str, object]
SORT_NAMES: Final[dict[Sort, str]] = {"top": "Best", "new": "Newest", "old": "Oldest", "timeline": "Timeline"}
FIRST_THREADS: Final = 10
_HELD: Final = {"flagged": "Waits for a moderator", "deleted": "Removed by a moderator"}
_UNITS: Final = ((31_557_600, "y"), (2_629_800, "mo"), (86_400, "d"), (3_600, "h"), (60, "min"))


async def comment_thread_view(
    discussions: Discussions,
    title: Title,
    unit: str = "",
    *,
    back: str = "",
    sort: Sort = "top",
    after: str | None = None,
) -> View:
    """What `parts/comments.html` shows under the name `comments`: threads about a title, or its episode or chapter.

    `unit` is `s1e2` or `c12.5`; `back` the path that forms lead back to, the title's page if left out.
    """
    subject = Subject(title, unit)
    viewer = discussions.viewer_id
    seen, count, me = await asyncio.gather(
        discussions.reading.threads(subject.id, sort, viewer=viewer, after=after, limit=FIRST_THREADS),
        discussions.reading.count(subject.id),
        me_view(discussions),
    )
    here = back or f"/title/{title.slug}"
    return {
        "target": subject.id,
        "heading": title.name,
        "count": count,
        "sort": sort,
        "sorts": [_sort(each, subject, current=sort) for each in _sorts(subject)],
        "threads": [thread_view(each, seen, discussions, subject) for each in seen.threads],
        "more": _url(subject, sort, seen.after) if seen.after else None,
        "closed": discussions.why_closed,
        "has_seconds": subject.has_seconds,
        "back": here,
        "me": me,
    }


async def me_view(discussions: Discussions) -> View | None:
    """The viewer's name and face, once they have one."""
    viewer = discussions.viewer_id
    known = None if viewer is None else await discussions.names.known(viewer)
    if known is None:
        return None
    return {
        "nickname": known.nickname,
        "avatar": avatar_url(known.avatar_seed),
        "changeable": discussions.names.may_change_at(known) is None,
    }


def thread_view(thread: Thread, seen: Seen, discussions: Discussions, subject: Subject) -> View:
    """A comment with its first replies."""
    return {
        "comment": comment_view(
            comment_answer(thread.comment, seen, discussions.viewer_id, discussions.writing), discussions, subject
        ),
        "replies": replies_view(thread.replies, seen, discussions, subject),
        "more": f"/comments/{thread.comment.id}?{urlencode({'after': thread.replies.after})}"
        if thread.replies.after
        else None,
    }


def replies_view(replies: Replies, seen: Seen, discussions: Discussions, subject: Subject) -> list[View]:
    """Replies in their order."""
    viewer, writing = discussions.viewer_id, discussions.writing
    return [
        comment_view(comment_answer(each, seen, viewer, writing), discussions, subject) for each in replies.comments
    ]


def comment_view(answer: CommentAnswer, discussions: Discussions, subject: Subject | None) -> View:
    """One comment, ready to be shown; without its subject it has no link into the film."""
    readable = bool(answer.nickname or answer.body)
    fields: View = msgspec.to_builtins(answer)
    shown: View = {
        # Sanitised where it was made; nothing else of a comment is markup.
        "html": Markup(answer.html),  # noqa: S704 - see above
        "href": f"/comments/{answer.id}",
        "nickname": answer.nickname or FORMER_VIEWER,
        # An answer to the thread's first comment says so by its place.
        "is_reply": answer.reply_to is not None,
        "reply_to": fields["reply_to"] if answer.reply_to and answer.reply_to.id != answer.thread_id else None,
        "readable": readable,
        "veiled": answer.is_spoiler and readable and not has_spoiler(answer.body),
        "ago": ago(discussions.now() - answer.created_at),
        "at": _clock(answer.timestamp) if answer.timestamp is not None else "",
        "seek": _seek(subject, answer.timestamp or 0) if subject else f"/comments/{answer.id}",
        "held": _HELD.get(answer.status, "") if answer.mine else "",
    }
    return fields | shown


def ago(seconds: float) -> str:
    """How long ago in the largest unit that fits."""
    for size, name in _UNITS:
        if seconds >= size:
            return f"{int(seconds // size)} {name} ago"
    return "just now"


def _seek(subject: Subject, second: int) -> str:
    unit = f"/{subject.unit}" if subject.unit else ""
    return f"/watch/{subject.title.slug}{unit}?t={second}"


def _clock(second: int) -> str:
    hours, rest = divmod(second, 3_600)
    return f"{hours}:{rest // 60:02}:{rest % 60:02}" if hours else f"{rest // 60}:{rest % 60:02}"


def _sorts(subject: Subject) -> list[Sort]:
    return [each for each in SORT_NAMES if each != "timeline" or subject.has_seconds]


def _sort(sort: Sort, subject: Subject, *, current: Sort) -> View:
    return {"name": SORT_NAMES[sort], "href": _url(subject, sort), "active": sort == current}


def _url(subject: Subject, sort: Sort, after: str | None = None) -> str:
    query = {"target_id": subject.id, "sort": sort} | ({"after": after} if after else {})
    return f"/comments?{urlencode(query)}"
