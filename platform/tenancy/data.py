"""What a tenant owns, room by room: a tenant's export and its deletion walk this registry."""

from collections.abc import AsyncIterator, Collection, Mapping, Sequence
from typing import Any, Protocol, final

from storage.mongo import Database
from storage.repository import TenantRepository
from storage.scope import TenantScope

Repository = type[TenantRepository[Any]]


class TenantData(Protocol):
    """One kind of a tenant's documents, given by the room that keeps them."""

    @property
    def name(self) -> str:
        """What it is called in an export; unique in the registry."""
        ...

    def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every document, in the user's own shape."""
        ...

    async def delete(self, scope: TenantScope) -> int:
        """Deletes all of it; gives how many documents there were. A second time there are none."""
        ...


@final
class CollectionData:
    """A collection: its documents are exported as stored, but for the fields `without`."""

    def __init__(self, database: Database, kind: Repository, *, without: Collection[str] = ()) -> None:
        self.name: str = kind.collection
        self._database = database
        self._kind = kind
        self._without = without

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every document."""
        async for document in self._kind(self._database, scope).documents():
            yield {name: value for name, value in document.items() if name not in self._without}

    async def delete(self, scope: TenantScope) -> int:
        """How many documents there were."""
        return await self._kind(self._database, scope).delete_all()


@final
class PassingData:
    """A collection with nothing to take along: hashes of secrets, work still to be done, what was reckoned."""

    def __init__(self, database: Database, kind: Repository) -> None:
        self.name: str = kind.collection
        self._database = database
        self._kind = kind

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Nothing."""
        nothing: tuple[Mapping[str, Any], ...] = ()
        for document in nothing:
            yield document

    async def delete(self, scope: TenantScope) -> int:
        """How many documents there were."""
        return await self._kind(self._database, scope).delete_all()


@final
class KeptData:
    """A collection that outlives its tenant: the platform's own books, which the law says are kept for years."""

    def __init__(self, database: Database, kind: Repository) -> None:
        self.name: str = kind.collection
        self._database = database
        self._kind = kind

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every document."""
        async for document in self._kind(self._database, scope).documents():
            yield document

    async def delete(self, scope: TenantScope) -> int:
        """None is deleted."""
        return 0


class TenantDataRegistry:
    """Every room's TenantData. Raises ValueError for two of one name."""

    def __init__(self, kinds: Sequence[TenantData]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        if len(self._kinds) != len(kinds):
            raise ValueError("two kinds of tenant data have one name")

    async def export(self, scope: TenantScope) -> AsyncIterator[tuple[str, Mapping[str, Any]]]:
        """Everything a tenant owns, as (kind, document)."""
        for name, kind in self._kinds.items():
            async for document in kind.export(scope):
                yield name, document

    async def delete(self, scope: TenantScope) -> dict[str, int]:
        """Deletes everything a tenant owns; how many documents of each kind there were."""
        return {name: await kind.delete(scope) for name, kind in self._kinds.items()}
