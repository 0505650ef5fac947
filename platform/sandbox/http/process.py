"""A stand-in as a process: says where it listens, and ends on SIGTERM, SIGINT, or when its parent is gone."""

import asyncio
import os
import signal
import sys
from collections.abc import Callable
from pathlib import Path

import click
import msgspec
import uvloop

from .server import HttpSandbox

_PARENT_CHECK_SECONDS = 0.5


class Ready(msgspec.Struct, kw_only=True):
    """What the ready file says."""

    pid: int
    url: str


def run(name: str, make: Callable[[], HttpSandbox], ready_file: Path | None) -> None:
    """Run one until it is told to stop; a port in use is one line and exit status 1."""
    try:
        uvloop.run(_served(make, ready_file))
    except OSError as error:
        click.echo(f"sandbox {name}: {error}", err=True)
        sys.exit(1)


async def _served(make: Callable[[], HttpSandbox], ready_file: Path | None) -> None:
    parent = os.getppid()
    async with make() as sandbox:
        line = msgspec.json.encode(Ready(pid=os.getpid(), url=sandbox.url))
        if ready_file is not None:
            written = ready_file.with_suffix(".part")
            written.write_bytes(line + b"\n")
            written.replace(ready_file)
        click.echo(line.decode())
        await _until_told_to_stop(parent)


async def _until_told_to_stop(parent: int) -> None:
    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    while not stop.is_set() and os.getppid() == parent:
        try:
            await asyncio.wait_for(stop.wait(), _PARENT_CHECK_SECONDS)
        except TimeoutError:
            continue
