"""Voiding a draft: its period is not billed, and its usage is never late."""

from __future__ import annotations

from billing.invoices.model import NoSuchInvoice
from billing.invoices.office import Office
from billing.invoices.repository import InvoiceRepository
from billing.periods.repository import PeriodRepository
from storage.audit import Actor
from storage.scope import TenantScope
from storage.transactions import all_or_none


class NotADraft(ValueError):
    """What is issued is not voided: a credit note takes it back."""


async def void_draft(office: Office, scope: TenantScope, invoice_id: str, *, reason: str, actor: Actor) -> None:
    """Voids the draft for good, and with it what it carries of the next period. Raises NoSuchInvoice, NotADraft.

    What was paid in advance for its period goes back with the next bill.
    """
    invoices = InvoiceRepository(office.database, scope)

    async def work() -> None:
        invoice = await invoices.get(invoice_id)
        if invoice is None:
            raise NoSuchInvoice(f"there is no invoice {invoice_id}")
        if not await invoices.void(invoice_id, reason):
            raise NotADraft(f"invoice {invoice_id} is {invoice.state}: a credit note takes back what was issued")
        periods = PeriodRepository(office.database, scope)
        before = await periods.get(invoice.n - 1)
        # What was paid ahead for it is set off against the next bill.
        await periods.void(invoice.n, advance=0 if before is None else before.advance)

    await all_or_none(office.database, work)
    await office.audit.record(scope, actor, "invoice.void", invoice_id, {"reason": reason})
