"""Repairs what webhooks missed: holds our open payments and the gateways' recent objects against each other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from datetime import datetime, timedelta
from typing import Final

from msgspec import Struct

from billing.gateways.protocol import Gateway, GatewayError, GatewayRefused, Outcome
from billing.payments.applying import Mismatch, apply
from billing.payments.asking import resume
from billing.payments.booking import is_known
from billing.payments.cashier import Cashier
from billing.payments.lanes import in_lanes
from billing.payments.marks import MarkRepository
from billing.payments.model import Payment
from billing.payments.orphans import Orphans
from billing.payments.refunding import refund, refund_asked
from billing.payments.repository import PaymentRepository, Payments, Place
from billing.payments.telling import tell
from billing.settlements.reversing import PAYOUT, transfer_changed
from storage.audit import Actor
from storage.errors import StorageUnavailable
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore

WINDOW: Final = timedelta(days=3)
OVERLAP: Final = timedelta(hours=1)
"""Clocks differ, and what was made just now may be in a gateway's lists a moment later."""
MOST: Final = 500
BLOCK: Final = 100
_ACTOR: Final = Actor("job", "payments")
log = logging.getLogger("marquee.billing")
Verb = Callable[[Cashier, TenantScope, Payment], Awaitable[object]]


class Reconciled(Struct, kw_only=True):
    """What was done: payments that were `looked` at, objects of the gateways that were `seen`, what changed by it.

    `orphans` are objects with money that no payment of ours is for.
    """

    looked: int = 0
    seen: int = 0
    changed: int = 0
    orphans: list[str] = []
    unreachable: list[str] = []


async def follow(cashier: Cashier) -> Reconciled:
    """Goes on with every payment whose time has come, and tells who has not heard. The frequent half."""
    payments, now = Payments(cashier.database), moment(cashier.clock())
    open_ones = await _all(cashier, await payments.to_look_at(now, limit=MOST), resume)
    closed_ones = await _all(cashier, await payments.unfinished(now, limit=MOST), _finish)
    await _all(cashier, await payments.untold(limit=MOST), _tell)
    followed = [*open_ones, *closed_ones]
    return Reconciled(looked=len(followed), changed=sum(followed))


async def reconcile(cashier: Cashier, *, window: timedelta = WINDOW) -> Reconciled:
    """`follow`, then every object that the gateways made within the window, ours or not."""
    report = await follow(cashier)
    return await _look_through(cashier, report, moment(cashier.clock()) - window)


async def look_through(cashier: Cashier) -> Reconciled:
    """Every object that the gateways made since they were looked through last, ours or not. The thorough half."""
    return await _look_through(cashier, Reconciled(), None)


async def _look_through(cashier: Cashier, report: Reconciled, since: datetime | None) -> Reconciled:
    now, marks = moment(cashier.clock()), MarkRepository(cashier.database)
    for gateway in cashier.gateways.values():
        try:
            mark = await marks.of(gateway.name)
            first = now - WINDOW if mark is None else mark - OVERLAP
            found_any = await _compare(cashier, gateway, report, since or first)
            # Last, so that who dies before it looks again. A window that left something out proves nothing, and where
            # nothing was, the next look costs no more for beginning as early.
            if (since is None or since <= first) and (found_any or mark is None):
                await marks.move_to(gateway.name, now)
        except GatewayError as error:
            log.warning("%s cannot be reconciled: %s", gateway.name, error)
            report.unreachable.append(gateway.name)
    return report


async def _compare(cashier: Cashier, gateway: Gateway, report: Reconciled, since: datetime) -> bool:
    """Whether there was anything."""
    seen_before = report.seen
    block: list[Outcome] = []
    async for outcome in gateway.recent(since):
        block.append(outcome)
        if len(block) == BLOCK:
            await _apply_all(cashier, block, report)
            block = []
    await _apply_all(cashier, block, report)
    return report.seen > seen_before


