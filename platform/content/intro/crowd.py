"""What a crowd of votes says: pure functions over weighted votes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Final

from msgspec import Struct

LEAST_VOTES: Final = 3
"""Fewer votes that agree with each other are nobody's crowd: nothing is skipped for others yet."""

_SCALE: Final = 1.4826
_REACH: Final = 3.0
_LEAST_SPREAD_SECONDS: Final = 2.0


class Vote(Struct, frozen=True):
    """`weight` viewers say that the intro runs from `start` to `end`, in seconds."""

    start: float
    end: float
    weight: int = 1


class Timing(Struct, frozen=True):
    """What the crowd says, and how many votes it rests on: those that agree with it."""

    start: float
    end: float
    votes: int

    @property
    def is_settled(self) -> bool:
        """Whether enough of the crowd agree for others to be offered a skip."""
        return self.votes >= LEAST_VOTES


def timing_of(votes: Iterable[Vote]) -> Timing | None:
    """The medians of start and end over the votes that are no outliers; None without votes.

    An outlier lies further from the median than three times the scaled median absolute deviation (the robust twin of
    the standard deviation; at least two seconds of it, so that a crowd of one mind tolerates a late hand).
    """
    cast = [vote for vote in votes if vote.weight > 0]
    if not cast:
        return None
    kept = [vote for vote, near in zip(cast, _near(cast), strict=True) if near] or cast
    return Timing(
        start=round(_median([(vote.start, vote.weight) for vote in kept]), 1),
        end=round(_median([(vote.end, vote.weight) for vote in kept]), 1),
        votes=sum(vote.weight for vote in kept),
    )


def _near(votes: Sequence[Vote]) -> list[bool]:
    starts = _within([(vote.start, vote.weight) for vote in votes])
    ends = _within([(vote.end, vote.weight) for vote in votes])
    return [start and end for start, end in zip(starts, ends, strict=True)]


def _within(values: Sequence[tuple[float, int]]) -> list[bool]:
    middle = _median(values)
    spread = _SCALE * _median([(abs(value - middle), weight) for value, weight in values])
    reach = _REACH * max(spread, _LEAST_SPREAD_SECONDS)
    return [abs(value - middle) <= reach for value, _ in values]


def _median(values: Sequence[tuple[float, int]]) -> float:
    """The weighted median: the mean of the two middle values where their number is even."""
    ordered = sorted(values)
    total = sum(weight for _, weight in ordered)
    return (_ranked(ordered, (total - 1) // 2) + _ranked(ordered, total // 2)) / 2


def _ranked(ordered: Sequence[tuple[float, int]], rank: int) -> float:
    passed = 0
    for value, weight in ordered:
        passed += weight
        if passed > rank:
            return value
    raise IndexError(rank)
