"""The machine's chunk cache on disk, shared by its processes."""

from __future__ import annotations

import asyncio
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from streaming.cache import files, janitor
from streaming.cache.claims import Claims
from streaming.model import ChunkKey
from streaming.source import CHUNK, Chunk

log = logging.getLogger(__name__)

_REST_SECONDS = 30.0
_PENDING_WRITES = 32
_CLAIM_SECONDS = 30.0
_CLAIM_POLL_SECONDS = 0.02


class DiskCache:
    """Chunks under `root`, at most about `max_bytes` of them; the least recently used go first.

    Any number of processes may share a root. Survives kill -9 at any point: a torn file reads as absent. A disk that
    is full or fails is left alone for half a minute at a time and everything is served without it; that is logged once
    and shows as `failing`.
    """

    def __init__(
        self,
        root: Path,
        max_bytes: int,
        *,
        write: Callable[[Path, bytes, Chunk], int] = files.write,
        rest_seconds: float = _REST_SECONDS,
    ) -> None:
        self.root = root
        self.max_bytes = max_bytes
        self.failing = False
        self.hits = 0
        self.misses = 0
        self.failures = 0
        self.dropped_writes = 0
        self._write = write
        self._rest_seconds = rest_seconds
        self._resume_at = 0.0
        # every process may write this much between its sweeps, so a sweep leaves room for several of them
        self._sweep_every = max(max_bytes // 64, 1)
        self._since_sweep = self._sweep_every
        self._accounts = threading.Lock()
        self._claims = Claims(root)
        self._writes: set[asyncio.Task[None]] = set()

    async def get(self, key: ChunkKey, length: int) -> bytes | None:
        """The chunk of exactly `length` bytes, or None. Never raises for a failing disk."""
        chunk = await self._read(key, length)
        if chunk is None:
            self.misses += 1
        else:
            self.hits += 1
        return chunk

    async def get_or_claim(self, key: ChunkKey, length: int) -> bytes | None:
        """As `get`; None makes it this process's turn to fetch the chunk, until `put` or `abandon`.

        While another process of the machine has that turn, waits for what it stores.
        """
        if (chunk := await self.get(key, length)) is not None:
            return chunk
        name = files.digest(key)
        give_up_at = asyncio.get_running_loop().time() + _CLAIM_SECONDS
        while not self._claims.take(name):
            if asyncio.get_running_loop().time() > give_up_at:
                return None
            await asyncio.sleep(_CLAIM_POLL_SECONDS)
        try:
            chunk = await self._read(key, length)
        except BaseException:
            self._claims.release(name)
            raise
        if chunk is not None:
            self._claims.release(name)
            self.hits += 1
        return chunk

    def abandon(self, key: ChunkKey) -> None:
        """The claimed chunk could not be fetched: another process may try."""
        self._claims.release(files.digest(key))

    def put(self, key: ChunkKey, chunk: Chunk) -> None:
        """Store the chunk in the background. Dropped when the disk cannot keep up or is failing."""
        if len(self._writes) >= _PENDING_WRITES or asyncio.get_running_loop().time() < self._resume_at:
            self.dropped_writes += 1
            self.abandon(key)
            return
        task = asyncio.create_task(self._store(key, chunk), name="disk cache write")
        self._writes.add(task)
        task.add_done_callback(self._writes.discard)

    async def holds(self, key: ChunkKey) -> bool:
        """Whether a chunk is stored under `key`; it may still turn out torn."""
        return await asyncio.to_thread(files.path_of(self.root, files.digest(key)).exists)

    async def flush(self) -> None:
        """Wait for the writes under way."""
        while self._writes:
            await asyncio.gather(*self._writes)

    async def close(self) -> None:
        await self.flush()
        self._claims.close()

    async def _read(self, key: ChunkKey, length: int) -> bytes | None:
        try:
            return await asyncio.to_thread(files.read, self.root, files.digest(key), length)
        except OSError as error:
            self._failed(error)
            return None

    async def _store(self, key: ChunkKey, chunk: Chunk) -> None:
        try:
            await asyncio.to_thread(self._store_now, files.digest(key), chunk)
        except OSError as error:
            self._failed(error)
        else:
            self._recovered()
        finally:
            self.abandon(key)

    def _store_now(self, name: bytes, chunk: Chunk) -> None:
        with self._accounts:
            self._since_sweep += len(chunk)
            if self._since_sweep >= self._sweep_every:
                self._sweep(len(chunk))
        self._write(self.root, name, chunk)

    def _sweep(self, coming: int) -> None:
        # an eighth stays free for what other processes write meanwhile
        roof = self.max_bytes - max(self.max_bytes // 8, coming + CHUNK // 16)
        if janitor.sweep(self.root, max(roof, 0), max(roof - self._sweep_every, 0)) is not None:
            self._since_sweep = coming

    def _failed(self, error: OSError) -> None:
        self.failures += 1
        self._resume_at = asyncio.get_running_loop().time() + self._rest_seconds
        self._since_sweep = self._sweep_every
        if not self.failing:
            self.failing = True
            log.warning("disk cache at %s fails (%s): serving without it", self.root, error)

    def _recovered(self) -> None:
        if self.failing:
            self.failing = False
            log.info("disk cache at %s works again", self.root)
