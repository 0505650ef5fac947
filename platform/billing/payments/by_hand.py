"""What the bank did, as staff say: an invoice was paid by transfer. The same reference counts once."""

from __future__ import annotations

from typing import Final

from billing.gateways.protocol import Order, Outcome, Part
from billing.invoices.model import NoSuchInvoice
from billing.invoices.repository import InvoiceRepository
from billing.money import shown
from billing.payments.applying import apply_to
from billing.payments.cashier import Cashier
from billing.payments.errors import BadAmount, BadReference, NothingDue
from billing.payments.model import Payment, payment_of
from billing.payments.repository import PaymentRepository
from storage.audit import Actor
from storage.errors import Conflict
from storage.moments import moment
from storage.scope import TenantScope

NAME = "manual"

LONGEST_REFERENCE: Final = 140
"""As much as a SEPA transfer says of itself; payments are named by it."""


async def mark_paid(
    cashier: Cashier, scope: TenantScope, invoice_id: str, *, reference: str, amount: int | None = None, actor: Actor
) -> Payment:
    """The invoice was paid by a transfer of this reference; None is all that is due.

    Said again of the same invoice and reference, nothing more is booked. More than is due becomes credit. Raises
    NoSuchInvoice, NothingDue (not issued, or no amount said where nothing is due), BadAmount (also for another amount
    than was booked under the reference), BadReference.
    """
    if len(reference.strip()) > LONGEST_REFERENCE:
        raise BadReference(f"the reference has {len(reference.strip())} characters: {LONGEST_REFERENCE} at most")
    payments = PaymentRepository(cashier.database, scope)
    key = f"{scope.tenant_id}:{invoice_id}:hand:{reference.strip()}"
    there = await payments.get(key)
    if there is None:
        there = await _new(cashier, scope, invoice_id, key, amount)
        detail = {"reference": reference.strip(), "amount": there.amount, "currency": there.currency}
        await cashier.audit.record(scope, actor, "payment.by_hand", invoice_id, detail)
        try:
            await payments.add(there)
        except Conflict:
            there = await payments.get(key) or there
    if amount not in {None, there.amount}:
        booked, told = shown(there.amount, there.currency), shown(amount or 0, there.currency)
        raise BadAmount(
            f"{reference.strip()} is booked for invoice {invoice_id} with {booked}, not {told}: a refund takes back "
            "what was booked wrongly, and another transfer has a reference of its own"
        )
    return await apply_to(cashier, scope, there, as_told(scope, there))


async def _new(cashier: Cashier, scope: TenantScope, invoice_id: str, key: str, amount: int | None) -> Payment:
    invoice = await InvoiceRepository(cashier.database, scope).get(invoice_id)
    if invoice is None or invoice.kind != "invoice":
        raise NoSuchInvoice(f"{scope.tenant_id} has no invoice {invoice_id}")
    if not invoice.is_issued:
        raise NothingDue(f"invoice {invoice_id} is {invoice.state}: nothing is due of it")
    came = invoice.due if amount is None else amount
    if came <= 0 and amount is None:
        raise NothingDue(f"nothing is due of invoice {invoice_id}")
    if came <= 0:
        raise BadAmount(f"{came}: an amount that came in is above 0")
    order = Order(
        key=key,
        tenant_id=scope.tenant_id,
        purpose="invoice",
        subject=invoice_id,
        amount=came,
        currency=invoice.currency,
        description=invoice.number or "",
    )
    return payment_of(order, gateway=NAME, by="hand", now=moment(cashier.clock()), attempt=0)


def as_told(scope: TenantScope, payment: Payment) -> Outcome:
    """A transfer as an outcome: all of it came."""
    reference = payment.id.removeprefix(f"{scope.tenant_id}:")
    return Outcome(
        gateway=NAME,
        reference=reference,
        state="succeeded",
        amount=payment.amount,
        currency=payment.currency,
        parts=(Part(reference, payment.amount),),
        fee=0,
        refunds=payment.refunds,
    )
