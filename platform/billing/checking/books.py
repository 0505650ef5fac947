"""The ledger of one tenant: each entry balances, and invoices and credit notes agree with its accounts."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import Final

from msgspec import Struct, field

from billing.invoices.model import ISSUED, Invoice
from billing.invoices.postings import invoice_entry
from billing.ledger.accounts import CREDIT, FEES_GATEWAY, MEMBERSHIPS, RECEIVABLE, TAX
from billing.ledger.model import Entry, Unbalanced, prove
from billing.ledger.revenue import EARNING

_OF_INVOICES: Final = "invoice:"
_ISSUING: Final = frozenset({"invoice", "credit_used", "credit_note"})
_OWING: Final = frozenset({"carried", "refund", "dispute-lost"})
"""Kinds that may make a debt of the tenant's credit, which the next invoice asks for."""
_SETTLING: Final = frozenset({"statement", "payout", "payout-sent"})
_CASH: Final = "cash."


class Books(Struct):
    """What is remembered of the entries: of most, for there may be many, not the legs.

    `issuing` and `settling` are those of documents, whole; `cash` is what payments, refunds and disputes moved in cash
    by the entry's id, `fees` what gateways took and `taxes` what viewers' money held, by what it was about.
    """

    receivable: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    refs: set[str] = field(default_factory=set[str])
    ids: set[str] = field(default_factory=set[str])
    issuing: dict[str, Entry] = field(default_factory=dict[str, Entry])
    settling: dict[str, Entry] = field(default_factory=dict[str, Entry])
    carried: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    owing: int = 0
    cash: dict[str, int] = field(default_factory=dict[str, int])
    fees: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    taxes: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    sum_by_account: defaultdict[str, int] = field(default_factory=lambda: defaultdict(int))
    currencies: set[str] = field(default_factory=set[str])
    revenue: int = 0
    broken: list[str] = field(default_factory=list[str])

    def enter(self, entry: Entry) -> None:
        """Takes note of an entry, and of what is wrong with it."""
        try:
            prove(entry.id, entry.legs)
        except Unbalanced as error:
            self.broken.append(f"ledger: {error}")
        self.ids.add(entry.id)
        self.refs.add(entry.ref)
        self.currencies.add(entry.currency)
        for leg in entry.legs:
            self.sum_by_account[leg.account] += leg.amount
        self.revenue -= entry.amount_on(MEMBERSHIPS) if entry.kind in EARNING else 0
        self.receivable[entry.ref] += entry.amount_on(RECEIVABLE)
        if entry.kind in _OWING:
            self.owing += max(0, entry.amount_on(CREDIT))
        if entry.kind == "carried":
            self.carried[entry.ref] += entry.amount_on(CREDIT)
        if entry.kind in _ISSUING:
            self.issuing[entry.id] = entry
        elif entry.kind in _SETTLING:
            self.settling[entry.id] = entry
        elif entry.kind in EARNING:
            self.cash[entry.id] = sum(leg.amount for leg in entry.legs if leg.account.startswith(_CASH))
            self.taxes[entry.ref] -= entry.amount_on(TAX)
        elif entry.kind == "fee":
            self.fees[entry.ref] += entry.amount_on(FEES_GATEWAY)


def check_books(books: Books, invoices: Sequence[Invoice], currency: str | None) -> list[str]:
    """What is wrong with the books, by themselves and beside the documents that they are of."""
    by_id = {invoice.id: invoice for invoice in invoices}
    found = list(books.broken)
    if currency is not None and books.currencies - {currency}:
        others = ", ".join(sorted(books.currencies - {currency}))
        found.append(f"ledger: entries in {others}, and the contract is in {currency}")
    overspent = books.sum_by_account[CREDIT] - books.owing
    if overspent > 0:
        found.append(f"ledger: {overspent} more credit was used than there was")
    for invoice in invoices:
        found += _check_note(books, invoice, by_id) if invoice.of else _check_invoice(books, invoice)
    found += _orphans(books, by_id)
    return found


