"""The collections of schema.md as dumps see them: whole documents, and where each of them stands."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, Final, Protocol

from msgspec import Struct, field

from storage.documents import Refusal
from storage.mongo import Database
from storage.platform_repository import PlatformRepository
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope, TenantScope

Item = tuple[Any, dict[str, Any], dict[str, Any]]
"""An id, the user's fields, ours."""


class DumpState(TenantDocument, kw_only=True):
    """What the platform holds of a document besides what the user brought."""

    ours: dict[str, Any] = field(name="_marquee", default_factory=dict[str, Any])


class PlatformDumpState(Struct, kw_only=True):
    """The same of a document of the platform."""

    id: Any
    ours: dict[str, Any] = field(name="_marquee", default_factory=dict[str, Any])


class DumpStore(Protocol):
    """A collection that dumps go into and come out of."""

    async def states(self, ids: Sequence[Any]) -> Sequence[DumpState | PlatformDumpState]:
        """What is held of those of the ids that are there."""
        ...

    async def write(self, items: Sequence[Item]) -> dict[int, Refusal]:
        """Writes documents whole, ours merged into what is held; gives the refused ones by their place."""
        ...

    def documents(self) -> AsyncIterator[dict[str, Any]]:
        """Every document as stored, `_id` as its user brought it, ours under `_marquee`."""
        ...


class OwnedDump(TenantRepository[DumpState]):
    """A collection of which every owner has its own documents."""

    document = DumpState

    async def states(self, ids: Sequence[Any]) -> list[DumpState]:
        """See DumpStore."""
        keys = [{"owner": self.scope.owner, "id": each} for each in ids]
        return await self._list({"_id": {"$in": keys}}, projection={"_marquee": 1}, limit=max(len(keys), 1))

    async def write(self, items: Sequence[Item]) -> dict[int, Refusal]:
        """See DumpStore."""
        return await self._merge_many(items)


class LibraryDump(OwnedDump):
    """Titles."""

    collection = "library"


class UsersDump(OwnedDump):
    """Viewers."""

    collection = "users"


class CommentsDump(OwnedDump):
    """Comments."""

    collection = "comments"


class ReportsDump(OwnedDump):
    """Reports."""

    collection = "reports"


class CollectionsDump(OwnedDump):
    """Titles put together under a name."""

    collection = "collections"


class MediaDump(OwnedDump):
    """What is known of the files that titles name by file id; goes out with a tenant and never in by a dump."""

    collection = "media"


class PlatformDump(PlatformRepository[PlatformDumpState]):
    """A collection of the platform."""

    document = PlatformDumpState

    async def states(self, ids: Sequence[Any]) -> list[PlatformDumpState]:
        """See DumpStore."""
        return await self._list({"_id": {"$in": list(ids)}}, limit=max(len(ids), 1))

    async def write(self, items: Sequence[Item]) -> dict[int, Refusal]:
        """See DumpStore."""
        return await self._merge_many(items)

    def documents(self) -> AsyncIterator[dict[str, Any]]:
        """See DumpStore."""
        return self._raw()


class TenantsDump(PlatformDump):
    """Franchise sites. They are written by the tenants' desk; only what the import remembers is written here."""

    collection = "tenants"

    async def remember(self, tenant_id: str, ours: Mapping[str, Any]) -> None:
        """Notes what the import knows of a tenant that is there."""
        await self._update(tenant_id, {"$set": {f"_marquee.{name}": value for name, value in ours.items()}})


class WorkersDump(PlatformDump):
    """Telegram clients of the swarm."""

    collection = "workers"


OWNED: Final[dict[str, type[OwnedDump]]] = {
    each.collection: each for each in (LibraryDump, UsersDump, CommentsDump, ReportsDump, CollectionsDump)
}
PLATFORM: Final[dict[str, type[PlatformDump]]] = {each.collection: each for each in (TenantsDump, WorkersDump)}


def dump_store(database: Database, collection: str, scope: TenantScope | PlatformScope) -> DumpStore:
    """The collection as this scope's dumps see it. Raises KeyError for one that is not in schema.md."""
    if collection in PLATFORM:
        return PLATFORM[collection](database)
    return OWNED[collection](database, scope)
