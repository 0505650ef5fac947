"""Gives money back: what staff asked for is written down before the gateway hears of it, and is done once."""

from __future__ import annotations

import msgspec

from billing.gateways.protocol import GatewayRefused, GatewayUnavailable, Outcome, Refund
from billing.invoices.repository import InvoiceRepository
from billing.ledger.ledger import Ledger
from billing.money import shown
from billing.payments.applying import apply_to
from billing.payments.cashier import Cashier
from billing.payments.changes import IN_DOUBT, flagged
from billing.payments.errors import BadAmount, NoSuchPayment
from billing.payments.model import AskedRefund, Payment
from billing.payments.repository import PaymentRepository
from storage.audit import Actor
from storage.moments import moment
from storage.scope import TenantScope


async def refund(
    cashier: Cashier,
    scope: TenantScope,
    payment_id: str,
    amount: int | None = None,
    *,
    actor: Actor,
    reason: str = "",
    reference: str | None = None,
) -> Payment:
    """Refunds a payment, by default all that is left of it, and gives it as it is then.

    `reference` says that staff sent it already, under this reference of the bank or the chain; the same one counts
    once, and another amount of it is a BadAmount. Raises NoSuchPayment, BadAmount, GatewayRefused, Unsupported; where
    the gateway gave no answer the refund is done later.
    """
    payments = PaymentRepository(cashier.database, scope)
    while True:
        payment = await payments.get(payment_id)
        if payment is None:
            raise NoSuchPayment(f"{scope.tenant_id} has no payment {payment_id}")
        told = next((each for each in payment.refunds if reference is not None and each.id == reference), None)
        if told is not None:
            if amount not in {None, told.amount}:
                raise BadAmount(f"{reference} is booked with {shown(told.amount, payment.currency)} already")
            return payment
        under_way = next(
            (each for each in payment.unanswered_refunds if reference and each.reference == reference), None
        )
        if under_way is not None:
            return await refund_asked(cashier, scope, payment, under_way)
        asked = _asked(cashier, payment, amount, actor, reason, reference)
        if reference is None:
            await _check_unspent(cashier, scope, payment, asked.amount)
        noted = msgspec.structs.replace(payment, asked_refunds=(*payment.asked_refunds, asked))
        noted.look_at = moment(cashier.clock()) + IN_DOUBT
        if await payments.replace(payment, noted):
            break
    detail = {"amount": asked.amount, "currency": payment.currency, "reason": reason, "reference": reference}
    await cashier.audit.record(scope, actor, "payment.refund", payment_id, detail)
    noted.changes += 1
    return await refund_asked(cashier, scope, noted, asked)


async def refund_asked(cashier: Cashier, scope: TenantScope, payment: Payment, asked: AskedRefund) -> Payment:
    """Does a refund that is written down, if it was not done. Raises GatewayRefused, which is written down too."""
    if asked.reference is not None:
        return await _told(cashier, scope, payment, Refund(asked.reference, asked.amount, key=asked.key))
    gateway = cashier.gateway(payment.gateway)
    try:
        done = await gateway.refund(payment.reference or "", asked.amount, asked.key)
    except GatewayUnavailable:
        return payment
    except GatewayRefused as error:
        await _refused(cashier, scope, payment.id, asked, str(error))
        raise
    return await _told(cashier, scope, payment, msgspec.structs.replace(done, key=asked.key))


async def _told(cashier: Cashier, scope: TenantScope, payment: Payment, refund: Refund) -> Payment:
    """Books one refund beside those that are known."""
    known = tuple(each for each in payment.refunds if each.id != refund.id)
    outcome = Outcome(
        gateway=payment.gateway,
        reference=payment.reference or "",
        state="pending" if payment.state == "created" else payment.state,
        amount=payment.amount,
        currency=payment.currency,
        parts=payment.parts,
        refunds=(*known, refund),
        disputes=payment.disputes,
        url=payment.url,
        reason=payment.reason,
    )
    return await apply_to(cashier, scope, payment, outcome)


async def _refused(cashier: Cashier, scope: TenantScope, payment_id: str, asked: AskedRefund, why: str) -> None:
    payments = PaymentRepository(cashier.database, scope)
    while (payment := await payments.get(payment_id)) is not None:
        told = tuple(
            msgspec.structs.replace(each, refused=why) if each.key == asked.key else each
            for each in payment.asked_refunds
        )
        after = msgspec.structs.replace(payment, asked_refunds=told)
        if payment.abandoned:
            # Nobody of staff asked for it, so nobody waits for the answer.
            after = flagged(after, ("owed",))
        if await payments.replace(payment, after):
            return


async def _check_unspent(cashier: Cashier, scope: TenantScope, payment: Payment, amount: int) -> None:
    """What came of a bill beyond its sum became credit, and may have paid other bills. Raises BadAmount."""
    invoice = None
    if payment.purpose == "invoice":
        invoice = await InvoiceRepository(cashier.database, scope).get(payment.subject)
    if invoice is None:
        return
    unspent = max(0, await Ledger(cashier.database).credit(scope)) + max(0, invoice.paid - invoice.refunded)
    if amount > unspent:
        raise BadAmount(f"{amount} cannot be refunded: all but {unspent} of it paid other bills as credit")


def _asked(
    cashier: Cashier, payment: Payment, amount: int | None, actor: Actor, reason: str, reference: str | None
) -> AskedRefund:
    left = payment.kept - sum(each.amount for each in payment.unanswered_refunds)
    wanted = left if amount is None else amount
    if not 0 < wanted <= left:
        raise BadAmount(f"{wanted} cannot be refunded: {max(left, 0)} is left of payment {payment.id}")
    return AskedRefund(
        key=f"{payment.id}:r{len(payment.asked_refunds) + 1}",
        amount=wanted,
        reason=reason,
        by=f"{actor.kind}:{actor.id}",
        at=moment(cashier.clock()),
        reference=reference,
    )
