"""Segments are booked once, whoever ships them how often, and the dashboard's figures follow from the ledger."""

import random
from collections.abc import Sequence
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from storage.errors import StorageUnavailable
from storage.moments import moment
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from storage.valkey import Cache
from streaming.meter.ledger import TenantLedger
from streaming.meter.records import Usage
from streaming.meter.segments import SegmentLog
from streaming.meter.shipper import ship
from tenancy.data import CollectionData
from tenancy.model import Tenant
from tenancy.stats import Stats
from tenancy.tenants import TenantStore
from tenancy.usage import Booking, DayUsage, UsageLedger, UsageRepository
from tenancy.visitors import MonthlyVisitors
from tests.support.wire import wire_to

pytestmark = pytest.mark.anyio
DAY = "2026-11-22"
NOW = datetime(2026, 11, 22, 12, tzinfo=UTC).timestamp()
NOVEMBER = date(2026, 11, 1), date(2026, 12, 1)


@pytest.fixture
async def ledger(database: Database, scope_a: TenantScope, scope_b: TenantScope) -> TenantLedger:
    scopes: dict[str, TenantScope | PlatformScope] = {scope.owner: scope for scope in (scope_a, scope_b)}
    return TenantLedger(database, scopes.__getitem__)


@pytest.fixture
def reads(database: Database) -> UsageLedger:
    return UsageLedger(database)


@pytest.fixture
def dashboard(database: Database, cache: Cache) -> Stats:
    return Stats(database, cache)


def one(producer: str, seq: int, size_bytes: int, streams: int = 0) -> Booking:
    """A segment of the day's first quarter."""
    return Booking(producer, seq, {"0000": size_bytes}, streams)


async def figures(dashboard: Stats, scope: TenantScope, now: float) -> dict[str, Any]:
    """What is derived for one tenant."""
    return (await dashboard.derive([scope], now))[scope.owner]


async def nothing_earned(_tenants: Sequence[Tenant]) -> dict[str, Decimal]:
    """Nobody sold anything."""
    return {}


class Flaky:
    """A ledger that books and then loses the answer, or is away, every so often."""

    def __init__(self, ledger: TenantLedger, seed: int) -> None:
        self._ledger = ledger
        self._random = random.Random(seed)

    async def book(self, owner: str, day: str, booking: Booking) -> bool:
        fate = self._random.random()
        if fate < 0.3:
            raise StorageUnavailable("away")
        booked = await self._ledger.book(owner, day, booking)
        if fate < 0.6:
            raise StorageUnavailable("the answer was lost")
        return booked


async def test_two_producers_with_replays_and_lost_answers_are_booked_exactly_once(
    ledger: TenantLedger, reads: UsageLedger, scope_a: TenantScope, scope_b: TenantScope, tmp_path: Path
) -> None:
    chance = random.Random(7)
    logs = [SegmentLog(tmp_path, name) for name in ("n-0", "n-1")]
    flaky = Flaky(ledger, 11)
    sent: dict[tuple[str, str], int] = {}
    for _ in range(30):
        log = chance.choice(logs)
        for scope in (scope_a, scope_b):
            day = chance.choice([DAY, "2026-11-23"])
            size = chance.randrange(10**12)
            sent[scope.owner, day] = sent.get((scope.owner, day), 0) + size
            log.append([Usage(scope.owner, "s", day, size, 1)])
        log.seal()
        try:
            await ship(log, flaky)
        except StorageUnavailable:
            continue
    for log in logs:
        await ship(log, ledger)
        assert log.sealed() == []
    for scope in (scope_a, scope_b):
        booked = {(scope.owner, day.day.isoformat()): day.bytes for day in await reads.usage(scope, *NOVEMBER)}
        assert booked == {key: size for key, size in sent.items() if key[0] == scope.owner}


async def test_a_replayed_segment_adds_nothing(ledger: TenantLedger, scope_a: TenantScope, reads: UsageLedger) -> None:
    for expected in (True, False, False):
        booked = await ledger.book(scope_a.owner, DAY, one("n-0", 1, 10, 1))
        assert booked is expected
    assert await reads.usage(scope_a, *NOVEMBER) == [DayUsage(date(2026, 11, 22), 10, 1)]


