"""`make drill`: long rounds against real processes, each with a table of its figures and a verdict.

The seed that is printed repeats the rounds: `python -m tests.drills --seed N meter`.
"""

from __future__ import annotations

import argparse
import secrets
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from msgspec import Struct

from tests.drills import billing_kill, billing_years, contract, core_soak, docs_followed, engines_kill, meter_kill
from tests.drills.verdict import Verdict


class Drill(Struct, frozen=True):
    """`run(folder, rounds=, seed=)`, and how many rounds it has in full and as a sample."""

    run: Callable[..., Verdict]
    rounds: int
    sample: int


DRILLS = {
    "meter": Drill(meter_kill.run, rounds=30, sample=2),
    "engines": Drill(engines_kill.run, rounds=10, sample=2),
    "core": Drill(core_soak.run, rounds=5, sample=1),
    "billing": Drill(billing_kill.run, rounds=200, sample=3),
    "years": Drill(billing_years.run, rounds=100, sample=3),
    "docs": Drill(docs_followed.run, rounds=1, sample=1),
    "contract": Drill(contract.run, rounds=4, sample=1),
}


def main() -> int:
    """Run what is asked for; 1 when a bound was broken."""
    parser = argparse.ArgumentParser(prog="python -m tests.drills", description=__doc__)
    parser.add_argument("only", nargs="*", metavar="DRILL", help=f"run these alone: {', '.join(DRILLS)}")
    parser.add_argument("--sample", action="store_true", help="a few rounds of each")
    parser.add_argument("--rounds", type=int, help="this many rounds of each")
    parser.add_argument("--seed", type=int, help="repeat the rounds of an earlier run")
    arguments = parser.parse_args()
    unknown = set(arguments.only) - set(DRILLS)
    if unknown:
        parser.error(f"no drill is called {', '.join(sorted(unknown))}")
    seed = arguments.seed if arguments.seed is not None else secrets.randbits(32)
    verdicts: list[Verdict] = []
    for name in arguments.only or DRILLS:
        drill = DRILLS[name]
        verdicts.append(_run(drill, arguments.rounds or (drill.sample if arguments.sample else drill.rounds), seed))
    return 1 if any(verdict.broken for verdict in verdicts) else 0


def _run(drill: Drill, rounds: int, seed: int) -> Verdict:
    begun = time.monotonic()
    with tempfile.TemporaryDirectory(prefix="marquee-drill-", ignore_cleanup_errors=True) as folder:
        try:
            verdict = drill.run(Path(folder), rounds=rounds, seed=seed)
        except BaseException:
            print(f"failed with --seed {seed} --rounds {rounds}", flush=True)
            raise
    print(verdict.text())
    print(f"{rounds} rounds, {time.monotonic() - begun:.0f} s, --seed {seed}\n", flush=True)
    return verdict


if __name__ == "__main__":
    sys.exit(main())
