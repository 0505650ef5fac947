"""The process's own chunk cache."""

from __future__ import annotations

from collections import OrderedDict

from streaming.model import ChunkKey
from streaming.source import Chunk


class MemoryCache:
    """Least recently used chunks, bounded in bytes. 0 switches it off."""

    def __init__(self, max_bytes: int) -> None:
        self.max_bytes = max_bytes
        self.used_bytes = 0
        self.hits = 0
        self.misses = 0
        self._chunks: OrderedDict[ChunkKey, Chunk] = OrderedDict()

    def __len__(self) -> int:
        return len(self._chunks)

    def __contains__(self, key: ChunkKey) -> bool:
        return key in self._chunks

    def get(self, key: ChunkKey) -> Chunk | None:
        chunk = self._chunks.get(key)
        if chunk is None:
            self.misses += 1
            return None
        self.hits += 1
        self._chunks.move_to_end(key)
        return chunk

    def put(self, key: ChunkKey, chunk: Chunk) -> None:
        if len(chunk) > self.max_bytes:
            return
        self.drop(key)
        self._chunks[key] = chunk
        self.used_bytes += len(chunk)
        while self.used_bytes > self.max_bytes:
            _, oldest = self._chunks.popitem(last=False)
            self.used_bytes -= len(oldest)

    def drop(self, key: ChunkKey) -> None:
        chunk = self._chunks.pop(key, None)
        if chunk is not None:
            self.used_bytes -= len(chunk)
