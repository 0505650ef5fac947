"""The disk source: documents that are plain files under one folder."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Hashable
from pathlib import Path
from typing import TYPE_CHECKING

from streaming.buckets import chunk_length
from streaming.model import Document
from streaming.source import CHUNK, Chunk, DocumentGone, NotPlayable, SourceUnavailable

if TYPE_CHECKING:
    from storage.scope import TenantScope


_MODIFIED = "modified:"


class DiskSource:
    """Reads documents whose `path` is relative to `root`. Paths that lead out of it, also by symlink, are refused."""

    def __init__(self, root: Path) -> None:
        self._root = root.resolve()

    @property
    def stats(self) -> dict[str, float]:
        return {}

    async def start(self) -> None:
        """Nothing to make ready."""

    async def close(self) -> None:
        """Nothing is kept open."""

    def lane(self, document: Document) -> Hashable:
        return "disk"

    def admit(self, document: Document, scope: TenantScope) -> None:
        """Raises NotPlayable for a path outside the root. Reads nothing."""
        del scope  # whose bytes these are was checked by the core
        self._locate(document)

    async def piece(self, document: Document, start: int, end: int, *, owner_of_request: TenantScope) -> None:
        """None: a whole chunk comes as fast."""

    async def chunk(self, document: Document, index: int, *, owner_of_request: TenantScope) -> Chunk:
        """As ChunkSource.chunk. DocumentGone when the file is missing, NotPlayable when its size has changed."""
        self.admit(document, owner_of_request)
        return await asyncio.to_thread(self._read, document, index)

    def _locate(self, document: Document) -> Path:
        if document.path is None or "\0" in document.path:
            raise NotPlayable("the document is not on disk")
        path = (self._root / document.path).resolve()
        if not path.is_relative_to(self._root):
            raise NotPlayable("the document's path leads out of the media folder")
        return path

    def _read(self, document: Document, index: int) -> bytes:
        length = chunk_length(document, index)
        try:
            with self._locate(document).open("rb", buffering=0) as file:
                _same(document, os.fstat(file.fileno()))
                chunk = os.pread(file.fileno(), length, index * CHUNK)
        except (FileNotFoundError, NotADirectoryError, IsADirectoryError) as error:
            raise DocumentGone("the file is not there any more") from error
        except OSError as error:
            raise SourceUnavailable(f"the file cannot be read: {error.strerror}") from error
        if len(chunk) != length:
            raise SourceUnavailable("the file was cut while it was read")
        return chunk


def _same(document: Document, status: os.stat_result) -> None:
    if status.st_size != document.size_bytes:
        raise NotPlayable(f"the file has {status.st_size} bytes, the document {document.size_bytes}")
    if document.file_hash.startswith(_MODIFIED) and document.file_hash != _hash(status):
        raise NotPlayable("the file was replaced by another of the same size")


def _hash(status: os.stat_result) -> str:
    return f"{_MODIFIED}{status.st_mtime_ns:x}"


def describe_file(root: Path, path: str, owner: str) -> Document:
    """The document for the file `path` under `root`. Its identity follows size and modification time.

    Raises DocumentGone when there is no such file.
    """
    try:
        status = (root / path).stat()
    except OSError as error:
        raise DocumentGone(f"no file at {path}") from error
    return Document(owner=owner, size_bytes=status.st_size, file_hash=_hash(status), path=path)
