"""Chunks as files: names, framing and atomic writes. Blocking; called from worker threads."""

from __future__ import annotations

import errno
import hashlib
import os
import struct
import zlib
from pathlib import Path

import msgspec

from streaming.model import ChunkKey
from streaming.source import Chunk

SUFFIX = ".chunk"
TEMPORARY = ".part"
_HEADER = struct.Struct("<8s32sQI")
_MAGIC = b"MARQCHK1"


def digest(key: ChunkKey) -> bytes:
    """What names a chunk's file; every part of the key enters it, the owner first."""
    return hashlib.sha256(msgspec.json.encode(key)).digest()


def path_of(root: Path, name: bytes) -> Path:
    text = name.hex()
    return root / text[:2] / f"{text[2:]}{SUFFIX}"


def read(root: Path, name: bytes, length: int) -> bytes | None:
    """The chunk, or None where there is none or it is torn; a torn one is removed.

    Raises OSError when the disk fails.
    """
    path = path_of(root, name)
    try:
        with path.open("rb", buffering=0) as file:
            header = file.read(_HEADER.size)
            payload = file.read(length + 1)
            _mark_used(file.fileno())
    except FileNotFoundError:
        return None
    if _whole(header, payload, name, length):
        return payload
    path.unlink(missing_ok=True)
    return None


def _whole(header: bytes, payload: bytes, name: bytes, length: int) -> bool:
    if len(header) != _HEADER.size or len(payload) != length:
        return False
    return header == _HEADER.pack(_MAGIC, name, length, zlib.crc32(payload))


def _mark_used(descriptor: int) -> None:
    try:
        os.utime(descriptor)
    except OSError:  # a read-only cache still serves
        return


def write(root: Path, name: bytes, chunk: Chunk) -> int:
    """Store the chunk: it appears whole under its name or not at all. Returns the bytes it takes. Raises OSError.

    Not synced: after a power cut the checksum tells a torn file.
    """
    path = path_of(root, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_suffix(f".{os.getpid()}-{os.urandom(4).hex()}{TEMPORARY}")
    header = _HEADER.pack(_MAGIC, name, len(chunk), zlib.crc32(chunk))
    try:
        with temporary.open("wb", buffering=0) as file:
            _write_whole(file.fileno(), header, chunk)
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    return len(header) + len(chunk)


def _write_whole(descriptor: int, header: bytes, chunk: Chunk) -> None:
    if os.writev(descriptor, [header, chunk]) != len(header) + len(chunk):
        raise OSError(errno.ENOSPC, "the disk took only a part of the chunk")
