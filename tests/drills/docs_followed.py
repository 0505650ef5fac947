"""The guide to billing is followed, command by command: each has to print what the page shows below it.

`python -m tests.docs docs/operations/billing.md` writes into the page what is printed now.
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from pathlib import Path

from tests.docs.following import at_a_terminal, followed
from tests.docs.pages import Command, moved_to, steps_of
from tests.drills.verdict import Verdict

PAGE = Path(__file__).parents[2] / "docs" / "operations" / "billing.md"
QUARTER_SECONDS = 900
LONGEST_SECONDS = 120


def run(folder: Path, *, rounds: int, seed: int) -> Verdict:
    """Follow the page from its top to its end, once a round. Nothing is left to chance but what is made up."""
    del seed
    verdict = Verdict("docs", ("commands", "seconds", "differ"))
    page = moved_to(PAGE.read_text(), datetime.now(UTC).date())
    commands = sum(isinstance(step, Command) for step in steps_of(page))
    for number in range(rounds):
        time.sleep(_until_undivided())
        place = folder / str(number)
        place.mkdir()
        begun = time.monotonic()
        with at_a_terminal(place) as terminal:
            differing = list(followed(page, terminal))
        verdict.enter(commands, time.monotonic() - begun, len(differing))
        for command, printed in differing:
            says = "\n".join(printed)
            verdict.hold(False, f"line {command.line}: {command.typed}\nprints\n{says}")
    return verdict


def _until_undivided() -> float:
    """Seconds to wait: a contract that is ended now ends with its quarter of an hour, which must not end meanwhile."""
    left = QUARTER_SECONDS - time.time() % QUARTER_SECONDS
    return left if left < LONGEST_SECONDS else 0.0
