"""What a report is: the user's fields as in the contract, and ours under `_marquee`. Times are naive UTC."""

from datetime import datetime
from typing import Final, Literal

import msgspec

from storage.repository import TenantDocument

Issue = Literal["dead_link", "wrong_audio", "missing_pages"]
ISSUES: Final[tuple[Issue, ...]] = ("dead_link", "wrong_audio", "missing_pages")
Fate = Literal["pending", "fixed", "dismissed"]
FATES: Final[tuple[Fate, ...]] = ("pending", "fixed", "dismissed")
LONGEST_NOTE: Final = 500


class ReportOurs(msgspec.Struct, frozen=True, kw_only=True):
    """What the platform keeps beside a report.

    `at` (epoch milliseconds), `target`, `issue`, `fate` and `key` are the user's fields in a form that can be sorted
    and found. `open` is there while the report is pending, and unique among those. `count` is how many viewers said it.
    """

    at: int = 0
    key: str = ""
    target: str = ""
    issue: str = ""
    fate: Fate = "pending"
    open: str | None = None
    count: int = 1
    words: str = ""
    decided_at: datetime | None = None
    decided_by: str = ""


class Report(TenantDocument):
    """A report. The contract knows `pending` and `fixed`; a dismissed one is `fixed` there, and here what it was."""

    target_id: str = ""
    issue: str = ""
    status: str = "pending"
    ours: ReportOurs = msgspec.field(name="_marquee", default=ReportOurs())


class Reporter(TenantDocument):
    """That one viewer reported this; the id says which report and who."""

    at: int
    note: str = ""


class Filed(msgspec.Struct, frozen=True):
    """A report as the one sees it who made it: with their own note."""

    report: Report
    note: str
    at: int


def open_key(target: str, issue: str) -> str:
    """What is unique among the pending reports of a site."""
    return f"{issue}:{target}"
