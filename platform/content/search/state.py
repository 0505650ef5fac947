"""What a node's search directory says of itself: which index is the present one, and how far it has heard.

ROOT/<format>/lock            held by the process that writes
ROOT/<format>/state.json      the present index; replaced whole after every commit
ROOT/<format>/<generation>/   an index
ROOT/<format>/broken          somebody could not read this generation
"""

from __future__ import annotations

import fcntl
import os
import shutil
from importlib.metadata import version
from pathlib import Path
from typing import Final

import msgspec
from msgspec import Struct

from content.search.listings import FORMAT
from content.search.shelf import ShelfBroken

_ENGINE: Final = version("tantivy")


class State(Struct, frozen=True, kw_only=True):
    """`source` is the identity of the collection; `token` where its news go on; `serial` grows with every commit."""

    generation: str
    source: str
    token: bytes
    serial: int
    titles: int


class Place:
    """The directory of one format and engine below a root: another one is another index, made anew."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._directory = root / f"{FORMAT}-{_ENGINE}"
        self._state = self._directory / "state.json"
        self._broken = self._directory / "broken"
        self._lock: int | None = None

    def prepare(self) -> None:
        """Makes the directory. Raises OSError."""
        self._directory.mkdir(mode=0o700, parents=True, exist_ok=True)

    def take(self) -> bool:
        """Whether this process is the one that writes from now on; the lock falls with the process, however it ends."""
        handle = os.open(self._directory / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            os.close(handle)
            return False
        self._lock = handle
        return True

    def give_back(self) -> None:
        """Lets another process write."""
        if self._lock is not None:
            os.close(self._lock)
            self._lock = None

    def index(self, generation: str) -> Path:
        """Where an index lies."""
        return self._directory / generation

    def read(self) -> State | None:
        """What is there; None where there is nothing to be trusted."""
        try:
            return msgspec.json.decode(self._state.read_bytes(), type=State)
        except (OSError, msgspec.DecodeError):
            return None

    def write(self, state: State) -> None:
        """Replaces the state: a reader or a crash sees the old or the new one, whole."""
        draft = self._state.with_suffix(".new")
        with draft.open("wb") as file:
            file.write(msgspec.json.encode(state))
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self._state)

    def stamp(self) -> int:
        """Changes whenever the state is written; 0 without one."""
        try:
            return self._state.stat().st_mtime_ns
        except OSError:
            return 0

    def condemn(self, generation: str) -> None:
        """Asks the process that writes to make this index anew."""
        self._broken.write_text(generation)

    def condemned(self) -> str | None:
        """The generation that somebody could not read."""
        try:
            return self._broken.read_text()
        except OSError:
            return None

    def check(self, generation: str) -> None:
        """Raises ShelfBroken for an index that somebody could not read."""
        if self.condemned() == generation:
            raise ShelfBroken("it could not be read")

    def sweep(self, kept: str | None) -> None:
        """Removes every other index: what builds that broke off left, and formats of before."""
        self._broken.unlink(missing_ok=True)
        old = [each for each in self._root.iterdir() if each != self._directory]
        old += [each for each in self._directory.iterdir() if each.is_dir() and each.name != kept]
        for each in old:
            shutil.rmtree(each, ignore_errors=True)
