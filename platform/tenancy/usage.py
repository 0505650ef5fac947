"""The usage ledger: what each site has sent, by UTC day, and the dashboard's figures that are derived from it.

Documents of collection `usage`, by id:
`YYYY-MM-DD`           {"bytes", "streams", "quarters": {HHMM: bytes}, "wm": {producer: last segment}, "booked_at"}
`visitors:YYYY-MM`     {"visitors"}: folded from a HyperLogLog in Redis, which may be lost
`opening`              {"period", "stats"}: figures that the operator brought along, booked once
"""

from collections.abc import Mapping
from datetime import date, datetime, timedelta
from math import isfinite
from typing import Any, Final

import msgspec

from storage.errors import Conflict
from storage.indexes import Index
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantScope
from tenancy.visitors import month_of

INDEXES: Final = (
    # With the bytes, so that bills add them up from the index: a month's days lie on as many pages of the documents.
    Index("usage", (("_id.owner", 1), ("_id.id", 1), ("bytes", 1)), "usage_by_owner_and_day"),
    # What came late: days that were booked on after their period was billed.
    Index("usage", (("_id.owner", 1), ("booked_at", 1), ("_id.id", 1)), "usage_by_booking"),
)

OPENING: Final = "opening"
"""The id of what was brought along."""


class DayUsage(msgspec.Struct, frozen=True):
    """One UTC day of one site: acknowledged bytes and streams begun."""

    day: date
    bytes: int
    streams: int


class Booking(msgspec.Struct, frozen=True):
    """What a producer's segment `seq` adds to a day: bytes by the quarter of an hour (HHMM, UTC), and streams begun."""

    producer: str
    seq: int
    quarters: Mapping[str, int]
    streams: int = 0

    @property
    def size_bytes(self) -> int:
        """All of its bytes."""
        return sum(self.quarters.values())


class LedgerEntry(TenantDocument):
    """A document of the ledger, whichever of the three kinds it is."""

    bytes: int = 0
    streams: int = 0
    quarters: dict[str, int] = msgspec.field(default_factory=dict[str, int])
    visitors: int = 0
    period: str = ""
    stats: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class UsageRepository(TenantRepository[LedgerEntry]):
    """One owner's ledger."""

    collection = "usage"
    document = LedgerEntry

    async def book(self, day: str, booking: Booking) -> bool:
        """Add a segment's figures to the day, once: False where this or a later segment of the producer was booked.

        `booked_at` is the database's time of the booking.
        """
        mark = f"wm.{booking.producer}"
        # `$not: {$gte}` and not `$lt`, which a day without this producer would not match.
        unbooked = {mark: {"$not": {"$gte": booking.seq}}}
        parts = {f"quarters.{time}": size for time, size in booking.quarters.items()}
        change = {
            "$inc": {"bytes": booking.size_bytes, "streams": booking.streams, **parts},
            "$set": {mark: booking.seq},
            "$currentDate": {"booked_at": True},
        }
        try:
            await self._update(day, change, where=unbooked, upsert=True)
        except Conflict:
            return False
        return True

    async def days(self, start: date, end: date) -> list[DayUsage]:
        """Days in `[start, end)` on which anything was sent, in order."""
        within = {"_id.id": {"$gte": start.isoformat(), "$lt": end.isoformat()}}
        found = [entry async for entry in self._find(within, sort=[("_id.id", 1)])]
        return [DayUsage(date.fromisoformat(entry.id), entry.bytes, entry.streams) for entry in found]

    async def bytes_between(self, start: datetime, end: datetime) -> int:
        """Bytes that were counted in `[start, end)`, naive UTC on quarter hours."""
        within = {"_id.id": {"$gte": start.date().isoformat(), "$lte": end.date().isoformat()}}
        return sum([part_of(entry, start, end) async for entry in self._find(within)])

    async def book_opening(self, period: str, stats: Mapping[str, Any]) -> bool:
        """Book imported figures, once: later ones would count again what the ledger has counted since."""
        try:
            await self._insert(OPENING, {"period": period, "stats": dict(stats)})
        except Conflict:
            return False
        return True

    async def opening(self) -> LedgerEntry | None:
        """The figures that were brought along."""
        return await self._get(OPENING)


class UsageLedger:
    """What the console, the bills and `marquee usage` read. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def usage(self, scope: TenantScope, start_day: date, end_day: date) -> list[DayUsage]:
        """Days in `[start_day, end_day)` on which the site sent anything, in order."""
        return await UsageRepository(self._database, scope).days(start_day, end_day)

    async def bytes_between(self, scope: TenantScope, start: datetime, end: datetime) -> int:
        """Bytes that were counted in `[start, end)`, naive UTC on quarter hours; all that bills know of them."""
        return await UsageRepository(self._database, scope).bytes_between(start, end)

    async def open_with(self, scope: TenantScope, stats: Mapping[str, Any], now: float) -> bool:
        """Book the `stats` of an imported tenant as opening entries of the period that is open now.

        Says whether they were booked; a tenant has one opening. What is no plausible figure is left out.
        """
        figures = {name: value for name, value in stats.items() if _is_figure(value)}
        return await UsageRepository(self._database, scope).book_opening(month_of(now), figures)


def part_of(entry: LedgerEntry, start: datetime, end: datetime) -> int:
    """What of a day's bytes was counted in `[start, end)`. Bytes of no quarter count with the day's first."""
    midnight = datetime.fromisoformat(entry.id)
    if start <= midnight and midnight + timedelta(days=1) <= end:
        return entry.bytes
    quarters = {"0000": 0, **entry.quarters}
    quarters["0000"] += entry.bytes - sum(entry.quarters.values())
    return sum(size for time, size in quarters.items() if start <= _quarter(midnight, time) < end)


def _quarter(midnight: datetime, time: str) -> datetime:
    return midnight + timedelta(hours=int(time[:2]), minutes=int(time[2:]))


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0
