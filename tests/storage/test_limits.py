"""A limit lets a burst through, then refills evenly."""

import asyncio

import pytest

from storage.limits import Limits
from storage.scope import TenantScope
from storage.valkey import Cache


async def test_a_burst_passes_and_the_next_is_told_when_to_come_back(cache: Cache, scope_a: TenantScope) -> None:
    limits = Limits(cache)
    verdicts = [await limits.take(scope_a, "comment", "7", limit=3, window_seconds=60) for _ in range(4)]
    assert [each.allowed for each in verdicts] == [True, True, True, False]
    assert [each.remaining for each in verdicts] == [2, 1, 0, 0]
    assert 19 < verdicts[-1].retry_after_seconds <= 20


async def test_the_place_comes_back_after_its_time(cache: Cache, scope_a: TenantScope) -> None:
    limits = Limits(cache)
    assert (await limits.take(scope_a, "x", "7", limit=1, window_seconds=1)).allowed
    refused = await limits.take(scope_a, "x", "7", limit=1, window_seconds=1)
    assert not refused.allowed
    await asyncio.sleep(refused.retry_after_seconds + 0.01)
    assert (await limits.take(scope_a, "x", "7", limit=1, window_seconds=1)).allowed


async def test_subjects_names_and_tenants_are_counted_apart(
    cache: Cache, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    limits = Limits(cache)
    taken = [
        await limits.take(scope, name, subject, limit=1, window_seconds=60)
        for scope in (scope_a, scope_b)
        for name in ("comment", "vote")
        for subject in ("7", "8")
    ]
    assert all(each.allowed for each in taken)


@pytest.mark.parametrize(("limit", "window"), [(0, 60), (1, 0)])
async def test_a_limit_of_nothing_is_a_mistake(cache: Cache, scope_a: TenantScope, limit: int, window: int) -> None:
    with pytest.raises(ValueError, match="at least one"):
        await Limits(cache).take(scope_a, "x", "7", limit=limit, window_seconds=window)
