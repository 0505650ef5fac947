"""What is streamed: documents as Telegram (or a disk) holds them, and buckets as viewers see them."""

from __future__ import annotations

from msgspec import Struct


class Document(Struct, frozen=True):
    """One stored file.

    `owner` is "platform" or "tenant:<id>": whoever's bytes these are. `access_hash` and `file_reference` are as
    imported and belong to the account that saw them; workers resolve their own from `chat_id` and `message_id` (the
    origin message, `chat_id` in the Bot API's -100… form). `dc_id` 0 and `size_bytes` 0 mean not known yet: such a
    document cannot be read before `TelegramSource.complete`. `path` names a file under the disk source's root and is
    None for Telegram.
    """

    owner: str
    media_id: int = 0
    access_hash: int = 0
    file_reference: bytes = b""
    dc_id: int = 0
    size_bytes: int = 0
    file_hash: str = ""
    chat_id: int | None = None
    message_id: int | None = None
    path: str | None = None


class Bucket(Struct, frozen=True):
    """One quality of one title: documents that follow each other, presented as one byte range.

    `etag` is strong and unquoted hex; `size_bytes` is the sum over `documents`; `last_modified` is epoch seconds;
    `file_name` is what the bytes are called as a file, where there is a name for them.
    """

    etag: str
    mime: str
    documents: tuple[Document, ...]
    size_bytes: int
    last_modified: float | None = None
    file_name: str = ""


class ChunkKey(Struct, frozen=True):
    """Identity of one chunk in caches and flights.

    Led by the owner, so that keys which an import could name never reach another owner's bytes.
    """

    owner: str
    media_id: int
    size_bytes: int
    file_hash: str
    path: str | None
    index: int


def chunk_key(document: Document, index: int) -> ChunkKey:
    """The key of chunk `index` of `document`, whatever reference or access hash it is read with."""
    return ChunkKey(document.owner, document.media_id, document.size_bytes, document.file_hash, document.path, index)