async def _apply_all(cashier: Cashier, outcomes: Sequence[Outcome], report: Reconciled) -> None:
    """Most of it is booked already, which one question for all of them tells."""
    orphans, now = Orphans(cashier.database), moment(cashier.clock())
    known = await _known(cashier, outcomes, now)
    report.seen += len(outcomes)
    for outcome in outcomes:
        if outcome.reference in known:
            continue
        try:
            report.changed += await _changed_by(cashier, outcome)
        except Mismatch as why:
            if outcome.parts:
                await orphans.note(outcome, str(why), now)
                report.orphans.append(f"{outcome.gateway} {outcome.reference}: {why}")
        else:
            known.add(outcome.reference)
    await orphans.found([each for each in outcomes if each.reference in known])


async def _known(cashier: Cashier, outcomes: Sequence[Outcome], now: datetime) -> set[str]:
    """References of those that tell nothing new of the payments that they are booked for."""
    asked = [(f"tenant:{each.tenant_id}", each.key) for each in outcomes if each.tenant_id and each.key]
    payments = await Payments(cashier.database).these(asked)
    known: set[str] = set()
    for outcome in outcomes:
        payment = payments.get((f"tenant:{outcome.tenant_id}", outcome.key))
        if payment is not None and _is_of(payment, outcome) and is_known(payment, outcome, now) and not payment.untold:
            known.add(outcome.reference)
    return known


def _is_of(payment: Payment, outcome: Outcome) -> bool:
    held = (payment.gateway, payment.reference, payment.purpose, payment.subject)
    return held == (outcome.gateway, outcome.reference, outcome.purpose, outcome.subject)


async def _changed_by(cashier: Cashier, outcome: Outcome) -> int:
    if outcome.purpose == PAYOUT:
        return int(await transfer_changed(cashier, outcome))
    scope = await SystemStore(cashier.database).tenant_scope(outcome.tenant_id) if outcome.tenant_id else None
    before = None if scope is None else await PaymentRepository(cashier.database, scope).get(outcome.key)
    after = await apply(cashier, outcome)
    return int(before is None or after.changes != before.changes)


async def _finish(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    if payment.is_nobodys:
        await refund(cashier, scope, payment.id, actor=_ACTOR, reason="paid after it was given up")
    for asked in payment.unanswered_refunds:
        await refund_asked(cashier, scope, payment, asked)
    await resume(cashier, scope, payment)


async def _tell(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    """Whoever died before telling may not have come to all that was to follow from the gateway's answer."""
    # Before it is tried, so that those whose telling fails stand behind the others.
    await PaymentRepository(cashier.database, scope).set(payment.id, told_at=moment(cashier.clock()))
    after = await resume(cashier, scope, payment)
    if after.untold:
        await tell(cashier, scope, after)


async def _all(cashier: Cashier, places: Sequence[Place], verb: Verb) -> list[bool]:
    """Of each payment whether it changed. The failure of one is no other's."""
    return await in_lanes(places, lambda place: _one(cashier, place, verb), lane=lambda place: place.lane)


async def _one(cashier: Cashier, place: Place, verb: Verb) -> bool:
    scope = SystemStore(cashier.database).owner_scope(place.owner)
    if not isinstance(scope, TenantScope):
        return False
    try:
        return await _changed_after(cashier, scope, place.id, verb)
    except StorageUnavailable:
        raise
    except Exception:
        log.exception("payment %s of %s is not brought up to date", place.id, place.owner)
        return False


async def _changed_after(cashier: Cashier, scope: TenantScope, payment_id: str, verb: Verb) -> bool:
    payments = PaymentRepository(cashier.database, scope)
    before = await payments.get(payment_id)
    if before is None:
        return False
    try:
        await verb(cashier, scope, before)
    except (Mismatch, GatewayRefused) as error:
        log.warning("payment %s of %s: %s", payment_id, scope.owner, error)
    after = await payments.get(payment_id)
    return after is not None and after.changes != before.changes
