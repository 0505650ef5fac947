"""The Telegram source: whose documents may be read, and reading them through the workers."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Hashable
from concurrent.futures import ThreadPoolExecutor
from typing import Final

import msgspec

from storage.scope import PLATFORM, TenantScope
from streaming.buckets import chunk_length
from streaming.model import Document
from streaming.settings import TelegramSettings
from streaming.source import CHUNK, Chunk, DocumentGone, NotPlayable
from streaming.telegram.datacenters import Datacenters, trust
from streaming.telegram.fetching import Fetcher, Hand, origin_of
from streaming.telegram.keys import KeyStore
from streaming.telegram.locating import ChannelIndex
from streaming.telegram.references import Location, Origin, chat_id_of
from streaming.telegram.schema import PROVIDER
from streaming.telegram.worker import Worker

_PIECE: Final = 128 << 10
_STEP: Final = 4096
_PIECE_PAYS_SECONDS: Final = 0.15
_START_SECONDS: Final = 3.0


class Described(msgspec.Struct, frozen=True):
    """A document with what its message says about it."""

    document: Document
    mime: str
    file_name: str


class TelegramSource:
    """Documents of registered storage channels, through every bot account of the settings.

    Raises BadPublicKey at construction for a bad file of `public_keys`.
    """

    def __init__(self, settings: TelegramSettings) -> None:
        trust(settings.public_keys)
        self.crypto = PROVIDER.name
        self._owners = {chat_id_of(channel): owner for channel, owner in settings.storage_channels.items()}
        self._executor = ThreadPoolExecutor(os.cpu_count() or 2, thread_name_prefix="telegram-crypto")
        datacenters = Datacenters(settings)
        self.hands = [
            Hand(Worker(token, settings, datacenters, KeyStore(settings.session_dir, token), self._executor))
            for token in settings.bot_tokens
        ]
        self._fetcher = Fetcher(self.hands)
        self._indexes = {chat_id: ChannelIndex(chat_id) for chat_id in self._owners}

    async def start(self) -> None:
        """Sign in, and go on trying in the background; waits for the first try's outcome, three seconds at most."""
        for hand in self.hands:
            hand.worker.start()
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_START_SECONDS):
                await asyncio.gather(*(hand.worker.tried.wait() for hand in self.hands))

    async def close(self) -> None:
        await asyncio.gather(*(hand.worker.close() for hand in self.hands))
        self._executor.shutdown(wait=False, cancel_futures=True)

    @property
    def ready(self) -> bool:
        """Whether any worker is signed in and connected."""
        return any(hand.worker.ready for hand in self.hands)

    @property
    def stats(self) -> dict[str, float]:
        counters = self._fetcher.counters
        figures: dict[str, float] = {f"telegram_{name}": getattr(counters, name) for name in counters.__struct_fields__}
        return figures | {
            "telegram_workers": len(self.hands),
            "telegram_workers_ready": sum(hand.worker.ready for hand in self.hands),
            "telegram_sessions": sum(hand.worker.open_sessions for hand in self.hands),
            "telegram_connections_lost": sum(hand.worker.connections_lost for hand in self.hands),
            "telegram_reauthorised": sum(hand.worker.reauthorised for hand in self.hands),
            "telegram_references_renewed": sum(hand.references.renewed for hand in self.hands),
            "telegram_chunk_seconds": self._fetcher.chunk_seconds,
        }

    def lane(self, document: Document) -> Hashable:
        return "telegram", document.dc_id

    def admit(self, document: Document, scope: TenantScope) -> None:
        """Raises NotPlayable unless the origin channel is registered to the document's owner, and the owner's bytes
        may go to the tenant of `scope`."""
        if document.owner not in (PLATFORM, scope.owner):
            raise NotPlayable("the document belongs to another owner")
        chat_id, _ = origin_of(document)
        if self._owners.get(chat_id) != document.owner:
            raise NotPlayable("the document's channel is not registered to its owner")
        if document.size_bytes <= 0:
            raise NotPlayable("the size of the document is not known")

    async def chunk(self, document: Document, index: int, *, owner_of_request: TenantScope) -> Chunk:
        """As ChunkSource.chunk."""
        self.admit(document, owner_of_request)
        return await self._fetcher.fetch(document, index * CHUNK, CHUNK, chunk_length(document, index))

    async def piece(self, document: Document, start: int, end: int, *, owner_of_request: TenantScope) -> Chunk | None:
        """As ChunkSource.piece: 128 KiB at most, where a whole chunk takes long."""
        self.admit(document, owner_of_request)
        if self._fetcher.chunk_seconds < _PIECE_PAYS_SECONDS:
            return None
        boundary = (start // CHUNK + 1) * CHUNK
        offset = min(start // _STEP * _STEP, boundary - _PIECE)
        length = min(_PIECE, document.size_bytes - offset)
        found = await self._fetcher.fetch(document, offset, _PIECE, length)
        return found[start - offset : end - offset]

    async def describe(self, chat_id: int, message_id: int) -> Document:
        """The document in a message of a registered channel. Raises as `inspect`."""
        return (await self.inspect(chat_id, message_id)).document

    async def inspect(self, chat_id: int, message_id: int) -> Described:
        """The document in a message, with its mime type and file name.

        Raises NotPlayable for a channel that is registered to nobody, DocumentGone, SourceUnavailable.
        """
        chat_id = chat_id_of(chat_id)
        owner = self._owners.get(chat_id)
        if owner is None:
            raise NotPlayable(f"channel {chat_id} is not registered to an owner")
        origin = Document(owner, chat_id=chat_id, message_id=message_id)
        return described(owner, chat_id, message_id, await self._fetcher.locate(origin))

    async def complete(self, document: Document) -> Document:
        """The document with size, datacenter and origin filled in from Telegram.

        One without an origin is looked for in its owner's channels. Keeps owner, file_hash and the imported access
        hash and reference. Raises NotPlayable, DocumentGone (also when it is in none of the channels) and
        SourceUnavailable.
        """
        if document.message_id is None:
            chat_id, message_id = await self._look_for(document)
        else:
            chat_id, message_id = origin_of(document)
        found = await self.describe(chat_id, message_id)
        if found.owner != document.owner:
            raise NotPlayable("the document's channel is not registered to its owner")
        if document.media_id not in (0, found.media_id):
            raise DocumentGone("the origin message holds another document now")
        return msgspec.structs.replace(
            document,
            media_id=found.media_id,
            dc_id=found.dc_id,
            size_bytes=found.size_bytes,
            chat_id=chat_id,
            message_id=message_id,
        )

    async def _look_for(self, document: Document) -> Origin:
        for chat_id, owner in self._owners.items():
            if owner == document.owner:
                message_id = await self._indexes[chat_id].find(self.hands, document.media_id)
                if message_id is not None:
                    return chat_id, message_id
        raise DocumentGone("the document is in none of its owner's channels")

    def owner_of(self, chat_id: int) -> str | None:
        """Whom a channel is registered to."""
        return self._owners.get(chat_id_of(chat_id))


def described(owner: str, chat_id: int, message_id: int, location: Location) -> Described:
    """A worker's location as a document."""
    document = Document(
        owner=owner,
        media_id=location.media_id,
        access_hash=location.access_hash,
        file_reference=location.file_reference,
        dc_id=location.dc_id,
        size_bytes=location.size_bytes,
        chat_id=chat_id,
        message_id=message_id,
    )
    return Described(document, location.mime, location.file_name)
