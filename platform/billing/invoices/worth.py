"""What each line of an invoice is worth, and what taking back part of it moves.

A line's worth is its price, less its part of discounts and of what was advanced, with its part of the tax; worths add
up to the invoice's total. What credit notes move is always reckoned for all that was taken back so far, less what the
notes before moved: so roundings never add up, and the last note takes what is left of every account and of the tax.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import Struct

from billing.invoices.model import Invoice
from billing.invoices.postings import ACCOUNT_OF, nets_of
from billing.ledger import accounts
from billing.money import share, split


class Worth(Struct, frozen=True):
    """A line's price without tax, its parts of what is taken off and of the tax, all positive; 0 for reductions."""

    account: str
    net: int
    less: int
    tax: int

    @property
    def amount(self) -> int:
        """What it is worth in all."""
        return self.net - self.less + self.tax


def worths_of(invoice: Invoice) -> list[Worth]:
    """Of each line in order; of an invoice with a positive total they are positive and add up to it."""
    nets = nets_of(invoice)
    weights = [max(0, net) for net in nets]
    less = split(-sum(min(0, net) for net in nets), weights)
    taxes = split(invoice.tax_amount, [weight - part for weight, part in zip(weights, less, strict=True)])
    return [
        Worth(ACCOUNT_OF[line.kind], weight, part, tax)
        for line, weight, part, tax in zip(invoice.lines, weights, less, taxes, strict=True)
    ]


class Taken(Struct, frozen=True):
    """What taking back moves: debits by account, and how much of it is tax."""

    debits: Mapping[str, int]
    tax: int

    def without(self, before: Taken) -> Taken:
        """What this adds to what was taken before."""
        names = [*self.debits, *(name for name in before.debits if name not in self.debits)]
        debits = {name: self.debits.get(name, 0) - before.debits.get(name, 0) for name in names}
        return Taken(debits, self.tax - before.tax)


def taken_back(invoice: Invoice, worths: Sequence[Worth], amounts: Sequence[int]) -> Taken:
    """What it moves in all to take back so much of each line."""
    debits: dict[str, int] = {}
    less_in_all, tax_in_all = 0, 0
    is_all = sum(amounts) == invoice.total
    for worth, amount in zip(worths, amounts, strict=True):
        if amount == 0 and not is_all:
            continue
        # A line of which nothing was left goes back with the last of the others.
        less = share(worth.less, amount, worth.amount) if worth.amount else worth.less
        tax = tax_in(worth, amount) if worth.amount else worth.tax
        debits[worth.account] = debits.get(worth.account, 0) + amount - tax + less
        less_in_all, tax_in_all = less_in_all + less, tax_in_all + tax
    for account, amount in _reductions(invoice, less_in_all).items():
        debits[account] = debits.get(account, 0) - amount
    debits[accounts.TAX] = tax_in_all
    return Taken(debits, tax_in_all)


def tax_in(worth: Worth, amount: int) -> int:
    """The tax in so much of a line's worth."""
    return share(worth.tax, amount, worth.amount) if amount else 0


def _reductions(invoice: Invoice, less: int) -> dict[str, int]:
    """So much of what was taken off, by the account that it was taken off with."""
    off = [(ACCOUNT_OF[line.kind], -net) for line, net in zip(invoice.lines, nets_of(invoice), strict=True) if net < 0]
    found: dict[str, int] = {}
    for (account, _), part in zip(off, split(less, [amount for _, amount in off]), strict=True):
        found[account] = found.get(account, 0) + part
    return found
