"""Leases are bounded in number and end by themselves."""

import asyncio

import pytest

from storage.leases import LeaseStore
from storage.scope import TenantScope
from storage.valkey import Cache


@pytest.fixture
def leases(cache: Cache) -> LeaseStore:
    return LeaseStore(cache)


async def take(leases: LeaseStore, scope: TenantScope, lease_id: str, ttl_seconds: float = 30) -> bool:
    return await leases.acquire(scope, "viewer", lease_id, limit=2, ttl_seconds=ttl_seconds)


async def test_a_subject_has_so_many_places_and_no_more(leases: LeaseStore, scope_a: TenantScope) -> None:
    assert [await take(leases, scope_a, each) for each in ("1", "2", "3")] == [True, True, False]
    assert await take(leases, scope_a, "2"), "a lease that is held takes no second place"
    await leases.release(scope_a, "viewer", "1")
    await leases.release(scope_a, "viewer", "1")
    assert await take(leases, scope_a, "3")


async def test_a_hundred_at_once_get_two_places(leases: LeaseStore, scope_a: TenantScope) -> None:
    taken = await asyncio.gather(*(take(leases, scope_a, str(each)) for each in range(100)))
    assert sum(taken) == 2


async def test_a_late_heartbeat_is_told_the_lease_is_gone(leases: LeaseStore, scope_a: TenantScope) -> None:
    assert await take(leases, scope_a, "1", ttl_seconds=0.05)
    assert await take(leases, scope_a, "2")
    async with asyncio.timeout(5):
        while await leases.exists(scope_a, "viewer", "1"):
            await asyncio.sleep(0.01)
    assert not await leases.heartbeat(scope_a, "viewer", "1", ttl_seconds=30)
    assert await take(leases, scope_a, "3"), "its place is free"
    assert await leases.heartbeat(scope_a, "viewer", "2", ttl_seconds=30)


async def test_a_heartbeat_keeps_the_lease_beyond_its_first_time(leases: LeaseStore, scope_a: TenantScope) -> None:
    assert await take(leases, scope_a, "1", ttl_seconds=0.05)
    assert await leases.heartbeat(scope_a, "viewer", "1", ttl_seconds=30)
    await asyncio.sleep(0.06)
    assert await leases.exists(scope_a, "viewer", "1")


async def test_a_short_lease_does_not_cut_a_longer_one(leases: LeaseStore, scope_a: TenantScope) -> None:
    assert await take(leases, scope_a, "long")
    assert await take(leases, scope_a, "short", ttl_seconds=0.02)
    await asyncio.sleep(0.04)
    assert await leases.exists(scope_a, "viewer", "long")


async def test_revoking_ends_every_lease_of_the_subject(leases: LeaseStore, scope_a: TenantScope) -> None:
    await take(leases, scope_a, "1")
    await leases.revoke(scope_a, "viewer")
    assert not await leases.exists(scope_a, "viewer", "1")
    assert not await leases.heartbeat(scope_a, "viewer", "1", ttl_seconds=30)


async def test_one_viewer_id_on_two_sites_is_two_subjects(
    leases: LeaseStore, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    for scope in (scope_a, scope_b):
        assert await take(leases, scope, "1")
        assert await take(leases, scope, "2")
    await leases.revoke(scope_a, "viewer")
    assert await leases.exists(scope_b, "viewer", "1")
