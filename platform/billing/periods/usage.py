"""Bytes of many tenants at once, each in a span of its own, and those that came after they were billed for."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time, timedelta
from typing import Any, Final

from billing.rating.model import Span
from storage.across import Across
from storage.mongo import Database
from tenancy.usage import LedgerEntry, UsageRepository, part_of

_DAY: Final = timedelta(days=1)

Asked = tuple[str, Span]


async def bytes_of_many(database: Database, asked: Sequence[Asked]) -> dict[Asked, int]:
    """What each owner sent in the span, whose bounds lie on quarters of an hour."""
    found = dict.fromkeys(asked, 0)
    for days, together in _by_whole_days(found).items():
        sums = await _sums(database, [owner for owner, _ in together], *days)
        for owner, span in together:
            found[owner, span] += sums.get(owner, 0)
    parts = await _cut_entries(database, found)
    for owner, span in found:
        # Of a span within one day the day is cut once.
        cut = (parts.get((owner, day)) for day in dict.fromkeys(_cut_days(span)))
        found[owner, span] += sum(part_of(entry, span.start, span.end) for entry in cut if entry is not None)
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


def _by_whole_days(asked: Iterable[Asked]) -> dict[tuple[str, str], list[Asked]]:
    """By the first day that lies in the span whole, and the one behind the last: those of a batch are mostly alike."""
    groups: dict[tuple[str, str], list[Asked]] = defaultdict(list)
    for owner, span in asked:
        first = span.start.date() if span.start.time() == time.min else span.start.date() + _DAY
        if first < span.end.date():
            groups[first.isoformat(), span.end.date().isoformat()].append((owner, span))
    return groups


async def _sums(database: Database, owners: Sequence[str], first: str, end: str) -> dict[str, int]:
    """The bytes of each owner's days in `[first, end)`, added up where they are: they are many."""
    stages: list[dict[str, Any]] = [
        {"$match": {"_id.owner": {"$in": list(owners)}, "_id.id": {"$gte": first, "$lt": end}}},
        {"$group": {"_id": "$_id.owner", "bytes": {"$sum": "$bytes"}}},
    ]
    found = await Across(database, UsageRepository.collection).aggregate(stages)
    return {each["_id"]: each["bytes"] for each in found}


async def _cut_entries(database: Database, asked: Iterable[Asked]) -> dict[tuple[str, str], LedgerEntry]:
    """The days, by owner, that lie in a span in part only, with their quarters."""
    owners: dict[str, set[str]] = defaultdict(set)
    for owner, span in asked:
        for day in _cut_days(span):
            owners[day].add(owner)
    found: dict[tuple[str, str], LedgerEntry] = {}
    usage = Across(database, UsageRepository.collection)
    for day, cut in owners.items():
        wanted = {"_id.owner": {"$in": list(cut)}, "_id.id": day}
        for each in await usage.find(wanted, fields=["bytes", "quarters"]):
            owner = each["_id"]["owner"]
            found[owner, day] = LedgerEntry(id=day, bytes=each.get("bytes", 0), quarters=each.get("quarters", {}))
    return found


def _cut_days(span: Span) -> list[str]:
    """The days that lie in the span in part only."""
    return [moment.date().isoformat() for moment in (span.start, span.end) if moment.time() != time.min]
