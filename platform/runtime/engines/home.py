"""The home directory: who owns it, where things lie in it, and how other processes find its engines."""

from __future__ import annotations

import asyncio
import fcntl
import os
import shutil
import time
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
from msgspec import Struct

from runtime.engines.process import Identity, identify
from runtime.errors import HomeInUse, HomeUnusable

ROOM_BYTES = 256 << 20  # mongod's journal alone takes up to 200 MiB from its first second
POLL_SECONDS = 0.05


class Addresses(Struct, frozen=True, kw_only=True):
    """What HOME/run/engines.json says: where the embedded engines listen and who owns them. None: not embedded."""

    mongodb_uri: str | None
    redis_url: str | None
    pid: int
    owner: Identity


class Home:
    """A home below `root`. Making one touches nothing; `prepare` creates it."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.engines = root / "engines"
        self.run = root / "run"
        self.keys = root / "keys"
        self.sessions = root / "sessions"
        self.segments = root / "segments"
        self.search = root / "search"
        self.addresses_file = self.run / "engines.json"

    def prepare(self, *, room_bytes: int = 0) -> None:
        """Create the directories, for this user alone. HomeUnusable when they cannot be written to or room is short."""
        try:
            for directory in (self.root, self.engines, self.run, self.keys, self.sessions, self.segments):
                directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            probe = self.run / f"probe.{os.getpid()}"
            probe.write_bytes(b"\0" * 4096)
            probe.unlink()
            free_bytes = shutil.disk_usage(self.root).free
        except OSError as error:
            raise _unusable(self.root, error) from None
        if free_bytes < room_bytes:
            raise HomeUnusable(
                f"home {self.root} has {free_bytes >> 20} MiB left and the engines need {room_bytes >> 20} MiB"
            )

    @contextmanager
    def owned(self) -> Generator[None]:
        """Hold the home's lock; it falls with the process, however that ends. HomeInUse names the present owner."""
        path = self.run / "owner.lock"
        try:
            handle = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o600)
        except OSError as error:
            raise HomeUnusable(f"home {self.root} cannot be used: {error.strerror} ({path})") from None
        try:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                raise HomeInUse(self.root, _owner_pid(handle)) from None
            os.ftruncate(handle, 0)
            os.pwrite(handle, str(os.getpid()).encode(), 0)
            yield
        finally:
            os.close(handle)

    def publish(self, mongodb_uri: str | None, redis_url: str | None) -> None:
        """Write engines.json for the others, in one step."""
        me = identify(os.getpid())
        if me is None:
            raise HomeUnusable("the embedded engines need Linux with /proc; set MONGODB_URI and REDIS_URL")
        said = Addresses(mongodb_uri=mongodb_uri, redis_url=redis_url, pid=me.pid, owner=me)
        write_atomically(self.addresses_file, msgspec.json.encode(said))

    def withdraw(self) -> None:
        """Remove engines.json: nobody is to attach any more."""
        self.addresses_file.unlink(missing_ok=True)

    def addresses(self) -> Addresses | None:
        """What the living owner published; None while there is no such owner."""
        try:
            said = msgspec.json.decode(self.addresses_file.read_bytes(), type=Addresses)
        except (FileNotFoundError, NotADirectoryError, msgspec.DecodeError):
            return None
        except OSError as error:
            raise _unusable(self.root, error) from None
        return said if said.owner.lives else None

    async def await_addresses(self, within_seconds: float) -> Addresses | None:
        """`addresses`, given an owner that is still starting its engines some time."""
        deadline = time.monotonic() + within_seconds
        while (said := self.addresses()) is None and time.monotonic() < deadline:  # noqa: ASYNC110 - another process writes
            await asyncio.sleep(POLL_SECONDS)
        return said


def _unusable(root: Path, error: OSError) -> HomeUnusable:
    where = f" ({error.filename})" if error.filename else ""
    return HomeUnusable(f"home {root} cannot be used: {error.strerror}{where}")


def _owner_pid(handle: int) -> int | None:
    text = os.pread(handle, 20, 0).decode(errors="replace").strip()
    return int(text) if text.isascii() and text.isdigit() else None


def write_atomically(path: Path, content: bytes, mode: int = 0o600) -> None:
    """Replace a small file: a reader or a crash sees the old or the new one, whole. HomeUnusable when it cannot."""
    draft = path.with_name(f"{path.name}.{os.getpid()}.new")
    try:
        handle = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
        try:
            os.write(handle, content)
            os.fsync(handle)
        finally:
            os.close(handle)
        draft.replace(path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise HomeUnusable(f"cannot write {path}: {error.strerror}") from None
