"""What may be voted: bounds that hold before anything is written."""

from __future__ import annotations

import math
from typing import Final

from content.intro.crowd import Vote
from content.model import IntroTimings

SHORTEST_SECONDS: Final = 3.0
LONGEST_SECONDS: Final = 600.0
LATEST_SECONDS: Final = 6 * 3600.0


class BadVote(ValueError):
    """The vote names no possible intro; the message says why."""


def read_vote(start: float, end: float, duration: float | None = None) -> Vote:
    """The vote, in tenths of seconds. `duration` bounds it where the player knows it. Raises BadVote."""
    numbers = [start, end] if duration is None else [start, end, duration]
    if not all(math.isfinite(number) for number in numbers):
        raise BadVote("start, end and duration are seconds")
    if start < 0 or end <= start:
        raise BadVote("an intro begins at 0 or later and ends after it began")
    if not SHORTEST_SECONDS <= round(end - start, 3) <= LONGEST_SECONDS:
        raise BadVote(f"an intro takes {SHORTEST_SECONDS:g} to {LONGEST_SECONDS:g} seconds")
    if end > LATEST_SECONDS or (duration is not None and end > duration):
        raise BadVote("the intro ends after the film")
    return Vote(round(start, 1), round(end, 1))


def imported_vote(timings: IntroTimings | None) -> Vote | None:
    """The votes that came with the title, all at one value; None where there are none that make sense."""
    if timings is None or timings.start is None or timings.end is None or (timings.votes or 0) < 1:
        return None
    try:
        vote = read_vote(timings.start, timings.end)
    except BadVote:
        return None
    return Vote(vote.start, vote.end, timings.votes or 0)
