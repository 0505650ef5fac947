"""What the streaming core reads from: one protocol for Telegram, local disk and tests."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from storage.scope import TenantScope
    from tenancy.resolver import ResolvedTenant

    from streaming.model import Bucket, Document

CHUNK = 1 << 20
"""Bytes in an aligned chunk; the last one of a document may be shorter."""


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


class DocumentGone(SourceError):
    """The document is no longer where it was: deleted message, removed file (404; the medic's work)."""


class NotPlayable(SourceError):
    """The document cannot be played as it is described: wrong owner, unknown size, unregistered channel."""


class ChunkSource(Protocol):
    """Gives aligned chunks of documents."""

    async def chunk(self, document: Document, index: int, *, owner_of_request: TenantScope) -> bytes:
        """Bytes `[index * CHUNK, min((index + 1) * CHUNK, size_bytes))`, exactly.

        Raises SourceUnavailable, DocumentGone or NotPlayable; never gives wrong or short bytes. May be cancelled.
        """
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
