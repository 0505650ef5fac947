"""What an entry of the ledger is: legs that add up to nothing."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from msgspec import Struct

from billing.ledger.accounts import ACCOUNTS
from billing.money import exponent
from storage.repository import TenantDocument


class Unbalanced(ValueError):
    """Legs that do not add up to 0, that move nothing, or that name an account there is not."""


class LedgerConflict(Exception):
    """An entry of this id is in the books already, with other legs or in another currency."""


class Leg(Struct, frozen=True):
    """What moves on one account: a debit is positive, a credit negative."""

    account: str
    amount: int


class Entry(TenantDocument, kw_only=True):
    """One entry, written once and never changed. Make it with `entry`, which proves it.

    `id` is what happened, and to what: `invoice:{id}`, `payment:{gateway}:{reference}`. `kind` is its first word, `ref`
    what it is about (an invoice's or a purchase's id). `at` is naive UTC.
    """

    id: str
    at: datetime
    kind: str
    ref: str
    currency: str
    legs: tuple[Leg, ...]

    def amount_on(self, account: str) -> int:
        """What it moves on the account."""
        return sum(leg.amount for leg in self.legs if leg.account == account)

    def fields(self) -> dict[str, Any]:
        """As stored, without the id."""
        return {
            "at": self.at,
            "kind": self.kind,
            "ref": self.ref,
            "currency": self.currency,
            "legs": [{"account": leg.account, "amount": leg.amount} for leg in self.legs],
        }

    def says_the_same(self, other: Entry) -> bool:
        """Whether both move the same money."""
        return self.legs == other.legs and self.currency == other.currency


def entry(entry_id: str, *, at: datetime, ref: str, currency: str, legs: Iterable[Leg]) -> Entry:
    """A proven entry: legs of one account are joined, those of nothing left out. Raises Unbalanced, BadMoney."""
    exponent(currency)
    joined: dict[str, int] = {}
    for leg in legs:
        joined[leg.account] = joined.get(leg.account, 0) + leg.amount
    kept = tuple(Leg(account, amount) for account, amount in joined.items() if amount)
    prove(entry_id, kept)
    return Entry(id=entry_id, at=at, kind=entry_id.partition(":")[0], ref=ref, currency=currency, legs=kept)


def prove(entry_id: str, legs: tuple[Leg, ...]) -> None:
    """Raises Unbalanced for legs that no entry can have."""
    if not legs:
        raise Unbalanced(f"{entry_id} moves nothing")
    unknown = {leg.account for leg in legs} - ACCOUNTS
    if unknown:
        raise Unbalanced(f"{entry_id}: there is no account {', '.join(sorted(unknown))}")
    difference = sum(leg.amount for leg in legs)
    if difference:
        raise Unbalanced(f"{entry_id}: debits and credits differ by {difference}")
