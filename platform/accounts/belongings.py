"""What belongs to one viewer, room by room: a viewer's export, deletion and sign-in walk this registry."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Protocol

from accounts.model import ViewerId
from storage.scope import TenantScope


class Belongings(Protocol):
    """One kind of a viewer's things on one site, given by the room that keeps them."""

    @property
    def name(self) -> str:
        """What it is called in an export; unique in the registry."""
        ...

    def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """Everything of this kind that is the viewer's; values that JSON or Extended JSON can say."""
        ...

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Deletes it, or takes the person out of it where it has to stay; how many there were. Again there are none."""
        ...

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """Gives the guest's to the viewer, who may have some already. Again, or after half of it, does the rest."""
        ...


class BelongingsRegistry:
    """Every room's Belongings, walked in the order given. Raises ValueError for two of one name."""

    def __init__(self, kinds: Sequence[Belongings]) -> None:
        self._kinds = {kind.name: kind for kind in kinds}
        if len(self._kinds) != len(kinds):
            raise ValueError("two kinds of belongings have one name")

    @property
    def names(self) -> tuple[str, ...]:
        """The kinds, in order."""
        return tuple(self._kinds)

    def export(self, name: str, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """One kind of what the viewer has."""
        return self._kinds[name].export(scope, viewer_id)

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> dict[str, int]:
        """Deletes everything that the viewer has; how much of each kind there was."""
        return {name: await kind.delete(scope, viewer_id) for name, kind in self._kinds.items()}

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """Gives everything that the guest has to the viewer."""
        for kind in self._kinds.values():
            await kind.merge(scope, guest_id, viewer_id)
