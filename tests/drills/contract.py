"""The whole contract of the JSON API: every operation, by every kind of visitor of two sites, and every oddity.

What is tried comes from schemathesis (coverage, fuzzing, sequences of calls) and from tests/journeys/oddities.py. An
answer that the API's description does not declare, a server error, and a word of the other site break it.
"""

from __future__ import annotations

import asyncio
from itertools import islice
from pathlib import Path
from typing import Final

from tests.drills.verdict import Verdict
from tests.journeys.contract_sites import MARKS, VISITORS, Sites, listening_sites
from tests.journeys.contracting import Effort, hold_contract
from tests.journeys.description import faults_of, gaps_of, operations_of
from tests.journeys.oddities import oddities, send_odd
from tests.support.engines import engines

LEAST_CASES: Final = 1_000
"""Of schemathesis in each round, oddities apart: four rounds make up the whole."""
EXAMPLES: Final = 4
SEQUENCES: Final = 3
VISITS: Final = len(VISITORS) * len(MARKS)


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """The whole drill, in an empty folder."""
    with engines() as (mongodb_uri, redis_url):
        return asyncio.run(_run(folder, mongodb_uri, redis_url, rounds=rounds, seed=seed))


async def _run(folder: Path, mongodb_uri: str, redis_url: str, *, rounds: int, seed: int) -> Verdict:
    verdict = Verdict("contract", ("round", "coverage", "fuzzing", "stateful", "odd", "complaints"))
    for number in range(rounds):
        async with listening_sites(folder / str(number), mongodb_uri, redis_url, f"contract_{number}") as sites:
            await _round(sites, number, seed + VISITS * number, verdict)
    return verdict


async def _round(sites: Sites, number: int, seed: int, verdict: Verdict) -> None:
    """Every operation by one kind of visitor, and a part of the oddities by one of them, each time by the next."""
    effort = Effort(examples=EXAMPLES, sequences=SEQUENCES, share=VISITS, turn=len(MARKS) * number)
    found = await hold_contract(sites, effort, seed=seed)
    place = number % len(VISITORS)
    visitor = await asyncio.to_thread(sites.headers, MARKS[0], VISITORS[place])
    odd = await send_odd(sites, islice(oddities(sites, MARKS[0], visitor), place, None, len(VISITORS)))
    complaints = [*faults_of(sites.document), *gaps_of(sites.document), *odd.broken]
    complaints += [f"{what}: {shown}" for what, shown in found.broken.items()]
    phases = [found.cases[name] for name in ("coverage", "fuzzing", "stateful")]
    verdict.enter(number + 1, *phases, odd.cases, len(complaints))
    verdict.broken += [f"round {number + 1}: {complaint}" for complaint in complaints]
    verdict.hold(found.total >= LEAST_CASES, f"round {number + 1}: {found.total} of {LEAST_CASES} cases")
    missed = set(operations_of(sites.document)) - found.operations
    verdict.hold(not missed, f"round {number + 1}: nobody tried {', '.join(sorted(missed))}")
    statuses = ", ".join(f"{count} of {status}" for status, count in found.statuses.most_common())
    verdict.notes.append(f"Round {number + 1} was answered {statuses}")
