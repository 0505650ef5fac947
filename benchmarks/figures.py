"""A figure: a value, the baseline it was measured against in the same run, and whether it keeps its target."""

import statistics
from collections.abc import Awaitable, Callable

import msgspec


class Figure(msgspec.Struct, frozen=True):
    """`value` and `baseline` in `unit`; `ratio` is value / baseline; `holds` says whether ratio ≤ target."""

    name: str
    value: float
    unit: str
    baseline: float
    ratio: float
    target: float
    holds: bool
    how: str


def figure(name: str, value: float, baseline: float, ratio: float, *, unit: str, target: float, how: str) -> Figure:
    """A figure from medians; `ratio` is the median of paired ratios, not the ratio of medians."""
    return Figure(
        name=name,
        value=round(value, 4),
        unit=unit,
        baseline=round(baseline, 4),
        ratio=round(ratio, 4),
        target=target,
        holds=ratio <= target,
        how=how,
    )


async def interleaved(
    subject: Callable[[], Awaitable[float]], baseline: Callable[[], Awaitable[float]], *, rounds: int
) -> tuple[float, float, float]:
    """Run baseline and subject in turn, first in alternating order after one warm-up each.

    Gives (median subject, median baseline, median of the rounds' own ratios): a machine whose speed drifts
    moves both halves of a round alike.
    """
    await baseline()
    await subject()
    subjects: list[float] = []
    baselines: list[float] = []
    for turn in range(rounds):
        if turn % 2:
            subjects.append(await subject())
            baselines.append(await baseline())
        else:
            baselines.append(await baseline())
            subjects.append(await subject())
    ratios = [one / other for one, other in zip(subjects, baselines, strict=True)]
    return statistics.median(subjects), statistics.median(baselines), statistics.median(ratios)
