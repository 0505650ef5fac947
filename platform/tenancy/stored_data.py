"""What storage itself keeps of a tenant, in the tenant's export and deletion: its blobs and its jobs."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

import msgspec

from storage.blobs import Blobs
from storage.scope import TenantScope


@final
class BlobsData:
    """Uploads: an export describes each, and its content is fetched by id."""

    name: str = "blobs"

    def __init__(self, blobs: Blobs) -> None:
        self._blobs = blobs

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """What is known of each blob."""
        async for meta in self._blobs.list(scope):
            yield msgspec.structs.asdict(meta)

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return sum([await self._blobs.delete(scope, meta.id) async for meta in self._blobs.list(scope)])
