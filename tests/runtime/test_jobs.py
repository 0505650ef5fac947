from __future__ import annotations

import asyncio

from runtime.jobs import FIRST_RETRY_SECONDS, LEASE_SECONDS, MOST_ATTEMPTS, GiveUp, pause_seconds, work_one, working
from storage.jobs import Job, Jobs
from storage.mongo import Database
from storage.scope import PlatformScope
from tests.support.clock import FakeClock


async def test_a_job_is_worked_once(database: Database, platform: PlatformScope, clock: FakeClock) -> None:
    jobs, seen = Jobs(database, clock), list[Job]()

    async def handler(job: Job) -> None:
        seen.append(job)

    await jobs.enqueue(platform, "greet", {"name": "x"})
    assert await work_one(jobs, "greet", handler, clock=clock)
    assert not await work_one(jobs, "greet", handler, clock=clock)
    clock.advance(LEASE_SECONDS * 2)
    assert not await work_one(jobs, "greet", handler, clock=clock)
    assert [job.payload for job in seen] == [{"name": "x"}]


async def test_a_failing_job_comes_again_later_each_time_until_it_is_given_up(
    database: Database, platform: PlatformScope, clock: FakeClock
) -> None:
    jobs, attempts = Jobs(database, clock), list[int]()

    async def handler(job: Job) -> None:
        attempts.append(job.attempts)
        raise LookupError("not yet")

    await jobs.enqueue(platform, "greet", {})
    for number in range(1, MOST_ATTEMPTS + 1):
        assert await work_one(jobs, "greet", handler, clock=clock)
        assert not await work_one(jobs, "greet", handler, clock=clock)
        clock.advance(pause_seconds(number) + 1)
    assert not await work_one(jobs, "greet", handler, clock=clock)
    assert attempts == list(range(1, MOST_ATTEMPTS + 1))
    assert pause_seconds(2) == FIRST_RETRY_SECONDS * 2


async def test_a_job_beyond_help_is_not_tried_again(
    database: Database, platform: PlatformScope, clock: FakeClock
) -> None:
    jobs = Jobs(database, clock)

    async def handler(job: Job) -> None:
        raise GiveUp("there is no such title")

    await jobs.enqueue(platform, "greet", {})
    assert await work_one(jobs, "greet", handler, clock=clock)
    clock.advance(10**6)
    assert not await work_one(jobs, "greet", handler, clock=clock)


async def test_jobs_are_worked_while_the_process_runs(
    database: Database, platform: PlatformScope, clock: FakeClock
) -> None:
    jobs, done = Jobs(database, clock), asyncio.Event()

    async def handler(job: Job) -> None:
        done.set()

    async with working(jobs, {"greet": handler}, clock=clock), asyncio.timeout(10):
        await jobs.enqueue(platform, "greet", {})
        await done.wait()
