"""Visitors are counted once a month and site, by signs that lead back to nobody."""

import asyncio
from datetime import UTC, datetime

from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.visitors import MOST_NOTES, MonthlyVisitors, Visits, counting_visits
from tests.support.clock import FakeClock
from tests.support.wire import wire_to

NOVEMBER = datetime(2026, 11, 30, 23, 59, tzinfo=UTC).timestamp()
MINUTE = 60.0


def visits_of(cache: Cache, clock: FakeClock) -> Visits:
    return Visits(MonthlyVisitors(cache), clock)


async def test_each_visitor_counts_once_a_month_and_site(
    cache: Cache, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    clock = FakeClock(NOVEMBER)
    visits, visitors = visits_of(cache, clock), MonthlyVisitors(cache)
    for _ in range(2):
        for address in ("198.51.100.1", "198.51.100.2"):
            visits.note(scope_a, address, "Firefox")
        visits.note(scope_a, "198.51.100.1", "Safari")
        visits.note(scope_b, "198.51.100.1", "Firefox")
        await visits.flush()
    assert await visitors.counts([scope_a, scope_b], clock()) == [3, 1]
    clock.advance(MINUTE)
    assert await visitors.counts([scope_a], clock()) == [0]
    visits.note(scope_a, "198.51.100.1", "Firefox")
    await visits.flush()
    assert [await visitors.counts([scope_a], now) for now in (NOVEMBER, clock())] == [[3], [1]]


async def test_two_processes_count_one_visitor_once(cache: Cache, scope_a: TenantScope) -> None:
    clock = FakeClock(NOVEMBER)
    for visits in (visits_of(cache, clock), visits_of(cache, clock)):
        visits.note(scope_a, "198.51.100.1", "Firefox")
        await visits.flush()
    assert await MonthlyVisitors(cache).counts([scope_a], NOVEMBER) == [1]


async def test_thousands_at_once_are_counted(cache: Cache, scope_a: TenantScope) -> None:
    visits = visits_of(cache, FakeClock(NOVEMBER))
    for number in range(5_000):
        visits.note(scope_a, str(number))
    await visits.flush()
    assert abs((await MonthlyVisitors(cache).counts([scope_a], NOVEMBER))[0] - 5_000) < 150


async def test_without_redis_notes_wait_within_bounds(redis_url: str, cache: Cache, scope_a: TenantScope) -> None:
    clock = FakeClock(NOVEMBER)
    async with wire_to(redis_url) as (wire, url):
        far = await Cache.connect(url)
        await wire.cut()
        async with counting_visits(far, clock, flush_seconds=0.02) as visits:
            visits.note(scope_a, "x")
            await asyncio.sleep(0.1)  # some rounds fail
            visits.note(scope_a, "y")
            await wire.mend()
            async with asyncio.timeout(10):
                while await MonthlyVisitors(cache).counts([scope_a], NOVEMBER) != [2]:
                    await asyncio.sleep(0.02)
        await far.close()


async def test_a_flood_does_not_fill_the_memory(cache: Cache, scope_a: TenantScope) -> None:
    visits = visits_of(cache, FakeClock(NOVEMBER))
    for number in range(MOST_NOTES + 100):
        visits.note(scope_a, str(number))
    await visits.flush()
    assert (await MonthlyVisitors(cache).counts([scope_a], NOVEMBER))[0] < MOST_NOTES * 1.03
