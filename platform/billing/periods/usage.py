"""Bytes of many tenants at once, each in a span of its own, and those that came after they were billed for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Final

from billing.rating.model import Span
from storage.across import Across
from storage.mongo import Database, Stored
from tenancy.usage import LedgerEntry, UsageRepository, part_of

_DAY: Final = timedelta(days=1)
_NEAR_DAYS: Final = 8

Asked = tuple[str, Span]


async def bytes_of_many(database: Database, asked: Sequence[Asked]) -> dict[Asked, int]:
    """What each owner sent in the span, whose bounds lie on quarters of an hour."""
    usage = Across(database, UsageRepository.collection)
    found: dict[Asked, int] = {}
    for near in _near(asked):
        first, last = min(_days(span)[0] for _, span in near), max(_days(span)[1] for _, span in near)
        within = {
            "_id.owner": {"$in": list({owner for owner, _ in near})},
            "_id.id": {"$gte": first.isoformat(), "$lte": last.isoformat()},
        }
        # A day's quarters are most of its document, and wanted of days alone that are cut.
        entries = _by_owner(await usage.find(within, fields=["bytes"]))
        cut = [{"owner": owner, "id": day} for owner, span in near for day in _cut_days(span)]
        parts = _by_owner(await usage.find({"_id": {"$in": cut}}, fields=["bytes", "quarters"]) if cut else [])
        for owner, span in near:
            days = {**entries.get(owner, {}), **parts.get(owner, {})}
            found[owner, span] = _sum(days.values(), span)
    return found


async def booked_since(
    database: Database, since: Mapping[str, datetime], before: Mapping[str, datetime]
) -> dict[str, list[date]]:
    """Days, up to the one of `before`, that were booked on since the database's time `since`, by owner."""
    if not since:
        return {}
    last = max(before[owner] for owner in since).date().isoformat()
    wanted = {
        "_id.owner": {"$in": list(since)},
        "booked_at": {"$gte": min(since.values())},
        "_id.id": {"$lte": last},
    }
    found: dict[str, list[date]] = defaultdict(list)
    for each in await Across(database, UsageRepository.collection).find(wanted, fields=["booked_at"]):
        owner, day = each["_id"]["owner"], date.fromisoformat(each["_id"]["id"])
        if each["booked_at"] >= since[owner] and datetime.combine(day, time.min) < before[owner]:
            found[owner].append(day)
    return found


def _near(asked: Sequence[Asked]) -> list[list[Asked]]:
    """Spans of about the same time together, for one question."""
    groups: dict[tuple[int, int], list[Asked]] = defaultdict(list)
    for each in dict.fromkeys(asked):
        start, end = each[1].start.toordinal() // _NEAR_DAYS, each[1].end.toordinal() // _NEAR_DAYS
        groups[start, end].append(each)
    return list(groups.values())


def _days(span: Span) -> tuple[date, date]:
    return span.start.date(), span.end.date()


def _cut_days(span: Span) -> list[str]:
    """The days that lie in the span in part only."""
    return [moment.date().isoformat() for moment in (span.start, span.end) if moment.time() != time.min]


def _by_owner(stored: Iterable[Stored]) -> dict[str, dict[str, LedgerEntry]]:
    found: dict[str, dict[str, LedgerEntry]] = defaultdict(dict)
    for each in stored:
        day = each["_id"]["id"]
        entry = LedgerEntry(id=day, bytes=each.get("bytes", 0), quarters=each.get("quarters", {}))
        found[each["_id"]["owner"]][day] = entry
    return found


def _sum(days: Iterable[LedgerEntry], span: Span) -> int:
    return sum(part_of(entry, span.start, span.end) for entry in days)
