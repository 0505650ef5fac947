"""The periods of one tenant, and how they are read for many."""

from __future__ import annotations

from collections.abc import AsyncIterator, Iterable
from datetime import datetime
from typing import Any, Final

import msgspec

from billing.periods.model import BilledPeriod
from storage.across import Across
from storage.documents import decoded
from storage.indexes import Index
from storage.mongo import Database, Stored
from storage.repository import TenantRepository

INDEXES: Final = (Index("periods", (("_id.owner", 1), ("_id.id", 1)), "periods_in_order"),)

Place = tuple[str, int]
"""An owner and the number of its period."""


class PeriodRepository(TenantRepository[BilledPeriod]):
    """One tenant's periods."""

    collection = "periods"
    document = BilledPeriod

    async def get(self, n: int) -> BilledPeriod | None:
        """Period n, if anybody has claimed it yet."""
        return await self._get(n)

    def all(self) -> AsyncIterator[BilledPeriod]:
        """Every one, in order."""
        return self._find(sort=[("_id.id", 1)])

    async def last_read(self, before_n: int) -> datetime | None:
        """When usage was last read for a bill of an earlier period, by the database's time."""
        earlier = {"_id.id": {"$lt": before_n}, "read_at": {"$type": "date"}}
        found = await self._find_one(earlier, sort=[("_id.id", -1)])
        return None if found is None else found.read_at

    async def settled(self, n: int) -> None:
        """What viewers paid in it has its statement, or needs none."""
        await self._update(n, {"$set": {"settled": True}})

    async def void(self, n: int, *, advance: int) -> None:
        """The draft was voided: the period is not billed, and `advance` is left to be set off against the next bill."""
        await self._update(n, {"$set": {"state": "void", "advance": advance}})


async def periods_at(database: Database, places: Iterable[Place]) -> dict[Place, BilledPeriod]:
    """Those that are there."""
    keys = [{"owner": owner, "id": n} for owner, n in places]
    found = await Across(database, PeriodRepository.collection).find({"_id": {"$in": keys}}) if keys else []
    return {(each["_id"]["owner"], each["_id"]["id"]): _read(each) for each in found}


def fields_of(period: BilledPeriod) -> dict[str, Any]:
    """As stored, without the id."""
    fields: dict[str, Any] = msgspec.to_builtins(period, builtin_types=(datetime,))
    del fields["id"]
    return fields


def _read(stored: Stored) -> BilledPeriod:
    return decoded({**stored, "id": stored["_id"]["id"]}, BilledPeriod, PeriodRepository.collection)
