"""Importing franchise sites: each document goes through the tenants' desk, which checks, audits and tells of it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, cast

from content.dumps import Item, PlatformDumpState, TenantsDump
from storage.audit import Actor
from storage.documents import Refusal
from storage.mongo import Database
from storage.system import SystemStore
from tenancy.desk import TenantDesk, put_tenant
from tenancy.errors import TenancyError
from tenancy.usage import UsageLedger


class TenantsIntake:
    """The collection `tenants` as a DumpStore. The figures in `stats` are booked as opening entries, once a tenant."""

    def __init__(self, database: Database, desk: TenantDesk, usage: UsageLedger, actor: Actor) -> None:
        self._tenants = TenantsDump(database)
        self._system = SystemStore(database)
        self._desk = desk
        self._usage = usage
        self._actor = actor

    async def states(self, ids: Sequence[Any]) -> list[PlatformDumpState]:
        """See DumpStore."""
        return await self._tenants.states(ids)

    async def write(self, items: Sequence[Item]) -> dict[int, Refusal]:
        """See DumpStore."""
        refusals: dict[int, Refusal] = {}
        for place, (tenant_id, fields, ours) in enumerate(items):
            try:
                await put_tenant(self._desk, {"_id": tenant_id, **fields}, actor=self._actor)
            except TenancyError as error:
                refusals[place] = Refusal((), str(error))
                continue
            await self._book(tenant_id, fields.get("stats"))
            # Last, so that an import that broke off before does the rest when it comes again.
            await self._tenants.remember(tenant_id, ours)
        return refusals

    def documents(self) -> AsyncIterator[dict[str, Any]]:
        """See DumpStore."""
        return self._tenants.documents()

    async def _book(self, tenant_id: str, stats: Any) -> None:
        scope = await self._system.tenant_scope(tenant_id)
        if scope is not None and isinstance(stats, Mapping):
            await self._usage.open_with(scope, cast("Mapping[str, Any]", stats), self._desk.clock())
