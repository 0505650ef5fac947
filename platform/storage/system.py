"""Work across tenants: named questions whose answers are scopes. Its commands say `comment: "system"`."""

from collections.abc import AsyncIterator
from typing import Final, final

from storage.mongo import Database, collection_of, edge
from storage.scope import PLATFORM, PlatformScope, TenantId, TenantScope, mint_platform_scope, mint_tenant_scope

SYSTEM: Final = "system"
"""The comment by which a command is known to be meant across tenants."""


@final
class SystemStore:
    """Scopes for jobs and reports. What is done for a tenant is done through its scope, never here."""

    def __init__(self, database: Database) -> None:
        self._tenants = collection_of(database, "tenants")

    def platform_scope(self) -> PlatformScope:
        """The platform's own documents."""
        return mint_platform_scope()

    def owner_scope(self, owner: str) -> TenantScope | PlatformScope:
        """The scope of an owner as stored, whether or not the tenant is still there. Raises ValueError."""
        if owner == PLATFORM:
            return mint_platform_scope()
        kind, _, tenant_id = owner.partition(":")
        if kind != "tenant":
            raise ValueError(f"not an owner: {owner!r}")
        return mint_tenant_scope(TenantId(tenant_id))

    async def tenant_scopes(self) -> AsyncIterator[TenantScope]:
        """Every tenant there is, by id, suspended ones too."""
        with edge:
            async with self._tenants.find({}, {"_id": 1}, sort=[("_id", 1)], comment=SYSTEM) as cursor:
                async for found in cursor:
                    yield mint_tenant_scope(TenantId(found["_id"]))

    async def tenant_scope(self, tenant_id: str) -> TenantScope | None:
        """The scope of a tenant that is there now; how a job resolves the tenant it was made for."""
        with edge:
            found = await self._tenants.find_one({"_id": {"$eq": tenant_id}}, {"_id": 1}, comment=SYSTEM)
        return None if found is None else mint_tenant_scope(TenantId(tenant_id))
