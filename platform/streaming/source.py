"""What the streaming core reads from: one protocol for Telegram, local disk and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Hashable

    from storage.scope import TenantScope
    from streaming.model import Bucket, Document
    from tenancy.resolver import ResolvedTenant

CHUNK = 1 << 20
"""Bytes in an aligned chunk; the last one of a document may be shorter."""

Chunk: TypeAlias = bytes | memoryview
"""What a source gives: immutable, byte-wise, of the exact length."""


class SourceError(Exception):
    """Base of what a source raises; carries a reason for people."""

    def __init__(self, reason: str) -> None:
        super().__init__(reason)
        self.reason = reason


class SourceUnavailable(SourceError):
    """The bytes exist but cannot be had now; a later try may succeed (503)."""

    def __init__(self, reason: str, retry_after_seconds: float = 5.0) -> None:
        super().__init__(reason)
        self.retry_after_seconds = retry_after_seconds


class SourcePaused(SourceUnavailable):
    """The far side asked for a pause; the core gives back its slot and asks again after `retry_after_seconds`."""


class DocumentGone(SourceError):
    """The document is no longer where it was: deleted message, removed file (404; the medic's work)."""


class NotPlayable(SourceError):
    """The document cannot be played as it is described: wrong owner, unknown size, unregistered channel."""


class ChunkSource(Protocol):
    """Gives aligned chunks of documents."""

    async def chunk(self, document: Document, index: int, *, owner_of_request: TenantScope) -> Chunk:
        """Bytes `[index * CHUNK, min((index + 1) * CHUNK, size_bytes))`, exactly.

        Raises SourceUnavailable, DocumentGone or NotPlayable; never gives wrong or short bytes. May be cancelled.
        """
        ...

    async def piece(self, document: Document, start: int, end: int, *, owner_of_request: TenantScope) -> Chunk | None:
        """The first bytes of `[start, end)`, at least one, ahead of the whole chunk.

        None when the whole chunk comes as fast, or cannot be asked for in part. `[start, end)` lies in one chunk.
        """
        ...

    def admit(self, document: Document, scope: TenantScope) -> None:
        """Raises NotPlayable when this source would refuse the document; asks nobody."""
        ...

    def lane(self, document: Document) -> Hashable:
        """What `document` shares its bandwidth with: chunks of one lane queue for the same slots."""
        ...

    @property
    def stats(self) -> dict[str, float]:
        """Counters and gauges by name."""
        ...

    async def start(self) -> None:
        """Make ready. Returns soon even when the far side cannot be reached."""
        ...

    async def close(self) -> None:
        """End connections and tasks."""
        ...


class BucketLocator(Protocol):
    """Finds what a signed link names, within one tenant. Implemented above streaming."""

    async def __call__(self, tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        """The bucket. Raises DocumentGone when the tenant has no such title, NotPlayable with the reason otherwise."""
        ...
