"""What came in and went back: each payment's money is in the ledger once, and none is there without a payment."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from billing.checking.books import Books
from billing.payments.model import Payment
from billing.payments.postings import ref_of, tax_of

_OF_PURCHASES = "membership:"


def check_payments(books: Books, payments: Iterable[Payment]) -> list[str]:
    """What is wrong, seen from the payments and from the ledger."""
    found: list[str] = []
    known: set[str] = set()
    fees: defaultdict[str, int] = defaultdict(int)
    taxes: defaultdict[str, int] = defaultdict(int)
    for payment in payments:
        for name, cash in _moved(books, payment):
            known.add(name)
            if name not in books.cash:
                found.append(f"payment {payment.id}: {name} is not in the ledger")
            elif books.cash[name] != cash:
                found.append(f"payment {payment.id}: {name} moved {books.cash[name]} in the ledger, not {cash}")
        ref = ref_of(payment)
        fees[ref] += (payment.fee or 0) + sum(dispute.fee for dispute in payment.disputes)
        taxes[ref] += tax_of(payment, payment.received) - tax_of(payment, payment.refunded + _lost(payment))
        if any(refund.state == "failed" for refund in payment.refunds):
            # It came back with the tax that it went with; the refunds after it were rounded behind it.
            taxes[ref] = books.taxes[ref]
    found += [f"ledger: {name} is of no payment" for name in sorted(books.cash.keys() - known)]
    return [*found, *_differing("fees", books.fees, fees), *_differing("taxes", books.taxes, taxes)]


def check_purchases(books: Books, purchases: Mapping[str, Mapping[str, Any]], payments: Sequence[Payment]) -> list[str]:
    """Entries about purchases that are not there, and purchases that count for more or less than was paid and stayed.

    `purchases` as stored, by id.
    """
    refs = {ref.removeprefix(_OF_PURCHASES) for ref in books.refs if ref.startswith(_OF_PURCHASES)}
    found = [f"ledger: entries about purchase {each}, which is not there" for each in sorted(refs - purchases.keys())]
    stayed: defaultdict[str, int] = defaultdict(int)
    for payment in payments:
        if payment.purpose == "membership":
            stayed[payment.subject] += payment.received - payment.refunded - _lost(payment)
    # Of the last payment not all may have heard yet.
    untold = {payment.subject for payment in payments if payment.untold}
    for name, purchase in purchases.items():
        kept = max(0, min(purchase.get("amount", 0), stayed[name]))
        if name not in untold and purchase.get("kept", 0) != kept:
            found.append(f"purchase {name}: it counts for {purchase.get('kept', 0)}, and {kept} was paid and stayed")
    return found


def _differing(what: str, booked: Mapping[str, int], meant: Mapping[str, int]) -> list[str]:
    return [
        f"ledger: {what} of {booked.get(ref, 0)} about {ref}, and {meant.get(ref, 0)} by its payments"
        for ref in sorted(booked.keys() | meant.keys())
        if booked.get(ref, 0) != meant.get(ref, 0)
    ]


def _lost(payment: Payment) -> int:
    return sum(dispute.amount for dispute in payment.disputes if dispute.state == "lost")


def _moved(books: Books, payment: Payment) -> Iterator[tuple[str, int]]:
    """The entries that a payment has, by id, with what each moves in cash."""
    gateway = payment.gateway
    for part in payment.parts:
        yield f"payment:{gateway}:{part.id}", part.amount
    for refund in payment.refunds:
        name, failed = f"refund:{gateway}:{refund.id}", f"refund-failed:{gateway}:{refund.id}"
        if refund.state != "failed":
            yield name, -refund.amount
        elif name in books.cash or failed in books.cash:
            # One that had failed before anybody heard of it moved nothing.
            yield name, -refund.amount
            yield failed, refund.amount
    for dispute in payment.disputes:
        yield f"dispute:{gateway}:{dispute.id}", -dispute.amount
        if dispute.state != "open":
            yield f"dispute-{dispute.state}:{gateway}:{dispute.id}", dispute.amount if dispute.state == "won" else 0
