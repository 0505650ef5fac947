"""Serving applications from a benchmark's child process."""

import socket
from collections.abc import Awaitable, Callable, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import uvicorn

App = Callable[[Any, Any, Any], Awaitable[None]]


async def serve(apps: Sequence[App], ready: str) -> None:
    """Give each application a port of the system's choice, write the ports to the ready file, and serve until told to
    stop. All are served by one process, so that what differs between processes (memory's layout, hash seeds) does not
    differ between them.
    """
    with ExitStack() as stack:
        listeners = [stack.enter_context(socket.create_server(("127.0.0.1", 0))) for _ in apps]
        ports = [listener.getsockname()[1] for listener in listeners]
        part = Path(ready).with_suffix(".part")
        part.write_text(" ".join(map(str, ports)))
        part.replace(ready)
        config = uvicorn.Config(
            _by_port(dict(zip(ports, apps, strict=True))), log_level="error", lifespan="off", access_log=False
        )
        await uvicorn.Server(config).serve(sockets=listeners)


def _by_port(apps: dict[int, App]) -> App:
    async def app(scope: Any, receive: Any, send: Any) -> None:
        await apps[scope["server"][1]](scope, receive, send)

    return app
