"""One scheduler of the drill, in a process of its own: does all that the ticks do, until nothing is left or it dies."""

from __future__ import annotations

import asyncio
import logging
import os
import signal
import time
from collections import Counter
from collections.abc import Awaitable, Callable
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from billing.contracts.desk import Contracts
from billing.invoices.office import Office
from billing.memberships.renewing import renew_due
from billing.payments.collecting import collect
from billing.payments.reconciling import follow, reconcile
from billing.periods.cycle import run_cycle
from billing.periods.desk import Desk, Rules
from billing.settlements.closing import settle_periods
from billing.webhooks.inbox import GATEWAY_EVENT
from billing.webhooks.work import work as work_event
from runtime.jobs import work_one
from storage.across import Across
from storage.audit import Audit
from storage.errors import StorageError
from storage.jobs import Job, JobLost, Jobs
from storage.moments import epoch_of
from storage.mongo import Database
from storage.scope import mint_platform_scope
from storage.system import SystemStore
from storage.valkey import Cache
from tests.drills.billing_desks import Desks, desks_on
from tests.drills.billing_steps import Commands, Die

LEASE_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 150.0
BATCH: Final = 5
JOBS_AT_ONCE: Final = 40
VERBS: Final = 6
SKIPPED_SECONDS: Final = 1_000.0
# Who is to charge a renewal puts the next look at it off before, by a clock that may have been skipped by hours.
_LOOKED_AT_AGAIN: Final = timedelta(days=14)
LIVING: Final = ("created", "pending", "action")


class Work(Struct, frozen=True):
    """Where a scheduler works, as of when, and before which step it dies the how many-th time (None: it lives).

    `turn` is the verb that it begins with.
    """

    mongodb_uri: str
    redis_url: str
    database: str
    stripe_url: str
    now: datetime
    dies_at: tuple[str, int] | None
    turn: int = 0


class Hours:
    """Time goes on from a moment, and is skipped where there is nothing to do but wait."""

    def __init__(self, since: datetime) -> None:
        self._ahead = epoch_of(since) - time.time()

    def __call__(self) -> float:
        return time.time() + self._ahead

    def come_to(self, now: datetime) -> None:
        self._ahead = max(self._ahead, epoch_of(now) - time.time())

    def skip(self, seconds: float) -> None:
        self._ahead += seconds


def work(given: Work) -> None:
    """The whole life of the process. What it meets is meant, and told by its end."""
    logging.disable(logging.CRITICAL)
    asyncio.run(_work(given))


async def _work(given: Work) -> None:
    die = _dying(given.dies_at)
    async with asyncio.timeout(PATIENCE_SECONDS):
        database = await _connected(given, Commands(die))
        cache = await Cache.connect(given.redis_url)
        clock = Hours(given.now)
        try:
            async with desks_on(database, cache, given.stripe_url, clock, die) as desks:
                await _until_nothing_is_left(desks, desk_on(database, die), given, clock)
        finally:
            await cache.close()
            await database.close()


async def _connected(given: Work, commands: Commands) -> Database:
    while True:
        try:
            return await Database.connect(given.mongodb_uri, given.database, listeners=[commands])
        except StorageError:
            await asyncio.sleep(LEASE_SECONDS / 4)


async def _until_nothing_is_left(desks: Desks, desk: Desk, given: Work, clock: Hours) -> None:
    verbs = _verbs(desks, desk, given.now, clock)
    verbs = verbs[given.turn :] + verbs[: given.turn]
    while True:
        unavailable = False
        for verb in verbs:
            try:
                await verb()
            except* (StorageError, JobLost):
                # As the ticks have it: it is called again.
                unavailable = True
        try:
            if not unavailable and not await left(desk.database, given.now):
                await reconcile(desks.cashier)
                return
        except StorageError:
            continue
        # What others hold comes free when their leases run out, and the gateway is asked again later.
        await asyncio.sleep(LEASE_SECONDS / 4)
        clock.skip(SKIPPED_SECONDS)


def _verbs(desks: Desks, desk: Desk, now: datetime, clock: Hours) -> list[Callable[[], Awaitable[object]]]:
    jobs = Jobs(desk.database, clock)

    async def handle(job: Job) -> None:
        await work_event(desks.cashier, job.payload)

    async def webhooks() -> None:
        for _ in range(JOBS_AT_ONCE):
            if not await work_one(jobs, GATEWAY_EVENT, handle, clock=clock):
                return

    return [
        lambda: run_cycle(desk, now, force=True),
        lambda: collect(desks.cashier),
        webhooks,
        lambda: renew_due(desks.memberships),
        lambda: follow(desks.cashier),
        lambda: settle_periods(desks.settlements),
    ]


async def left(database: Database, now: datetime) -> dict[str, int]:
    """How much is still to be billed, charged, booked, told or settled, by collection; empty when all is done."""
    wanted: dict[str, dict[str, Any]] = {
        "contracts": {"next_due": {"$lte": now}},
        "invoices": {"kind": "invoice", "$or": [{"state": "draft"}, {"state": "issued", "due": {"$gt": 0}}]},
        "payments": {
            "$or": [
                {"state": {"$in": list(LIVING)}},
                {"untold": True},
                {"state": "succeeded", "$or": [{"fee": None}, {"parts": {"$size": 0}}]},
            ]
        },
        "memberships": {"$or": [{"ungranted": True}, {"renew_at": {"$type": "date", "$lte": now + _LOOKED_AT_AGAIN}}]},
        "periods": {"settled": False, "state": {"$in": ["issued", "free", "void"]}},
        "jobs": {"kind": GATEWAY_EVENT, "open": True},
    }
    found = {name: await Across(database, name).count(what) for name, what in wanted.items()}
    return {name: number for name, number in found.items() if number}


def desk_on(database: Database, on_step: Callable[[str], None]) -> Desk:
    """The cycle in small batches, so that it has many steps; its leases go by the real clock."""
    audit = Audit(database, time.time)
    return Desk(
        office=Office(database=database, clock=time.time, audit=audit, platform=mint_platform_scope()),
        contracts=Contracts(database, time.time, audit),
        system=SystemStore(database),
        rules=Rules(grace_seconds=0, lease_seconds=LEASE_SECONDS, batch=BATCH, block=BATCH),
        on_step=on_step,
    )


def _dying(at: tuple[str, int] | None) -> Die:
    seen: Counter[str] = Counter()

    def die(name: str) -> None:
        seen[name] += 1
        if (name, seen[name]) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return die
