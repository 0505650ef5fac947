"""The desk's documents in a tenant's export and deletion.

Notices outlive the viewers they concern: they are kept on legal grounds (Article 17(3)(b) and (e) of the GDPR) and go
with the tenant alone. What the platform remembers of files is the platform's and stays.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from content.takedowns.repository import BannedFileRepository, NoticeRepository
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import TenantData


@final
class NoticesData:
    """The notices that a site received."""

    name: str = "takedowns"

    def __init__(self, database: Database) -> None:
        self._database = database

    def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every notice, without what its sender looks it up with."""
        return NoticeRepository(self._database, scope).raw()

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await NoticeRepository(self._database, scope).delete_all()


@final
class BannedFilesData:
    """What a site remembers of files that it took down."""

    name: str = "banned_files"

    def __init__(self, database: Database) -> None:
        self._database = database

    def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every key."""
        return BannedFileRepository(self._database, scope).raw()

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await BannedFileRepository(self._database, scope).delete_all()


def takedowns_data(database: Database) -> list[TenantData]:
    """What the desk gives to the registry."""
    return [NoticesData(database), BannedFilesData(database)]
