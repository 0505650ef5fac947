"""Up to when each gateway was looked through, so that the next time begins there."""

from __future__ import annotations

from datetime import datetime

import msgspec

from storage.errors import Conflict
from storage.platform_repository import PlatformRepository


class Mark(msgspec.Struct, frozen=True):
    """`id` is the gateway's name."""

    id: str
    seen_until: datetime


class MarkRepository(PlatformRepository[Mark]):
    """One a gateway."""

    collection = "reconciled"
    document = Mark

    async def of(self, gateway: str) -> datetime | None:
        """Naive UTC; None where it was never looked through."""
        found = await self._get(gateway)
        return None if found is None else found.seen_until

    async def move_to(self, gateway: str, moment: datetime) -> None:
        """Never back: another process may be further."""
        if not await self._update(gateway, {"$max": {"seen_until": moment}}):
            try:
                await self._insert(gateway, {"seen_until": moment})
            except Conflict:
                await self._update(gateway, {"$max": {"seen_until": moment}})
