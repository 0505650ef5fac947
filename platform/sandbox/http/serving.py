"""Serving an application on loopback for as long as a block lasts."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncGenerator, Generator
from contextlib import asynccontextmanager, contextmanager
from typing import Any, Final

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

DROP: Final = "sandbox.drop"
"""ASGI extension of `serving`: its "abort" ends the connection as a failing network would."""


class _Server(uvicorn.Server):
    """Leaves signals to whoever started it."""

    @contextmanager
    def capture_signals(self) -> Generator[None]:
        """Captures none."""
        yield


class _Droppable(HttpToolsProtocol):
    """Lets the application end the connection without an answer."""

    def on_headers_complete(self) -> None:
        """Hand the request on, with the way to drop it."""
        super().on_headers_complete()
        self.scope["extensions"] = {DROP: {"abort": self.transport.abort}}


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
    config = uvicorn.Config(application, http=_Droppable, log_config=None, access_log=False, lifespan="off", ws="none")
    server = _Server(config)
    task = asyncio.create_task(server.serve([listener]))
    try:
        while not server.started:  # noqa: ASYNC110 - uvicorn offers nothing to wait for
            await asyncio.sleep(0.005)
        yield
    finally:
        server.should_exit = True
        await task