def _check_invoice(books: Books, invoice: Invoice) -> list[str]:
    if invoice.state not in ISSUED:
        held = any(books.issuing.get(f"{kind}:{invoice.id}") for kind in _ISSUING)
        return [f"invoice {invoice.id}: it is {invoice.state} and in the ledger"] if held else []
    if invoice.issued_at is None or invoice.number is None:
        return [f"invoice {invoice.id}: it is {invoice.state} without a number or a date"]
    lines = sum(line.amount for line in invoice.lines)
    tax = 0 if invoice.tax.inclusive else invoice.tax_amount
    if lines != invoice.subtotal - invoice.discount or lines + tax != invoice.total:
        return [f"invoice {invoice.id}: its lines and taxes do not add up to {invoice.total}"]
    found: list[str] = []
    meant, booked = invoice_entry(invoice, invoice.issued_at), books.issuing.get(f"invoice:{invoice.id}")
    if (meant is None) != (booked is None) or (meant and booked and not meant.says_the_same(booked)):
        found.append(f"invoice {invoice.id}: the ledger's entry of its issue is not what it says")
    open_in_books = books.receivable.get(invoice.ref, 0)
    meant_open = 0 if invoice.state == "uncollectible" else invoice.due
    if open_in_books != meant_open:
        found.append(f"invoice {invoice.id}: {meant_open} is due, and by the ledger {open_in_books}")
    paid = invoice.credited + invoice.noted + invoice.carried + invoice.paid - invoice.refunded
    if max(0, invoice.total) - paid != invoice.due:
        found.append(f"invoice {invoice.id}: {paid} was paid or taken off of {invoice.total}, and {invoice.due} is due")
    used = books.issuing.get(f"credit_used:{invoice.id}")
    if (0 if used is None else used.amount_on(CREDIT)) != invoice.credited:
        found.append(f"invoice {invoice.id}: the ledger's entry of its credit is not of {invoice.credited}")
    if books.carried.get(invoice.ref, 0) != invoice.carried:
        found.append(f"invoice {invoice.id}: {invoice.carried} was carried on, and that is not in the ledger")
    if (invoice.state == "paid") != (invoice.due == 0 and invoice.state != "uncollectible"):
        found.append(f"invoice {invoice.id}: it is {invoice.state} and {invoice.due} is due")
    return found


def _check_note(books: Books, note: Invoice, by_id: Mapping[str, Invoice]) -> list[str]:
    invoice = by_id.get(note.of or "")
    if invoice is None:
        return [f"credit note {note.id}: there is no invoice {note.of}"]
    booked = books.issuing.get(f"credit_note:{note.id}")
    if booked is None:
        return [f"credit note {note.id}: it is not in the ledger"]
    found: list[str] = []
    tax = 0 if note.tax.inclusive else note.tax_amount
    if {sum(line.amount for line in note.lines) + tax, sum(each.amount for each in note.credited_lines)} != {
        note.total
    }:
        found.append(f"credit note {note.id}: its lines and taxes do not add up to {note.total}")
    if booked.amount_on(TAX) != note.tax_amount:
        found.append(f"credit note {note.id}: its tax is {note.tax_amount}, and by the ledger {booked.amount_on(TAX)}")
    if booked.amount_on(RECEIVABLE) + booked.amount_on(CREDIT) != -note.total:
        found.append(f"credit note {note.id}: the ledger's entry is not of {note.total}")
    taken = sum(each.total for each in by_id.values() if each.of == invoice.id)
    if taken > invoice.total:
        found.append(f"invoice {invoice.id}: its credit notes take back {taken} of {invoice.total}")
    return found


def _orphans(books: Books, by_id: Mapping[str, Invoice]) -> list[str]:
    """Entries about invoices that are not there or never were issued."""
    found: list[str] = []
    for ref in sorted(books.refs):
        if not ref.startswith(_OF_INVOICES):
            continue
        invoice = by_id.get(ref.removeprefix(_OF_INVOICES))
        if invoice is None or not invoice.is_issued:
            found.append(f"ledger: entries about {ref}, which is no issued invoice")
    return found
