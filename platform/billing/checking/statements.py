"""What operators are settled with: statements and payouts beside the ledger."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from billing.checking.books import Books
from billing.ledger.accounts import CASH_BANK, CASH_STRIPE, MEMBERSHIPS, PAYABLE, PAYOUTS
from billing.ledger.model import Entry
from billing.settlements.model import Payout, Statement
from billing.settlements.reckoning import payout_entry, sent_entry, statement_entry

_PAID_FROM = (CASH_BANK, CASH_STRIPE)


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
    waiting_for = sum(payout.open for payout in payouts)
    if -books.sum_by_account[PAYOUTS] != waiting_for:
        found.append(f"ledger: {-books.sum_by_account[PAYOUTS]} waits to be paid out, and by payouts {waiting_for}")
    found += _check_entries(books, statements, payouts)
    balances = {statement.paid_out: statement.balance for statement in statements if statement.paid_out}
    for payout in payouts:
        if balances.get(payout.id, payout.amount) != payout.amount:
            found.append(f"payout {payout.id}: it is of {payout.amount}, and its statement's is {balances[payout.id]}")
    known = {payout.id for payout in payouts}
    meant = {statement.paid_out for statement in statements if statement.paid_out}
    found += [f"payout {each}: its statement is there and it is not" for each in sorted(meant - known)]
    found += [f"payout {each}: no statement has it" for each in sorted(known - meant)]
    return found


def _check_entries(books: Books, statements: Sequence[Statement], payouts: Sequence[Payout]) -> list[str]:
    """Each statement and payout is in the ledger as it says, and nothing else of their kinds is."""
    # What does not add up has no entry that it could be beside.
    sound = [statement for statement in statements if not _check_sums(statement)]
    meant = [each for statement in sound if (each := statement_entry(statement)) is not None]
    meant += [payout_entry(payout) for payout in payouts]
    for payout in payouts:
        if payout.state != "due" and payout.paid_at is not None:
            cash = next((each for each in _cash_of(books.settling.get(f"payout-sent:{payout.id}"))), CASH_BANK)
            meant.append(sent_entry(payout, cash, payout.paid_at))
    found: list[str] = []
    for entry in meant:
        booked = books.settling.get(entry.id)
        if booked is None:
            found.append(f"{_named(entry.id)}: it is not in the ledger")
        elif not entry.says_the_same(booked):
            found.append(f"{_named(entry.id)}: the ledger's entry is not what it says")
    known = {entry.id for entry in meant}
    return found + [f"ledger: {each} is there without its document" for each in sorted(books.settling.keys() - known)]


def _named(entry_id: str) -> str:
    kind, _, name = entry_id.partition(":")
    return f"payout {name} ({kind})" if kind == "payout-sent" else f"{kind} {name}"


def _cash_of(entry: Entry | None) -> list[str]:
    """The account that a payout left from."""
    return [leg.account for leg in entry.legs if leg.account in _PAID_FROM] if entry else []


def _check_sums(statement: Statement) -> list[str]:
    figures = statement.figures
    share = sum(line.amount for line in statement.shares)
    sums = (
        statement.share == share,
        statement.result == figures.revenue - statement.share - statement.fees,
        statement.fees in (0, figures.fees),
        statement.balance == statement.carried + statement.result,
    )
    return [] if all(sums) else [f"statement {statement.id}: its figures do not add up to {statement.balance}"]


def _check_chain(statements: Sequence[Statement]) -> list[str]:
    found = [problem for statement in statements for problem in _check_sums(statement)]
    first = statements[0] if statements else None
    if first is not None and (first.figures != first.until or first.carried):
        found.append(f"statement {first.id}: its figures are not what came since the first day")
    for before, statement in pairwise(statements):
        if statement.carried != before.carry:
            found.append(
                f"statement {statement.id}: it carries {statement.carried}, the one before left {before.carry}"
            )
        if statement.until.since(before.until) != statement.figures:
            found.append(f"statement {statement.id}: its figures are not what came since the one before")
    return found
