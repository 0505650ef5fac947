"""The tick: calls verbs every so often. It remembers nothing; what is due is a query of whoever is called."""

from __future__ import annotations

import logging
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager

from apscheduler.schedulers.asyncio import AsyncIOScheduler
from msgspec import Struct

log = logging.getLogger("marquee.tick")


class Tick(Struct, frozen=True):
    """A verb without arguments and how often it is called. A call that takes longer is not overtaken by the next."""

    name: str
    every_seconds: int
    verb: Callable[[], Awaitable[object]]


@asynccontextmanager
async def ticking(ticks: list[Tick]) -> AsyncGenerator[None]:
    """Run the ticks while the block lasts. An error of a verb is logged, and the verb is called again next time."""
    scheduler = AsyncIOScheduler()
    for tick in ticks:
        scheduler.add_job(
            _guarded,
            "interval",
            args=[tick],
            id=tick.name,
            seconds=tick.every_seconds,
            misfire_grace_time=None,
            coalesce=True,
            max_instances=1,
        )
    scheduler.start()
    try:
        yield
    finally:
        scheduler.shutdown(wait=False)


async def _guarded(tick: Tick) -> None:
    try:
        await tick.verb()
    except Exception:
        log.exception("tick %s failed", tick.name)
