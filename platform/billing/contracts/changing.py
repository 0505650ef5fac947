"""How a contract changes: pure decisions that give the contract as it is afterwards.

Nothing before the period that is open now changes: it may be billed already.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

import msgspec
from msgspec import Struct

from billing.calendar import local_day
from billing.contracts.beginning import quarter_of
from billing.contracts.checking import check_coupon
from billing.contracts.model import BadTerms, Contract, Coupon, Phase, Rhythm
from billing.plans.model import Plan
from billing.rating.terms import terms_of


class Change(Struct, frozen=True, kw_only=True):
    """Other terms; None leaves what is. `addons` and `override` come whole."""

    plan: str | None = None
    addons: dict[str, int] | None = None
    capacity: int | None = None
    override: dict[str, int] | None = None


def changed(
    contract: Contract, plans: Mapping[str, Plan], change: Change, *, at: datetime | None, now: datetime
) -> Contract:
    """Other terms from `at` on, by default from now. Raises BadTerms.

    A plan of another kind or rhythm, or one paid otherwise in advance, begins with the next period. What was planned
    for later is withdrawn: the last word counts.
    """
    _refuse_ended(contract, now)
    asked = since = max(_asked(contract, at, now), contract.phases[0].since)
    kept = msgspec.structs.replace(contract, rhythms=tuple(each for each in contract.rhythms if each.anchor <= since))
    present = [each for each in contract.phases if each.since <= asked][-1]
    before, plan = _plan(plans, present.plan), _plan(plans, change.plan or present.plan)
    if plan.currency != contract.currency:
        raise BadTerms(f"{plan.ref} is in {plan.currency}, and the contract in {contract.currency}")
    if _manner(before) != _manner(plan):
        n = kept.index_at(since) + 1
        since = kept.period(n).start
        if (before.unit, before.every) != (plan.unit, plan.every):
            kept = _in_rhythm(kept, plan, n)
    if contract.ends_at is not None and contract.ends_at <= since:
        raise BadTerms("the contract ends before")
    phase = _phase(present, change, since)
    terms_of(phase, plan)
    phases = (*(each for each in contract.phases if each.since <= asked and each.since < since), phase)
    return due_again(msgspec.structs.replace(kept, phases=_without_repeats(phases)))


def cancelled(contract: Contract, *, at_period_end: bool, now: datetime) -> Contract:
    """The contract with its end: that of the open period, or of the quarter of an hour that has begun.

    Before its first period it ends without having begun. An earlier end stands.
    """
    first = contract.phases[0].since
    if now < first:
        ends_at = first
    elif at_period_end:
        ends_at = contract.period(contract.index_at(now)).end
    else:
        ends_at = quarter_of(now) + timedelta(minutes=15)
    if contract.ends_at is not None and contract.ends_at <= ends_at:
        return contract
    return due_again(msgspec.structs.replace(contract, ends_at=ends_at, hold_due=ends_at))


def kept_on(contract: Contract, *, now: datetime) -> Contract:
    """The contract without the end that it was to have. Raises BadTerms once it has ended."""
    _refuse_ended(contract, now)
    return due_again(msgspec.structs.replace(contract, ends_at=None, hold_due=None))


def with_coupon(contract: Contract, coupon: Coupon | None, *, now: datetime) -> Contract:
    """A coupon from the open period on at the earliest, in the place of another; None takes that away.

    What is over keeps the coupon that it had, also while its bill is not drafted yet. Raises BadTerms.
    """
    _refuse_ended(contract, now)
    first = max(contract.next_n, contract.index_at(now))
    if coupon is not None:
        check_coupon(coupon)
        coupon = msgspec.structs.replace(coupon, since_n=max(coupon.since_n, first))
    return replaced_coupon(contract, coupon, first if coupon is None else coupon.since_n)


def replaced_coupon(contract: Contract, coupon: Coupon | None, first: int) -> Contract:
    """The coupon in the place of those before, which keep the periods before `first`."""
    before = (*contract.past_coupons, *(() if contract.coupon is None else (contract.coupon,)))
    past = tuple(_cut(each, first) for each in before if each.since_n < first)
    return msgspec.structs.replace(contract, coupon=coupon, past_coupons=past)


def with_trial(contract: Contract, plans: Mapping[str, Plan], until: datetime, *, now: datetime) -> Contract:
    """A trial up to `until`, cut to the quarter of an hour. Raises BadTerms where it would reach what is billed."""
    _refuse_ended(contract, now)
    start = contract.period(contract.index_at(now)).start
    if _plan(plans, contract.phases[-1].plan).advance:
        raise BadTerms("a plan paid in advance has its trial before its first period")
    if contract.trial_until is not None and contract.trial_until < start:
        raise BadTerms("the trial is over and what came after it may be billed; give a coupon instead")
    if until < start or (contract.trial_until is None and contract.phases[0].since < start):
        raise BadTerms("what came before the open period may be billed; give a coupon instead")
    return msgspec.structs.replace(contract, trial_until=quarter_of(until))


def due_again(contract: Contract) -> Contract:
    """The contract with what follows from its terms: when the next period is to be closed."""
    return msgspec.structs.replace(contract, next_due=contract.closing_of(contract.next_n))


def _refuse_ended(contract: Contract, now: datetime) -> None:
    if contract.has_ended(now):
        raise BadTerms(f"the contract ended {contract.ends_at} UTC; `begin PLAN` begins it again")


def _cut(coupon: Coupon, first: int) -> Coupon:
    kept = first - coupon.since_n
    return msgspec.structs.replace(coupon, periods=min(kept, coupon.periods or kept))


def _asked(contract: Contract, at: datetime | None, now: datetime) -> datetime:
    since = (at or now).replace(microsecond=0)
    open_since = contract.period(contract.index_at(now)).start
    if since < open_since:
        raise BadTerms(f"{since}: before the open period, which began {open_since} UTC")
    return since


def _plan(plans: Mapping[str, Plan], ref: str) -> Plan:
    if ref not in plans:
        raise BadTerms(f"there is no plan {ref}; there are {', '.join(sorted(plans)) or 'none'}")
    return plans[ref]


def _manner(plan: Plan) -> tuple[object, ...]:
    return plan.kind, plan.unit, plan.every, plan.advance


def _in_rhythm(contract: Contract, plan: Plan, n: int) -> Contract:
    """Period `n` and those after it in the plan's rhythm, on the day of the month that the contract keeps to."""
    last: Contract | Rhythm = contract.rhythms[-1] if contract.rhythms else contract
    day = last.anchor_day
    if day is None and last.unit in {"month", "year"}:
        day = local_day(last.anchor, contract.zone)
    rhythm = Rhythm(
        first_n=n,
        anchor=contract.period(n).start,
        unit=plan.unit,
        every=plan.every,
        anchor_day=day if plan.unit in {"month", "year"} else None,
    )
    earlier = (each for each in contract.rhythms if each.first_n < n)
    return msgspec.structs.replace(contract, rhythms=(*earlier, rhythm))


def _phase(present: Phase, change: Change, since: datetime) -> Phase:
    return Phase(
        since=since,
        plan=change.plan or present.plan,
        addons=present.addons if change.addons is None else change.addons,
        capacity=present.capacity if change.capacity is None else change.capacity,
        override=present.override if change.override is None else change.override,
    )


def _without_repeats(phases: tuple[Phase, ...]) -> tuple[Phase, ...]:
    """Without a last phase that says what the one before it says."""
    if len(phases) > 1 and msgspec.structs.replace(phases[-1], since=phases[-2].since) == phases[-2]:
        return phases[:-1]
    return phases
