"""Four schedulers bill, charge, renew and settle the same tenants at once, and are killed before a step or anywhere.

Every round a month goes by. Four schedulers begin, all of which die; four more come, of which one lives until nothing
is left to do. Meanwhile Stripe drops, refuses or loses what it is asked and what it tells, and MongoDB or Stripe is cut
off for a while. Then each period of each tenant has been billed once and charged once, each membership renewed once and
each period settled once, numbers have no gap, and our books hold what Stripe has.
"""

from __future__ import annotations

import asyncio
import multiprocessing
import random
import signal
import time
from collections import Counter
from collections.abc import Sequence
from multiprocessing.connection import wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import Any, Final

from msgspec import Struct
from pymongo import MongoClient

from storage.across import Across
from tests.drills.billing_steps import STEPS
from tests.drills.billing_town import Town, month_end, town_in
from tests.drills.billing_truth import complaints
from tests.drills.billing_worker import VERBS, Work, work
from tests.drills.verdict import Verdict
from tests.support.engines import engines
from tests.support.wire import Wire

SCHEDULERS: Final = 4
MONTHS: Final = 12
MOST_TIMES: Final = 2
LONGEST_SECONDS: Final = 1.5
AT_A_STEP: Final = 0.7
PATIENCE_SECONDS: Final = 2.0
LOOK_SECONDS: Final = 0.05
JOIN_SECONDS: Final = 90.0
LONGEST_TRANSACTION_SECONDS: Final = 2
SKIP_EVERY_SECONDS: Final = 0.5
SKIPPED_HOURS: Final = 9
MOST_SKIPS: Final = 60
NAME: Final = "billing_kill"
CUT: Final = ("", "MongoDB", "Stripe")
PRELOADED: Final = (
    # The main module is one of them, or each process would load all drills.
    "__main__",
    "tests.drills.billing_worker",
    # What the first question to Stripe would load in each of them.
    "anyio._backends._asyncio",
    "httpcore._async.http11",
    "httpcore._backends.auto",
    "stripe._balance_transaction",
    "stripe._checkout_service",
    "stripe._dispute_service",
    "stripe._event_service",
    "stripe._object_classes",
    "stripe._payment_intent_service",
    "stripe._refund_service",
    "stripe.checkout._session_service",
)
COLUMNS: Final = (
    "round",
    "killed",
    "at a step",
    "took over",
    "invoices",
    "charges",
    "renewals",
    "cut off",
    "faults",
    "complaints",
)


