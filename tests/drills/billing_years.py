"""Many lives of billing: the machine of tests/billing/periods/years.py, with more lives and longer ones."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import hypothesis
from hypothesis import HealthCheck, settings
from hypothesis.stateful import run_state_machine_as_test
from pymongo import MongoClient

from runtime.schema import INDEXES
from storage.indexes import build_indexes
from storage.mongo import Database
from tests.billing.periods.test_years import years_on
from tests.drills.verdict import Verdict
from tests.support.engines import engines

STEPS: Final = 40
NAME: Final = "billing_years"


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill; a round is a life."""
    del folder
    verdict = Verdict("billing years", ("lives", "steps", "complaints"))
    with engines() as (mongodb_uri, redis_url), MongoClient[dict[str, Any]](mongodb_uri) as cleaner:
        asyncio.run(_prepare(mongodb_uri))
        lives = settings(
            max_examples=rounds,
            stateful_step_count=STEPS,
            deadline=None,
            database=None,
            suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
        )
        machine = hypothesis.seed(seed)(years_on(mongodb_uri, redis_url, NAME, cleaner))
        try:
            run_state_machine_as_test(machine, settings=lives)
        except AssertionError as error:
            verdict.broken.append(str(error))
        verdict.enter(rounds, STEPS, len(verdict.broken))
    return verdict


async def _prepare(mongodb_uri: str) -> None:
    database = await Database.connect(mongodb_uri, NAME)
    try:
        await build_indexes(database, INDEXES)
    finally:
        await database.close()
