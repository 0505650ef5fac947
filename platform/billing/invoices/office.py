"""What the verbs over invoices work with."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from msgspec import Struct

from storage.audit import Audit
from storage.moments import Clock
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope

Told = Callable[[TenantScope, str], Awaitable[None]]


class Office(Struct, frozen=True, kw_only=True):
    """`settled` hear of an invoice (by its id) of which nothing is due any more; at least once."""

    database: Database
    clock: Clock
    audit: Audit
    platform: PlatformScope
    settled: tuple[Told, ...] = ()

    async def tell_settled(self, scope: TenantScope, invoice_id: str) -> None:
        """Tells everybody."""
        for told in self.settled:
            await told(scope, invoice_id)
