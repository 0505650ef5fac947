"""`marquee billing pay`, `refund`, `link`, `payments`, `reconcile`: money that came, goes back, or is looked for."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar

import click

from billing.invoices.repository import InvoiceRepository
from billing.money import minor_of, shown
from billing.payments.by_hand import mark_paid
from billing.payments.cashier import Cashier
from billing.payments.charging import pay_link
from billing.payments.errors import NoSuchPayment
from billing.payments.model import Payment
from billing.payments.reconciling import Reconciled
from billing.payments.reconciling import reconcile as reconcile_payments
from billing.payments.refunding import refund as refund_payment
from billing.payments.repository import PaymentRepository
from runtime.billing import taking_payments
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.errors import Refused
from runtime.keys import pay_addresses
from runtime.stores import Stores
from storage.scope import TenantScope

T = TypeVar("T")
COLUMNS = ("id", "for", "gateway", "state", "asked", "received", "refunded", "flags", "created_at", "reason")
MOST = 1_000


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("invoice_id", metavar="INVOICE")
@click.option("--reference", required=True, help="The bank's reference; the same one counts once.")
@click.option("--amount", help="What came, such as 49.90; all that is due where it is not given.")
@home_option
@json_option
def pay(
    tenant_id: str, invoice_id: str, reference: str, amount: str | None, home: Path | None, *, as_json: bool
) -> None:
    """Mark INVOICE as paid by a bank transfer. What is over becomes the tenant's credit."""

    async def verb(cashier: Cashier, scope: TenantScope) -> Payment:
        came = None
        if amount is not None:
            found = await InvoiceRepository(cashier.database, scope).get(invoice_id)
            came = None if found is None else minor_of(amount, found.currency)
        return await mark_paid(cashier, scope, invoice_id, reference=reference, amount=came, actor=who_asks())

    payment = _with_cashier(tenant_id, home, verb)
    Output(as_json=as_json).record(_row(payment))


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("payment_id", metavar="PAYMENT")
@click.option("--amount", help="How much, such as 12.50; all that is left where it is not given.")
@click.option("--reason", default="", help="Why; it stands in the audit.")
@click.option("--reference", help="It was sent already, by bank or on chain, under this reference.")
@home_option
@json_option
def refund(
    tenant_id: str,
    payment_id: str,
    amount: str | None,
    reason: str,
    reference: str | None,
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    """Give PAYMENT back, whole or in part, through the gateway that it came by."""

    async def verb(cashier: Cashier, scope: TenantScope) -> Payment:
        found = await PaymentRepository(cashier.database, scope).get(payment_id)
        if found is None:
            raise NoSuchPayment(f"{tenant_id} has no payment {payment_id}")
        back = None if amount is None else minor_of(amount, found.currency)
        return await refund_payment(
            cashier, scope, payment_id, back, actor=who_asks(), reason=reason, reference=reference
        )

    payment = _with_cashier(tenant_id, home, verb)
    output = Output(as_json=as_json)
    output.record(_row(payment))
    if payment.unanswered_refunds:
        output.note("The gateway gave no answer yet: the refund is done once it does.")


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("invoice_id", metavar="INVOICE")
@click.option("--gateway", help="stripe or btcpay: open a page there, which is good for a day at most.")
@home_option
@json_option
def link(tenant_id: str, invoice_id: str, gateway: str | None, home: Path | None, *, as_json: bool) -> None:
    """Print the address where INVOICE can be seen and paid by whoever has it, for good."""
    settings = settings_for(home, existing=True)
    output = Output(as_json=as_json)
    if gateway is None:
        address = with_stores(settings, lambda stores: _address(stores, tenant_id, invoice_id))
        output.answer({"url": address}, address)
        return

    async def verb(cashier: Cashier, scope: TenantScope) -> Payment:
        back = f"https://{settings.platform.host}/"
        return await pay_link(cashier, scope, invoice_id, back=back, gateway=gateway)

    payment = _with_cashier(tenant_id, home, verb)
    if payment.url is None:
        raise Refused(f"invoice {invoice_id} is paid by {payment.id} already")
    output.answer(_row(payment) | {"url": payment.url}, payment.url)


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.option("--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="At most so many.")
@home_option
@json_option
def payments(tenant_id: str, limit: int, home: Path | None, *, as_json: bool) -> None:
    """List a tenant's payments and those of its viewers, the latest first."""

    async def verb(cashier: Cashier, scope: TenantScope) -> list[Payment]:
        return await PaymentRepository(cashier.database, scope).newest(limit=limit)

    found = _with_cashier(tenant_id, home, verb)
    Output(as_json=as_json).rows([_row(each) for each in found], COLUMNS, empty="there are no payments yet")


@click.command()
@click.option("--days", type=click.IntRange(1, 400), default=3, show_default=True, help="How far back to look.")
@home_option
@json_option
def reconcile(days: int, home: Path | None, *, as_json: bool) -> None:
    """Hold the gateways' payments against the books: book what was missed, tell of money that is nobody's."""

    async def verb(stores: Stores) -> Reconciled:
        async with taking_payments(stores) as cashier:
            return await reconcile_payments(cashier, window=timedelta(days=days))

    report = with_stores(settings_for(home, existing=True), verb)
    said = [f"{report.looked:,} open payments and {report.seen:,} objects looked at, {report.changed:,} changed"]
    said += [f"nobody's: {orphan}" for orphan in report.orphans]
    Output(as_json=as_json).answer(report, "\n".join(said))
    if report.unreachable:
        raise Refused(f"no answer of {', '.join(report.unreachable)}: run it again later")


async def _address(stores: Stores, tenant_id: str, invoice_id: str) -> str:
    tenant = await tenant_of(stores, tenant_id)
    invoices = InvoiceRepository(stores.database, tenant.scope)
    found = await invoices.get(invoice_id) or await invoices.by_number(invoice_id)
    if found is None or found.kind != "invoice":
        raise Refused(f"{tenant_id} has no invoice {invoice_id}")
    if not found.is_issued:
        raise Refused(f"invoice {invoice_id} is {found.state}: only what is issued has an address")
    return pay_addresses(stores.settings, stores.home).of(tenant_id, found.id)


def _with_cashier(tenant_id: str, home: Path | None, verb: Callable[[Cashier, TenantScope], Awaitable[T]]) -> T:
    async def run(stores: Stores) -> T:
        tenant = await tenant_of(stores, tenant_id)
        async with taking_payments(stores) as cashier:
            return await verb(cashier, tenant.scope)

    return with_stores(settings_for(home, existing=True), run)


def _row(payment: Payment) -> dict[str, Any]:
    return {
        "id": payment.id,
        "for": f"{payment.purpose} {payment.subject}",
        "gateway": payment.gateway,
        "reference": payment.reference,
        "state": payment.state,
        "asked": shown(payment.amount, payment.currency),
        "received": shown(payment.received, payment.currency),
        "refunded": shown(payment.refunded, payment.currency),
        "flags": list(payment.flags),
        "created_at": payment.created_at,
        "reason": payment.reason,
    }
