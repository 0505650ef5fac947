"""Which chunks a process is fetching, told to the machine's other processes."""

from __future__ import annotations

import fcntl
import os
from collections import Counter
from pathlib import Path

_POSITIONS = 1 << 40


class Claims:
    """One byte of a shared lock file for each chunk: the kernel drops a process's locks when it dies.

    Two chunks may share a byte; then one waits for the other and nothing worse. Where the file cannot be had every
    claim is granted: processes fetch without knowing of each other.
    """

    def __init__(self, root: Path) -> None:
        self._path = root / "claims"
        self._descriptor: int | None = None
        self._held: Counter[int] = Counter()

    def take(self, name: bytes) -> bool:
        """Whether this process may fetch the chunk; False while another one does. Never waits."""
        position = _position(name)
        if not self._held[position]:
            try:
                fcntl.lockf(self._open(), fcntl.LOCK_EX | fcntl.LOCK_NB, 1, position)
            except BlockingIOError:
                return False
            except OSError:
                return True
        self._held[position] += 1
        return True

    def release(self, name: bytes) -> None:
        """Let others fetch it, or find it stored. Does nothing for what is not held."""
        position = _position(name)
        if self._held[position] <= 0 or self._descriptor is None:
            return
        self._held[position] -= 1
        if not self._held[position]:
            del self._held[position]
            fcntl.lockf(self._descriptor, fcntl.LOCK_UN, 1, position)

    def close(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None
        self._held.clear()

    def _open(self) -> int:
        if self._descriptor is None:
            self._path.parent.mkdir(parents=True, exist_ok=True)
            self._descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        return self._descriptor


def _position(name: bytes) -> int:
    return int.from_bytes(name[:8], "little") % _POSITIONS
