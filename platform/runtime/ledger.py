"""The ledger that the meter ships to: every owner's, also that of tenants who are suspended or gone."""

from __future__ import annotations

from storage.mongo import Database
from storage.system import SystemStore
from tenancy.usage import UsageRepository


class OwnersLedger:
    """streaming.meter.shipper.Ledger over the usage repositories."""

    def __init__(self, database: Database, system: SystemStore) -> None:
        self._database = database
        self._system = system

    async def book(self, owner: str, day: str, *, producer: str, seq: int, size_bytes: int, streams: int) -> bool:
        """As Ledger.book."""
        usage = UsageRepository(self._database, self._system.owner_scope(owner))
        return await usage.book(day, producer=producer, seq=seq, size_bytes=size_bytes, streams=streams)
