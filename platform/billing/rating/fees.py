"""What is charged for time: the base, add-ons and the capacity tier, each by the seconds that it was held."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime

from msgspec import Struct

from billing.calendar import Period
from billing.money import share, split
from billing.rating.model import Line, LineKind
from billing.rating.spans import Stretch
from billing.rating.terms import Priced, Terms


class _Run(Struct):
    """A thing held at one price without a change in between; `place` is that of its last stretch."""

    held: Priced
    params: dict[str, str | int]
    place: int
    start: datetime
    end: datetime
    seconds: int


def fees(stretches: Sequence[Stretch], period: Period) -> list[Line]:
    """The lines of all that is charged by time."""
    names = sorted({each.key for stretch in stretches for each in stretch.terms.addons})
    return [
        *base_fees(stretches, period),
        *(line for name in names for line in _lines("addon", _runs(stretches, _addon(name)), period)),
        *_lines("capacity", _runs(stretches, _tier), period),
    ]


def base_fees(stretches: Sequence[Stretch], period: Period) -> list[Line]:
    """The lines of the base price alone: what an advance is of."""
    return _lines("base", _runs(stretches, _base), period)


def _lines(kind: LineKind, runs: Sequence[_Run], period: Period) -> list[Line]:
    """A line a run. Their sum is rounded once, and the lines are parted from it."""
    if not runs:
        return []
    weights = [run.held.quantity * run.held.price * run.seconds for run in runs]
    amounts = split(share(sum(weights), 1, period.seconds), weights)
    return [
        Line(
            kind=kind,
            params={**run.params, "seconds": run.seconds, "of_seconds": period.seconds},
            quantity=run.held.quantity,
            unit_amount=run.held.price,
            amount=amount,
            start=run.start,
            end=run.end,
        )
        for run, amount in zip(runs, amounts, strict=True)
        if amount
    ]


def _runs(stretches: Iterable[Stretch], held_in: Callable[[Terms], Iterable[tuple[Priced, str]]]) -> list[_Run]:
    runs: list[_Run] = []
    for place, stretch in enumerate(stretches):
        for held, name in held_in(stretch.terms):
            last = runs[-1] if runs else None
            if last is not None and last.held == held and last.place == place - 1:
                last.place, last.end, last.seconds = place, stretch.end, last.seconds + stretch.seconds
            else:
                params: dict[str, str | int] = {"key": held.key, "name": name}
                runs.append(_Run(held, params, place, stretch.start, stretch.end, stretch.seconds))
    return runs


def _base(terms: Terms) -> Iterable[tuple[Priced, str]]:
    yield Priced(terms.plan, 1, terms.base), terms.name


def _tier(terms: Terms) -> Iterable[tuple[Priced, str]]:
    if terms.capacity is not None:
        yield terms.capacity, terms.capacity.key


def _addon(name: str) -> Callable[[Terms], Iterable[tuple[Priced, str]]]:
    return lambda terms: ((each, each.key) for each in terms.addons if each.key == name)
