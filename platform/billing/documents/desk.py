"""Documents of a tenant on demand: nothing is kept, for the same invoice gives the same document again.

Setting a PDF of one page takes 9 ms, one of four (70 lines) 20 ms; writing out the words and figures before that, or
the whole of an HTML page, 4 ms and 32 ms. Measured on two busy cores.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from typing import final

from billing.contracts.repository import ContractRepository
from billing.documents.html import html_of
from billing.documents.invoicing import document_of
from billing.documents.letterhead import Letterhead
from billing.documents.model import Document
from billing.documents.pdf import pdf_of
from billing.documents.tables import ledger_table, usage_table
from billing.dunning.model import dunning_of
from billing.invoices.model import Invoice, NoSuchInvoice
from billing.invoices.repository import InvoiceRepository
from billing.ledger.repository import EntryRepository
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.usage import UsageRepository


@final
class Documents:
    """What consoles, letters and commands hand out. Verbs over an invoice raise NoSuchInvoice."""

    def __init__(self, database: Database, letterhead: Letterhead, clock: Clock) -> None:
        self._database = database
        self._head = letterhead
        self._clock = clock

    async def invoice(self, scope: TenantScope, invoice_id: str) -> Invoice:
        """The invoice or credit note of this id or number."""
        invoices = InvoiceRepository(self._database, scope)
        found = await invoices.get(invoice_id) or await invoices.by_number(invoice_id)
        if found is None:
            raise NoSuchInvoice(f"there is no invoice {invoice_id}")
        return found

    async def invoice_html(self, scope: TenantScope, invoice_id: str) -> str:
        """The invoice, or credit note, as a page, with how it stands now."""
        return html_of(await self.document(scope, invoice_id, now=moment(self._clock())))

    async def invoice_pdf(self, scope: TenantScope, invoice_id: str) -> bytes:
        """The invoice, or credit note, as a PDF: as it was issued. Raises NotSet."""
        return await pdf_of(await self.document(scope, invoice_id), fonts=self._head.fonts)

    async def document(self, scope: TenantScope, invoice_id: str, *, now: datetime | None = None) -> Document:
        """The invoice, or credit note, as it was issued; with `now` it says how it stands then, too."""
        invoice = await self.invoice(scope, invoice_id)
        original = None if invoice.of is None else await InvoiceRepository(self._database, scope).get(invoice.of)
        contract = await ContractRepository(self._database, scope).get()
        dunning = dunning_of(invoice.dunning)
        return document_of(
            invoice,
            self._head,
            zone="UTC" if contract is None else contract.zone,
            original=original,
            due_at=None if dunning is None else dunning.extended_to,
            now=now,
        )

    async def ledger_csv(
        self, scope: TenantScope, *, start: datetime | None = None, end: datetime | None = None
    ) -> str:
        """The entries of `[start, end)`, naive UTC, a row a leg."""
        return await ledger_table(EntryRepository(self._database, scope).all(start=start, end=end))

    async def usage_csv(self, scope: TenantScope, first: date, last: date) -> str:
        """The UTC days from `first` to `last`, that one too, on which anything was sent."""
        days = await UsageRepository(self._database, scope).days(first, last + timedelta(days=1))
        return usage_table(days)
