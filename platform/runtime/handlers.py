"""Which jobs this process can work, and how."""

from __future__ import annotations

from content.importing.dump import RESOLVE_BUCKET
from content.resolving import resolve_buckets
from runtime.composition import Services
from runtime.jobs import Handler
from storage.jobs import Job
from streaming.model import Document


def handlers_of(services: Services) -> dict[str, Handler]:
    """A handler for every kind of job; without Telegram nobody can ask it, and those jobs wait."""
    if services.core.telegram is None:
        return {}
    return {RESOLVE_BUCKET: _resolving(services)}


def _resolving(services: Services) -> Handler:
    from streaming.telegram.references import chat_id_of
    from streaming.telegram.source import TelegramSource

    telegram = services.core.telegram
    assert isinstance(telegram, TelegramSource)
    channels = services.stores.settings.telegram.storage_channels
    owners = {chat_id_of(channel): owner for channel, owner in channels.items()}

    def may_read(chat: int, owner: str) -> bool:
        return owners.get(chat_id_of(chat)) == owner

    async def locate(media_id: int, owner: str) -> tuple[int, int]:
        found = await telegram.complete(Document(owner, media_id=media_id))
        assert found.chat_id is not None
        assert found.message_id is not None
        return found.chat_id, found.message_id

    async def resolve(job: Job) -> None:
        database = services.stores.database
        await resolve_buckets(
            database, job.scope, job.payload, inspect=telegram.inspect, may_read=may_read, locate=locate
        )

    return resolve
