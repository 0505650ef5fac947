"""What a tenant's site earned: what its viewers paid, without tax and less what went back to them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from decimal import Decimal
from typing import Any, Final

from billing.ledger.accounts import MEMBERSHIPS
from billing.ledger.ledger import Scope
from billing.ledger.repository import EntryRepository, within
from billing.money import in_major
from storage.across import Across
from storage.mongo import Database
from tenancy.model import Tenant

_SALE: Final = "payment"
_RETURNING: Final = ("refund", "refund-failed", "dispute", "dispute-won", "dispute-lost")
EARNING: Final = (_SALE, *_RETURNING)
"""Kinds of entries that make revenue or take it back; a statement settles it and does neither."""


async def revenue_of(
    database: Database, scope: Scope, *, start: datetime | None = None, end: datetime | None = None
) -> int:
    """In `[start, end)`, in minor units."""
    moved = await EntryRepository(database, scope).balances(start=start, end=end, kinds=EARNING)
    return -moved.get(MEMBERSHIPS, 0)


async def revenue_in_all(database: Database, scope: Scope, currency: str, *, end: datetime | None = None) -> Decimal:
    """Since ever, up to `end`, in major units."""
    return in_major(await revenue_of(database, scope, end=end), currency)


async def revenues(
    database: Database, owners: Sequence[str], start: datetime | None = None, end: datetime | None = None
) -> dict[str, int]:
    """Of many owners in one span, or since ever; those without any are left out."""
    wanted = {"_id.owner": {"$in": list(owners)}, "legs.account": MEMBERSHIPS, **within(start, end, EARNING)}
    stages: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$unwind": "$legs"},
        {"$match": {"legs.account": MEMBERSHIPS}},
        {"$group": {"_id": "$_id.owner", "amount": {"$sum": "$legs.amount"}}},
    ]
    found = await Across(database, EntryRepository.collection).aggregate(stages)
    return {each["_id"]: -each["amount"] for each in found}


async def returned(
    database: Database, sold_before: Mapping[str, datetime], start: datetime, end: datetime
) -> dict[str, int]:
    """What went back in `[start, end)` of what each owner had sold before its moment; those without are left out."""
    if not sold_before:
        return {}
    ledger = Across(database, EntryRepository.collection)
    wanted = {"_id.owner": {"$in": list(sold_before)}, "legs.account": MEMBERSHIPS, **within(start, end, _RETURNING)}
    stages: list[dict[str, Any]] = [
        {"$match": wanted},
        {"$unwind": "$legs"},
        {"$match": {"legs.account": MEMBERSHIPS}},
        {"$group": {"_id": {"owner": "$_id.owner", "ref": "$ref"}, "amount": {"$sum": "$legs.amount"}}},
    ]
    went = {(each["_id"]["owner"], each["_id"]["ref"]): each["amount"] for each in await ledger.aggregate(stages)}
    if not went:
        return {}
    owners, refs = ({place[part] for place in went} for part in (0, 1))
    sold = {"_id.owner": {"$in": sorted(owners)}, "ref": {"$in": sorted(refs)}, "kind": _SALE}
    sales = await ledger.find(sold, fields=["ref", "at"])
    early = {(each["_id"]["owner"], each["ref"]) for each in sales if each["at"] < sold_before[each["_id"]["owner"]]}
    found: dict[str, int] = {}
    for owner, ref in early & went.keys():
        found[owner] = found.get(owner, 0) + went[owner, ref]
    return found


async def earned_by(database: Database, tenants: Sequence[Tenant]) -> dict[str, Decimal]:
    """Of many tenants since ever, by owner and in major units; those without any are left out."""
    currencies = {f"tenant:{tenant.id}": tenant.currency for tenant in tenants}
    minor = await revenues(database, list(currencies))
    return {owner: in_major(amount, currencies[owner]) for owner, amount in minor.items()}
