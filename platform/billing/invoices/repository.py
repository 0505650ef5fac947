"""The invoices of one tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any, Final

import msgspec

from billing.invoices.model import ISSUED, Invoice, InvoiceState
from storage.indexes import Index
from storage.repository import TenantRepository

_OPEN: Final = {"state": "issued", "kind": "invoice"}
INDEXES: Final = (
    # Across all owners, for the platform's own work.
    Index(
        "invoices", (("issue_at", 1), ("_id.owner", 1), ("_id.id", 1)), "invoices_drafts", partial={"state": "draft"}
    ),
    Index("invoices", (("_id.owner", 1), ("n", -1)), "invoices_by_period"),
    Index("invoices", (("number", 1),), "invoice_number", unique=True, partial={"number": {"$type": "string"}}),
)


class InvoiceRepository(TenantRepository[Invoice]):
    """One tenant's invoices and credit notes."""

    collection = "invoices"
    document = Invoice

    async def get(self, invoice_id: str) -> Invoice | None:
        """The invoice, or credit note, of this id."""
        return await self._get(invoice_id)

    async def by_number(self, number: str) -> Invoice | None:
        """The invoice, or credit note, of this number."""
        return await self._find_one({"number": number})

    async def newest(self, *, limit: int = 100, before_n: int | None = None) -> list[Invoice]:
        """Invoices and credit notes, the latest period first."""
        older: dict[str, Any] = {} if before_n is None else {"n": {"$lt": before_n}}
        return await self._list(older, sort=[("n", -1), ("_id.id", 1)], limit=limit)

    def all(self) -> AsyncIterator[Invoice]:
        """Every one, the earliest period first."""
        return self._find(sort=[("n", 1), ("_id.id", 1)])

    async def credit_notes(self, invoice_id: str) -> list[Invoice]:
        """What was taken back of an invoice, in order."""
        found = [each async for each in self._find({"kind": "credit_note", "of": invoice_id})]
        return sorted(found, key=lambda note: int(note.id.rpartition("-c")[2]))

    async def open_invoices(self) -> list[Invoice]:
        """Issued and not paid, the earliest due first."""
        return [each async for each in self._find(_OPEN, sort=[("due_at", 1)])]

    async def add(self, invoice: Invoice) -> None:
        """Raises Conflict where there is one of this id."""
        await self._insert(invoice.id, fields_of(invoice))

    async def book(
        self,
        invoice_id: str,
        *,
        paid: int,
        refunded: int,
        due: int,
        state: InvoiceState,
        paid_at: datetime | None,
        noted: int | None = None,
    ) -> bool:
        """Writes how it stands with its payment; whether it is issued, so that it could be."""
        fields: dict[str, Any] = {"paid": paid, "refunded": refunded, "due": due, "state": state, "paid_at": paid_at}
        if noted is not None:
            fields["noted"] = noted
        return await self._update(invoice_id, {"$set": fields}, where={"state": {"$in": list(ISSUED)}}) == 1

    async def carry(self, invoice: Invoice) -> bool:
        """Writes that what was open is carried to the next one; whether it was issued, so that it could be."""
        fields = {name: getattr(invoice, name) for name in ("carried", "due", "state", "paid_at")}
        return await self._update(invoice.id, {"$set": fields}, where={"state": "issued"}) == 1

    async def note_too_small(self, invoice_id: str, gateway: str, amount: int) -> None:
        """Its gateway refused to charge so much: too little."""
        where = {"state": "issued", "gateway": gateway}
        await self._update(invoice_id, {"$max": {"too_small": amount}}, where=where)

    async def void(self, invoice_id: str, reason: str) -> bool:
        """Voids a draft; whether it still was one."""
        change = {"$set": {"state": "void", "reason": reason, "due": 0}}
        return await self._update(invoice_id, change, where={"state": "draft"}) == 1


def fields_of(invoice: Invoice) -> dict[str, Any]:
    """As stored, without the id."""
    fields: dict[str, Any] = msgspec.to_builtins(invoice, builtin_types=(datetime,))
    del fields["id"]
    return fields


def changed_fields(before: Invoice, after: Invoice) -> dict[str, Any]:
    """What is to be stored over `before` to make it `after`."""
    names = (name for name in Invoice.__struct_fields__ if getattr(before, name) != getattr(after, name))
    fields: dict[str, Any] = msgspec.to_builtins(
        {name: getattr(after, name) for name in names}, builtin_types=(datetime,)
    )
    return fields
