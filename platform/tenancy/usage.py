"""The usage ledger: what each site has sent, by UTC day, and the dashboard's figures that are derived from it.

Documents of collection `usage`, by id:
`YYYY-MM-DD`           {"bytes", "streams", "quarters": {HHMM: bytes}, "wm": {producer: last segment}, "booked_at"}
`visitors:YYYY-MM`     {"visitors"}: folded from a HyperLogLog in Redis, which may be lost
`opening`              {"period", "stats"}: figures that the operator brought along, booked once
"""

from collections.abc import Mapping
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from math import isfinite
from typing import Any, Final

import msgspec

from storage.errors import Conflict, StorageUnavailable
from storage.indexes import Index
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.tenants import TenantStore
from tenancy.visitors import MonthlyVisitors, month_of

INDEXES: Final = (
    Index("usage", (("_id.owner", 1), ("_id.id", 1)), "usage_by_owner_and_day"),
    # What came late: days that were booked on after their period was billed.
    Index("usage", (("_id.owner", 1), ("booked_at", 1), ("_id.id", 1)), "usage_by_booking"),
)

_GB: Final = 10**9
_NO_REVENUE: Final = Decimal(0)


class DayUsage(msgspec.Struct, frozen=True):
    """One UTC day of one site: acknowledged bytes and streams begun."""

    day: date
    bytes: int
    streams: int


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

    async def book(
        self,
        day: str,
        *,
        producer: str,
        seq: int,
        size_bytes: int,
        streams: int,
        quarters: Mapping[str, int] | None = None,
    ) -> bool:
        """Add a segment's figures to the day, once: False where this or a later segment of the producer was booked.

        `quarters` parts the bytes by quarter of an hour (HHMM, UTC). `booked_at` is the database's time of the booking.
        """
        mark = f"wm.{producer}"
        # `$not: {$gte}` and not `$lt`, which a day without this producer would not match.
        unbooked = {mark: {"$not": {"$gte": seq}}}
        parts = {f"quarters.{time}": size for time, size in (quarters or {}).items()}
        change = {
            "$inc": {"bytes": size_bytes, "streams": streams, **parts},
            "$set": {mark: seq},
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
            await self._insert("opening", {"period": period, "stats": dict(stats)})
        except Conflict:
            return False
        return True

    async def opening(self) -> LedgerEntry | None:
        """The figures that were brought along."""
        return await self._get("opening")

    async def fold_visitors(self, month: str, visitors: int) -> int:
        """Note a month's visitors; never fewer than noted before. Gives what is noted now."""
        noted = await self._get(f"visitors:{month}")
        if visitors <= (0 if noted is None else noted.visitors):
            return 0 if noted is None else noted.visitors
        entry = await self._change(f"visitors:{month}", {"$max": {"visitors": visitors}}, upsert=True)
        return visitors if entry is None else entry.visitors


class UsageLedger:
    """What the console, the bills and `marquee usage` read. Every verb raises StorageUnavailable."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._database = database
        self._visitors = MonthlyVisitors(cache)

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

    async def derive_stats(self, scope: TenantScope, now: float, *, revenue: Decimal = _NO_REVENUE) -> dict[str, Any]:
        """`tenants.stats` from the ledger: GB (10^9 bytes) and visitors of the calendar month, revenue in all."""
        ledger = UsageRepository(self._database, scope)
        first = datetime.fromtimestamp(now, UTC).date().replace(day=1)
        sent = sum(day.bytes for day in await ledger.days(first, (first + timedelta(days=32)).replace(day=1)))
        visitors = await ledger.fold_visitors(month_of(now), await self._count_visitors(scope, now))
        entry = await ledger.opening()
        opening = {} if entry is None else entry.stats
        if entry is None or entry.period != month_of(now):
            opening = {name: value for name, value in opening.items() if name == "revenue_generated"}
        brought_gb, brought_visitors = opening.get("bandwidth_used_gb", 0), opening.get("monthly_visitors", 0)
        if revenue:
            opening = {**opening, "revenue_generated": float(_exact(opening.get("revenue_generated", 0)) + revenue)}
        return {
            **opening,
            "monthly_visitors": brought_visitors + visitors,
            # A figure that nothing was added to stays as it was brought: 120 does not become 120.0.
            "bandwidth_used_gb": round(brought_gb + sent / _GB, 9) if sent else brought_gb,
        }

    async def _count_visitors(self, scope: TenantScope, now: float) -> int:
        try:
            return await self._visitors.count(scope, now)
        except StorageUnavailable:
            # What was folded before stands.
            return 0

    async def rebuild_stats(self, scope: TenantScope, now: float, *, revenue: Decimal = _NO_REVENUE) -> dict[str, Any]:
        """Write `tenants.stats` anew from the ledgers, keeping figures that are not ours; gives what is there now.

        `revenue` is what the site earned by the books, in major units. A tenant that is gone is passed over.
        """
        tenants = TenantStore(self._database)
        tenant = await tenants.get(scope.tenant_id)
        if tenant is None:
            return {}
        stats = {**tenant.stats, **await self.derive_stats(scope, now, revenue=revenue)}
        if stats != tenant.stats:
            await tenants.set_stats(scope.tenant_id, stats)
        return stats


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


def _exact(figure: float) -> Decimal:
    """What a figure shows: 150.5 and not its binary neighbour."""
    return Decimal(str(figure))


def _is_figure(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and isfinite(value) and value >= 0
