"""What a notice is, and what a viewer has said about how they want to be told. Datetimes are naive UTC."""

from __future__ import annotations

import hashlib
from datetime import datetime
from typing import Any, Literal

from msgspec import Struct, field

from storage.repository import TenantDocument

Kind = Literal["new_units", "report", "comment", "referral", "account"]


class NoticeOurs(Struct, kw_only=True):
    """What became of a notice; writing the notice again leaves it as it is."""

    read_at: datetime | None = None
    mailed_at: datetime | None = None


class Notice(TenantDocument, kw_only=True):
    """One notice of one viewer; its id is {viewer, key}, and telling it again under the same key changes nothing.

    `units` are episodes or chapters of `title`. `text` and `url` (a path on the site) say it where it is not about
    units.
    """

    viewer: Any
    key: str
    kind: Kind
    created_at: datetime
    title: str | None = None
    units: list[str] = field(default_factory=list[str])
    text: str = ""
    url: str = ""
    ours: NoticeOurs = field(name="_marquee", default_factory=NoticeOurs)


class Release(TenantDocument, kw_only=True):
    """That a unit of a title was announced on a site, and by which batch; its id is {title, unit}."""

    batch: str
    at: datetime


class PendingAddress(Struct, frozen=True, kw_only=True):
    """An address that its owner has not confirmed yet; `token` as its SHA-256."""

    email: str
    token: str
    expires_at: datetime


class Wishes(TenantDocument, kw_only=True):
    """How a viewer wants to be told; the id is the viewer's.

    `feed` and `stop` are tokens kept as they are: their addresses have to be shown and sent again, and they open
    nothing but a list of titles and the end of letters. `site` is where the viewer uses the site: `https://a.example`.
    """

    email: str | None = None
    confirmed_at: datetime | None = None
    pending: PendingAddress | None = None
    feed: str | None = None
    stop: str | None = None
    site: str = ""


def notice_key(*parts: object) -> str:
    """A key for `parts`, the same each time."""
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:32]


def token_hash(token: str) -> str:
    """What the database knows of a token that is used once."""
    return hashlib.sha256(token.encode()).hexdigest()
