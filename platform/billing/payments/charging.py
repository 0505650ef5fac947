"""Begins payments: one attempt at a time for one thing, each written down under its key before anybody is asked."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

import msgspec

from billing.contracts.checking import reachable_at
from billing.contracts.model import Contract
from billing.contracts.repository import ContractRepository
from billing.gateways.least import chargeable, least_charge
from billing.gateways.protocol import GatewayRefused, GatewayUnavailable, Order, Unsupported
from billing.invoices.model import Invoice, NoSuchInvoice
from billing.invoices.repository import InvoiceRepository
from billing.money import shown
from billing.payments.applying import apply_to
from billing.payments.asking import ask, refused, resume
from billing.payments.cashier import Cashier
from billing.payments.errors import NoMethod, NothingDue, StillOpen, TooSmall
from billing.payments.model import By, Payment, payment_of
from billing.payments.repository import PaymentRepository
from storage.errors import Conflict
from storage.moments import moment
from storage.scope import TenantScope

__all__ = ["begin", "charge", "charge_order", "key_of", "pay_link", "resume"]

_IN_DOUBT: Final = timedelta(minutes=1)
"""So long a page that a gateway was asked for without an answer is asked for again under its own key."""


def key_of(base: str, attempt: int) -> str:
    """The idempotency key of an attempt; the first one's is the base itself (`{tenant}:{n}`)."""
    return base if attempt == 1 else f"{base}:{attempt}"


async def charge(cashier: Cashier, scope: TenantScope, invoice_id: str, *, attempt: int = 1) -> Payment:
    """Charges the saved method for what is due; the n-th attempt is made once, however often it is asked for.

    While an earlier attempt may still bring money, that one is given. Raises NoSuchInvoice, NothingDue, NoMethod,
    TooSmall.
    """
    made = await _made(cashier, scope, invoice_id)
    there = next((each for each in made if each.attempt == attempt), None)
    if there is not None:
        return await resume(cashier, scope, there) if there.is_open else there
    for each in made:
        if each.is_open and (now := await resume(cashier, scope, each)).state != "failed":
            return now
    invoice = await _due(cashier, scope, invoice_id)
    contract = await ContractRepository(cashier.database, scope).get()
    if contract is None or contract.customer is None or contract.method is None:
        raise NoMethod(f"{scope.tenant_id} has saved no way to pay")
    gateway = cashier.gateway(contract.gateway)
    if not gateway.charges:
        raise NoMethod(f"{gateway.name} charges nobody by itself")
    order = _order(scope, invoice, contract, attempt, gateway=gateway.name)
    _require_enough(order, gateway.name)
    return await _begun(cashier, scope, order, gateway=gateway.name, by="charge", attempt=attempt)


async def pay_link(
    cashier: Cashier, scope: TenantScope, invoice_id: str, *, back: str, gateway: str | None = None
) -> Payment:
    """A payment with a `url` where what is due of the invoice can be paid; the open one as long as there is one.

    An attempt that waits for authentication is given up for it, and so is an open page where nothing was paid yet, if
    it is another `gateway`'s than is wanted or of another amount than is due. Raises NoSuchInvoice, NothingDue,
    StillOpen (money is on its way), TooSmall, GatewayUnavailable, GatewayRefused, Unsupported.
    """
    made = await _made(cashier, scope, invoice_id)
    found = await InvoiceRepository(cashier.database, scope).get(invoice_id)
    there = await _open_page(cashier, scope, made, gateway=gateway, amount=found.due if found else None)
    if there is not None:
        return there
    invoice = await _due(cashier, scope, invoice_id)
    contract = await ContractRepository(cashier.database, scope).get()
    attempt = max((each.attempt for each in made), default=0) + 1
    name = gateway or (invoice.gateway if contract is None else contract.gateway)
    order = _order(scope, invoice, contract, attempt, gateway=name)
    return await _with_page(cashier, scope, order, gateway=name, attempt=attempt, back=back)


async def begin(cashier: Cashier, scope: TenantScope, order: Order, *, gateway: str, back: str) -> Payment:
    """A payment with a `url` for a purchase; the order's key is the base of its attempts' keys.

    One that is open or paid is given again; after one that failed another is begun. Raises StillOpen, TooSmall,
    GatewayUnavailable, GatewayRefused, Unsupported.
    """
    made = await PaymentRepository(cashier.database, scope).about(order.purpose, order.subject)
    paid = next((each for each in made if each.is_paid), None)
    there = paid or await _open_page(cashier, scope, made)
    if there is not None:
        return there
    attempt = max((each.attempt for each in made), default=0) + 1
    order = msgspec.structs.replace(order, key=key_of(order.key, attempt))
    return await _with_page(cashier, scope, order, gateway=gateway, attempt=attempt, back=back)


