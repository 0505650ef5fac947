"""The demo's own Telegram: a process on loopback that keeps the films, and the settings that reach it."""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager, suppress
from pathlib import Path

import msgspec
from msgspec import Struct

from runtime.address import Address
from runtime.errors import Refused
from runtime.settings import Telegram

# Numbers that Telegram never gave to anybody; the demo's Telegram takes any well-formed token.
API_ID, API_HASH = 4242, "0" * 32
BOT_TOKENS = ("7000000001:marquee-demo-worker-number-one-00000", "7000000002:marquee-demo-worker-number-two-00000")
START_SECONDS, STOP_SECONDS = 30.0, 5.0


class Ready(Struct, frozen=True):
    """What the process says of itself once it listens."""

    datacenters: dict[int, tuple[str, int]]
    public_key: str


@asynccontextmanager
async def telegram(data: Path, channels: dict[int, str]) -> AsyncGenerator[Telegram]:
    """Run it over the folder `data` with the channels, each of one owner; gives the settings to reach it.

    What was uploaded stays in the folder. Refused when it does not start.
    """
    ready_file, log = _cleared(data)
    command = ["-m", "sandbox.telegram", "--data", str(data), "--ready-file", str(ready_file)]
    command += [part for channel in channels for part in ("--channel", str(channel))]
    with log.open("wb") as output:
        # A session of its own: Ctrl-C is for the demo, which stops its Telegram last.
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            *command,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
            stdin=asyncio.subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        ready = await _ready(process, ready_file, log)
        yield Telegram(
            api_id=API_ID,
            api_hash=API_HASH,
            bot_tokens=BOT_TOKENS,
            storage_channels=channels,
            datacenters={number: Address(host, port) for number, (host, port) in ready.datacenters.items()},
            public_keys=(Path(ready.public_key),),
        )
    finally:
        await asyncio.shield(_end(process))


def _cleared(data: Path) -> tuple[Path, Path]:
    """The folder, made, and in it where the process says that it is ready (nothing yet) and where it logs."""
    data.mkdir(parents=True, exist_ok=True)
    ready_file = data / "ready.json"
    ready_file.unlink(missing_ok=True)
    return ready_file, data / "log.txt"


async def _ready(process: asyncio.subprocess.Process, ready_file: Path, log: Path) -> Ready:
    try:
        async with asyncio.timeout(START_SECONDS):
            while (said := _said(ready_file)) is None:
                if process.returncode is not None:
                    raise Refused(f"the demo's Telegram did not start: {_last_line(log)}")
                await asyncio.sleep(0.02)
    except TimeoutError:
        raise Refused(f"the demo's Telegram did not start within {START_SECONDS:.0f} s (see {log})") from None
    return said


def _said(ready_file: Path) -> Ready | None:
    try:
        return msgspec.json.decode(ready_file.read_bytes(), type=Ready, strict=False)
    except FileNotFoundError:
        return None


async def _end(process: asyncio.subprocess.Process) -> None:
    with suppress(ProcessLookupError):
        process.terminate()
    try:
        async with asyncio.timeout(STOP_SECONDS):
            await process.wait()
    except TimeoutError:
        with suppress(ProcessLookupError):
            process.kill()
        await process.wait()


def _last_line(log: Path) -> str:
    lines = log.read_text(encoding="utf-8", errors="replace").strip().splitlines()
    return lines[-1] if lines else f"see {log}"
