"""The API's answers about notices, and what it is asked."""

from __future__ import annotations

from typing import Annotated, Any, Final

from msgspec import Meta, Struct

from accounts.model import Viewer
from content.notices.addresses import Addresses
from content.notices.reading import Told
from content.notices.wording import said
from storage.moments import epoch_of
from storefront.going import title_url

NOTICE: Final[dict[str, Any]] = {
    "id": "9f2c",
    "kind": "new_units",
    "title": "A Series",
    "text": "New episode: S1 E2",
    "url": "/title/a-series",
    "created_at": 1800000000.5,
    "read": False,
}
WISHES: Final[dict[str, Any]] = {
    "email": "ann@mail.example",
    "email_to_confirm": None,
    "feed": "/feeds/6pQ0m2",
}


class NoticeAnswer(Struct, kw_only=True):
    """A notice: what it is about (`title`, where it is about one), what it says, and where it leads."""

    id: str
    kind: str
    title: str | None
    text: str
    url: str
    created_at: float
    read: bool


class NoticesAnswer(Struct, kw_only=True):
    """Some notices, the newest first. `unread` counts all of them, at most 99."""

    notices: list[NoticeAnswer]
    unread: int
    next: str | None


class UnreadAnswer(Struct, kw_only=True):
    """How many notices are unread, at most 99."""

    unread: int


class ReadRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Which notices were read; null is all of them."""

    ids: Annotated[list[Annotated[str, Meta(max_length=64)]], Meta(max_length=100)] | None = None


class EmailRequest(Struct, kw_only=True, forbid_unknown_fields=True):
    """Where letters shall go."""

    email: Annotated[str, Meta(max_length=254)]


class WishesAnswer(Struct, kw_only=True):
    """Where notices are sent: a confirmed address, one that waits for its confirmation, and the own feed's address."""

    email: str | None
    email_to_confirm: str | None
    feed: str | None


def notice_answer(told: Told) -> NoticeAnswer:
    """A notice as it may be seen."""
    notice = told.notice
    return NoticeAnswer(
        id=notice.key,
        kind=notice.kind,
        title=told.title.name if told.title else None,
        text=said(notice, told.title),
        url=notice.url or (title_url(told.title) if told.title else "/notices"),
        created_at=epoch_of(notice.created_at),
        read=notice.ours.read_at is not None,
    )


async def wishes_answer(addresses: Addresses, viewer: Viewer | None) -> WishesAnswer:
    """Where a viewer's notices go; nowhere for nobody."""
    if viewer is None:
        return WishesAnswer(email=None, email_to_confirm=None, feed=None)
    wishes = await addresses.wishes(viewer.id)
    return WishesAnswer(
        email=wishes.email,
        email_to_confirm=wishes.pending.email if wishes.pending else None,
        feed=f"/feeds/{wishes.feed}" if wishes.feed else None,
    )
