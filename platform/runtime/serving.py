"""uvicorn answering on a socket that is open already, for as long as a block lasts."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager, suppress
from socket import socket
from typing import Any

import uvicorn
from msgspec import Struct

from runtime.errors import Refused

SETTLE_SECONDS = 0.5


class Server(uvicorn.Server):
    """Leaves signals to the process, which stops more than this server."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Captures none."""
        yield

    @property
    def connections(self) -> int:
        """Open connections."""
        return len(self.server_state.connections)

    @property
    def requests(self) -> int:
        """Requests begun since the start."""
        return self.server_state.total_requests


class Manners(Struct, frozen=True):
    """How long idle connections are kept, and how long running responses get to end when the server stops."""

    idle_seconds: int
    shutdown_seconds: int


@asynccontextmanager
async def serving(
    app: Any, sock: socket, *, protocol: type[asyncio.Protocol] | str, manners: Manners
) -> AsyncGenerator[Server]:
    """Answer on `sock` with an ASGI app. The end lets running responses finish within the bound and closes the rest."""
    server = Server(
        uvicorn.Config(
            app,
            http=protocol,
            ws="none",
            lifespan="off",
            log_config=None,
            access_log=False,
            proxy_headers=False,
            server_header=False,
            timeout_keep_alive=manners.idle_seconds,
            timeout_graceful_shutdown=manners.shutdown_seconds,
        )
    )
    running = asyncio.create_task(server.serve(sockets=[sock]), name="server")
    try:
        while not server.started:
            if running.done():
                running.result()
                raise Refused("the server ended while it started")
            await asyncio.sleep(0.01)
        yield server
    finally:
        server.should_exit = True
        await asyncio.gather(running, return_exceptions=True)
        await _close_rest(server)


async def _close_rest(server: Server) -> None:
    """What is still open after the bound: closed, so that the meter can settle each connection."""
    for connection in list(server.server_state.connections):
        transport = getattr(connection, "transport", None)
        if transport is not None:
            transport.abort()
    with suppress(TimeoutError):
        async with asyncio.timeout(SETTLE_SECONDS):
            while server.connections:  # noqa: ASYNC110 - uvicorn keeps a set and offers no event
                await asyncio.sleep(0.01)
