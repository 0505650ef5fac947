"""What one period of a contract comes to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from billing.calendar import Period
from billing.contracts.model import BadTerms, Contract, Coupon
from billing.money import share
from billing.plans.model import Plan
from billing.rating.bandwidth import bandwidth, late_bandwidth
from billing.rating.fees import base_fees, fees
from billing.rating.model import Late, Line, Rated, Span
from billing.rating.shares import minimum, shares
from billing.rating.spans import last_terms, stretches_of
from billing.rating.tax import tax_on

_MOST: Final = 10**15
"""Minor units; exact in whatever adds them up, and far beyond what anybody owes."""


def charges(
    contract: Contract,
    plans: Mapping[str, Plan],
    period: Period,
    *,
    holds: Sequence[Span] = (),
    usage_bytes: int = 0,
    late: Sequence[Late] = (),
    revenue: int = 0,
    advanced: int = 0,
) -> Rated:
    """The bill of a whole period of the contract. Raises BadTerms for a plan that is missing or sells no such thing.

    `plans` by reference; `holds` are the spans that stop fees, of this period and of those that `late` speaks of.
    `usage_bytes` and `revenue` are those of `metered(contract, period)`, `advanced` is the last bill's `advance`.
    Without one no bill is negative.
    """
    stretches = stretches_of(contract, plans, period, holds)
    shared = shares(stretches, period, revenue)
    owed = [
        *fees(stretches, period),
        *bandwidth(stretches, period, usage_bytes),
        *minimum(stretches, period, sum(line.amount for line in shared)),
        *late_bandwidth(contract, plans, holds, late),
    ]
    discounts = _discounts(owed, contract.coupon_of(period.n), period)
    carried = [*_advanced(advanced, period), *_advance(contract, plans, period)]
    subtotal = sum(line.amount for line in (*owed, *carried))
    discount = -sum(line.amount for line in discounts)
    tax = tax_on(subtotal - discount, contract.tax)
    _refuse_unbookable((*owed, *carried, *shared), tax)
    return Rated(
        lines=(*owed, *discounts, *carried),
        share=tuple(shared),
        subtotal=subtotal,
        discount=discount,
        tax=tax,
        total=subtotal - discount + (0 if contract.tax.inclusive else tax),
        advance=sum(line.amount for line in carried if line.kind == "advance"),
        counted_seconds=sum(each.seconds for each in stretches),
        period_seconds=period.seconds,
    )


def share_after(contract: Contract, plans: Mapping[str, Plan], period: Period, revenue: int) -> tuple[Line, ...]:
    """The share of revenue that moved while the contract had ended: by the terms at its end. Raises BadTerms."""
    last = last_terms(contract, plans, period)
    shared = tuple(shares([last], period, revenue)) if last is not None else ()
    _refuse_unbookable(shared, 0)
    return shared


def _refuse_unbookable(lines: Sequence[Line], tax: int) -> None:
    """Whoever's figures are impossible is told of, and is in nobody's way."""
    most = sum(abs(line.amount) for line in lines) + abs(tax)
    if most > _MOST:
        raise BadTerms(f"it comes to {most}, which no ledger holds: the usage or a price is wrong")


def _discounts(owed: Sequence[Line], coupon: Coupon | None, period: Period) -> list[Line]:
    less = _less(sum(line.amount for line in owed), coupon)
    if coupon is None or less == 0:
        return []
    params: dict[str, str | int] = {"code": coupon.code}
    if coupon.percent_bps is not None:
        params["percent_bps"] = coupon.percent_bps
    return [Line(kind="discount", params=params, amount=-less, start=period.start, end=period.end)]


def _less(amount: int, coupon: Coupon | None) -> int:
    if coupon is None:
        return 0
    if coupon.percent_bps is not None:
        return share(amount, coupon.percent_bps, 10_000)
    return min(amount, coupon.amount or 0)


def _advanced(advanced: int, period: Period) -> list[Line]:
    if advanced == 0:
        return []
    return [Line(kind="advanced", amount=-advanced, start=period.start, end=period.end)]


def _advance(contract: Contract, plans: Mapping[str, Plan], period: Period) -> list[Line]:
    """The next period's base, less its coupon, where the plan that it starts with is paid in advance."""
    phase = contract.phase_at(period.end)
    plan = None if phase is None else plans.get(phase.plan)
    if plan is None or not plan.advance:
        return []
    following = contract.period(period.n + 1)
    ahead = stretches_of(contract, plans, following, ())
    base = sum(line.amount for line in base_fees(ahead, following))
    less = _less(base, contract.coupon_of(following.n))
    if base == less:
        return []
    params: dict[str, str | int] = {"key": plan.ref, "name": plan.name, "discount": less}
    return [Line(kind="advance", params=params, amount=base - less, start=following.start, end=following.end)]
