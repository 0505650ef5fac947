"""What a tenant owns, room by room: a tenant's export and its deletion walk this registry."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from storage.scope import TenantScope


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