async def charge_order(
    cashier: Cashier, scope: TenantScope, order: Order, *, gateway: str, attempt: int = 1
) -> Payment:
    """Charges the order's saved method; as `charge`, the n-th attempt is made once, and none while another is open.

    One that is paid is given again. The order's key is the base of its attempts' keys. Raises Unsupported.
    """
    made = await PaymentRepository(cashier.database, scope).about(order.purpose, order.subject)
    there = next((each for each in made if each.is_paid or each.attempt == attempt), None)
    if there is not None:
        return await resume(cashier, scope, there) if there.is_open else there
    for each in made:
        if each.is_open and (now := await resume(cashier, scope, each)).state != "failed":
            return now
    order = msgspec.structs.replace(order, key=key_of(order.key, attempt))
    return await _begun(cashier, scope, order, gateway=gateway, by="charge", attempt=attempt)


async def _open_page(
    cashier: Cashier,
    scope: TenantScope,
    made: list[Payment],
    *,
    gateway: str | None = None,
    amount: int | None = None,
) -> Payment | None:
    for each in made:
        if not each.is_open:
            continue
        now = await resume(cashier, scope, each)
        if now.state == "created":
            if now.by != "checkout" or moment(cashier.clock()) < now.created_at + _IN_DOUBT:
                raise GatewayUnavailable(f"{now.gateway} gave no answer yet for {now.id}")
            # Stripe repeats a failure of its own under the same key for a day. If there is a page after all, nobody was
            # told where: another may take its place.
            await apply_to(cashier, scope, now, refused(now, "no answer"))
            continue
        asked = amount if amount is None else chargeable(now.gateway, amount, now.currency)
        is_wanted = gateway in {None, now.gateway} and asked in {None, now.amount}
        is_vain = now.url is None or not (is_wanted or now.parts)
        if now.state == "action" and now.reference is not None and is_vain:
            # Nobody can authenticate what was charged behind the payer's back: a page takes its place.
            outcome = await cashier.gateway(now.gateway).cancel(now.reference)
            now = await apply_to(cashier, scope, now, outcome)
        if now.is_paid or (now.is_open and now.url is not None):
            return now
        if now.is_open:
            raise StillOpen(f"{now.id} is being paid")
    return None


async def _with_page(
    cashier: Cashier, scope: TenantScope, order: Order, *, gateway: str, attempt: int, back: str
) -> Payment:
    if not cashier.gateway(gateway).pages:
        raise Unsupported(f"{gateway} has no page to pay on")
    _require_enough(order, gateway)
    payment = await _begun(cashier, scope, order, gateway=gateway, by="checkout", attempt=attempt, back=back)
    if payment.state == "created":
        raise GatewayUnavailable(f"{gateway} gave no answer yet for {payment.id}")
    if payment.state == "failed":
        raise GatewayRefused(payment.reason or f"{gateway} opens no page for {payment.id}")
    return payment


def _require_enough(order: Order, gateway: str) -> None:
    least = least_charge(gateway, order.currency)
    if order.amount < least:
        asked, taken = shown(order.amount, order.currency), shown(least, order.currency)
        raise TooSmall(f"{asked} is less than {gateway} takes: {taken} at least")


async def _begun(
    cashier: Cashier,
    scope: TenantScope,
    order: Order,
    *,
    gateway: str,
    by: By,
    attempt: int,
    back: str | None = None,
) -> Payment:
    """Writes the payment down, then asks. Whoever came first is followed by the others."""
    cashier.gateway(gateway)
    now = moment(cashier.clock())
    payment = payment_of(order, gateway=gateway, by=by, now=now, attempt=attempt, back=back)
    payments = PaymentRepository(cashier.database, scope)
    try:
        await payments.add(payment)
    except Conflict:
        there = await payments.get(order.key)
        return payment if there is None else await resume(cashier, scope, there)
    return await ask(cashier, scope, payment)


async def _made(cashier: Cashier, scope: TenantScope, invoice_id: str) -> list[Payment]:
    made = await PaymentRepository(cashier.database, scope).about("invoice", invoice_id)
    return [each for each in made if each.by != "hand"]


async def _due(cashier: Cashier, scope: TenantScope, invoice_id: str) -> Invoice:
    invoice = await InvoiceRepository(cashier.database, scope).get(invoice_id)
    if invoice is None or invoice.kind != "invoice":
        raise NoSuchInvoice(f"{scope.tenant_id} has no invoice {invoice_id}")
    if not invoice.is_issued or invoice.due <= 0:
        raise NothingDue(f"nothing is due of invoice {invoice_id}")
    return invoice


def _order(scope: TenantScope, invoice: Invoice, contract: Contract | None, attempt: int, *, gateway: str) -> Order:
    return Order(
        key=key_of(f"{scope.tenant_id}:{invoice.id}", attempt),
        tenant_id=scope.tenant_id,
        purpose="invoice",
        subject=invoice.id,
        amount=chargeable(gateway, invoice.due, invoice.currency),
        currency=invoice.currency,
        description=f"Invoice {invoice.number or invoice.id}",
        customer=None if contract is None else contract.customer,
        method=None if contract is None else contract.method,
        email=reachable_at(invoice.bill_to),
    )
