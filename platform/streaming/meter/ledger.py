"""The ledger in MongoDB, as the shipper sees it."""

from __future__ import annotations

from collections.abc import Callable

from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tenancy.usage import Booking, UsageRepository


class TenantLedger:
    """Books into each owner's own documents. `scope_of` is `SystemStore.owner_scope`: suspended tenants too."""

    def __init__(self, database: Database, scope_of: Callable[[str], TenantScope | PlatformScope]) -> None:
        self._database = database
        self._scope_of = scope_of

    async def book(self, owner: str, day: str, booking: Booking) -> bool:
        """See shipper.Ledger."""
        return await UsageRepository(self._database, self._scope_of(owner)).book(day, booking)
