"""The ledger in MongoDB, as the shipper sees it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tenancy.usage import UsageRepository


class TenantLedger:
    """Books into each owner's own documents. `scope_of` is `SystemStore.owner_scope`: suspended tenants too."""

    def __init__(self, database: Database, scope_of: Callable[[str], TenantScope | PlatformScope]) -> None:
        self._database = database
        self._scope_of = scope_of

    async def book(
        self,
        owner: str,
        day: str,
        *,
        producer: str,
        seq: int,
        size_bytes: int,
        streams: int,
        quarters: Mapping[str, int] | None = None,
    ) -> bool:
        """See shipper.Ledger."""
        repository = UsageRepository(self._database, self._scope_of(owner))
        return await repository.book(
            day, producer=producer, seq=seq, size_bytes=size_bytes, streams=streams, quarters=quarters
        )
