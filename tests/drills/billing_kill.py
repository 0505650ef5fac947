"""Four schedulers bill the same tenants at once, and are killed before a step of theirs or at any moment.

Every round a month goes by. Four schedulers begin, all of which die; four more come, of which one lives until nothing
is left to do. Then each period of each tenant has been billed once, numbers have no gap, and the books are right.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import signal
from collections import Counter
from datetime import datetime
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from pymongo import MongoClient

from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from runtime.schema import INDEXES
from storage.across import Across
from storage.indexes import build_indexes
from storage.mongo import Database
from storage.scope import TenantScope, mint_platform_scope
from tests.billing.stage import GB, Stage, monthly, stage_on
from tests.drills.billing_worker import STEPS, Work, left, work
from tests.drills.verdict import Verdict
from tests.support.clock import FakeClock
from tests.support.engines import engines

TENANTS: Final = 16
SCHEDULERS: Final = 4
MOST_TIMES: Final = 5
LONGEST_SECONDS: Final = 1.0
JOIN_SECONDS: Final = 90.0
LONGEST_TRANSACTION_SECONDS: Final = 3
NAME: Final = "billing_kill"
PLANS: Final = (
    monthly(included_gb=1),
    monthly(id="ahead", advance=True, included_gb=1),
    monthly(id="weekly", unit="week", included_gb=1),
)


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill."""
    del folder
    with engines() as (mongodb_uri, _):
        _forget_the_dead_soon(mongodb_uri)
        return asyncio.run(_run(mongodb_uri, rounds=rounds, seed=seed))


def _forget_the_dead_soon(mongodb_uri: str) -> None:
    """A transaction whose client was killed holds its documents for a minute; here it is seconds."""
    with MongoClient[dict[str, Any]](mongodb_uri) as client:
        client.admin.command({"setParameter": 1, "transactionLifetimeLimitSeconds": LONGEST_TRANSACTION_SECONDS})


async def _run(mongodb_uri: str, *, rounds: int, seed: int) -> Verdict:
    verdict = Verdict("billing kill", ("round", "killed", "took over", "invoices", "complaints"))
    chance = random.Random(seed)
    database = await Database.connect(mongodb_uri, NAME)
    try:
        await build_indexes(database, INDEXES)
        stage = stage_on(database, FakeClock())
        scopes = [await _tenant(stage, number) for number in range(TENANTS)]
        for number in range(1, rounds + 1):
            await _round(mongodb_uri, stage, scopes, number, chance, verdict)
    finally:
        await database.close()
    verdict.hold(sum(int(str(row[1])) for row in verdict.rows) > 0, "nobody was killed")
    return verdict


async def _tenant(stage: Stage, number: int) -> TenantScope:
    scope = await stage.add_tenant(f"site-{number}")
    await stage.begin(scope, PLANS[number % len(PLANS)], anchor=datetime.fromisoformat("2026-01-01T00:15"))
    return scope


async def _round(
    mongodb_uri: str, stage: Stage, scopes: list[TenantScope], number: int, chance: random.Random, verdict: Verdict
) -> None:
    now = datetime.fromisoformat(f"{2026 + number // 12}-{1 + number % 12:02d}-01T00:15")
    for scope in scopes:
        # Of this month and of one that is billed.
        for back in (1, 2):
            month = 12 * 2026 + number - back
            if month >= 12 * 2026:
                day = f"{month // 12}-{1 + month % 12:02d}-{chance.randrange(2, 28):02d}"
                await stage.use(scope, day, chance.randrange(1, 3 * GB))
    killed = await asyncio.to_thread(_schedule, mongodb_uri, now, chance, lives=0)
    killed += await asyncio.to_thread(_schedule, mongodb_uri, now, chance, lives=1)
    complaints = await _complaints(stage, scopes, now)
    verdict.enter(
        number,
        killed,
        await Across(stage.database, "periods").count({"fence": {"$gt": 1}}),
        await Across(stage.database, "invoices").count({"number": {"$type": "string"}}),
        len(complaints),
    )
    verdict.broken += [f"round {number}: {complaint}" for complaint in complaints]


def _schedule(mongodb_uri: str, now: datetime, chance: random.Random, *, lives: int) -> int:
    """Four at once, of which so many live; gives how many were killed."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(["tests.drills.billing_worker"])
    started: list[BaseProcess] = []
    for place in range(SCHEDULERS):
        dies_at = None if place < lives else (chance.choice(STEPS), chance.randint(1, MOST_TIMES))
        process = processes.Process(target=work, args=(Work(mongodb_uri, NAME, now, dies_at),))
        process.start()
        started.append(process)
    for each in started[lives:]:
        # Those that die of no step of theirs die of this.
        each.join(chance.uniform(0, LONGEST_SECONDS))
        each.kill()
    for each in started:
        each.join(JOIN_SECONDS)
    ends = Counter(each.exitcode for each in started)
    if None in ends:
        raise TimeoutError("a scheduler did not come to its end")
    return ends[-signal.SIGKILL]


async def _complaints(stage: Stage, scopes: list[TenantScope], now: datetime) -> list[str]:
    still = await left(stage.database, now)
    found = [f"{still} periods or drafts are left"] if still else []
    findings = await check_numbers(stage.database, mint_platform_scope())
    for scope in scopes:
        findings += (await check_tenant(stage.database, scope, now)).findings
    return [*found, *(f"{each.tenant}: {each.what}" for each in findings)]
