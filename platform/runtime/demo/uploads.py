"""Media into Telegram: each file goes up once, and a small book says where it lies."""

from __future__ import annotations

import asyncio
import hashlib
from collections.abc import AsyncIterator, Iterable
from itertools import pairwise
from pathlib import Path

import msgspec
from msgspec import Struct

from runtime.demo.media import Upload
from runtime.engines.home import write_atomically
from streaming.model import Document
from streaming.telegram.source import TelegramSource
from streaming.telegram.upload import upload

PIECE_BYTES = 512 << 10


class Stored(Struct, frozen=True, kw_only=True):
    """One document in Telegram, as a dump names it; `file_reference` is hex."""

    media_id: int
    access_hash: int
    file_reference: str
    file_hash: str
    dc_id: int
    size_bytes: int
    chat_id: int
    message_id: int


class UploadBook:
    """Which file lies where, kept in the folder of the Telegram that holds the files, so that both go together."""

    def __init__(self, path: Path) -> None:
        self._path = path
        try:
            self._entries = msgspec.json.decode(path.read_bytes(), type=dict[str, list[Stored]])
        except (FileNotFoundError, msgspec.DecodeError):
            self._entries = {}

    def of(self, upload: Upload) -> list[Stored]:
        """The documents of a file in order. Raises KeyError while it is not up."""
        return self._entries[upload.key]

    def missing(self, uploads: Iterable[Upload]) -> list[Upload]:
        """What has to go up still."""
        return [upload for upload in uploads if upload.key not in self._entries]

    def enter(self, upload: Upload, documents: list[Stored]) -> None:
        """Remember, on disk at once."""
        self._entries[upload.key] = documents
        write_atomically(self._path, msgspec.json.encode(self._entries))


async def put(source: TelegramSource, file: Upload, chat_id: int) -> list[Stored]:
    """Upload a file into the channel, in as many documents as it asks for."""
    stem, suffix = file.file_name.removesuffix(file.path.suffix), file.path.suffix
    return [
        await _put(source, file, chat_id, start, end, f"{stem}.{number}{suffix}")
        for number, (start, end) in enumerate(shares(file.path.stat().st_size, file.documents), 1)
    ]


def shares(size_bytes: int, parts: int) -> list[tuple[int, int]]:
    """The half-open byte ranges that cut a file into so many parts of like size."""
    cuts = [size_bytes * number // parts for number in range(parts + 1)]
    return list(pairwise(cuts))


async def _put(source: TelegramSource, file: Upload, chat_id: int, start: int, end: int, name: str) -> Stored:
    digest = hashlib.blake2b(digest_size=16)
    content = _read(file.path, start, end, digest)
    described = await upload(source, content, chat_id, file_name=name, mime=file.mime, size_bytes=end - start)
    return stored(described.document, digest.hexdigest())


def stored(document: Document, file_hash: str) -> Stored:
    """A document that the upload gave, as the book keeps it."""
    return Stored(
        media_id=document.media_id,
        access_hash=document.access_hash,
        file_reference=document.file_reference.hex(),
        file_hash=file_hash,
        dc_id=document.dc_id,
        size_bytes=document.size_bytes,
        chat_id=document.chat_id or 0,
        message_id=document.message_id or 0,
    )


async def _read(path: Path, start: int, end: int, digest: hashlib.blake2b) -> AsyncIterator[bytes]:
    with await asyncio.to_thread(path.open, "rb") as file:
        file.seek(start)
        while start < end:
            piece = await asyncio.to_thread(file.read, min(PIECE_BYTES, end - start))
            digest.update(piece)
            start += len(piece)
            yield piece
