"""Viewers and sessions in a tenant's export and deletion."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

from accounts.repository import ViewerRepository
from accounts.session_repository import SessionRepository
from storage.mongo import Database
from storage.scope import TenantScope


@final
class UsersData:
    """The users' own documents."""

    name: str = "users"

    def __init__(self, database: Database) -> None:
        self._database = database

    def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every user as brought."""
        return ViewerRepository(self._database, scope).raw()

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await ViewerRepository(self._database, scope).delete_all()


@final
class SessionsData:
    """Sessions are nobody's to take along: an export has none, a deletion ends them."""

    name: str = "sessions"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Nothing."""
        nothing: tuple[Mapping[str, Any], ...] = ()
        for document in nothing:
            yield document

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await SessionRepository(self._database, scope).delete_all()
