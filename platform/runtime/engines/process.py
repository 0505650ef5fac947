"""One engine process: spawned under the guard, recorded by pid and start time, ended within a bound."""

from __future__ import annotations

import asyncio
import os
import signal
import subprocess
import sys
import time
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path

from msgspec import Struct

from runtime.engines import guard

POLL_SECONDS = 0.02


class Identity(Struct, frozen=True):
    """A process, not to be mistaken for a later one of the same pid: its start in clock ticks since boot, its name."""

    pid: int
    started_ticks: int
    name: str

    @property
    def lives(self) -> bool:
        """Whether this very process runs; a zombie does not."""
        return identify(self.pid) == self


def identify(pid: int) -> Identity | None:
    """Who a pid is right now (proc(5): stat), or None for nobody or a zombie."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8", errors="replace")
    except OSError:
        return None
    name, _, rest = stat.partition("(")[2].rpartition(")")
    fields = rest.split()
    return None if fields[0] in {"Z", "X"} else Identity(pid, int(fields[19]), name)


def spawn(command: list[str], log: Path, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start an engine that dies with this process. The calling thread must live as long as the engine shall (prctl(2)).

    A session of its own keeps a terminal's Ctrl-C for the owner, who stops the engine in order.
    """
    arguments = [sys.executable, "-I", "-S", guard.__file__, str(os.getpid()), *command]
    with log.open("ab") as output:
        return subprocess.Popen(  # noqa: S603 - binaries of installed wheels
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **environment},
            cwd=log.parent,
            start_new_session=True,
        )


async def end(process: subprocess.Popen[bytes], within_seconds: float) -> bool:
    """SIGTERM, then SIGKILL once the time is over. True when it went by itself."""
    process.terminate()
    try:
        await asyncio.to_thread(process.wait, within_seconds)
    except subprocess.TimeoutExpired:
        process.kill()
        await asyncio.to_thread(process.wait)
        return False
    return True


async def end_leftover(identity: Identity, within_seconds: float) -> None:
    """End an engine that its dead owner left behind; it is no child of ours, so it is watched by identity."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        if identify(identity.pid) != identity:
            return
        with suppress(ProcessLookupError):
            os.kill(identity.pid, number)
        deadline = time.monotonic() + within_seconds
        while identify(identity.pid) == identity and time.monotonic() < deadline:  # noqa: ASYNC110 - it is no child of ours
            await asyncio.sleep(POLL_SECONDS)
