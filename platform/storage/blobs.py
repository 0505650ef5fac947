"""Uploads (logos, avatars, themes, proofs) as GridFS files, each of one owner; never on a node's disk."""

import secrets
from collections.abc import AsyncIterator, Mapping
from contextlib import suppress
from datetime import datetime
from typing import Any, Final, NewType, final

import msgspec
from gridfs import AsyncGridFSBucket, NoFile
from gridfs.asynchronous.grid_file import AsyncGridOut
from gridfs.errors import CorruptGridFile

from storage.errors import StorageError, StorageUnavailable
from storage.indexes import Index
from storage.mongo import Database, collection_of, driver_of, edge
from storage.scope import PlatformScope, TenantScope

BlobId = NewType("BlobId", str)
_BUCKET: Final = "blobs"


class NoSuchBlob(StorageError):
    """The owner has no blob of this id."""


class BlobTooLarge(StorageError):
    """The content is larger than was allowed; nothing of it was kept."""


class BlobMeta(msgspec.Struct, frozen=True):
    """What is known of a blob. Its content never changes, so its id serves as an entity tag."""

    id: BlobId
    name: str
    content_type: str
    size_bytes: int
    uploaded_at: datetime


class Blob:
    """An opened blob: what it is, and its content in pieces of up to 255 KiB."""

    def __init__(self, meta: BlobMeta, content: AsyncGridOut) -> None:
        self.meta = meta
        self._content = content

    async def chunks(self) -> AsyncIterator[bytes]:
        """The content in order. Raises StorageUnavailable, and NoSuchBlob when it is deleted meanwhile."""
        while True:
            with edge:
                try:
                    piece = await self._content.readchunk()
                except (NoFile, CorruptGridFile) as error:
                    raise NoSuchBlob(self.meta.id) from error
            if not piece:
                return
            yield bytes(piece)

    async def read(self) -> bytes:
        """All of it; for what is known to be small."""
        return b"".join([piece async for piece in self.chunks()])


@final
class Blobs:
    """The blobs of every owner, each reached through its owner's scope."""

    def __init__(self, database: Database) -> None:
        self._bucket = AsyncGridFSBucket(driver_of(database), _BUCKET)
        self._files = collection_of(database, f"{_BUCKET}.files")

    async def put(
        self,
        scope: TenantScope | PlatformScope,
        name: str,
        content: bytes | AsyncIterator[bytes],
        content_type: str,
        *,
        limit_bytes: int | None = None,
    ) -> BlobId:
        """Stores the content; it is there as a whole once this returns. Raises BlobTooLarge, StorageUnavailable."""
        blob_id = BlobId(secrets.token_hex(16))
        stream = self._bucket.open_upload_stream_with_id(
            _key(scope, blob_id), name, metadata={"content_type": content_type}
        )
        try:
            async for piece in _pieces(content, limit_bytes):
                with edge:
                    await stream.write(piece)
            with edge:
                await stream.close()
        except BaseException:
            with suppress(StorageUnavailable), edge:
                await stream.abort()
            raise
        return blob_id

    async def open(self, scope: TenantScope | PlatformScope, blob_id: str) -> Blob:
        """Raises NoSuchBlob, also for the id of another owner's blob."""
        with edge:
            try:
                content = await self._bucket.open_download_stream(_key(scope, blob_id))
            except NoFile as error:
                raise NoSuchBlob(blob_id) from error
        described = _meta(blob_id, content.filename, content.metadata, content.length, content.upload_date)
        return Blob(described, content)

    async def delete(self, scope: TenantScope | PlatformScope, blob_id: str) -> bool:
        """Whether there was one."""
        with edge:
            try:
                await self._bucket.delete(_key(scope, blob_id))
            except NoFile:
                return False
        return True

    async def list(self, scope: TenantScope | PlatformScope) -> AsyncIterator[BlobMeta]:
        """Every blob of the owner."""
        with edge:
            async with self._files.find(dict(scope.predicate)) as cursor:
                async for found in cursor:
                    metadata: Mapping[str, Any] | None = found.get("metadata")
                    yield _meta(
                        found["_id"]["id"], found["filename"], metadata, int(found["length"]), found["uploadDate"]
                    )


def _key(scope: TenantScope | PlatformScope, blob_id: str) -> dict[str, str]:
    return {"owner": scope.owner, "id": blob_id}


def _meta(
    blob_id: str, name: str | None, metadata: Mapping[str, Any] | None, size_bytes: int, uploaded_at: datetime
) -> BlobMeta:
    content_type = str((metadata or {}).get("content_type", "application/octet-stream"))
    return BlobMeta(BlobId(blob_id), name or "", content_type, size_bytes, uploaded_at)


async def _pieces(content: bytes | AsyncIterator[bytes], limit_bytes: int | None) -> AsyncIterator[bytes]:
    source = _whole(content) if isinstance(content, bytes) else content
    size_bytes = 0
    async for piece in source:
        size_bytes += len(piece)
        if limit_bytes is not None and size_bytes > limit_bytes:
            raise BlobTooLarge(f"more than {limit_bytes} bytes")
        yield piece


async def _whole(content: bytes) -> AsyncIterator[bytes]:
    yield content


INDEXES = (Index(f"{_BUCKET}.files", (("_id.owner", 1), ("uploadDate", 1)), "owner_uploaded"),)
