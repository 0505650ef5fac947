"""What an issued invoice moves in the ledger."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from billing.invoices.model import Invoice
from billing.ledger import accounts
from billing.ledger.model import Entry, Leg, entry
from billing.money import share
from billing.rating.model import Line, LineKind

ACCOUNT_OF: Final[Mapping[LineKind, str]] = {
    "base": accounts.INCOME_BASE,
    "addon": accounts.INCOME_ADDONS,
    "capacity": accounts.INCOME_CAPACITY,
    "bandwidth": accounts.INCOME_BANDWIDTH,
    "late": accounts.INCOME_BANDWIDTH,
    "share": accounts.INCOME_SHARE,
    "minimum": accounts.INCOME_MINIMUM,
    "discount": accounts.DISCOUNTS,
    "advanced": accounts.DEFERRED,
    "advance": accounts.DEFERRED,
}


def invoice_entry(invoice: Invoice, at: datetime) -> Entry | None:
    """The entry of its issue: debit receivable, credit incomes and taxes. None where nothing moves.

    A negative total is credited to what the tenant has with us.
    """
    owes = accounts.RECEIVABLE if invoice.total >= 0 else accounts.CREDIT
    legs = [Leg(owes, invoice.total)]
    legs += [Leg(ACCOUNT_OF[line.kind], -net) for line, net in zip(invoice.lines, nets_of(invoice), strict=True)]
    legs.append(Leg(accounts.TAX, -invoice.tax_amount))
    if not _moved(legs):
        return None
    return entry(f"invoice:{invoice.id}", at=at, ref=invoice.ref, currency=invoice.currency, legs=legs)


def credit_used_entry(invoice: Invoice, amount: int, at: datetime) -> Entry:
    """Credit pays for an invoice."""
    legs = [Leg(accounts.CREDIT, amount), Leg(accounts.RECEIVABLE, -amount)]
    return entry(f"credit_used:{invoice.id}", at=at, ref=invoice.ref, currency=invoice.currency, legs=legs)


def nets_of(invoice: Invoice) -> list[int]:
    """The amounts of the lines without tax, which inclusive prices hold; they add up exactly."""
    if not invoice.tax.inclusive:
        return [line.amount for line in invoice.lines]
    return [line.amount - tax for line, tax in zip(invoice.lines, _taxes_within(invoice), strict=True)]


def _taxes_within(invoice: Invoice) -> Sequence[int]:
    whole, tax = invoice.total, invoice.tax_amount
    if whole < 0:
        whole, tax = -whole, -tax
    if whole == 0:
        return [0] * len(invoice.lines)
    parts: list[int] = []
    reached, given = 0, 0
    for amount in _amounts(invoice.lines):
        reached += amount
        # Of what was reached, not of each line: the roundings end at the tax itself.
        upto = share(reached, tax, whole)
        parts.append(upto - given)
        given = upto
    return parts


def _amounts(lines: Sequence[Line]) -> list[int]:
    return [line.amount for line in lines]


def _moved(legs: Sequence[Leg]) -> bool:
    sums: dict[str, int] = {}
    for leg in legs:
        sums[leg.account] = sums.get(leg.account, 0) + leg.amount
    return any(sums.values())
