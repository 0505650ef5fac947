"""Real processes of a drill: `marquee serve` to be killed, a sandbox Telegram to stay."""

from __future__ import annotations

import asyncio
import signal
import sys
from asyncio.subprocess import DEVNULL, PIPE, Process
from collections.abc import AsyncGenerator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Final

import msgspec

from sandbox.telegram import DocumentInfo
from sandbox.telegram.control import ask
from tests.drills.stage import CHANNEL, Surroundings, Telegram

START_SECONDS: Final = 90.0
END_SECONDS: Final = 60.0


class DidNotStart(Exception):
    """A process ended before it was ready, or took too long; says its last words."""


class Platform:
    """One `marquee serve`, started as often as it is ended. Its log is kept over all its lives."""

    def __init__(self, surroundings: Surroundings, log: Path) -> None:
        self.surroundings = surroundings
        self.log = log
        self.address = ""
        self.internal = ""
        self._process: Process | None = None
        self._is_killed = False

    async def start(self) -> None:
        """Start it and wait until it is ready. Raises DidNotStart."""
        self._is_killed = False
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                *(sys.executable, "-m", "runtime", "serve", "--json"),
                env=self.surroundings.environment(), stdin=DEVNULL, stdout=PIPE, stderr=log,
            )  # fmt: skip
        assert self._process.stdout is not None
        try:
            async with asyncio.timeout(START_SECONDS):
                said = await self._process.stdout.readuntil(b"\n}\n")
            where = msgspec.json.decode(said)
            self.address, self.internal = where["sites"], where["internal"]
        except (TimeoutError, asyncio.IncompleteReadError):
            await self.end(signal.SIGKILL)
            raise DidNotStart(self.last_words()) from None

    async def end(self, how: signal.Signals) -> int:
        """End it and give its exit status; one that does not run has none to give."""
        process, self._process = self._process, None
        if process is None:
            return 0
        if process.returncode is None and not self._is_killed:
            process.send_signal(how)
        async with asyncio.timeout(END_SECONDS):
            return await process.wait()

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    def kill(self) -> None:
        """SIGKILL, now; `end` afterwards waits for it."""
        assert self._process is not None
        self._is_killed = True
        self._process.kill()

    def last_words(self) -> str:
        """The end of the log."""
        return self.log.read_text("utf-8", "replace")[-2000:].strip()


class Sandbox(msgspec.Struct, frozen=True):
    """A sandbox Telegram in a process of its own."""

    telegram: Telegram
    control: tuple[str, int]

    async def add_film(self, size_bytes: int, **options: Any) -> DocumentInfo:
        """Post a computed film; see TelegramSandbox.add_document."""
        given = await ask(self.control, "add_document", chat_id=CHANNEL, size_bytes=size_bytes, **options)
        return msgspec.convert(given, DocumentInfo)

    async def faults(self, **knobs: object) -> None:
        await ask(self.control, "faults", **knobs)

    async def faults_off(self) -> None:
        await ask(self.control, "clear_faults")

    async def reset_counters(self) -> None:
        await ask(self.control, "reset_counters")

    async def counters(self) -> Mapping[str, Any]:
        """As Counters.as_json."""
        found: Mapping[str, Any] = await ask(self.control, "counters")
        return found


@asynccontextmanager
async def sandbox_telegram(folder: Path) -> AsyncGenerator[Sandbox]:
    """A sandbox with the drills' channel, until the block ends."""
    folder.mkdir()
    process = await asyncio.create_subprocess_exec(
        *(sys.executable, "-m", "sandbox.telegram", "--data", str(folder), "--channel", str(CHANNEL)),
        env=Surroundings(home=folder).environment(), stdin=DEVNULL, stdout=PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    try:
        async with asyncio.timeout(START_SECONDS):
            said = msgspec.json.decode(await process.stdout.readline())
        datacenters = {int(number): (str(host), int(port)) for number, (host, port) in said["datacenters"].items()}
        host, port = said["control"]
        yield Sandbox(Telegram(datacenters, Path(said["public_key"])), (host, port))
    finally:
        process.terminate()
        await process.wait()
