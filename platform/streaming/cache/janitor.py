"""Keeps the shared disk cache within its bound: whichever process holds the lock removes the least recently used."""

from __future__ import annotations

import fcntl
import os
import time
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

from streaming.cache.files import SUFFIX, TEMPORARY

_ABANDONED_SECONDS = 600.0


class Kept(NamedTuple):
    used_at: float
    size_bytes: int
    path: str


def sweep(root: Path, max_bytes: int, target_bytes: int) -> int | None:
    """Bring the folder from above `max_bytes` down to `target_bytes`; returns the bytes left.

    None when another process is sweeping. Files that a crash left unfinished are removed once they are old.
    """
    with locked(root) as alone:
        if not alone:
            return None
        files = sorted(_files(root, time.time() - _ABANDONED_SECONDS))
        used = sum(file.size_bytes for file in files)
        if used <= max_bytes:
            return used
        for file in files:
            if used <= target_bytes:
                break
            Path(file.path).unlink(missing_ok=True)
            used -= file.size_bytes
        return used


@contextmanager
def locked(root: Path) -> Generator[bool]:
    """Whether this process has the sweeping to itself for the block."""
    root.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(root / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            yield False
        else:
            yield True
    finally:
        os.close(descriptor)


def _files(root: Path, abandoned_before: float) -> Iterator[Kept]:
    for folder in os.scandir(root):
        if not folder.is_dir(follow_symlinks=False):
            continue
        for entry in os.scandir(folder.path):
            if (kept := _kept(entry, abandoned_before)) is not None:
                yield kept


def _kept(entry: os.DirEntry[str], abandoned_before: float) -> Kept | None:
    if not entry.name.endswith((SUFFIX, TEMPORARY)):
        return None
    try:
        status = entry.stat(follow_symlinks=False)
        if entry.name.endswith(TEMPORARY) and status.st_mtime < abandoned_before:
            Path(entry.path).unlink(missing_ok=True)
            return None
    except FileNotFoundError:  # another process was faster
        return None
    return Kept(status.st_mtime, status.st_size, entry.path)
