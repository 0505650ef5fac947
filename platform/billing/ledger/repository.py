"""The entries of one tenant. There is no verb that changes or deletes a single one."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from datetime import datetime
from typing import Any, Final

from billing.ledger.accounts import CREDIT, MEMBERSHIPS
from billing.ledger.model import Entry
from storage.indexes import Index
from storage.repository import TenantRepository

INDEXES: Final = (
    Index("ledger", (("_id.owner", 1), ("at", 1)), "ledger_by_time"),
    Index("ledger", (("_id.owner", 1), ("ref", 1)), "ledger_by_ref"),
    Index("ledger", (("_id.owner", 1),), "ledger_of_credit", partial={"legs.account": CREDIT}),
    Index("ledger", (("_id.owner", 1), ("at", 1)), "ledger_of_viewers", partial={"legs.account": MEMBERSHIPS}),
)


class EntryRepository(TenantRepository[Entry]):
    """One tenant's books."""

    collection = "ledger"
    document = Entry

    async def add(self, entry: Entry) -> None:
        """Raises Conflict where there is one of this id."""
        await self._insert(entry.id, entry.fields())

    async def get(self, entry_id: str) -> Entry | None:
        """The entry of this id."""
        return await self._get(entry_id)

    async def about(self, ref: str) -> list[Entry]:
        """What was booked about an invoice or a purchase, in order."""
        return [each async for each in self._find({"ref": ref}, sort=[("at", 1), ("_id.id", 1)])]

    def all(self, *, start: datetime | None = None, end: datetime | None = None) -> AsyncIterator[Entry]:
        """Entries of `[start, end)` in order."""
        return self._find(within(start, end, None), sort=[("at", 1), ("_id.id", 1)])

    async def balances(
        self, *, start: datetime | None = None, end: datetime | None = None, kinds: Collection[str] | None = None
    ) -> dict[str, int]:
        """What moved on each account in `[start, end)`, by entries of these kinds."""
        stages: list[dict[str, Any]] = [
            {"$match": within(start, end, kinds)},
            {"$unwind": "$legs"},
            {"$group": {"_id": "$legs.account", "amount": {"$sum": "$legs.amount"}}},
        ]
        return {each["_id"]: each["amount"] async for each in self._aggregate(stages)}


def within(start: datetime | None, end: datetime | None, kinds: Collection[str] | None) -> dict[str, Any]:
    """The filter of entries of `[start, end)`, of these kinds."""
    bounds = {key: moment for key, moment in (("$gte", start), ("$lt", end)) if moment is not None}
    wanted: dict[str, Any] = {"at": bounds} if bounds else {}
    if kinds is not None:
        wanted["kind"] = {"$in": list(kinds)}
    return wanted
