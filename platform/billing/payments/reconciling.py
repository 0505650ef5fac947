"""Repairs what webhooks missed: holds our open payments and the gateways' recent objects against each other."""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Final

from msgspec import Struct

from billing.gateways.protocol import Gateway, GatewayError, GatewayRefused, Outcome
from billing.payments.applying import Mismatch, apply
from billing.payments.asking import resume
from billing.payments.cashier import Cashier
from billing.payments.model import Payment
from billing.payments.orphans import Orphans
from billing.payments.refunding import refund, refund_asked
from billing.payments.repository import PaymentRepository, Payments
from billing.payments.telling import tell
from storage.audit import Actor
from storage.errors import StorageUnavailable
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore

WINDOW: Final = timedelta(days=3)
MOST: Final = 500
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
    report = Reconciled()
    payments, now = Payments(cashier.database), moment(cashier.clock())
    for owner, payment_id in await payments.to_look_at(now, limit=MOST):
        report.changed += await _each(cashier, owner, payment_id, resume)
        report.looked += 1
    for owner, payment_id in await payments.unfinished(now, limit=MOST):
        report.changed += await _each(cashier, owner, payment_id, _finish)
        report.looked += 1
    for owner, payment_id in await payments.untold(limit=MOST):
        await _each(cashier, owner, payment_id, tell)
    return report


async def reconcile(cashier: Cashier, *, window: timedelta = WINDOW) -> Reconciled:
    """`follow`, then every object that the gateways made within the window, ours or not. The thorough half."""
    report = await follow(cashier)
    for gateway in cashier.gateways.values():
        try:
            await _compare(cashier, gateway, report, window)
        except GatewayError as error:
            log.warning("%s cannot be reconciled: %s", gateway.name, error)
            report.unreachable.append(gateway.name)
    return report


async def _compare(cashier: Cashier, gateway: Gateway, report: Reconciled, window: timedelta) -> None:
    orphans = Orphans(cashier.database)
    async for outcome in gateway.recent(moment(cashier.clock()) - window):
        report.seen += 1
        try:
            report.changed += await _changed_by(cashier, outcome)
        except Mismatch as why:
            if outcome.parts:
                await orphans.note(outcome, str(why), moment(cashier.clock()))
                report.orphans.append(f"{outcome.gateway} {outcome.reference}: {why}")
        else:
            await orphans.found(outcome)


async def _changed_by(cashier: Cashier, outcome: Outcome) -> int:
    scope = await SystemStore(cashier.database).tenant_scope(outcome.tenant_id) if outcome.tenant_id else None
    before = None if scope is None else await PaymentRepository(cashier.database, scope).get(outcome.key)
    after = await apply(cashier, outcome)
    return int(before is None or after.changes != before.changes)


async def _finish(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    if payment.is_nobodys:
        await refund(cashier, scope, payment.id, actor=_ACTOR, reason="who began to pay has left")
    for asked in payment.unanswered_refunds:
        await refund_asked(cashier, scope, payment, asked)
    await resume(cashier, scope, payment)


async def _each(cashier: Cashier, owner: str, payment_id: str, verb: Verb) -> int:
    """One payment, whose failure is no other's; 1 where it changed."""
    scope = SystemStore(cashier.database).owner_scope(owner)
    if not isinstance(scope, TenantScope):
        return 0
    payments = PaymentRepository(cashier.database, scope)
    before = await payments.get(payment_id)
    if before is None:
        return 0
    try:
        await verb(cashier, scope, before)
    except (Mismatch, GatewayRefused) as error:
        log.warning("payment %s of %s: %s", payment_id, owner, error)
    except StorageUnavailable:
        raise
    except Exception:
        log.exception("payment %s of %s is not brought up to date", payment_id, owner)
    after = await payments.get(payment_id)
    return int(after is not None and after.changes != before.changes)
