"""How a contract that has ended begins again: pure, as its beginning is.

Periods are numbered on. The time between is a period by itself that costs nothing: its bill, made where the new time
begins, has what came late for the time before, and the first advance of a plan that is paid in advance.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

from billing.contracts.beginning import Opening, first_phase, quarter_of
from billing.contracts.changing import due_again, replaced_coupon
from billing.contracts.model import Away, BadTerms, Contract, Rhythm
from billing.plans.model import Plan
from billing.rating.terms import terms_of
from tenancy.model import Tenant


def begun_again(contract: Contract, tenant: Tenant, plan: Plan, opening: Opening, now: datetime) -> Contract:
    """The contract on new terms from now, or from the opening's anchor, on; one that has not ended stays as it is.

    Tax, payment and whom bills are written to stay, and so does the zone. Raises BadTerms.
    """
    if contract.ends_at is None or not contract.has_ended(now):
        return contract
    _refuse_first_times(contract, tenant, plan, opening)
    closed = _closed(contract, now)
    left_at = closed[-1].until if closed else contract.ends_at
    until = _beginning(tenant, opening, contract.ends_at, left_at, now)
    n = _first_free(contract) + len(closed)
    kept = tuple(each for each in contract.rhythms if each.first_n < _first_free(contract))
    rhythm = Rhythm(first_n=n + 1, anchor=until, unit=plan.unit, every=plan.every, anchor_day=opening.anchor_day)
    phase = first_phase(tenant, plan, opening, until)
    terms_of(phase, plan)
    coupon = None if opening.coupon is None else msgspec.structs.replace(opening.coupon, since_n=n + 1)
    after = msgspec.structs.replace(
        replaced_coupon(contract, coupon, n + 1),
        phases=(*(each for each in contract.phases if each.since < contract.ends_at), phase),
        rhythms=(*kept, rhythm),
        away=(*contract.away, *closed, Away(n=n, since=left_at, until=until)),
        afterwards=(),
        trial_until=None if contract.trial_until is None else min(contract.trial_until, contract.ends_at),
        ends_at=None,
        hold_due=now,
    )
    return due_again(after)


def _refuse_first_times(contract: Contract, tenant: Tenant, plan: Plan, opening: Opening) -> None:
    for currency in (plan.currency, tenant.currency):
        if currency != contract.currency:
            raise BadTerms(f"the contract's books are in {contract.currency}, and it cannot begin again in {currency}")
    if opening.zone is not None and opening.zone != contract.zone:
        raise BadTerms(f"the contract's periods are in {contract.zone}, and it cannot begin again in {opening.zone}")
    if opening.from_n is not None:
        raise BadTerms("from_n: a contract that begins again goes on with its next number")
    if opening.trial_days:
        raise BadTerms("a trial is given once; give a coupon instead")


def _closed(contract: Contract, now: datetime) -> tuple[Away, ...]:
    """The times after the end whose bills are made, or due."""
    after = contract.aftermath
    is_open = after is None or (now < after.until and contract.next_n <= after.n)
    return () if after is None or is_open else (after, *contract.afterwards)


def _first_free(contract: Contract) -> int:
    """The number behind those of the time that was billed."""
    return contract.next_n if contract.aftermath is None else contract.aftermath.n


def _beginning(tenant: Tenant, opening: Opening, ended: datetime, least: datetime, now: datetime) -> datetime:
    created_at = tenant.created_at
    if opening.anchor is not None:
        found = quarter_of(opening.anchor)
    elif created_at is not None and created_at > ended:
        # The site was deleted, and is there again.
        found = max(least, quarter_of(created_at))
    else:
        found = max(least, quarter_of(now))
    if not least <= found <= now:
        raise BadTerms(f"anchor {found}: from {least} UTC, up to which everything is closed, to now")
    return found
