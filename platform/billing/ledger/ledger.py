"""The ledger's verbs: posting once and for all, and what the accounts say."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import final

from billing.ledger.accounts import CREDIT
from billing.ledger.model import Entry, LedgerConflict, prove
from billing.ledger.repository import EntryRepository
from storage.across import Across, New
from storage.errors import Conflict
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope

Scope = TenantScope | PlatformScope


@final
class Ledger:
    """Every tenant's books. Its verbs take part in a transaction that the caller is in."""

    def __init__(self, database: Database) -> None:
        self._database = database

    async def post(self, scope: Scope, entry: Entry) -> bool:
        """Writes the entry; False where it was written before. Raises Unbalanced, LedgerConflict."""
        prove(entry.id, entry.legs)
        books = EntryRepository(self._database, scope)
        # Asked first: a refused insert would end the transaction that this may be in.
        stored = await books.get(entry.id)
        if stored is None:
            try:
                await books.add(entry)
            except Conflict:
                stored = await books.get(entry.id)
                if stored is None:
                    raise
        return _is_new(entry, stored)

    async def post_many(self, entries: Sequence[tuple[Scope, Entry]]) -> int:
        """Writes many, as `post` does; how many were new. Not for use within a transaction.

        Raises Unbalanced before anything is written, LedgerConflict after the rest is.
        """
        for _, entry in entries:
            prove(entry.id, entry.legs)
        new = await Across(self._database, EntryRepository.collection).insert_new(
            [New(scope.owner, entry.id, entry.fields()) for scope, entry in entries]
        )
        for place, (scope, entry) in enumerate(entries):
            if place not in new:
                _is_new(entry, await EntryRepository(self._database, scope).get(entry.id))
        return len(new)

    async def balances(self, scope: Scope, *, until: datetime | None = None) -> dict[str, int]:
        """What each account holds before `until`; debits are positive."""
        return await EntryRepository(self._database, scope).balances(end=until)

    async def sum(
        self,
        scope: Scope,
        account: str,
        start: datetime | None,
        end: datetime | None,
        *,
        kinds: Collection[str] | None = None,
    ) -> int:
        """What moved on the account in `[start, end)`, by entries of these kinds alone if they are named."""
        moved = await EntryRepository(self._database, scope).balances(start=start, end=end, kinds=kinds)
        return moved.get(account, 0)

    async def about(self, scope: Scope, ref: str) -> list[Entry]:
        """What was booked about an invoice or a purchase."""
        return await EntryRepository(self._database, scope).about(ref)

    async def credit(self, scope: Scope) -> int:
        """What the tenant has with us; positive, as people speak of it."""
        return -(await self.balances(scope)).get(CREDIT, 0)


def _is_new(entry: Entry, stored: Entry | None) -> bool:
    if stored is None:
        return True
    if not entry.says_the_same(stored):
        raise LedgerConflict(f"{entry.id} is in the books already, with other legs")
    return False
