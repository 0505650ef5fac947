"""One tick of the billing cycle: many tenants' periods from due to draft, and on to invoices with ledger entries.

Every tenant has a contract of its own anchor, a month of usage by day, and an add-on; all of their periods are due at
once. `python -m benchmarks.billing_cycle 2000 10000` runs other sizes than the bench.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import resource
import sys
import time
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct
from pymongo import MongoClient

from benchmarks.figures import Figure, figure
from benchmarks.processes import cpu_seconds
from billing.contracts.beginning import Opening, begun
from billing.contracts.desk import Contracts
from billing.contracts.repository import fields_of
from billing.invoices.office import Office
from billing.periods.cycle import run_cycle
from billing.periods.desk import CycleReport, Desk, Rules
from billing.plans.defaults import DEFAULTS, publish_defaults
from billing.plans.repository import Plans
from runtime.schema import INDEXES
from storage.audit import Audit
from storage.indexes import build_indexes
from storage.moments import epoch_of, moment
from storage.mongo import Database
from storage.scope import mint_platform_scope
from storage.system import SystemStore
from tenancy.model import Tenant
from tests.support.engines import engines

FEW: Final = 10_000
MANY: Final = 100_000
LIMIT_SECONDS: Final = 300.0
LINEAR: Final = 1.25
DAYS: Final = 31
CHUNK: Final = 1_000
FIRST: Final = datetime.fromisoformat("2026-01-01")
DUE: Final = datetime.fromisoformat("2026-02-02")
HOW: Final = "python -m benchmarks billing: one process beside its mongod, every tenant due at once"

Documents = list[dict[str, Any]]


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
    print(few.told(), many.told(), sep="\n", file=sys.stderr)
    each = [size.seconds / size.tenants * 1e3 for size in (many, few)]
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
            f"Billing a tenant among {MANY:,} / among {FEW:,}",
            each[0],
            each[1],
            each[0] / each[1],
            unit="ms",
            target=LINEAR,
            how=HOW,
        ),
    ]


def measured(tenants: int) -> Measured:
    """A tick over so many tenants, on engines of its own. Not from within a running loop."""
    with engines() as (mongodb_uri, _):
        return asyncio.run(_measured(mongodb_uri, tenants))


async def _measured(mongodb_uri: str, tenants: int) -> Measured:
    database = await Database.connect(mongodb_uri, "billing")
    try:
        await build_indexes(database, INDEXES)
        await publish_defaults(Plans(database))
        mongod_pid = await asyncio.to_thread(_seed, mongodb_uri, tenants)
        return await _tick(database, tenants, mongod_pid)
    finally:
        await database.close()


async def _tick(database: Database, tenants: int, mongod_pid: int) -> Measured:
    """Drafts everything, then issues it: the grace of the drafts is over with the second run alone."""
    clock = _Clock(mongod_pid)
    drafted = await _cycle(database, grace=timedelta(days=2))
    drafting = clock.spent()
    assert (drafted.drafted, drafted.issued, drafted.failed) == (tenants, 0, {}), drafted
    clock = _Clock(mongod_pid)
    issued = await _cycle(database, grace=timedelta(days=2), after=timedelta(days=2))
    issuing = clock.spent()
    assert (issued.drafted, issued.issued, issued.failed) == (0, tenants, {}), issued
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss >> 10
    return Measured(tenants, drafting, issuing, peak)


async def _cycle(database: Database, *, grace: timedelta, after: timedelta = timedelta()) -> CycleReport:
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
    return await run_cycle(desk, moment(clock()), on_progress=_show)


def _show(report: CycleReport) -> None:
    if sys.stderr.isatty():
        print(f"\r{report.drafted:,} drafted, {report.issued:,} issued", end="", file=sys.stderr)


def _seed(mongodb_uri: str, tenants: int) -> int:
    """Tenants, contracts and usage as the platform would have written them, in bulk. Gives mongod's pid."""
    chance = random.Random(tenants)
    with MongoClient[dict[str, Any]](mongodb_uri, w=1, journal=False) as client:
        for first in range(0, tenants, CHUNK):
            for name, documents in _documents(chance, range(first, min(first + CHUNK, tenants))).items():
                client["billing"][name].insert_many(documents, ordered=False)
        return int(client["admin"].command("serverStatus")["pid"])


def _documents(chance: random.Random, numbers: range) -> dict[str, Documents]:
    found: dict[str, Documents] = {"tenants": [], "contracts": [], "usage": []}
    plan = DEFAULTS[0]
    for number in numbers:
        tenant_id = f"tenant_{number:06d}"
        owner = f"tenant:{tenant_id}"
        anchor = FIRST + timedelta(minutes=15 * chance.randrange(96))
        tenant = Tenant(id=tenant_id, domain=f"{tenant_id}.example", created_at=anchor)
        opening = Opening(anchor=anchor, trial_days=0, addons={"android_app": 1})
        contract = begun(tenant, plan, opening, anchor)
        ours = {"domains": [tenant.domain], "brand": {"name": tenant.domain}, "created_at": anchor}
        ours |= {"generation": 1, "contracted": True}
        found["tenants"].append({"_id": tenant_id, "domain": tenant.domain, "plan": "fixed_fee", "_marquee": ours})
        found["contracts"].append({"_id": {"owner": owner, "id": "contract"}, **fields_of(contract)})
        found["usage"] += _usage(chance, owner)
    return found


def _usage(chance: random.Random, owner: str) -> Iterator[dict[str, Any]]:
    for day in range(DAYS):
        parts = {f"{hour:02d}00": chance.randrange(8 * 10**9) for hour in (1, 9, 17, 21)}
        yield {
            "_id": {"owner": owner, "id": (FIRST + timedelta(days=day)).date().isoformat()},
            "bytes": sum(parts.values()),
            "streams": 9,
            "quarters": parts,
            "wm": {"n-0": 1},
            "booked_at": FIRST,
        }


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("tenants", nargs="*", type=int, default=[2_000, 10_000])
    for count in parser.parse_args().tenants:
        print(measured(count).told(), flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
