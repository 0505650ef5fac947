"""Serving an application from a benchmark's child process."""

import socket
from pathlib import Path
from typing import Any

import uvicorn


async def serve(app: Any, ready: str) -> None:
    """Listen on a port of the system's choice, write it to the ready file, and serve until told to stop."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        part = Path(ready).with_suffix(".part")
        part.write_text(str(listener.getsockname()[1]))
        part.replace(ready)
        config = uvicorn.Config(app, log_level="error", lifespan="off", access_log=False)
        await uvicorn.Server(config).serve(sockets=[listener])
