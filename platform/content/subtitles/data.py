"""What was read out of a tenant's containers, in its deletion; the blobs go with the tenant's other blobs."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from content.subtitles.repository import ContentsRepository
from storage.mongo import Database
from storage.scope import TenantScope


@final
class SubtitlesData:
    """Nothing to take along: it lies in the films themselves."""

    name: str = "subtitles"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Nothing."""
        nothing: tuple[Mapping[str, Any], ...] = ()
        for document in nothing:
            yield document

    async def delete(self, scope: TenantScope) -> int:
        """How many buckets' there were."""
        return await ContentsRepository(self._database, scope).delete_everything()
