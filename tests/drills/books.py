"""The books of the drills' sites: what the ledger holds, and what is durable and on its way there."""

from __future__ import annotations

import asyncio
from datetime import date
from pathlib import Path
from typing import Final

from msgspec import Struct, field

from runtime.stores import Stores
from storage.scope import TenantId, mint_tenant_scope
from streaming.meter.records import decode
from tenancy.usage import UsageRepository
from tests.drills.stage import SITES

BOOKED_SECONDS: Final = 60.0


class Durable(Struct):
    """Per site, what is booked or waits in a segment; and how many segments a shipper left half done."""

    sizes: dict[str, int] = field(default_factory=lambda: dict.fromkeys(SITES, 0))
    half_done: int = 0


class Books(Struct):
    """What is booked by site, and what is left to be booked."""

    stores: Stores

    def ledger(self, tenant: str) -> UsageRepository:
        """The site's own."""
        return UsageRepository(self.stores.database, mint_tenant_scope(TenantId(tenant)))

    async def booked(self, tenant: str) -> int:
        """The site's bytes in the ledger."""
        return sum(day.bytes for day in await self.ledger(tenant).days(date(2000, 1, 1), date(3000, 1, 1)))

    async def booked_bytes(self) -> dict[str, int]:
        """By site."""
        return {tenant: await self.booked(tenant) for tenant in SITES}

    async def durable(self) -> Durable:
        """What a ledger without loss or repetition is going to hold. Both processes are to be dead."""
        durable = Durable(await self.booked_bytes())
        marks = {
            (f"tenant:{tenant}", entry["_id"], producer): seq
            for tenant in SITES
            async for entry in self.ledger(tenant).documents()
            for producer, seq in entry.get("wm", {}).items()
        }
        for path in self._segments():
            producer, _, seq = path.name.rpartition(".")
            is_begun = False
            for record in decode(path.read_bytes()):
                if marks.get((record.owner, record.day, producer), 0) >= int(seq):
                    is_begun = True
                else:
                    durable.sizes[record.owner.removeprefix("tenant:")] += record.size_bytes
            durable.half_done += is_begun
        return durable

    async def settled(self) -> None:
        """Wait until nothing is left to be booked. Raises TimeoutError."""
        async with asyncio.timeout(BOOKED_SECONDS):
            while self._segments():
                await asyncio.sleep(0.05)

    def _segments(self) -> list[Path]:
        return list(self.stores.home.segments.glob("*.[0-9]*"))
