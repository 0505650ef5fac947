"""One tick of the billing cycle: many tenants' periods from due to draft, and on to invoices with ledger entries.

Every tenant has a contract of its own anchor, a month of usage by day, and an add-on; all of their periods are due at
once. `python -m benchmarks.billing_cycle 2000 10000` runs other sizes than the bench, which has 10,000 and 100,000 and
takes some ten minutes with the seeding. Progress is told on the standard error stream.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import resource
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from typing import Final

from msgspec import Struct

from benchmarks.billing_tenants import DUE, seed
from benchmarks.figures import Figure, figure
from benchmarks.processes import cpu_seconds
from billing.contracts.desk import Contracts
from billing.invoices.office import Office
from billing.periods.cycle import run_cycle
from billing.periods.desk import CycleReport, Desk, Rules
from billing.plans.defaults import publish_defaults
from billing.plans.repository import Plans
from runtime.engines.memory import memory_bytes
from runtime.engines.mongod import cache_gib
from runtime.schema import INDEXES
from storage.audit import Audit
from storage.indexes import build_indexes
from storage.moments import epoch_of, moment
from storage.mongo import Database
from storage.scope import mint_platform_scope
from storage.system import SystemStore
from tests.support.engines import engines

FEW: Final = 10_000
MANY: Final = 100_000
LIMIT_SECONDS: Final = 300.0
LINEAR: Final = 1.25
TELL_SECONDS: Final = 10.0
HOW: Final = (
    "python -m benchmarks billing: one process beside its mongod with a cache of "
    f"{cache_gib(memory_bytes()):.2g} GiB, every tenant due at once"
)


class Spent(Struct, frozen=True):
    """What a part of a tick took: seconds by the clock, and CPU seconds of this process and of mongod.

    CPU seconds can be compared on a machine that has other work; those by the clock cannot.
    """

    seconds: float
    python: float
    mongod: float

    def told(self) -> str:
        """For people."""
        return f"{self.seconds:.1f} s (CPU {self.python:.1f} + {self.mongod:.1f})"


class Measured(Struct, frozen=True):
    """What the parts of a tick took, for so many tenants."""

    tenants: int
    drafting: Spent
    issuing: Spent
    peak_mib: int

    @property
    def seconds(self) -> float:
        """Both together, by the clock."""
        return self.drafting.seconds + self.issuing.seconds

    @property
    def cpu_ms(self) -> float:
        """CPU milliseconds a tenant, both together, in both processes."""
        parts = (self.drafting, self.issuing)
        return sum(part.python + part.mongod for part in parts) / self.tenants * 1e3

    def told(self) -> str:
        """A line for people."""
        each = self.seconds / self.tenants * 1e3
        return (
            f"{self.tenants:,} tenants: {self.drafting.told()} to drafts, {self.issuing.told()} to invoices, "
            f"{each:.2f} ms a tenant (CPU {self.cpu_ms:.2f}), peak {self.peak_mib} MiB"
        )


class _Clock:
    """Starts with its making."""

    def __init__(self, mongod_pid: int) -> None:
        self._pids = (os.getpid(), mongod_pid)
        self._begun = self._now()

    def spent(self) -> Spent:
        """Since then."""
        return Spent(*(now - then for now, then in zip(self._now(), self._begun, strict=True)))

    def _now(self) -> tuple[float, ...]:
        return time.perf_counter(), *(cpu_seconds(pid) for pid in self._pids)


async def run() -> list[Figure]:
    """A hundred thousand tenants in five minutes, and each as cheap as among ten thousand."""
    few, many = [await asyncio.to_thread(measured, count) for count in (FEW, MANY)]
    return [
        figure(
            f"Billing {MANY:,} tenants in one tick, due to invoice / five minutes",
            many.seconds,
            LIMIT_SECONDS,
            many.seconds / LIMIT_SECONDS,
            unit="s",
            target=1.0,
            how=HOW,
        ),
        figure(
            f"Billing a tenant among {MANY:,} / among {FEW:,}, CPU time of this process and mongod",
            many.cpu_ms,
            few.cpu_ms,
            many.cpu_ms / few.cpu_ms,
            unit="ms",
            target=LINEAR,
            how=HOW,
        ),
    ]


def measured(tenants: int) -> Measured:
    """A tick over so many tenants, on engines of its own. Not from within a running loop."""
    with engines(on_disk=True) as (mongodb_uri, _):
        done = asyncio.run(_measured(mongodb_uri, tenants))
    print(f"\r{done.told()}", file=sys.stderr, flush=True)
    return done


async def _measured(mongodb_uri: str, tenants: int) -> Measured:
    database = await Database.connect(mongodb_uri, "billing")
    try:
        mongod_pid = await asyncio.to_thread(seed, mongodb_uri, tenants)
        await indexed(database)
        await publish_defaults(Plans(database))
        return await _tick(database, tenants, mongod_pid)
    finally:
        await database.close()


async def indexed(database: Database) -> None:
    """Built after the seeding, which is faster without them."""
    patient = await database.patient()
    try:
        await build_indexes(patient, INDEXES)
    finally:
        await patient.close()


async def _tick(database: Database, tenants: int, mongod_pid: int) -> Measured:
    """Drafts everything, then issues it: the grace of the drafts is over with the second run alone."""
    clock = _Clock(mongod_pid)
    drafted = await billed(database, grace=timedelta(days=2))
    drafting = clock.spent()
    assert (drafted.drafted, drafted.issued, drafted.failed) == (tenants, 0, {}), drafted
    clock = _Clock(mongod_pid)
    issued = await billed(database, grace=timedelta(days=2), after=timedelta(days=2))
    issuing = clock.spent()
    assert (issued.drafted, issued.issued, issued.failed) == (0, tenants, {}), issued
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return Measured(tenants, drafting, issuing, peak)


async def billed(database: Database, *, grace: timedelta = timedelta(), after: timedelta = timedelta()) -> CycleReport:
    """What is due is drafted, and what is over its `grace` is issued, `after` the end of the month."""

    def clock() -> float:
        return epoch_of(DUE + after)

    audit = Audit(database, clock)
    office = Office(database=database, clock=clock, audit=audit, platform=mint_platform_scope())
    desk = Desk(
        office=office,
        contracts=Contracts(database, clock, audit),
        system=SystemStore(database),
        rules=Rules(grace_seconds=int(grace.total_seconds())),
    )
    return await run_cycle(desk, moment(clock()), on_progress=_progress())


def _progress() -> Callable[[CycleReport], None]:
    """Tells how far the tick is: always on a terminal, and now and then into a file."""
    begun = told = time.monotonic()

    def show(report: CycleReport) -> None:
        nonlocal told
        now, on_terminal = time.monotonic(), sys.stderr.isatty()
        if on_terminal or now - told >= TELL_SECONDS:
            told = now
            line = f"{now - begun:4.0f} s: {report.drafted:,} drafted, {report.issued:,} issued"
            print(f"\r{line}" if on_terminal else line, end="" if on_terminal else "\n", file=sys.stderr, flush=True)

    return show


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tenants", nargs="*", type=int, default=[2_000, 10_000])
    for count in parser.parse_args().tenants:
        measured(count)
    return 0


if __name__ == "__main__":
    sys.exit(main())
