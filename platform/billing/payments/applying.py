"""Applies what a gateway says to our books: once, to the payment that it was asked for, and to no other."""

from __future__ import annotations

import msgspec

from billing.contracts.desk import Contracts
from billing.gateways.protocol import Outcome
from billing.payments.booking import book
from billing.payments.cashier import Cashier
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository, Payments
from billing.payments.telling import tell
from storage.audit import Actor
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore


class Mismatch(LookupError):
    """What the gateway's object says of itself is not in our books; the message says what does not agree."""


async def apply(cashier: Cashier, outcome: Outcome) -> Payment:
    """The payment, with all that the outcome brought booked and told. Raises Mismatch; then nothing was booked.

    The object names its tenant and key; it is believed only where that tenant has a payment of that key at that
    gateway, for that subject, and no other payment holds the object.
    """
    scope = await SystemStore(cashier.database).tenant_scope(outcome.tenant_id) if outcome.tenant_id else None
    if scope is None:
        raise Mismatch(f"{outcome.gateway} {outcome.reference} is of no tenant of ours")
    payment = await PaymentRepository(cashier.database, scope).get(outcome.key)
    if payment is None or payment.gateway != outcome.gateway:
        raise Mismatch(f"{outcome.gateway} {outcome.reference} names a payment that {scope.tenant_id} has not")
    if (payment.purpose, payment.subject) != (outcome.purpose, outcome.subject):
        raise Mismatch(f"{outcome.gateway} {outcome.reference} is for something else than {payment.id}")
    return await apply_to(cashier, scope, payment, outcome)


async def apply_to(cashier: Cashier, scope: TenantScope, payment: Payment, outcome: Outcome) -> Payment:
    """`apply` for a payment that is known to be the one. Raises Mismatch where another holds the object."""
    # What staff tell of is named by the tenant's own invoice, so another tenant's may be called the same.
    if payment.by != "hand" and outcome.reference and outcome.reference != payment.reference:
        holders = await Payments(cashier.database).holders(outcome.gateway, outcome.reference)
        if any(holder != (scope.owner, payment.id) for holder in holders):
            raise Mismatch(f"{outcome.gateway} {outcome.reference} is another payment's than {payment.id}")
    booked = await book(cashier.database, scope, payment.id, outcome, moment(cashier.clock()))
    if booked.untold:
        # Once, with the news: a card that the tenant has saved since is not put aside by what is told again.
        await _keep_method(cashier, scope, booked, outcome)
        await tell(cashier, scope, booked)
        return msgspec.structs.replace(booked, untold=False)
    return booked


async def _keep_method(cashier: Cashier, scope: TenantScope, payment: Payment, outcome: Outcome) -> None:
    """The card that paid an invoice on the gateway's page is charged for the next ones."""
    if payment.purpose != "invoice" or payment.by != "checkout" or not payment.is_paid or outcome.method is None:
        return
    contracts = Contracts(cashier.database, cashier.clock, cashier.audit)
    contract = await contracts.get(scope)
    if contract is None or contract.gateway != payment.gateway or contract.method == outcome.method:
        return
    await contracts.set_payment(
        scope,
        gateway=payment.gateway,
        customer=outcome.customer,
        method=outcome.method,
        actor=Actor("job", "payments"),
    )
