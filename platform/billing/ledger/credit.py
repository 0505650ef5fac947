"""A tenant's credit is spent by one transaction at a time, and so are its debts taken up."""

from __future__ import annotations

from typing import Final

from billing.ledger.ledger import Ledger, Scope
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository

_GUARD: Final = "credit"


class CreditGuard(TenantDocument, kw_only=True):
    """Counts who spent of it, so that two who would spend the same meet in one document."""

    id: str
    spent: int = 0


class CreditGuards(TenantRepository[CreditGuard]):
    """One guard a tenant."""

    collection = "credit_guards"
    document = CreditGuard

    async def touch(self) -> None:
        """Writes the guard: of two transactions that do, one begins anew."""
        await self._update(_GUARD, {"$inc": {"spent": 1}}, upsert=True)


async def take_hold(database: Database, scope: Scope) -> int:
    """The credit that the caller's transaction may spend: nobody else spends of it before that ends.

    Negative where the tenant owes from before. For use within `storage.transactions.all_or_none` alone.
    """
    await CreditGuards(database, scope).touch()
    return await Ledger(database).credit(scope)
