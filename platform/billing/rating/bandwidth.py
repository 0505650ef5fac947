"""What is charged for bytes sent beyond those that a plan includes.

A GB is 10^9 bytes and each one begun is charged, once for the whole period. What is included is so much of the plan's
figure as time counts, rounded up to the byte. Where several prices held, their mean by time is charged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct

from billing.calendar import Period
from billing.contracts.model import Contract
from billing.money import share
from billing.plans.model import Plan
from billing.rating.model import Late, Line, Span
from billing.rating.spans import Stretch, stretches_of

_GB: Final = 10**9


class _Overage(Struct, frozen=True):
    """GB begun beyond the included bytes, and their price; `unit_amount` is None for a mean of several."""

    gb: int
    amount: int
    unit_amount: int | None
    included_bytes: int


def bandwidth(stretches: Sequence[Stretch], period: Period, usage_bytes: int) -> list[Line]:
    """The period's own bytes: one line, or none where nothing is owed."""
    over = _overage(stretches, period, usage_bytes)
    if over.amount == 0:
        return []
    return [
        Line(
            kind="bandwidth",
            params={"used_bytes": usage_bytes, "included_bytes": over.included_bytes},
            quantity=over.gb,
            unit_amount=over.unit_amount,
            amount=over.amount,
            start=period.start,
            end=period.end,
        )
    ]


def late_bandwidth(
    contract: Contract, plans: Mapping[str, Plan], holds: Sequence[Span], late: Sequence[Late]
) -> list[Line]:
    """Bytes that came after their period was closed: what they add to it, as if they had been in time."""
    lines: list[Line] = []
    for each in late:
        period = contract.period(each.n)
        stretches = stretches_of(contract, plans, period, holds)
        billed = _overage(stretches, period, each.billed_bytes)
        whole = _overage(stretches, period, each.billed_bytes + each.size_bytes)
        if whole.amount != billed.amount:
            lines.append(
                Line(
                    kind="late",
                    params={"n": each.n, "used_bytes": each.size_bytes, "included_bytes": whole.included_bytes},
                    quantity=whole.gb - billed.gb,
                    unit_amount=whole.unit_amount,
                    amount=whole.amount - billed.amount,
                    start=period.start,
                    end=period.end,
                )
            )
    return lines


def _overage(stretches: Sequence[Stretch], period: Period, usage_bytes: int) -> _Overage:
    counted = sum(each.seconds for each in stretches)
    if counted == 0:
        return _Overage(0, 0, None, 0)
    included = -(-sum(each.terms.included_gb * _GB * each.seconds for each in stretches) // period.seconds)
    gb = -(-max(0, usage_bytes - included) // _GB)
    prices = {each.terms.overage_per_gb for each in stretches}
    weighed = sum(each.terms.overage_per_gb * each.seconds for each in stretches)
    return _Overage(gb, share(gb * weighed, 1, counted), prices.pop() if len(prices) == 1 else None, included)
