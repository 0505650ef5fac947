"""Every query over purchases and memberships."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from accounts.model import ViewerId
from billing.memberships.model import Membership, Plan, Purchase
from storage.across import Across
from storage.indexes import Index
from storage.mongo import Database
from storage.repository import TenantRepository

MOST: Final = 1_000
"""Purchases of one viewer that are looked at: some eighty years of months."""
_DATE: Final = {"$type": "date"}
_OPEN: Final = {"state": "open", "renewal": False}
INDEXES: Final = (
    Index("purchases", (("_id.owner", 1), ("buyer", 1), ("created_at", -1)), "purchases_of_buyer"),
    Index("purchases", (("_id.owner", 1), ("holder", 1), ("counts_from", 1)), "purchases_of_holder"),
    Index(
        "purchases", (("_id.owner", 1), ("code", 1)), "purchases_by_code", unique=True, partial={"code": {"$gt": ""}}
    ),
    # One that was begun is gone on with, however often somebody clicks.
    Index(
        "purchases",
        (("_id.owner", 1), ("buyer", 1), ("plan", 1), ("gift", 1)),
        "purchases_open",
        unique=True,
        partial=_OPEN,
    ),
    # Across all owners: whose membership is to go on, and whose role is to follow.
    Index("memberships", (("renew_at", 1),), "memberships_due", partial={"renew_at": _DATE}),
    Index("memberships", (("ungranted", 1),), "memberships_ungranted", partial={"ungranted": True}),
)


class PurchaseRepository(TenantRepository[Purchase]):
    """What the viewers of one site bought."""

    collection = "purchases"
    document = Purchase

    async def get(self, purchase_id: str) -> Purchase | None:
        """The purchase of this id."""
        return await self._get(purchase_id)

    async def add(self, purchase: Purchase) -> None:
        """Raises Conflict where there is one of this id, or an open one of the same thing."""
        await self._insert(purchase.id, fields_of(purchase))

    async def open_one(self, buyer: ViewerId, plan: Plan, *, gift: bool) -> Purchase | None:
        """What the viewer has begun to buy."""
        return await self._find_one({"buyer": buyer, "plan": plan, "gift": gift, **_OPEN})

    async def of_buyer(self, buyer: ViewerId) -> list[Purchase]:
        """All that the viewer paid for, the newest first."""
        return await self._list({"buyer": buyer}, sort=[("created_at", -1)], limit=MOST)

    async def of_holder(self, holder: ViewerId) -> list[Purchase]:
        """All that the viewer has or had, the first one first."""
        return await self._list({"holder": holder}, sort=[("counts_from", 1)], limit=MOST)

    async def newest(self, *, limit: int) -> list[Purchase]:
        """The site's latest."""
        return await self._list(sort=[("created_at", -1)], limit=limit)

    async def set(self, purchase_id: str, **fields: Any) -> None:
        """Sets fields of one."""
        await self._update(purchase_id, {"$set": fields})

    async def drop(self, purchase_id: str) -> bool:
        """Nobody is to pay it any more; whether it was open."""
        return await self._update(purchase_id, {"$set": {"state": "dropped"}}, where={"state": "open"}) == 1

    async def reopen(self, purchase_id: str) -> None:
        """It may be paid again."""
        await self._update(purchase_id, {"$set": {"state": "open"}}, where={"state": "dropped"})

    async def claim_gift(self, code: str, holder: ViewerId, now: datetime) -> Purchase | None:
        """Gives the gift of this code to the viewer; None where there is none to be given."""
        there = await self._find_one({"code": code})
        if there is None:
            return None
        free = {"state": "paid", "gift": True, "redeemed_at": None}
        change = {"$set": {"holder": holder, "redeemed_at": now, "counts_from": now}}
        return await self._change(there.id, change, where=free)

    async def by_code(self, code: str) -> Purchase | None:
        """The gift of this code, whatever became of it."""
        return await self._find_one({"code": code})

    async def give_to(self, before: ViewerId, after: ViewerId) -> None:
        """Whatever was bought and held by one is the other's."""
        await self._update_where({"buyer": before, **_OPEN}, {"$set": {"state": "dropped"}})
        await self._update_where({"buyer": before}, {"$set": {"buyer": after}})
        await self._update_where({"holder": before}, {"$set": {"holder": after}})

    async def forget(self, viewer_id: ViewerId) -> int:
        """Takes the person out of what is kept for the books; how many purchases there were."""
        await self._update_where({"buyer": viewer_id, **_OPEN}, {"$set": {"state": "dropped"}})
        bought = await self._update_where({"buyer": viewer_id}, {"$set": {"buyer": None}})
        # A gift that was not redeemed is somebody else's already; its code still opens it.
        return bought + await self._update_where({"holder": viewer_id}, {"$set": {"holder": None}})


class MembershipRepository(TenantRepository[Membership]):
    """The memberships of one site."""

    collection = "memberships"
    document = Membership

    async def get(self, viewer_id: ViewerId) -> Membership | None:
        """The viewer's."""
        return await self._get(viewer_id)

    async def put(self, membership: Membership) -> None:
        """Writes it whole, for use within a transaction."""
        fields = msgspec.structs.asdict(membership)
        del fields["id"]
        fields["revision"] += 1
        await self._update(membership.id, {"$set": fields}, upsert=True)

    async def replace(self, before: Membership, **fields: Any) -> bool:
        """Sets fields if it is still as it was read."""
        changed = {**fields, "revision": before.revision + 1}
        return await self._update(before.id, {"$set": changed}, where={"revision": before.revision}) == 1

    async def put_off(self, viewer_id: ViewerId, now: datetime, *, until: datetime) -> None:
        """Looks at one that is due not before `until`, whatever else is in it."""
        await self._update(viewer_id, {"$set": {"renew_at": until}}, where={"renew_at": {"$lte": now}})

    async def granted(self, membership: Membership) -> bool:
        """The viewer's role says the same now; False where the membership has changed meanwhile."""
        as_read = {"revision": membership.revision}
        return await self._update(membership.id, {"$set": {"ungranted": False}}, where=as_read) == 1

    async def delete(self, viewer_id: ViewerId) -> bool:
        """Whether there was one."""
        return await self._delete(viewer_id)


Place = tuple[str, ViewerId]
"""An owner and its viewer."""


async def due(database: Database, now: datetime, *, limit: int) -> list[Place]:
    """Of all owners' memberships those that are to go on, the longest due first."""
    wanted = {"$and": [{"renew_at": _DATE}, {"renew_at": {"$lte": now}}]}
    return await _places(database, wanted, sort=[("renew_at", 1)], limit=limit)


async def ungranted(database: Database, *, limit: int) -> list[Place]:
    """Of all owners' memberships those whose viewers' roles are to follow."""
    return await _places(database, {"ungranted": True}, sort=None, limit=limit)


async def _places(
    database: Database, wanted: dict[str, Any], *, sort: list[tuple[str, int]] | None, limit: int
) -> list[Place]:
    memberships = Across(database, MembershipRepository.collection)
    found = await memberships.find(wanted, fields=["_id"], sort=sort, limit=limit)
    return [(each["_id"]["owner"], each["_id"]["id"]) for each in found]


def fields_of(purchase: Purchase) -> dict[str, Any]:
    """As stored, without the id."""
    fields: dict[str, Any] = msgspec.structs.asdict(purchase)
    del fields["id"]
    return fields
