"""An embedded engine's life: a port that it keeps, a start that is awaited, a restart when it falls, an orderly end."""

from __future__ import annotations

import asyncio
import logging
import socket
import subprocess
import time
from abc import ABC, abstractmethod
from collections.abc import Mapping
from pathlib import Path

import msgspec

from runtime.engines.home import Home, write_atomically
from runtime.engines.process import POLL_SECONDS, Identity, end, end_leftover, identify, spawn
from runtime.errors import EngineFailed

LOOPBACK = "127.0.0.1"
START_SECONDS = 90.0
END_SECONDS = 20.0
SETTLE_SECONDS = 0.06
LOG_BYTES = 8 << 20
PORT_TRIES = 3
log = logging.getLogger("marquee.engines")


class NotReady(Exception):
    """The engine runs and does not answer yet."""


class Engine(ABC):
    """One engine below HOME/engines/NAME. `start` and `end` belong to the owner's event loop thread."""

    name: str

    def __init__(self, home: Home) -> None:
        self._home = home
        self.directory = home.engines / self.name
        self._log = home.engines / f"{self.name}.log"
        self._record = home.run / f"{self.name}.json"
        self._port_file = home.engines / f"{self.name}.port"
        self._process: subprocess.Popen[bytes] | None = None
        self.port = 0

    @abstractmethod
    def command(self) -> list[str]:
        """The program and its arguments for `self.port`."""

    @abstractmethod
    async def settle(self) -> None:
        """Make the engine fit for work. NotReady while it does not answer; asked again until START_SECONDS are over."""

    def environment(self) -> Mapping[str, str]:
        """Variables that the engine needs beside ours."""
        return {}

    async def start(self) -> None:
        """Run it until it is fit for work, on its former port or another if that is taken. Or EngineFailed."""
        await self._end_leftover()
        self.directory.mkdir(mode=0o700, parents=True, exist_ok=True)
        for attempt in range(PORT_TRIES):
            self.port = self._choose_port(fresh=attempt > 0)
            if await self._run():
                write_atomically(self._port_file, str(self.port).encode())
                return
            if _is_free(self.port):
                break
        raise EngineFailed(f"{self.name} did not start: {self._last_words()} (log: {self._log})")

    async def keep_running(self) -> None:
        """Start the engine again whenever it ends by itself, on the port that everybody knows. Runs until cancelled."""
        pause_seconds = 0.2
        while True:
            while self._process is not None and self._process.poll() is None:
                pause_seconds = 0.2
                await asyncio.sleep(0.1)
            log.warning("%s ended by itself; starting it again", self.name)
            try:
                if not await self._run():
                    log.error("%s does not start: %s (log: %s)", self.name, self._last_words(), self._log)
            except EngineFailed as failure:
                log.error("%s", failure)  # noqa: TRY400 - the line says it all
            await asyncio.sleep(pause_seconds)
            pause_seconds = min(pause_seconds * 2, 5.0)

    async def end(self) -> None:
        """Stop in order; killed after END_SECONDS, which its journal survives."""
        if self._process is not None and not await end(self._process, END_SECONDS):
            log.warning("%s had to be killed", self.name)
        self._process = None
        self._record.unlink(missing_ok=True)

    async def _run(self) -> bool:
        """One try. False when the process ended before it was fit for work."""
        if self._log.exists() and self._log.stat().st_size > LOG_BYTES:
            self._log.replace(self._log.with_suffix(".log.1"))
        process = self._process = spawn(self.command(), self._log, self.environment())
        await self._await_exec(process)
        deadline = time.monotonic() + START_SECONDS
        while process.poll() is None:
            try:
                await self._accepts()
                await self.settle()
            except NotReady as reason:
                if time.monotonic() > deadline:
                    await end(process, END_SECONDS)
                    raise EngineFailed(f"{self.name} does not answer: {reason} (log: {self._log})") from None
                await asyncio.sleep(SETTLE_SECONDS)
            else:
                return True
        return False

    async def _accepts(self) -> None:
        try:
            _, writer = await asyncio.open_connection(LOOPBACK, self.port)
        except OSError as reason:
            raise NotReady(str(reason)) from reason
        writer.close()
        await writer.wait_closed()

    async def _await_exec(self, process: subprocess.Popen[bytes]) -> None:
        """Record who the engine is as soon as the guard has become it."""
        binary = Path(self.command()[0]).name[:15]
        while process.poll() is None:
            if (identity := identify(process.pid)) is not None and identity.name == binary:
                write_atomically(self._record, msgspec.json.encode(identity))
                return
            await asyncio.sleep(POLL_SECONDS / 4)

    async def _end_leftover(self) -> None:
        try:
            left = msgspec.json.decode(self._record.read_bytes(), type=Identity)
        except (OSError, msgspec.DecodeError):
            return
        await end_leftover(left, END_SECONDS)

    def _choose_port(self, *, fresh: bool) -> int:
        try:
            former = int(self._port_file.read_text(encoding="ascii"))
        except (OSError, ValueError):
            former = 0
        return former if former and not fresh and _is_free(former) else _free_port()

    def _last_words(self) -> str:
        try:
            lines = self._log.read_text(encoding="utf-8", errors="replace").splitlines()
        except OSError:
            return "it left no log"
        return self.last_words([line for line in lines[-400:] if line.strip()]) or "it left no reason"

    def last_words(self, lines: list[str]) -> str:
        """The line of the log that says why it ended."""
        return lines[-1].strip() if lines else ""


def _is_free(port: int) -> bool:
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((LOOPBACK, port))
        except OSError:
            return False
        return True


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind((LOOPBACK, 0))
        return int(probe.getsockname()[1])