async def test_a_second_producers_first_segment_counts_on_a_day_that_the_first_opened(
    ledger: TenantLedger, scope_a: TenantScope, reads: UsageLedger
) -> None:
    assert await ledger.book(scope_a.owner, DAY, one("n-0", 9, 10))
    assert await ledger.book(scope_a.owner, DAY, one("n-1", 1, 5))
    assert [day.bytes for day in await reads.usage(scope_a, *NOVEMBER)] == [15]


async def test_a_ledger_that_is_away_keeps_segments_and_their_order(tmp_path: Path, scope_a: TenantScope) -> None:
    class Away:
        async def book(self, *_: object, **__: object) -> bool:
            raise StorageUnavailable("away")

    log = SegmentLog(tmp_path, "n-0")
    for size in (1, 2):
        log.append([Usage(scope_a.owner, "s", DAY, size)])
        log.seal()
    with pytest.raises(StorageUnavailable):
        await ship(log, Away())
    assert log.sealed() == [1, 2]


async def test_one_sites_usage_is_not_anothers(
    ledger: TenantLedger, reads: UsageLedger, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await ledger.book(scope_a.owner, DAY, one("n-0", 1, 10))
    assert await reads.usage(scope_b, *NOVEMBER) == []


async def test_stats_are_the_open_months_bytes_and_visitors(
    ledger: TenantLedger, dashboard: Stats, cache: Cache, scope_a: TenantScope
) -> None:
    for seq, (day, size) in enumerate(
        [("2026-10-31", 9 * 10**9), (DAY, 2 * 10**9), ("2026-11-30", 5 * 10**8)], start=1
    ):
        await ledger.book(scope_a.owner, day, one("n-0", seq, size))
    await MonthlyVisitors(cache).add(scope_a, [b"x", b"y", b"x"], NOW)
    assert await figures(dashboard, scope_a, NOW) == {"bandwidth_used_gb": 2.5, "monthly_visitors": 2}


async def test_imported_figures_are_given_again_and_usage_adds_to_them(
    ledger: TenantLedger, reads: UsageLedger, dashboard: Stats, scope_a: TenantScope
) -> None:
    stats = {"monthly_visitors": 45000, "bandwidth_used_gb": 120, "revenue_generated": 150.50}
    assert await reads.open_with(scope_a, stats, NOW)
    assert not await reads.open_with(scope_a, {"bandwidth_used_gb": 999}, NOW)
    derived = await figures(dashboard, scope_a, NOW)
    assert derived == stats
    assert isinstance(derived["bandwidth_used_gb"], int)
    await ledger.book(scope_a.owner, DAY, one("n-0", 1, 250_000_000))
    assert (await figures(dashboard, scope_a, NOW))["bandwidth_used_gb"] == 120.25
    assert await figures(dashboard, scope_a, NOW + 30 * 86_400) == {
        "monthly_visitors": 0, "bandwidth_used_gb": 0, "revenue_generated": 150.50,
    }  # fmt: skip


async def test_rebuilding_gives_imported_figures_again_and_keeps_what_is_not_ours(
    database: Database, ledger: TenantLedger, reads: UsageLedger, dashboard: Stats, scope_a: TenantScope
) -> None:
    stats = {"monthly_visitors": 45000, "bandwidth_used_gb": 120, "revenue_generated": 150.50, "fans": "many"}
    tenants = TenantStore(database)
    document = {"_id": "tenant_a", "domain": "a.example", "stats": stats}
    await tenants.put_raw(document, moment(NOW))
    await reads.open_with(scope_a, stats, NOW)
    await dashboard.rebuild(NOW, nothing_earned)
    assert [each async for each in tenants.raw()] == [document]
    await ledger.book(scope_a.owner, DAY, one("n-0", 1, 10**9))
    assert await dashboard.rebuild(NOW, nothing_earned) == 1
    assert [each["stats"] async for each in tenants.raw()] == [{**stats, "bandwidth_used_gb": 121.0}]


async def test_figures_that_did_not_change_are_not_written(
    database: Database, dashboard: Stats, ledger: TenantLedger, scope_a: TenantScope
) -> None:
    tenants = TenantStore(database)
    for name in ("tenant_a", "tenant_b"):
        await tenants.put_raw({"_id": name, "domain": f"{name[-1]}.example"}, moment(NOW))
    assert await dashboard.rebuild(NOW, nothing_earned) == 2
    assert await dashboard.rebuild(NOW, nothing_earned) == 0
    await ledger.book(scope_a.owner, DAY, one("n-0", 1, 10**9))
    assert await dashboard.rebuild(NOW, nothing_earned) == 1
    assert [each["stats"]["bandwidth_used_gb"] async for each in tenants.raw()] == [1.0, 0]


async def test_without_redis_the_stats_stand_on_what_was_folded(
    database: Database, redis_url: str, scope_a: TenantScope
) -> None:
    async with wire_to(redis_url) as (wire, url):
        cache = await Cache.connect(url)
        dashboard = Stats(database, cache)
        await MonthlyVisitors(cache).add(scope_a, [b"x"], NOW)
        await figures(dashboard, scope_a, NOW)
        await wire.cut()
        assert (await figures(dashboard, scope_a, NOW))["monthly_visitors"] == 1
        await cache.close()


async def test_odd_figures_are_not_booked(reads: UsageLedger, dashboard: Stats, scope_a: TenantScope) -> None:
    odd = {"monthly_visitors": "many", "bandwidth_used_gb": float("nan"), "revenue_generated": -1, "x": True}
    assert await reads.open_with(scope_a, odd, NOW)
    assert await figures(dashboard, scope_a, NOW) == {"monthly_visitors": 0, "bandwidth_used_gb": 0}


async def test_visitors_that_redis_lost_stay_as_they_were_folded(
    dashboard: Stats, cache: Cache, scope_a: TenantScope
) -> None:
    await MonthlyVisitors(cache).add(scope_a, [b"x"], NOW)
    await figures(dashboard, scope_a, NOW)
    await cache.delete(scope_a, "visitors:2026-11")
    assert (await figures(dashboard, scope_a, NOW))["monthly_visitors"] == 1


async def test_an_owner_takes_the_ledger_along_and_leaves_nothing(
    database: Database, ledger: TenantLedger, scope_a: TenantScope
) -> None:
    await ledger.book(scope_a.owner, DAY, one("n-0", 1, 10))
    data = CollectionData(database, UsageRepository)
    (entry,) = [dict(entry) async for entry in data.export(scope_a)]
    assert isinstance(entry.pop("booked_at"), datetime)
    assert entry == {"_id": DAY, "bytes": 10, "streams": 0, "quarters": {"0000": 10}, "wm": {"n-0": 1}}
    assert await data.delete(scope_a) == 1
    assert await data.delete(scope_a) == 0


async def test_bills_cut_a_day_at_any_quarter_of_an_hour(
    ledger: TenantLedger, reads: UsageLedger, scope_a: TenantScope, tmp_path: Path
) -> None:
    log = SegmentLog(tmp_path, "n-0")
    times = {"T00:00": 1, "T09:15": 20, "T09:30": 300, "T23:45": 4_000}
    log.append([Usage(scope_a.owner, "s", f"{DAY}{time}", size) for time, size in times.items()])
    around = {"2026-11-21": 50_000, "2026-11-23T00:00": 600_000}
    log.append([Usage(scope_a.owner, "s", quarter, size) for quarter, size in around.items()])
    log.seal()
    await ship(log, ledger)

    async def between(start: str, end: str) -> int:
        return await reads.bytes_between(scope_a, datetime.fromisoformat(start), datetime.fromisoformat(end))

    assert await between("2026-11-22", "2026-11-23") == 4_321
    assert await between("2026-11-22T09:15", "2026-11-22T09:30") == 20
    assert await between("2026-11-22T09:30", "2026-11-23T00:15") == 604_300
    # A day of before, without quarters, counts with its first.
    assert await between("2026-11-21", "2026-11-21T00:15") == 50_000
    assert await between("2026-11-20T12:00", "2026-11-22T09:30") == 50_021
    assert await between("2026-11-21T00:15", "2026-11-22T00:00") == 0
