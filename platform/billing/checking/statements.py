"""Viewers' money of one tenant: purchases, statements and payouts beside the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from billing.checking.books import Books
from billing.ledger.accounts import MEMBERSHIPS, PAYABLE
from billing.settlements.model import Payout, Statement
from billing.settlements.reckoning import statement_entry

_OF_PURCHASES = "membership:"


def check_statements(
    books: Books, revenue: int, statements: Sequence[Statement], payouts: Sequence[Payout]
) -> list[str]:
    """What is wrong; `statements` in order, `revenue` since ever."""
    found = _check_chain(statements)
    settled, carried = (0, 0) if not statements else (statements[-1].until.revenue, statements[-1].carry)
    waiting, owed = -books.sum_by_account[MEMBERSHIPS], -books.sum_by_account[PAYABLE]
    if waiting != revenue - settled:
        found.append(f"ledger: {waiting} of viewers' money waits for a statement, and {revenue - settled} should")
    if owed != carried:
        found.append(f"ledger: {owed} is owed to the operator, and by the last statement {carried}")
    for statement in statements:
        if statement_entry(statement) is not None and f"statement:{statement.id}" not in books.ids:
            found.append(f"statement {statement.id}: it is not in the ledger")
    known = {payout.id for payout in payouts}
    meant = {statement.paid_out for statement in statements if statement.paid_out}
    found += [f"payout {each}: its statement is there and it is not" for each in sorted(meant - known)]
    found += [f"payout {each}: no statement has it" for each in sorted(known - meant)]
    found += [f"payout {each}: it is not in the ledger" for each in sorted(known) if f"payout:{each}" not in books.ids]
    return found


def check_purchases(books: Books, purchases: set[str]) -> list[str]:
    """Entries about purchases that are not there."""
    refs = {ref.removeprefix(_OF_PURCHASES) for ref in books.refs if ref.startswith(_OF_PURCHASES)}
    return [f"ledger: entries about purchase {each}, which is not there" for each in sorted(refs - purchases)]


def _check_chain(statements: Sequence[Statement]) -> list[str]:
    found: list[str] = []
    for before, statement in pairwise(statements):
        if statement.carried != before.carry:
            found.append(
                f"statement {statement.id}: it carries {statement.carried}, the one before left {before.carry}"
            )
        if statement.until.since(before.until) != statement.figures:
            found.append(f"statement {statement.id}: its figures are not what came since the one before")
    return found
