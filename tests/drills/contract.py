"""The whole contract of the JSON API: every operation, by every kind of visitor of two sites, and every oddity.

What is tried comes from schemathesis (coverage, fuzzing, sequences of calls) and from tests/journeys/oddities.py. An
answer that the API's description does not declare, a server error, and a word of the other site break it.
"""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

from tests.drills.verdict import Verdict
from tests.journeys.contract_sites import MARKS, VISITORS, listening_sites
from tests.journeys.contracting import Effort, hold_contract
from tests.journeys.description import faults_of, gaps_of, operations_of
from tests.journeys.oddities import oddities, send_odd
from tests.support.engines import engines

LEAST_CASES: Final = 4_000
"""Of schemathesis in each round, oddities apart."""
EFFORT: Final = Effort(examples=6, sequences=6, share=2)
"""Each operation is tried by every kind of visitor, on one of the sites each."""


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill, in an empty folder."""
    with engines() as (mongodb_uri, redis_url):
        return asyncio.run(_run(folder, mongodb_uri, redis_url, rounds=rounds, seed=seed))


async def _run(folder: Path, mongodb_uri: str, redis_url: str, *, rounds: int, seed: int) -> Verdict:
    verdict = Verdict("contract", ("round", "coverage", "fuzzing", "stateful", "odd", "complaints"))
    for number in range(rounds):
        async with listening_sites(folder / str(number), mongodb_uri, redis_url, f"contract_{number}") as sites:
            verdict.broken += [*faults_of(sites.document), *gaps_of(sites.document)]
            found = await hold_contract(sites, EFFORT, seed=seed + 100 * number)
            odd = [
                await send_odd(
                    sites, oddities(sites, MARKS[0], await asyncio.to_thread(sites.headers, MARKS[0], visitor))
                )
                for visitor in VISITORS
            ]
            complaints = [f"{what}: {shown}" for what, shown in found.broken.items()]
            complaints += [complaint for each in odd for complaint in each.broken]
            phases = [found.cases[name] for name in ("coverage", "fuzzing", "stateful")]
            verdict.enter(number + 1, *phases, sum(each.cases for each in odd), len(complaints))
            verdict.broken += [f"round {number + 1}: {complaint}" for complaint in complaints]
            verdict.hold(found.total >= LEAST_CASES, f"round {number + 1}: {found.total} of {LEAST_CASES} cases")
            tried = len(found.operations)
            verdict.hold(tried == len(operations_of(sites.document)), f"round {number + 1}: {tried} operations tried")
            statuses = ", ".join(f"{count} of {status}" for status, count in found.statuses.most_common())
            verdict.notes.append(f"Round {number + 1} was answered {statuses}")
    return verdict
