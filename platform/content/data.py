"""The library, comments and reports of a tenant, for the export and the deletion of the tenant."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any

from content.dumps import CollectionsDump, CommentsDump, LibraryDump, MediaDump, OwnedDump, ReportsDump
from storage.documents import MARQUEE
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import TenantData


class ContentData:
    """One collection of this room as TenantData."""

    def __init__(self, database: Database, kind: type[OwnedDump]) -> None:
        self._database = database
        self._kind = kind

    @property
    def name(self) -> str:
        """The collection."""
        return self._kind.collection

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every document as its user brought it."""
        async for document in self._kind(self._database, scope).documents():
            document.pop(MARQUEE, None)
            yield document

    async def delete(self, scope: TenantScope) -> int:
        """Deletes all of it; gives how many documents there were."""
        return await self._kind(self._database, scope).delete_everything()


def content_data(database: Database) -> list[TenantData]:
    """What this room gives to the registry; viewers are those of accounts."""
    return [
        ContentData(database, kind) for kind in (LibraryDump, CommentsDump, ReportsDump, CollectionsDump, MediaDump)
    ]
