"""A job is done once, by whoever holds it, for a tenant that is still there."""

import asyncio

import pytest

from storage.indexes import build_indexes
from storage.jobs import INDEXES, JobLost, Jobs
from storage.mongo import Database, collection_of
from storage.scope import PlatformScope, TenantScope
from tests.support.clock import FakeClock


@pytest.fixture
async def jobs(database: Database, clock: FakeClock, scope_a: TenantScope, scope_b: TenantScope) -> Jobs:
    await build_indexes(database, INDEXES)
    for scope in (scope_a, scope_b):
        await collection_of(database, "tenants").insert_one({"_id": scope.tenant_id})
    return Jobs(database, clock)


async def test_a_job_is_claimed_by_one_and_done(jobs: Jobs, scope_a: TenantScope) -> None:
    await jobs.enqueue(scope_a, "describe", {"title": "tmdb_1"})
    claims = await asyncio.gather(*(jobs.claim("describe", lease_seconds=60) for _ in range(8)))
    (job,) = [claim for claim in claims if claim is not None]
    assert (job.payload, job.scope, job.attempts) == ({"title": "tmdb_1"}, scope_a, 1)
    await jobs.complete(job)
    assert await jobs.claim("describe", lease_seconds=60) is None


async def test_a_job_is_not_claimed_before_its_time_nor_by_another_kind(
    jobs: Jobs, scope_a: TenantScope, clock: FakeClock
) -> None:
    await jobs.enqueue(scope_a, "remind", {}, run_at=clock() + 60)
    assert await jobs.claim("remind", lease_seconds=60) is None
    clock.advance(61)
    assert await jobs.claim("other", lease_seconds=60) is None
    assert await jobs.claim("remind", lease_seconds=60) is not None


async def test_a_dead_workers_job_goes_to_the_next_and_the_fence_keeps_the_first_out(
    jobs: Jobs, scope_a: TenantScope, clock: FakeClock
) -> None:
    await jobs.enqueue(scope_a, "describe", {})
    first = await jobs.claim("describe", lease_seconds=30)
    clock.advance(31)
    second = await jobs.claim("describe", lease_seconds=30)
    assert first is not None
    assert second is not None
    assert second.attempts == 2
    for too_late in (jobs.complete(first), jobs.extend(first, lease_seconds=9), jobs.fail(first, "x", retry_at=None)):
        with pytest.raises(JobLost):
            await too_late
    await jobs.complete(second)
    with pytest.raises(JobLost):
        await jobs.complete(second)


async def test_an_extended_lease_holds(jobs: Jobs, scope_a: TenantScope, clock: FakeClock) -> None:
    await jobs.enqueue(scope_a, "describe", {})
    job = await jobs.claim("describe", lease_seconds=30)
    assert job is not None
    clock.advance(29)
    await jobs.extend(job, lease_seconds=30)
    clock.advance(29)
    assert await jobs.claim("describe", lease_seconds=30) is None


async def test_a_failed_job_comes_back_at_its_time_or_never(jobs: Jobs, scope_a: TenantScope, clock: FakeClock) -> None:
    await jobs.enqueue(scope_a, "describe", {})
    job = await jobs.claim("describe", lease_seconds=30)
    assert job is not None
    await jobs.fail(job, "the channel is gone", retry_at=clock() + 10)
    assert await jobs.claim("describe", lease_seconds=30) is None
    clock.advance(10)
    job = await jobs.claim("describe", lease_seconds=30)
    assert job is not None
    await jobs.fail(job, "still gone", retry_at=None)
    clock.advance(1_000)
    assert await jobs.claim("describe", lease_seconds=30) is None


async def test_one_open_job_has_a_unique_key_for_one_owner(
    jobs: Jobs, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    first = await jobs.enqueue(scope_a, "describe", {}, unique_key="tmdb_1")
    assert await jobs.enqueue(scope_a, "describe", {}, unique_key="tmdb_1") == first
    others = {await jobs.enqueue(scope, "describe", {}, unique_key="tmdb_1") for scope in (scope_b, platform)}
    others.add(await jobs.enqueue(scope_a, "other", {}, unique_key="tmdb_1"))
    assert len(others - {first}) == 3
    job = await jobs.claim("describe", lease_seconds=30)
    assert job is not None
    await jobs.complete(job)
    assert await jobs.enqueue(job.scope, "describe", {}, unique_key="tmdb_1") != job.id


async def test_a_job_of_a_tenant_that_is_gone_is_passed_over(
    jobs: Jobs, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await jobs.enqueue(scope_a, "describe", {})
    await jobs.enqueue(scope_b, "describe", {})
    await collection_of(database, "tenants").delete_one({"_id": "tenant_a"})
    job = await jobs.claim("describe", lease_seconds=30)
    assert job is not None
    assert job.scope == scope_b
    assert await jobs.claim("describe", lease_seconds=30) is None
