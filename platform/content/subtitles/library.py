"""Subtitles by bucket and stream: out of the store, or out of the container the first time that somebody wants them."""

from __future__ import annotations

import asyncio
import logging
from contextlib import suppress
from datetime import timedelta
from typing import Final, Protocol, final

from msgspec import Struct

from content.subtitles.extracting import Bounds, Reader, Unreadable, extract
from content.subtitles.repository import Contents, ContentsRepository, KeptTrack
from content.subtitles.wire import Taken
from storage.blobs import Blobs, NoSuchBlob
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from streaming.model import Bucket
from streaming.source import DocumentGone, NotPlayable, SourceUnavailable
from tenancy.resolver import ResolvedTenant

MIME: Final = "text/vtt"
_log: Final = logging.getLogger(__name__)


class SubtitleUnavailable(Exception):
    """This subtitle cannot be had as text; the message says why."""


class SubtitlePending(Exception):
    """The container is being read; `retry_after_seconds` is when to ask again."""

    def __init__(self, retry_after_seconds: float) -> None:
        super().__init__("The subtitles are being read out of the film. Try again in a moment.")
        self.retry_after_seconds = retry_after_seconds


class OpenReader(Reader, Protocol):
    """A reading to be closed."""

    async def close(self) -> None:
        """End every fetch."""
        ...


class Core(Protocol):
    """The part of the streaming core that is used here."""

    async def open(self, bucket: Bucket, scope: TenantScope) -> OpenReader:
        """A reading of the bucket."""
        ...


class SubtitleFile(Struct, frozen=True):
    """A WebVTT file; `etag` is strong and unquoted."""

    etag: str
    body: bytes


class Patience(Struct, frozen=True, kw_only=True):
    """How long somebody waits for a container, how many are read at once, how many may wait, and when one that could
    not be read is tried again."""

    wait_seconds: float = 20.0
    at_once: int = 2
    in_line: int = 16
    again_seconds: float = 24 * 3600.0


@final
class SubtitleLibrary:
    """One container is read once, whoever asks: its text lies in blobs of the title's owner from then on.

    What is read for it passes the core's caches and its fair queue, and is no viewer's traffic: the meter counts what
    leaves on connections.
    """

    def __init__(
        self,
        database: Database,
        blobs: Blobs,
        core: Core,
        clock: Clock,
        *,
        bounds: Bounds | None = None,
        patience: Patience | None = None,
    ) -> None:
        self._database = database
        self._blobs = blobs
        self._core = core
        self._clock = clock
        self._bounds = bounds or Bounds()
        self._patience = patience or Patience()
        self._running: dict[tuple[str, str], asyncio.Task[Contents]] = {}
        self._turns = asyncio.Semaphore(self._patience.at_once)

    async def close(self) -> None:
        """Ends what is being read."""
        tasks = list(self._running.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def file(self, tenant: ResolvedTenant, bucket: Bucket, index: int) -> SubtitleFile:
        """The subtitle stream `index` of the bucket, for this tenant's viewers.

        Raises SubtitleUnavailable, SubtitlePending, SourceUnavailable, DocumentGone, NotPlayable, StorageUnavailable.
        """
        owner = _owner(tenant, bucket)
        contents = await ContentsRepository(self._database, owner).of(bucket.etag)
        if contents is None or self._is_to_be_tried_again(contents):
            contents = await self._read(tenant, owner, bucket)
        track = next((each for each in contents.tracks if each.index == index), None)
        reason = contents.reason or (track.reason if track else "the film has no such subtitle")
        if track is None or track.blob is None:
            raise SubtitleUnavailable(f"This subtitle cannot be shown: {reason}.")
        try:
            blob = await self._blobs.open(owner, track.blob)
            return SubtitleFile(track.blob, await blob.read())
        except NoSuchBlob:
            raise SubtitleUnavailable("This subtitle cannot be shown: its text is gone.") from None

    def _is_to_be_tried_again(self, contents: Contents) -> bool:
        again = contents.at + timedelta(seconds=self._patience.again_seconds)
        return contents.reason is not None and again < moment(self._clock())

    async def _read(self, tenant: ResolvedTenant, owner: TenantScope | PlatformScope, bucket: Bucket) -> Contents:
        key = (owner.owner, bucket.etag)
        task = self._running.get(key)
        if task is None:
            if len(self._running) >= self._patience.at_once + self._patience.in_line:
                raise SubtitlePending(30)
            task = asyncio.create_task(self._take(tenant.scope, owner, bucket), name="subtitles")
            self._running[key] = task
            task.add_done_callback(lambda done: self._landed(key, done))
        try:
            async with asyncio.timeout(self._patience.wait_seconds):
                return await asyncio.shield(task)
        except TimeoutError:
            raise SubtitlePending(5) from None

    def _landed(self, key: tuple[str, str], task: asyncio.Task[Contents]) -> None:
        self._running.pop(key, None)
        if not task.cancelled() and (error := task.exception()) is not None:
            _log.warning("the subtitles of a bucket could not be read: %s", error)

    async def _take(self, scope: TenantScope, owner: TenantScope | PlatformScope, bucket: Bucket) -> Contents:
        async with self._turns:
            reader = await self._core.open(bucket, scope)
            try:
                taken = await extract(reader, bucket.size_bytes, self._bounds)
            except Unreadable as error:
                taken = Taken(reason=str(error))
            finally:
                with suppress(SourceUnavailable, DocumentGone, NotPlayable):
                    await reader.close()
        contents = Contents(id=bucket.etag, at=moment(self._clock()), reason=taken.reason)
        for track in taken.tracks:
            kept = KeptTrack(index=track.index, codec=track.codec, reason=track.reason)
            if track.vtt is not None:
                kept.blob = await self._blobs.put(owner, f"{bucket.etag}-{track.index}.vtt", track.vtt.encode(), MIME)
            contents.tracks.append(kept)
        await ContentsRepository(self._database, owner).keep(contents)
        return contents


def _owner(tenant: ResolvedTenant, bucket: Bucket) -> TenantScope | PlatformScope:
    """Whose bytes these are: the text belongs to the same."""
    own = bucket.documents[0].owner == tenant.scope.owner
    return tenant.scope if own else tenant.shared
