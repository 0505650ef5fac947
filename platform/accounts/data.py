"""Viewers and sessions in a tenant's export and deletion."""

from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Protocol, final

from accounts.recovery import RecoveryRepository
from accounts.repository import ViewerRepository
from accounts.session_repository import SessionRepository
from accounts.sign_in.attempts import AttemptRepository
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import TenantData


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


class Sweepable(Protocol):
    """A repository that can be emptied."""

    async def delete_all(self) -> int:
        """How many there were."""
        ...


@final
class NobodysToTake:
    """Sessions, codes and attempts: an export has none, for they are hashes of secrets; a deletion ends them."""

    def __init__(self, name: str, database: Database, kind: Callable[[Database, TenantScope], Sweepable]) -> None:
        self.name: str = name
        self._database = database
        self._kind = kind

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Nothing."""
        nothing: tuple[Mapping[str, Any], ...] = ()
        for document in nothing:
            yield document

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await self._kind(self._database, scope).delete_all()


def accounts_data(database: Database) -> list[TenantData]:
    """What this room gives to the registry; its staff apart."""
    return [
        UsersData(database),
        NobodysToTake("sessions", database, SessionRepository),
        NobodysToTake("recovery_codes", database, RecoveryRepository),
        NobodysToTake("sign_ins", database, AttemptRepository),
    ]
