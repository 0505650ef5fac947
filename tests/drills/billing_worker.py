"""One scheduler of the drill, in a process of its own: bills until nothing is left, or until it kills itself."""

from __future__ import annotations

import asyncio
import os
import signal
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Final

from msgspec import Struct

from billing.contracts.desk import Contracts
from billing.invoices.office import Office
from billing.periods.cycle import run_cycle
from billing.periods.desk import Desk, Rules
from storage.across import Across
from storage.audit import Audit
from storage.errors import StorageUnavailable
from storage.mongo import Database
from storage.scope import mint_platform_scope
from storage.system import SystemStore

STEPS: Final = (
    "claim", "draft", "mark", "advance", "tell", "issue", "number", "write", "post", "close", "issued",
)  # fmt: skip
LEASE_SECONDS: Final = 0.5
PATIENCE_SECONDS: Final = 60.0
BATCH: Final = 5


class Work(Struct, frozen=True):
    """Where a scheduler works, as of when, and before which step it dies the how many-th time (None: it lives)."""

    mongodb_uri: str
    database: str
    now: datetime
    dies_at: tuple[str, int] | None


def work(given: Work) -> None:
    """The whole life of the process."""
    asyncio.run(_work(given))


async def _work(given: Work) -> None:
    database = await Database.connect(given.mongodb_uri, given.database)
    try:
        async with asyncio.timeout(PATIENCE_SECONDS):
            await _until_nothing_is_left(desk_on(database, _dying(given.dies_at)), given.now)
    finally:
        await database.close()


async def _until_nothing_is_left(desk: Desk, now: datetime) -> None:
    while True:
        try:
            await run_cycle(desk, now, force=True)
        except StorageUnavailable:
            continue  # too many wrote the same at once
        if not await left(desk.database, now):
            return
        # What others hold comes free when their leases run out.
        await asyncio.sleep(LEASE_SECONDS / 4)


async def left(database: Database, now: datetime) -> int:
    """How much is still to be billed."""
    due = await Across(database, "contracts").count({"next_due": {"$lte": now}})
    return due + await Across(database, "invoices").count({"state": "draft"})


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


def _dying(at: tuple[str, int] | None) -> Callable[[str], None]:
    seen: Counter[str] = Counter()

    def die(name: str) -> None:
        seen[name] += 1
        if (name, seen[name]) == at:
            os.kill(os.getpid(), signal.SIGKILL)

    return die
