"""Pointing kurigram at a sandbox: its key trusted, its datacenters dialled. For tests and benchmarks."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

from pyrogram import Client
from pyrogram.connection import Connection
from pyrogram.connection.transport import TCP, TCPAbridged
from pyrogram.crypto import rsa

from .server import TelegramSandbox

API_ID = 1
BOT_TOKEN = "1000:sandbox-token"  # noqa: S105 - of a server that takes any
API_HASH = "0" * 32


def trust(sandbox: TelegramSandbox) -> None:
    """Let kurigram, in this process, accept the sandbox's RSA key."""
    modulus, exponent = sandbox.public_key
    rsa.server_public_keys[sandbox.fingerprint] = rsa.PublicKey(modulus, exponent)


def dialling(datacenters: dict[int, tuple[str, int]]) -> Any:
    """A connection factory that dials these addresses whatever address kurigram has for a datacenter."""

    def dial(dc_id: int, server_address: str, port: int, **options: Any) -> Connection:
        host, own_port = datacenters[dc_id]
        return Connection(dc_id, host, own_port, **options)

    return dial


def client(
    sandbox: TelegramSandbox,
    bot_token: str = BOT_TOKEN,
    *,
    name: str = "sandbox",
    folder: Path | None = None,
    transport: type[TCP] = TCPAbridged,
) -> Client:
    """A kurigram client of the sandbox, not started; its session is in memory, or in `folder`."""
    trust(sandbox)
    return Client(
        name,
        api_id=API_ID,
        api_hash=API_HASH,
        bot_token=bot_token,
        in_memory=folder is None,
        workdir=str(folder) if folder is not None else ".",
        no_updates=True,
        connection_factory=dialling(sandbox.datacenters),
        protocol_factory=transport,
    )


@asynccontextmanager
async def signed_in(sandbox: TelegramSandbox, bot_token: str = BOT_TOKEN, **options: Any) -> AsyncGenerator[Any, None]:
    """A started Client (whose fields, optional in kurigram's types, are all there).

    At the end all its sessions are stopped, those too that kurigram's own `stop` forgets.
    """
    started = client(sandbox, bot_token, **options)
    await started.start()
    try:
        yield started
    finally:
        await started.stop()
        for session in started.sessions.values():
            await session.stop()
