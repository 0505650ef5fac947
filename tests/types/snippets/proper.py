"""What a room writes every day: both checkers pass it."""

from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from tenancy.resolver import ResolvedTenant, TenantResolver


class Note(TenantDocument):
    text: str = ""


class Notes(TenantRepository[Note]):
    collection = "notes"
    document = Note

    async def by_text(self, text: str) -> Note | None:
        return await self._find_one({"text": text})

    async def write(self, note_id: str, text: str) -> bool:
        return await self._put(note_id, {"text": text})


async def handler(database: Database, tenant: ResolvedTenant) -> str:
    note = await Notes(database, tenant.scope).by_text("x")
    return "" if note is None else note.text


async def by_host(database: Database, resolver: TenantResolver, host: str) -> Notes | None:
    tenant = await resolver.resolve(host)
    return None if tenant is None else Notes(database, tenant.scope)


async def shared(database: Database, tenant: ResolvedTenant) -> Note | None:
    return await Notes(database, tenant.shared).by_text("x")
