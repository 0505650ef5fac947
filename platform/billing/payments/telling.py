"""Who is told after something was booked. Whoever was not reached hears of it by the next reconciling."""

from __future__ import annotations

from billing.invoices.repository import InvoiceRepository
from billing.payments.cashier import TOPIC, Cashier
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from storage.scope import TenantScope


async def tell(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    """Lets the hooks hear of the payment's state, then all processes. What a hook raises, this raises."""
    if payment.purpose == "invoice":
        await _tell_of_invoice(cashier, scope, payment)
    else:
        await _tell_of_purchase(cashier, scope, payment)
    name = "invoice" if payment.purpose == "invoice" else "purchase"
    await cashier.events.publish(TOPIC, {"owner": scope.owner, name: payment.subject})
    await PaymentRepository(cashier.database, scope).told(payment)


async def _tell_of_invoice(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    invoice = await InvoiceRepository(cashier.database, scope).get(payment.subject)
    if invoice is None:
        return
    if invoice.state == "paid":
        for hook in cashier.hooks.invoice_settled:
            await hook(scope, invoice.id)
    elif payment.refunds or payment.disputes:
        for hook in cashier.hooks.invoice_reopened:
            await hook(scope, invoice.id)
    elif payment.was_refused:
        for told in cashier.hooks.charge_failed:
            await told(scope, payment)


async def _tell_of_purchase(cashier: Cashier, scope: TenantScope, payment: Payment) -> None:
    if payment.is_paid:
        for hook in cashier.hooks.purchase_paid:
            await hook(scope, payment)
    if payment.refunds or payment.disputes:
        for hook in cashier.hooks.purchase_reversed:
            await hook(scope, payment)
