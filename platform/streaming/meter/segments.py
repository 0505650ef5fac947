"""A producer's segment log: files `{producer}.{seq}` that are appended to, sealed, shipped in order and deleted.

A sequence number is written down before its first use and never used again, for the ledger takes each number once.
"""

from __future__ import annotations

import logging
import os
import threading
from collections.abc import Iterable
from pathlib import Path

from streaming.meter.producers import sync_directory, write_durably
from streaming.meter.records import Usage, decode, encode

_log = logging.getLogger(__name__)


class SegmentsDamaged(Exception):
    """The note of the next sequence number cannot be read; going on could lose usage or book over it."""


class SegmentLog:
    """The segments of one producer, whose slot the caller holds. Calls block on the disk; threads may share it."""

    def __init__(self, directory: Path, producer: str) -> None:
        self.producer = producer
        self._directory = directory
        self._note = directory / f"{producer}.seq"
        self._open: tuple[int, int] | None = None
        self._good_bytes = 0
        self._lock = threading.Lock()
        self._next = self._first_free()

    def append(self, records: Iterable[Usage]) -> None:
        """Make the records durable. On OSError none of them counts, and the same ones may be appended again."""
        frames = encode(records)
        if not frames:
            return
        with self._lock:
            seq, file = self._open if self._open is not None else self._begin()
            self._open = seq, file
            os.ftruncate(file, self._good_bytes)
            written = 0
            while written < len(frames):
                written += os.pwrite(file, frames[written:], self._good_bytes + written)
            os.fsync(file)
            self._good_bytes += written

    def seal(self) -> None:
        """Close the segment that is being written: the next record begins another."""
        with self._lock:
            if self._open is None:
                return
            _, file = self._open
            os.ftruncate(file, self._good_bytes)
            os.fsync(file)
            os.close(file)
            self._open = None

    def sealed(self) -> list[int]:
        """Sequence numbers that wait to be shipped, oldest first."""
        with self._lock:
            writing = self._open[0] if self._open is not None else None
            return [seq for seq in self._numbers() if seq != writing]

    def read(self, seq: int) -> list[Usage]:
        """The records of a segment, without the torn end that a crash may have left."""
        frames = self._path(seq).read_bytes()
        records = list(decode(frames))
        if lost_bytes := len(frames) - len(encode(records)):
            _log.warning("segment %s.%d: %d bytes at its end cannot be read", self.producer, seq, lost_bytes)
        return records

    def remove(self, seq: int) -> None:
        """Forget a segment that the ledger has acknowledged."""
        self._path(seq).unlink(missing_ok=True)

    def _begin(self) -> tuple[int, int]:
        seq = self._next
        write_durably(self._note, f"{seq + 1}\n".encode())
        self._next = seq + 1
        file = os.open(self._path(seq), os.O_CREAT | os.O_EXCL | os.O_RDWR | os.O_CLOEXEC, 0o600)
        sync_directory(self._directory)
        self._good_bytes = 0
        return seq, file

    def _first_free(self) -> int:
        numbers = self._numbers()
        if not self._note.exists():
            if numbers:
                raise SegmentsDamaged(f"{self._note} is missing beside segments")
            return 1
        try:
            noted = int(self._note.read_text("ascii"))
        except ValueError as error:
            raise SegmentsDamaged(f"{self._note} does not hold a number") from error
        return max(noted, *(seq + 1 for seq in numbers), 1)

    def _numbers(self) -> list[int]:
        stem = f"{self.producer}."
        suffixes = (path.name.removeprefix(stem) for path in self._directory.glob(f"{stem}*"))
        return sorted(int(suffix) for suffix in suffixes if suffix.isascii() and suffix.isdigit())

    def _path(self, seq: int) -> Path:
        return self._directory / f"{self.producer}.{seq:012d}"
