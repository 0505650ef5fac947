"""What a takedown notice is: who complains of what, what came of it, and what was said against it.

Datetimes are naive and mean UTC. `kind` is `copyright` (17 U.S.C. § 512(c)(3)) or `illegal_content` (Article 16 of the
Digital Services Act, Regulation (EU) 2022/2065).
"""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from msgspec import Struct, field

from storage.indexes import Index
from storage.repository import TenantDocument

Kind = Literal["copyright", "illegal_content"]
Status = Literal["received", "upheld", "rejected", "escalated", "restored"]
KINDS: Final[tuple[Kind, ...]] = ("copyright", "illegal_content")
STATUSES: Final[tuple[Status, ...]] = ("received", "upheld", "rejected", "escalated", "restored")
OPEN: Final[tuple[Status, ...]] = ("received", "escalated")


class Party(Struct, frozen=True, kw_only=True):
    """Who signs, and for whom. Personal data: for staff alone."""

    name: str = ""
    organisation: str = ""
    on_behalf_of: str = ""
    address: str = ""
    email: str = ""
    phone: str = ""


class Material(Struct, frozen=True, kw_only=True):
    """A URL of this site, and what it leads to: `title_id` is None where it leads to no title."""

    url: str
    title_id: str | None = None
    name: str = ""
    unit: str | None = None
    is_shared: bool = False


class BanTarget(Struct, frozen=True, kw_only=True):
    """What a decision takes down: a title, or its `unit` (`s1e2`, `c12.5`), or the `file` at a place of `files`."""

    title_id: str
    unit: str | None = None
    file: int | None = None


class Decision(Struct, frozen=True, kw_only=True):
    """What was decided, by whom; `public_reason` is told to everybody who asks for the title."""

    verdict: Status
    by: str
    at: datetime
    public_reason: str = ""
    note: str = ""
    targets: list[BanTarget] = field(default_factory=list[BanTarget])
    by_platform: bool = False


class CounterNotice(Struct, frozen=True, kw_only=True):
    """What a user whose material was taken down says against it (17 U.S.C. § 512(g)(3))."""

    party: Party
    material: str
    explanation: str
    signature: str
    at: datetime
    forwarded_at: datetime | None = None
    court_action_at: datetime | None = None


class Event(Struct, frozen=True, kw_only=True):
    """A line of the case's history."""

    at: datetime
    by: str
    what: str
    detail: str = ""


class Notice(TenantDocument, kw_only=True):
    """A notice under its receipt number. `secret` is the hash of what the sender looks it up with.

    `strike` says that it counts in the record of infringements, `uploader` who had declared the rights of the material.
    """

    id: str
    secret: str
    kind: Kind
    status: Status = "received"
    party: Party = Party()
    work: str = ""
    explanation: str = ""
    material: list[Material] = field(default_factory=list[Material])
    signature: str = ""
    received_at: datetime
    acknowledged_at: datetime | None = None
    decision: Decision | None = None
    counter: CounterNotice | None = None
    history: list[Event] = field(default_factory=list[Event])
    strike: bool = False
    uploader: str | None = None


class BannedFile(TenantDocument, kw_only=True):
    """A file that was taken down, by one of its keys. `bearers` are titles that had it before and were left alone."""

    id: str
    cases: list[str] = field(default_factory=list[str])
    whole: bool = True
    public_reason: str = ""
    since: datetime
    bearers: list[Any] = field(default_factory=list[Any])


_OWNER: Final = ("_id.owner", 1)
INDEXES: Final = (
    Index("takedowns", (_OWNER, ("status", 1), ("received_at", -1), ("_id.id", 1)), "owner_status_received"),
    Index("takedowns", (_OWNER, ("received_at", -1), ("_id.id", 1)), "owner_received"),
    Index("takedowns", (_OWNER, ("strike", 1), ("uploader", 1)), "owner_strike", partial={"strike": True}),
    Index(
        "library",
        (_OWNER, ("files.file_hash", 1)),
        "owner_file_hash",
        partial={"files.file_hash": {"$exists": True}},
    ),
    Index(
        "library",
        (_OWNER, ("files.tg_raw.media_id", 1)),
        "owner_media_id",
        partial={"files.tg_raw.media_id": {"$exists": True}},
    ),
)
