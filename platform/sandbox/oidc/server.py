"""Serving an application on loopback for as long as a block lasts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any

import uvicorn


class _Server(uvicorn.Server):
    """Leaves signals to whoever started it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Captures none."""
        yield


@asynccontextmanager
async def listening(port: int = 0) -> AsyncGenerator[tuple[socket.socket, int]]:
    """A listener on 127.0.0.1, and its port: one of the system's choice where none is named."""
    listener = socket.create_server(("127.0.0.1", port))
    try:
        yield listener, listener.getsockname()[1]
    finally:
        listener.close()


@asynccontextmanager
async def serving(application: Any, listener: socket.socket) -> AsyncGenerator[None]:
    """`application` answers on the listener."""
    config = uvicorn.Config(application, log_config=None, access_log=False, lifespan="off", ws="none")
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task
