"""A stand-in over HTTP as a process."""

import os
from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import msgspec

from sandbox import process

from .server import HttpSandbox


class Ready(msgspec.Struct, kw_only=True):
    """What the ready file says."""

    pid: int
    url: str


def run(name: str, make: Callable[[], HttpSandbox], ready_file: Path | None) -> None:
    """Run one until it is told to stop; a port in use is one line and exit status 1."""
    process.run(name, _standing(make), ready_file)


@asynccontextmanager
async def _standing(make: Callable[[], HttpSandbox]) -> AsyncGenerator[Ready]:
    async with make() as sandbox:
        yield Ready(pid=os.getpid(), url=sandbox.url)
