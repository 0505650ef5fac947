"""Figures of a period: for the site's own books, and aggregated for everybody.

What everybody sees names nobody: counts by kind and outcome, and how long decisions took.
"""

from __future__ import annotations

import csv
import io
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from statistics import median
from typing import Any, Final

from msgspec import Struct

from content.takedowns.model import KINDS, STATUSES, Notice

_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
_COLUMNS: Final = (
    *("id", "kind", "status", "received_at", "decided_at", "decided_by", "hours"),
    *("titles", "urls", "countered_at", "restored"),
)


class Figures(Struct, frozen=True, kw_only=True):
    """Aggregated figures of a half-open period; `median_hours` is None where nothing was decided."""

    received: int
    by_kind: dict[str, int]
    by_outcome: dict[str, int]
    addresses: int
    counter_notices: int
    median_hours: float | None


async def collected(notices: AsyncIterator[Notice]) -> list[Notice]:
    """All of them."""
    return [notice async for notice in notices]


def figures_of(notices: Iterable[Notice]) -> Figures:
    """The aggregate."""
    found = list(notices)
    kinds, outcomes = Counter(each.kind for each in found), Counter(each.status for each in found)
    hours = [taken for each in found if (taken := _hours(each)) is not None]
    return Figures(
        received=len(found),
        by_kind={kind: kinds[kind] for kind in KINDS},
        by_outcome={status: outcomes[status] for status in STATUSES},
        addresses=sum(len(each.material) for each in found),
        counter_notices=sum(each.counter is not None for each in found),
        median_hours=round(median(hours), 1) if hours else None,
    )


def rows_of(notices: Iterable[Notice]) -> list[dict[str, Any]]:
    """One row a notice, without personal data."""
    return [_row(notice) for notice in notices]


def as_csv(rows: Iterable[dict[str, Any]]) -> str:
    """The rows as RFC 4180; what a spreadsheet would take for a formula is put behind an apostrophe."""
    sheet = io.StringIO()
    writer = csv.writer(sheet)
    writer.writerow(_COLUMNS)
    for row in rows:
        writer.writerow([_cell(row[name]) for name in _COLUMNS])
    return sheet.getvalue()


def _row(notice: Notice) -> dict[str, Any]:
    decision, counter = notice.decision, notice.counter
    return {
        "id": notice.id,
        "kind": notice.kind,
        "status": notice.status,
        "received_at": notice.received_at.isoformat() + "Z",
        "decided_at": "" if decision is None else decision.at.isoformat() + "Z",
        "decided_by": "" if decision is None else decision.by,
        "hours": _hours(notice),
        "titles": "; ".join(dict.fromkeys(each.name for each in notice.material if each.name)),
        "urls": " ".join(each.url for each in notice.material),
        "countered_at": "" if counter is None else counter.at.isoformat() + "Z",
        "restored": notice.status == "restored",
    }


def _hours(notice: Notice) -> float | None:
    first: datetime | None = next((each.at for each in notice.history if each.what in {"upheld", "rejected"}), None)
    return None if first is None else round((first - notice.received_at).total_seconds() / 3_600, 1)


def _cell(value: Any) -> str:
    text = "" if value is None else str(value)
    return f"'{text}" if text.startswith(_FORMULA) else text
