"""Works the durable jobs: claims what is due, gives it to the handler of its kind, and tells what came of it."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping
from contextlib import asynccontextmanager, suppress

from storage.errors import StorageUnavailable
from storage.jobs import Job, JobLost, Jobs
from storage.moments import Clock

Handler = Callable[[Job], Awaitable[None]]
LEASE_SECONDS = 60.0
HANDLER_SECONDS = 20.0
IDLE_SECONDS = 1.0
FIRST_RETRY_SECONDS = 30.0
LONGEST_RETRY_SECONDS = 6 * 3600.0
MOST_ATTEMPTS = 12
log = logging.getLogger("marquee.jobs")


class GiveUp(Exception):
    """A handler's word that trying again will not help; the message is kept with the job."""


@asynccontextmanager
async def working(jobs: Jobs, handlers: Mapping[str, Handler], *, clock: Clock) -> AsyncGenerator[None]:
    """Work the jobs of these kinds while the block lasts, one of a kind at a time. The end lets those in hand end."""
    stop = asyncio.Event()
    loops = [
        asyncio.create_task(_work(jobs, kind, handler, clock, stop), name=f"jobs {kind}")
        for kind, handler in handlers.items()
    ]
    try:
        yield
    finally:
        # No cancelling: a job in hand is finished, within its own bound, and told.
        stop.set()
        await asyncio.gather(*loops, return_exceptions=True)


async def _work(jobs: Jobs, kind: str, handler: Handler, clock: Clock, stop: asyncio.Event) -> None:
    while not stop.is_set():
        try:
            busy = await work_one(jobs, kind, handler, clock=clock)
        except StorageUnavailable:
            busy = False
        except JobLost as lost:
            log.warning("%s", lost)
            busy = True
        if not busy:
            with suppress(TimeoutError):
                async with asyncio.timeout(IDLE_SECONDS):
                    await stop.wait()


async def work_one(jobs: Jobs, kind: str, handler: Handler, *, clock: Clock) -> bool:
    """Work one due job; False where none is due. One that fails comes again, later each time, and is at last given up.

    Raises StorageUnavailable and JobLost; the job is then claimed again when its lease is over.
    """
    job = await jobs.claim(kind, lease_seconds=LEASE_SECONDS)
    if job is None:
        return False
    try:
        async with asyncio.timeout(HANDLER_SECONDS):
            await handler(job)
    except StorageUnavailable:
        raise
    except GiveUp as reason:
        await jobs.fail(job, str(reason), retry_at=None)
    except Exception as error:
        log.warning("job %s %s failed", kind, job.id, exc_info=True)
        again = None if job.attempts >= MOST_ATTEMPTS else clock() + pause_seconds(job.attempts)
        await jobs.fail(job, f"{type(error).__name__}: {error}", retry_at=again)
    else:
        await jobs.complete(job)
    return True


def pause_seconds(attempts: int) -> float:
    """How long after its n-th attempt a job comes again: doubled each time, up to six hours."""
    return min(FIRST_RETRY_SECONDS * 2.0 ** (attempts - 1), LONGEST_RETRY_SECONDS)
