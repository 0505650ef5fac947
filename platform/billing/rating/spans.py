"""Which time counts: a period without what lies before the contract, in its trial, behind its end, or under a hold.

All reckoning is in whole epoch seconds, so that parts of a period add up to it exactly.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from billing.calendar import Period
from billing.contracts.model import BadTerms, Contract, Phase
from billing.plans.model import Plan
from billing.rating.model import Span
from billing.rating.terms import Terms, terms_of
from tenancy.model import Tenant

_EPOCH: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - naive datetimes mean UTC here
_SECOND: Final = timedelta(seconds=1)
_STOPPING: Final = frozenset({"billing", "legal"})

Seconds = tuple[int, int]


class Stretch(Struct, frozen=True):
    """Where in a period the same terms held, from its first to its last second that counts; `seconds` are those."""

    terms: Terms
    start: datetime
    end: datetime
    seconds: int


def holds_within(tenant: Tenant, start: datetime, end: datetime) -> tuple[Span, ...]:
    """The spans under a hold that stops fees, cut to `[start, end)`; an open one reaches to `end`. They may overlap."""
    past = [Span(hold.since, hold.until) for hold in tenant.past_holds if hold.kind in _STOPPING]
    present = [Span(hold.since, end) for hold in tenant.holds if hold.kind in _STOPPING]
    cut = [Span(max(span.start, start), min(span.end, end)) for span in (*past, *present)]
    return tuple(sorted((span for span in cut if span.start < span.end), key=lambda span: (span.start, span.end)))


def metered(contract: Contract, period: Period) -> Span | None:
    """Of which time usage and revenue count for the period: from the trial's end to the contract's; None: of none."""
    start, end = _bounds(contract, period)
    return Span(start, end) if start < end else None


def stretches_of(contract: Contract, plans: Mapping[str, Plan], period: Period, holds: Sequence[Span]) -> list[Stretch]:
    """The parts of the period that count at all, in order. Raises BadTerms."""
    first, last = _bounds(contract, period)
    counted = _without((_second(first), _second(last)), holds)
    ends = [*(phase.since for phase in contract.phases[1:]), last]
    found: list[Stretch] = []
    for phase, until in zip(contract.phases, ends, strict=True):
        parts = _common(counted, (_second(max(first, phase.since)), _second(min(last, until))))
        if not parts:
            continue
        seconds = sum(end - start for start, end in parts)
        found.append(Stretch(_terms(phase, plans), _moment(parts[0][0]), _moment(parts[-1][1]), seconds))
    return _joined(found)


def last_terms(contract: Contract, plans: Mapping[str, Plan], period: Period) -> Stretch | None:
    """The terms that held last, as if they went on through the period. Raises BadTerms."""
    phase = contract.last_phase(period.n)
    if phase is None:
        return None
    return Stretch(_terms(phase, plans), period.start, period.end, period.seconds)


def _terms(phase: Phase, plans: Mapping[str, Plan]) -> Terms:
    plan = plans.get(phase.plan)
    if plan is None:
        raise BadTerms(f"there is no plan {phase.plan}")
    return terms_of(phase, plan)


def _bounds(contract: Contract, period: Period) -> tuple[datetime, datetime]:
    if contract.absence(period.n) is not None:
        return period.end, period.end
    start = max(period.start, contract.counts_since)
    ends_at = contract.end_of(period.n)
    return start, period.end if ends_at is None else min(period.end, ends_at)


def _joined(stretches: list[Stretch]) -> list[Stretch]:
    """Neighbours of the same terms as one: a change that changes nothing leaves no trace."""
    joined: list[Stretch] = []
    for each in stretches:
        if joined and joined[-1].terms == each.terms:
            last = joined.pop()
            each = Stretch(each.terms, last.start, each.end, last.seconds + each.seconds)
        joined.append(each)
    return joined


def _without(whole: Seconds, holds: Sequence[Span]) -> list[Seconds]:
    """What is left of the whole outside of the holds, whose overlaps count once."""
    start, end = whole
    held = sorted((max(_second(span.start), start), min(_second(span.end), end)) for span in holds)
    left: list[Seconds] = []
    free_from = start
    for since, until in held:
        if since >= until:
            continue
        if since > free_from:
            left.append((free_from, since))
        free_from = max(free_from, until)
    if free_from < end:
        left.append((free_from, end))
    return left


def _common(parts: Iterable[Seconds], within: Seconds) -> list[Seconds]:
    cut = ((max(start, within[0]), min(end, within[1])) for start, end in parts)
    return [(start, end) for start, end in cut if start < end]


def _second(instant: datetime) -> int:
    return (instant - _EPOCH) // _SECOND


def _moment(second: int) -> datetime:
    return _EPOCH + second * _SECOND
