"""Every query over statements and payouts."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Any, Final

import msgspec

from billing.ledger.accounts import FEES_GATEWAY, MEMBERSHIPS, TAX
from billing.ledger.repository import EntryRepository
from billing.settlements.model import Payout, Statement, Totals
from storage.across import Across
from storage.indexes import Index
from storage.mongo import Database
from storage.repository import TenantRepository
from storage.scope import TenantScope

_MOST: Final = 1_000
_ABOUT: Final = {"ref": {"$gte": "membership:", "$lt": "membership;"}}
"""Entries about viewers' purchases."""
INDEXES: Final = (
    Index("statements", (("_id.owner", 1), ("_id.id", 1)), "statements_in_order"),
    Index("payouts", (("_id.owner", 1), ("created_at", -1)), "payouts_newest"),
    # Across all owners: what is to be sent.
    Index("payouts", (("try_at", 1),), "payouts_due", partial={"state": "due"}),
    Index("periods", (("end", 1),), "periods_to_settle", partial={"settled": False}),
)


class StatementRepository(TenantRepository[Statement]):
    """One tenant's statements."""

    collection = "statements"
    document = Statement

    def all(self) -> AsyncIterator[Statement]:
        """Every one, in order."""
        return self._find(sort=[("_id.id", 1)])

    async def get(self, n: int) -> Statement | None:
        """That of period n."""
        return await self._get(n)

    async def before(self, n: int) -> Statement | None:
        """The last one of an earlier period."""
        return await self._find_one({"_id.id": {"$lt": n}}, sort=[("_id.id", -1)])

    async def newest(self, *, limit: int = _MOST) -> list[Statement]:
        """The latest period first."""
        return await self._list(sort=[("_id.id", -1)], limit=limit)

    async def add(self, statement: Statement) -> None:
        """Raises Conflict where there is one of the period."""
        await self._insert(statement.id, _fields(statement))


class PayoutRepository(TenantRepository[Payout]):
    """One tenant's payouts."""

    collection = "payouts"
    document = Payout

    def all(self) -> AsyncIterator[Payout]:
        """Every one, in order."""
        return self._find(sort=[("_id.id", 1)])

    async def get(self, payout_id: str) -> Payout | None:
        """The payout of this id."""
        return await self._get(payout_id)

    async def newest(self, *, limit: int = _MOST) -> list[Payout]:
        """The latest first."""
        return await self._list(sort=[("created_at", -1)], limit=limit)

    async def add(self, payout: Payout) -> None:
        """Raises Conflict where there is one of this id."""
        await self._insert(payout.id, _fields(payout))

    async def while_due(self, payout_id: str, asked: str | None, **fields: Any) -> bool:
        """Sets fields of one that is due and was asked of this account, or of none."""
        return await self._update(payout_id, {"$set": fields}, where={"state": "due", "account": asked}) == 1

    async def after_sending(self, before: Payout, **fields: Any) -> bool:
        """Sets fields of one that had left, if it is still as it was read."""
        as_read = [before.reversed_amount] if before.reversed_amount else [0, None]
        where = {"state": before.state, "reversed_amount": {"$in": as_read}}
        return await self._update(before.id, {"$set": fields}, where=where) == 1


class MembershipBooks(EntryRepository):
    """What one tenant's ledger says of viewers' money."""

    async def totals(self, end: datetime) -> Totals:
        """Since ever, before `end`."""
        stages: list[dict[str, Any]] = [
            {"$match": {**_ABOUT, "at": {"$lt": end}}},
            {"$unwind": "$legs"},
            {
                "$group": {
                    "_id": {"kind": "$kind", "account": "$legs.account"},
                    "amount": {"$sum": "$legs.amount"},
                    "count": {"$sum": 1},
                }
            },
        ]
        moved: dict[tuple[str, str], int] = {}
        sales = 0
        async for each in self._aggregate(stages):
            kind, account = each["_id"]["kind"], each["_id"]["account"]
            moved[kind, account] = each["amount"]
            sales += each["count"] if (kind, account) == ("payment", MEMBERSHIPS) else 0
        return Totals(
            sales=sales,
            gross=-moved.get(("payment", MEMBERSHIPS), 0),
            tax=-sum(amount for (_, account), amount in moved.items() if account == TAX),
            refunds=sum(moved.get((kind, MEMBERSHIPS), 0) for kind in ("refund", "refund-failed")),
            disputes=sum(moved.get((kind, MEMBERSHIPS), 0) for kind in ("dispute", "dispute-won", "dispute-lost")),
            fees=sum(amount for (_, account), amount in moved.items() if account == FEES_GATEWAY),
        )


async def sellers_among(database: Database, owners: list[str]) -> set[str]:
    """Those whose viewers have ever paid anything."""
    stages: list[dict[str, Any]] = [
        {"$match": {"_id.owner": {"$in": owners}, **_ABOUT}},
        {"$group": {"_id": "$_id.owner"}},
    ]
    return {each["_id"] for each in await Across(database, EntryRepository.collection).aggregate(stages)}


async def first_moved(database: Database, since: Mapping[str, datetime]) -> dict[str, datetime]:
    """By owner, when the money of its viewers moved first since the moment that is told; those without are left out."""
    if not since:
        return {}
    spans = [{"_id.owner": owner, "at": {"$gte": moment}} for owner, moment in since.items()]
    stages: list[dict[str, Any]] = [
        {"$match": {"$or": spans, **_ABOUT}},
        {"$group": {"_id": "$_id.owner", "at": {"$min": "$at"}}},
    ]
    found = await Across(database, EntryRepository.collection).aggregate(stages)
    return {each["_id"]: each["at"] for each in found}


async def due_payouts(database: Database, now: datetime, *, limit: int) -> list[tuple[str, str]]:
    """Of all owners' payouts those that are to be sent now: (owner, id)."""
    wanted = {"state": "due", "try_at": {"$lte": now}}
    found = await Across(database, PayoutRepository.collection).find(
        wanted, fields=["_id"], sort=[("try_at", 1)], limit=limit
    )
    return [(each["_id"]["owner"], each["_id"]["id"]) for each in found]


def books_of(database: Database, scope: TenantScope) -> MembershipBooks:
    """One tenant's."""
    return MembershipBooks(database, scope)


def _fields(document: Statement | Payout) -> dict[str, Any]:
    fields: dict[str, Any] = msgspec.to_builtins(document, builtin_types=(datetime,))
    del fields["id"]
    return fields
