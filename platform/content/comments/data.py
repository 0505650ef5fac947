"""Names, likes and flags in a tenant's export and deletion. The comments themselves are of the users' own documents."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, final

import msgspec

from content.comments.people import CommenterRepository, FlagRepository, LikeRepository, MarkRepository
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.data import TenantData


@final
class CommentersData:
    """Under which names viewers comment."""

    name: str = "commenters"

    def __init__(self, database: Database) -> None:
        self._database = database

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Every name and whose it is."""
        async for commenter in CommenterRepository(self._database, scope).everybody():
            fields = msgspec.structs.asdict(commenter)
            yield {"_id": fields.pop("id"), **fields}

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await CommenterRepository(self._database, scope).delete_all()


class MarksData:
    """Likes, or flags."""

    def __init__(self, database: Database, kind: type[MarkRepository]) -> None:
        self._database = database
        self._kind = kind

    @property
    def name(self) -> str:
        """The collection."""
        return self._kind.collection

    async def export(self, scope: TenantScope) -> AsyncIterator[Mapping[str, Any]]:
        """Who marked what, and when."""
        async for mark in self._kind(self._database, scope).everything():
            yield {"_id": mark.id, "at": mark.at, "reason": mark.reason}

    async def delete(self, scope: TenantScope) -> int:
        """How many there were."""
        return await self._kind(self._database, scope).delete_all()


def comments_data(database: Database) -> list[TenantData]:
    """What comments give to the registry beside the documents of the contract."""
    return [CommentersData(database), MarksData(database, LikeRepository), MarksData(database, FlagRepository)]
