"""Writing a credit note: pure functions of the invoice and of what was taken back before."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from msgspec import Struct

from billing.invoices.model import CreditedLine, Invoice
from billing.invoices.worth import Taken, Worth, taken_back, tax_in, worths_of
from billing.ledger import accounts
from billing.ledger.model import Entry, Leg, entry
from billing.money import split
from billing.rating.model import Line


class BadCredit(ValueError):
    """A credit note that cannot be written; the message says why."""


class CreditTooLarge(BadCredit):
    """More than is left of the invoice or of one of its lines."""


class Part(Struct, frozen=True):
    """A line, what it is worth, what was taken back of it, and what is to be."""

    line: Line
    worth: Worth
    before: int
    more: int = 0

    @property
    def left(self) -> int:
        """What can still be taken back."""
        return self.worth.amount - self.before


def parts_of(invoice: Invoice, notes: Sequence[Invoice]) -> list[Part]:
    """The invoice's lines as its credit notes left them. Raises BadCredit for one that has nothing to take back."""
    if invoice.state not in ("issued", "paid"):
        raise BadCredit(f"the invoice is {invoice.state}: only one that is issued and not written off is credited")
    if invoice.total <= 0:
        raise BadCredit("nothing was charged by the invoice")
    before = [0] * len(invoice.lines)
    for credited in (each for note in notes for each in note.credited_lines):
        before[credited.place] += credited.amount
    return [Part(*each) for each in zip(invoice.lines, worths_of(invoice), before, strict=True)]


def by_amount(parts: Sequence[Part], amount: int | None) -> list[Part]:
    """The amount, tax included, over the lines by what is left of them; None is all. Raises CreditTooLarge."""
    left = [part.left for part in parts]
    wanted = sum(left) if amount is None else amount
    if wanted > sum(left):
        raise CreditTooLarge(f"{wanted} is more than what is left of the invoice, {sum(left)}")
    if wanted < 1:
        raise BadCredit("everything was taken back before" if amount is None else f"{amount}: an amount from 1 on")
    return [msgspec.structs.replace(part, more=more) for part, more in zip(parts, split(wanted, left), strict=True)]


def by_line(parts: Sequence[Part], lines: Mapping[int, int]) -> list[Part]:
    """Amounts, tax included, of lines by their place. Raises BadCredit, CreditTooLarge."""
    for place, wanted in lines.items():
        if not 0 <= place < len(parts) or wanted < 1:
            raise BadCredit(f"line {place}, {wanted}: a line of the invoice, counted from 0, and an amount from 1 on")
        if wanted > parts[place].left:
            raise CreditTooLarge(f"line {place}: {wanted} is more than what is left of it, {parts[place].left}")
    if not lines:
        raise BadCredit("no line is named")
    return [msgspec.structs.replace(part, more=lines.get(place, 0)) for place, part in enumerate(parts)]


def written(
    invoice: Invoice, parts: Sequence[Part], *, note_id: str, number: str, reason: str, now: datetime
) -> tuple[Invoice, Taken]:
    """The note, and what it moves."""
    worths = [part.worth for part in parts]
    after = taken_back(invoice, worths, [part.before + part.more for part in parts])
    taken = after.without(taken_back(invoice, worths, [part.before for part in parts]))
    total = sum(part.more for part in parts)
    taxes = tuple(msgspec.structs.replace(tax, base=total - taken.tax, amount=taken.tax) for tax in invoice.taxes)
    lines = tuple(_shown(part, inclusive=invoice.tax.inclusive) for part in parts if part.more)
    note = Invoice(
        id=note_id,
        kind="credit_note",
        state="issued",
        number=number,
        n=invoice.n,
        start=invoice.start,
        end=invoice.end,
        currency=invoice.currency,
        plan=invoice.plan,
        lines=lines,
        subtotal=sum(line.amount for line in lines),
        taxes=taxes,
        total=total,
        drafted_at=now,
        issue_at=now,
        issued_at=now,
        bill_to=invoice.bill_to,
        issuer=invoice.issuer,
        tax=invoice.tax,
        gateway=invoice.gateway,
        terms_days=invoice.terms_days,
        of=invoice.id,
        reason=reason,
        credited_lines=tuple(CreditedLine(place, part.more) for place, part in enumerate(parts) if part.more),
    )
    return note, taken


def credit_note_entry(invoice: Invoice, note: Invoice, taken: Taken, off_due: int, now: datetime) -> Entry:
    """Debit what was earned, credit what is open and, for the rest, what the tenant has with us."""
    legs = [Leg(account, amount) for account, amount in taken.debits.items()]
    legs += [Leg(accounts.RECEIVABLE, -off_due), Leg(accounts.CREDIT, off_due - note.total)]
    return entry(f"credit_note:{note.id}", at=now, ref=invoice.ref, currency=invoice.currency, legs=legs)


def _shown(part: Part, *, inclusive: bool) -> Line:
    tax = 0 if inclusive else tax_in(part.worth, part.before + part.more) - tax_in(part.worth, part.before)
    return msgspec.structs.replace(part.line, quantity=1, unit_amount=None, amount=part.more - tax)