class Ended(Struct, frozen=True):
    """How many were killed, how many of them by a step of theirs, and how many ended in an error."""

    killed: int
    at_a_step: int
    failed: int


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill."""
    with engines() as (mongodb_uri, redis_url), MongoClient[dict[str, Any]](mongodb_uri) as client:
        # A transaction whose client was killed holds its documents for a minute; here it is seconds.
        client.admin.command({"setParameter": 1, "transactionLifetimeLimitSeconds": LONGEST_TRANSACTION_SECONDS})
        verdict, chance = Verdict("billing kill", COLUMNS), random.Random(seed)
        for first in range(1, rounds + 1, MONTHS):
            name = f"{NAME}_{first}"
            asyncio.run(
                _year(folder, (mongodb_uri, redis_url), name, range(first, rounds + 1)[:MONTHS], chance, verdict)
            )
            client.drop_database(name)
    verdict.hold(sum(int(str(row[1])) for row in verdict.rows) > 0, "nobody was killed")
    return verdict


async def _year(
    folder: Path, urls: tuple[str, str], name: str, rounds: range, chance: random.Random, verdict: Verdict
) -> None:
    async with town_in(folder, *urls, name) as town:
        for month, number in enumerate(rounds, start=1):
            await _round(
                town,
                Work(town.mongodb_uri, urls[1], name, town.stripe_url, month_end(month), None),
                (number, month),
                chance,
                verdict,
            )


async def _round(town: Town, given: Work, place: tuple[int, int], chance: random.Random, verdict: Verdict) -> None:
    number, month = place
    await town.use(month, chance)
    await town.come_to(given.now)
    faults = await town.stripe.be_unkind(chance)
    first = await asyncio.to_thread(_schedule, given, chance, lives=0)
    cut = CUT[number % len(CUT)]
    async with asyncio.TaskGroup() as group:
        if cut:
            group.create_task(_cut_off(town.wires[cut], chance.uniform(0.2, 1.5), chance.uniform(0.2, 1.5)))
        days = group.create_task(_days_go_by(town))
        then = await asyncio.to_thread(_schedule, given, chance, lives=1)
        days.cancel()
    await town.stripe.be_kind()
    found = await complaints(town, month, given.now)
    failed = first.failed + then.failed
    found += [f"{failed} schedulers failed"] if failed else []
    database = town.stage.database
    verdict.enter(
        number,
        first.killed + then.killed,
        first.at_a_step + then.at_a_step,
        await Across(database, "periods").count({"fence": {"$gt": 1}}),
        await Across(database, "invoices").count({"number": {"$type": "string"}}),
        await Across(database, "payments").count({"state": "succeeded"}),
        await Across(database, "purchases").count({"renewal": True, "state": "paid"}),
        cut or "-",
        faults,
        len(found),
    )
    verdict.broken += [f"round {number}: {complaint}" for complaint in found]


async def _days_go_by(town: Town) -> None:
    """For a day Stripe answers a key with the 500 that it answered first."""
    for _ in range(MOST_SKIPS):
        await asyncio.sleep(SKIP_EVERY_SECONDS)
        await town.skip(SKIPPED_HOURS * 3_600.0)


async def _cut_off(wire: Wire, after: float, seconds: float) -> None:
    await asyncio.sleep(after)
    await wire.cut()
    await asyncio.sleep(seconds)
    await wire.mend()


def _schedule(given: Work, chance: random.Random, *, lives: int) -> Ended:
    """Four at once, of which so many live."""
    processes = multiprocessing.get_context("forkserver")
    processes.set_forkserver_preload(list(PRELOADED))
    started: list[BaseProcess] = []
    moments: list[float] = []
    for place in range(SCHEDULERS):
        at_a_step = place >= lives and chance.random() < AT_A_STEP
        dies_at = (chance.choice(STEPS), chance.randint(1, MOST_TIMES)) if at_a_step else None
        told = Work(
            given.mongodb_uri, given.redis_url, given.database, given.stripe_url, given.now, dies_at,
            turn=chance.randrange(VERBS),
        )  # fmt: skip
        process = processes.Process(target=work, args=(told,))
        process.start()
        started.append(process)
        if place >= lives:
            moments.append(PATIENCE_SECONDS if at_a_step else chance.uniform(0.0, LONGEST_SECONDS))
    died_at_a_step = _end(started[:lives], dict(zip(started[lives:], moments, strict=True)))
    for each in started:
        each.join(JOIN_SECONDS)
    ends = Counter(each.exitcode for each in started if each.exitcode is not None)
    if ends.total() < SCHEDULERS:
        raise TimeoutError("a scheduler did not come to its end")
    return Ended(ends[-signal.SIGKILL], died_at_a_step, ends.total() - ends[-signal.SIGKILL] - ends[0])


def _end(living: Sequence[BaseProcess], doomed: dict[BaseProcess, float]) -> int:
    """Kills each after its seconds, or once those that live have nothing left to do; gives how many were faster."""
    begun, end, faster = time.monotonic(), time.monotonic() + JOIN_SECONDS, 0
    while doomed and time.monotonic() < end:
        running = [each for each in living if each.is_alive()]
        is_over = bool(living) and not running
        for each, seconds in list(doomed.items()):
            if not each.is_alive():
                faster += each.exitcode == -signal.SIGKILL
            elif is_over or time.monotonic() - begun >= seconds:
                each.kill()
            else:
                continue
            del doomed[each]
        wait([each.sentinel for each in (*running, *doomed)], timeout=LOOK_SECONDS)
    return faster
