"""`marquee billing invoices` and what is done to one: shown, credited, voided."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from billing.invoices.crediting import credit as write_credit_note
from billing.invoices.model import Invoice, NoSuchInvoice
from billing.invoices.repository import InvoiceRepository
from billing.money import minor_of, shown
from billing.periods.voiding import void_draft
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.cycle import invoice_office
from runtime.errors import Refused
from runtime.stores import Stores

COLUMNS = ("id", "number", "kind", "state", "start", "end", "total", "due", "issued_at", "due_at")
MOST = 1_000


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.option("--limit", type=click.IntRange(1, MOST), default=100, show_default=True, help="At most so many.")
@home_option
@json_option
def invoices(tenant_id: str, limit: int, home: Path | None, *, as_json: bool) -> None:
    """List a tenant's invoices and credit notes, the latest period first."""

    async def verb(stores: Stores) -> list[Invoice]:
        tenant = await tenant_of(stores, tenant_id)
        return await InvoiceRepository(stores.database, tenant.scope).newest(limit=limit)

    found = with_stores(settings_for(home, existing=True), verb)
    rows = [msgspec.structs.asdict(each) if as_json else _row(each) for each in found]
    Output(as_json=as_json).rows(rows, COLUMNS, empty="there are no invoices yet")


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("invoice_id", metavar="INVOICE")
@home_option
@json_option
def invoice(tenant_id: str, invoice_id: str, home: Path | None, *, as_json: bool) -> None:
    """Show one invoice or credit note by its id, with its lines by their place."""

    async def verb(stores: Stores) -> Invoice:
        tenant = await tenant_of(stores, tenant_id)
        return await _one(stores, tenant.scope, invoice_id)

    found = with_stores(settings_for(home, existing=True), verb)
    output = Output(as_json=as_json)
    if as_json:
        output.answer(found, "")
        return
    moved = {name: shown(getattr(found, name), found.currency) for name in ("credited", "paid", "refunded", "carried")}
    output.record(_row(found) | moved)
    lines = [
        {"place": place, "what": line.kind, "amount": shown(line.amount, found.currency), "start": line.start}
        for place, line in enumerate(found.lines)
    ]
    output.rows(lines, ("place", "what", "amount", "start"), empty="it has no lines")


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("invoice_id", metavar="INVOICE")
@click.option("--amount", help="Take back so much, tax included; all that is left if neither this nor --line is given.")
@click.option("--line", "lines", multiple=True, metavar="PLACE=AMOUNT", help="Take back so much of a line; repeatable.")
@click.option("--reason", required=True, help="Why; it stands on the credit note.")
@home_option
@json_option
def credit(
    tenant_id: str,
    invoice_id: str,
    amount: str | None,
    lines: tuple[str, ...],
    reason: str,
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write a credit note: what is open becomes less, and what was paid becomes credit."""

    async def verb(stores: Stores) -> Invoice:
        tenant = await tenant_of(stores, tenant_id)
        currency = (await _one(stores, tenant.scope, invoice_id)).currency
        return await write_credit_note(
            invoice_office(stores),
            tenant.scope,
            invoice_id,
            amount=None if amount is None else minor_of(amount, currency),
            lines=dict(_place(each, currency) for each in lines) or None,
            reason=reason,
            actor=who_asks(),
        )

    note = with_stores(settings_for(home, existing=True), verb)
    text = f"{note.number} takes back {shown(note.total, note.currency)}"
    Output(as_json=as_json).answer(note, text)


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("invoice_id", metavar="INVOICE")
@click.option("--reason", required=True, help="Why, for the record.")
@home_option
@json_option
def void(tenant_id: str, invoice_id: str, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Void a draft: its period is not billed. What is issued is credited instead."""

    async def verb(stores: Stores) -> None:
        tenant = await tenant_of(stores, tenant_id)
        await void_draft(invoice_office(stores), tenant.scope, invoice_id, reason=reason, actor=who_asks())

    with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).answer({"id": invoice_id, "state": "void"}, f"{invoice_id} is void")


async def _one(stores: Stores, scope: Any, invoice_id: str) -> Invoice:
    found = await InvoiceRepository(stores.database, scope).get(invoice_id)
    if found is None:
        raise NoSuchInvoice(f"there is no invoice {invoice_id}; marquee billing invoices {scope.tenant_id} lists all")
    return found


def _place(text: str, currency: str) -> tuple[int, int]:
    place, _, amount = text.partition("=")
    if not place.isdecimal():
        raise Refused(f"--line {text}: a line's place and an amount, such as 0=12.50")
    return int(place), minor_of(amount, currency)


def _row(each: Invoice) -> dict[str, Any]:
    fields: dict[str, Any] = {name: getattr(each, name) for name in COLUMNS}
    return fields | {name: shown(getattr(each, name), each.currency) for name in ("total", "due")}
