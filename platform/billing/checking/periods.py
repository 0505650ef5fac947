"""The periods of one tenant: each billed once, none left out, and each where the contract's calendar has it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import pairwise

from billing.contracts.model import Contract
from billing.invoices.model import Invoice
from billing.periods.model import BilledPeriod

_STATES = {"issued": {"issued", "paid", "uncollectible"}, "free": {"void"}, "void": {"void"}, "drafted": {"draft"}}


def check_periods(contract: Contract, periods: Sequence[BilledPeriod], invoices: Sequence[Invoice]) -> list[str]:
    """What is wrong; `periods` in order."""
    by_n = {invoice.n: invoice for invoice in invoices if not invoice.of}
    found = [*_gaps(contract, periods), *_misplaced(contract, periods)]
    for period in periods:
        found += _check_bill(period, by_n)
    if contract.next_due != contract.closing_of(contract.next_n):
        found.append(f"contract: period {contract.next_n} is due {contract.next_due}, and should be at its end")
    known = {period.id for period in periods}
    found += [f"invoice {invoice.id}: nobody claimed its period" for n, invoice in by_n.items() if n not in known]
    return found


def _gaps(contract: Contract, periods: Sequence[BilledPeriod]) -> list[str]:
    found: list[str] = []
    for one, following in pairwise(periods):
        if following.id != one.id + 1:
            found.append(f"period {one.id + 1}: it was left out before period {following.id}")
        elif one.end < following.start:
            found.append(f"period {following.id}: there is a gap from {one.end} to {following.start}")
        elif one.end > following.start:
            found.append(f"period {following.id}: it overlaps the one before from {following.start} to {one.end}")
    closed = [period.id for period in periods if period.state != "claimed"]
    behind = contract.next_n - 1
    if closed and behind > closed[-1]:
        found.append(f"period {closed[-1] + 1}: the contract went on to period {contract.next_n} without it")
    # The last one may be drafted before the contract went on.
    if closed and closed[-1] > contract.next_n:
        found.append(f"period {closed[-1]}: it is billed, and the contract still is at period {contract.next_n}")
    return found


def _misplaced(contract: Contract, periods: Sequence[BilledPeriod]) -> list[str]:
    found: list[str] = []
    for period in periods:
        meant = contract.period(period.id)
        end = contract.closing_of(period.id) or meant.start
        if period.id < contract.next_n and (period.start, period.end) != (meant.start, end):
            found.append(f"period {period.id}: it was billed as {period.start} to {period.end}, and is not that")
    return found


def _check_bill(period: BilledPeriod, by_n: Mapping[int, Invoice]) -> list[str]:
    if period.state == "claimed":
        return []
    invoice = by_n.get(period.id)
    if invoice is None:
        return [f"period {period.id}: it is {period.state} and has no invoice"]
    found: list[str] = []
    if invoice.state not in _STATES[period.state]:
        found.append(f"period {period.id}: it is {period.state}, and its invoice {invoice.state}")
    if (invoice.start, invoice.end) != (period.start, period.end):
        found.append(f"period {period.id}: its invoice is of {invoice.start} to {invoice.end}")
    return found
