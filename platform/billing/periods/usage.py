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
        whole = _whole_days(await usage.find(within, fields=["bytes"]))
        cut = [{"owner": owner, "id": day} for owner, span in near for day in _cut_days(span)]
        parts = _entries(await usage.find({"_id": {"$in": cut}}, fields=["bytes", "quarters"]) if cut else [])
        for owner, span in near:
            found[owner, span] = _sum(whole.get(owner, ()), span) + sum(
                part_of(parts[owner, day], span.start, span.end)
                for day in dict.fromkeys(_cut_days(span))
                if (owner, day) in parts
            )
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


def _whole_days(stored: Iterable[Stored]) -> dict[str, list[tuple[str, int]]]:
    found: dict[str, list[tuple[str, int]]] = defaultdict(list)
    for each in stored:
        place = each["_id"]
        found[place["owner"]].append((place["id"], each.get("bytes", 0)))
    return found


def _entries(stored: Iterable[Stored]) -> dict[tuple[str, str], LedgerEntry]:
    found: dict[tuple[str, str], LedgerEntry] = {}
    for each in stored:
        owner, day = each["_id"]["owner"], each["_id"]["id"]
        found[owner, day] = LedgerEntry(id=day, bytes=each.get("bytes", 0), quarters=each.get("quarters", {}))
    return found


def _sum(days: Iterable[tuple[str, int]], span: Span) -> int:
    """The bytes of the days that lie in the span whole."""
    first = span.start.date() if span.start.time() == time.min else span.start.date() + _DAY
    start, end = first.isoformat(), span.end.date().isoformat()
    return sum(size for day, size in days if start <= day < end)
