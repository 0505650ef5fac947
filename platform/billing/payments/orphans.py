"""Money at a gateway that no payment of ours is for: a person has to look at it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

import msgspec

from billing.gateways.protocol import Outcome
from storage.errors import Conflict
from storage.mongo import Database
from storage.platform_repository import PlatformRepository


class Orphan(msgspec.Struct, frozen=True, kw_only=True):
    """An object with money; `id` is `{gateway}:{reference}`, `why` says what does not agree."""

    id: str
    gateway: str
    reference: str
    amount: int
    currency: str
    tenant_id: str
    why: str
    at: datetime


class OrphanRepository(PlatformRepository[Orphan]):
    """The platform's list."""

    collection = "payment_orphans"
    document = Orphan

    async def add(self, orphan: Orphan) -> None:
        """Raises Conflict where it is known."""
        fields = msgspec.structs.asdict(orphan)
        await self._insert(fields.pop("id"), fields)

    async def remove(self, orphan_id: str) -> None:
        """It has found its payment."""
        await self._delete(orphan_id)

    async def among(self, orphan_ids: Sequence[str]) -> list[str]:
        """Those of the ids that are on the list."""
        return [each.id for each in await self._list({"_id": {"$in": list(orphan_ids)}})] if orphan_ids else []

    async def everything(self) -> list[Orphan]:
        """The oldest first."""
        return await self._list({}, sort=[("at", 1)])


class Orphans:
    """What reconciling and webhooks note."""

    def __init__(self, database: Database) -> None:
        self._orphans = OrphanRepository(database)

    async def note(self, outcome: Outcome, why: str, now: datetime) -> None:
        """Notes it once."""
        orphan = Orphan(
            id=_id(outcome),
            gateway=outcome.gateway,
            reference=outcome.reference,
            amount=outcome.amount,
            currency=outcome.currency,
            tenant_id=outcome.tenant_id,
            why=why,
            at=now,
        )
        try:
            await self._orphans.add(orphan)
        except Conflict:
            return

    async def found(self, outcomes: Sequence[Outcome]) -> None:
        """They are booked: no orphans any more."""
        for orphan_id in await self._orphans.among([_id(each) for each in outcomes]):
            await self._orphans.remove(orphan_id)

    async def everything(self) -> list[Orphan]:
        """All of them, the oldest first."""
        return await self._orphans.everything()


def _id(outcome: Outcome) -> str:
    return f"{outcome.gateway}:{outcome.reference}"
