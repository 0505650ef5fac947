"""What the platform found out about what a title names: links of other hosts, and pictures in Telegram."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct, field


class LinkState(Struct, kw_only=True):
    """What the link checker knows of an address of another host: `active`, `dead`, or `unknown` and then what the
    document says stands. `reason` is the last failure's, `failing_since` the first one's in a row; times are naive UTC.
    """

    url: str = ""
    status: str = "unknown"
    reason: str = ""
    failures: int = 0
    failing_since: datetime | None = None
    checked_at: datetime | None = None
    due_at: datetime | None = None


class Pictures(Struct, kw_only=True):
    """Those of a title's `visuals` whose bytes can be had, by file id, and those that nobody looked up yet."""

    poster: str | None = None
    backdrop: str | None = None
    screenshots: list[str] = field(default_factory=list[str])
    missing: list[str] = field(default_factory=list[str])
