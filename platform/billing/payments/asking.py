"""Asks a gateway for a payment that is written down, as often as it takes, so that it is made once.

What is in doubt is looked for by what it says of itself and then asked again under its own key, never another: within
a day the gateway knows the key, and later its lists know the object.
"""

from __future__ import annotations

import logging

from billing.gateways.protocol import (
    AmountTooSmall,
    Gateway,
    GatewayError,
    GatewayRefused,
    GatewayUnavailable,
    Outcome,
    Unsupported,
)
from billing.payments.applying import apply_to
from billing.payments.by_hand import as_told
from billing.payments.carrying import carry_refused
from billing.payments.cashier import Cashier
from billing.payments.changes import next_look
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from storage.moments import moment
from storage.scope import TenantScope

log = logging.getLogger("marquee.billing")


async def ask(cashier: Cashier, scope: TenantScope, payment: Payment) -> Payment:
    """Asks for a payment that nobody was asked for yet. Without an answer it stays in doubt, for `resume`."""
    gateway = cashier.gateway(payment.gateway)
    order = payment.order(scope.tenant_id)
    now = moment(cashier.clock())
    await PaymentRepository(cashier.database, scope).set(payment.id, asked_at=now, look_at=next_look(payment, now))
    try:
        if payment.by == "charge":
            outcome = await gateway.charge(order)
        else:
            outcome = await gateway.checkout(order, back=payment.back or "")
    except GatewayUnavailable as error:
        log.warning("payment %s of %s is in doubt: %s", payment.id, scope.tenant_id, error)
        return payment
    except GatewayRefused as error:
        if isinstance(error, AmountTooSmall):
            # Before it counts as refused: nobody is reminded of what cannot be charged.
            await carry_refused(cashier, scope, payment)
        outcome = refused(payment, str(error))
    return await apply_to(cashier, scope, payment, outcome)


async def resume(cashier: Cashier, scope: TenantScope, payment: Payment) -> Payment:
    """Brings a payment up to what its gateway says now. Where the gateway gives no answer it stays as it is."""
    if payment.by == "hand":
        return await apply_to(cashier, scope, payment, as_told(scope, payment)) if payment.is_open else payment
    now = moment(cashier.clock())
    await PaymentRepository(cashier.database, scope).set(payment.id, look_at=next_look(payment, now))
    try:
        gateway = cashier.gateway(payment.gateway)
        outcome = await _present(gateway, scope, payment)
    except Unsupported:
        return payment
    except GatewayError as error:
        log.warning("payment %s of %s cannot be looked up: %s", payment.id, scope.tenant_id, error)
        return payment
    if outcome is None and payment.abandoned:
        # Where it was made after all, its money goes back.
        outcome = refused(payment, "given up")
    if outcome is None:
        return await ask(cashier, scope, payment)
    return await apply_to(cashier, scope, payment, outcome)


async def _present(gateway: Gateway, scope: TenantScope, payment: Payment) -> Outcome | None:
    if payment.reference is not None:
        if payment.abandoned and payment.is_open:
            return await gateway.cancel(payment.reference)
        return await gateway.look_up(payment.reference)
    return await gateway.find(payment.order(scope.tenant_id)) if payment.is_open else refused(payment, payment.reason)


def refused(payment: Payment, reason: str | None) -> Outcome:
    """An outcome: nothing was moved, and there is no object, or none that anybody can pay."""
    return Outcome(
        gateway=payment.gateway,
        reference=payment.reference or "",
        state="failed",
        amount=payment.amount,
        currency=payment.currency,
        reason=reason,
    )
