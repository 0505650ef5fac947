"""Taking back what was invoiced, by line or by amount, and never more than is left of it.

What is still open of the invoice becomes less; what was paid becomes credit of the tenant, which later invoices use.
"""

from __future__ import annotations

from collections.abc import Mapping

from billing.invoices.credit_note import BadCredit, by_amount, by_line, credit_note_entry, parts_of, written
from billing.invoices.model import Invoice, NoSuchInvoice
from billing.invoices.numbers import Numbers, prefix_of
from billing.invoices.office import Office
from billing.invoices.repository import InvoiceRepository
from billing.ledger.ledger import Ledger
from storage.audit import Actor
from storage.moments import moment
from storage.scope import TenantScope
from storage.transactions import all_or_none


async def credit(
    office: Office,
    scope: TenantScope,
    invoice_id: str,
    *,
    amount: int | None = None,
    lines: Mapping[int, int] | None = None,
    reason: str,
    actor: Actor,
) -> Invoice:
    """Takes back an amount (tax included), amounts of lines by their place, or, with neither, all that is left.

    Gives the credit note. Raises NoSuchInvoice, BadCredit, CreditTooLarge.
    """
    if amount is not None and lines is not None:
        raise BadCredit("name either an amount or lines")

    async def work() -> tuple[Invoice, int]:
        return await _credit(office, scope, invoice_id, amount, lines, reason)

    note, due = await all_or_none(office.database, work)
    detail = {"credit_note": note.id, "number": note.number, "amount": note.total, "reason": reason}
    await office.audit.record(scope, actor, "invoice.credit", invoice_id, detail)
    if due == 0:
        await office.tell_settled(scope, invoice_id)
    return note


async def _credit(
    office: Office, scope: TenantScope, invoice_id: str, amount: int | None, lines: Mapping[int, int] | None, why: str
) -> tuple[Invoice, int]:
    """The note and what is due after it, in one transaction."""
    repository = InvoiceRepository(office.database, scope)
    invoice = await repository.get(invoice_id)
    if invoice is None or invoice.kind != "invoice":
        raise NoSuchInvoice(f"there is no invoice {invoice_id}")
    notes = await repository.credit_notes(invoice_id)
    parts = parts_of(invoice, notes)
    parts = by_amount(parts, amount) if lines is None else by_line(parts, lines)
    now = moment(office.clock())
    (number,) = await Numbers(office.database, office.platform).take(prefix_of(invoice.issuer, "credit_note", now), 1)
    note_id = f"{invoice_id}-c{len(notes) + 1}"
    note, taken = written(invoice, parts, note_id=note_id, number=number, reason=why, now=now)
    off_due = min(note.total, invoice.due)
    await repository.add(note)
    await Ledger(office.database).post(scope, credit_note_entry(invoice, note, taken, off_due, now))
    due = invoice.due - off_due
    await repository.book(
        invoice_id,
        paid=invoice.paid,
        refunded=invoice.refunded,
        due=due,
        state="paid" if due == 0 else invoice.state,
        paid_at=invoice.paid_at if invoice.paid_at or due else now,
        noted=invoice.noted + off_due,
    )
    return note, due
