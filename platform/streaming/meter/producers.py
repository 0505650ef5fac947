"""Who writes segments: `<node id>-<slot>`, the node id kept beside the segments, the slot held by a file lock.

A process takes the lowest free slot, so producers stay few however often processes come and go. A new directory has a
new node id: its sequence numbers begin anew, and the ledger must not take them for old ones. For the same reason a
directory is never restored from a backup or copied to a second machine.
"""

from __future__ import annotations

import fcntl
import os
import secrets
from pathlib import Path
from types import TracebackType

SLOTS = 256


class NoFreeSlot(Exception):
    """Every slot is held: more processes share the directory than it was made for."""


class Slot:
    """A held slot. The lock ends with `release` or with the process, however that ends."""

    def __init__(self, producer: str, lock: int) -> None:
        self.producer = producer
        self._lock: int | None = lock

    def release(self) -> None:
        """Give the slot back; again does nothing."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def __enter__(self) -> Slot:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.release()


def claim_slot(directory: Path) -> Slot:
    """The lowest slot that nobody holds; makes the directory where there is none. Raises NoFreeSlot."""
    directory.mkdir(parents=True, exist_ok=True, mode=0o700)
    node = _node_id(directory)
    for number in range(SLOTS):
        slot = _try_slot(directory, f"{node}-{number}")
        if slot is not None:
            return slot
    raise NoFreeSlot(f"all {SLOTS} slots of {directory} are held")


def claim_abandoned(directory: Path) -> list[Slot]:
    """The slots of dead processes that left segments behind, now held by the caller."""
    names = (path.name.rpartition(".") for path in directory.glob("*.*"))
    producers = {producer for producer, _, seq in names if seq.isascii() and seq.isdigit()}
    slots = (_try_slot(directory, producer) for producer in sorted(producers))
    return [slot for slot in slots if slot is not None]


def write_durably(path: Path, content: bytes) -> None:
    """Replace a small file at once: after a crash it holds the old content or the new, never a part.

    One writer at a time: the callers hold a lock.
    """
    draft = path.with_name(f"{path.name}.draft")
    with draft.open("wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())
    draft.replace(path)
    sync_directory(path.parent)


def sync_directory(directory: Path) -> None:
    """Make the names in a directory durable."""
    descriptor = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def _node_id(directory: Path) -> str:
    path = directory / "node"
    lock = os.open(directory / "node.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not path.exists():
            write_durably(path, secrets.token_hex(6).encode())
        return path.read_text("ascii").strip()
    finally:
        os.close(lock)


def _try_slot(directory: Path, producer: str) -> Slot | None:
    lock = os.open(directory / f"{producer}.lock", os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(lock)
        return None
    return Slot(producer, lock)
