"""A stand-in as a process: says where it listens, and ends on SIGTERM, SIGINT, or when its parent is gone."""

import asyncio
import os
import signal
import sys
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import click
import msgspec
import uvloop

_PARENT_CHECK_SECONDS = 0.5


def run(name: str, standing: AbstractAsyncContextManager[msgspec.Struct], ready_file: Path | None) -> None:
    """Keep one standing until it is told to stop; a port in use is one line and exit status 1.

    What the context gives is said once it listens: on standard output, and in the file.
    """
    try:
        uvloop.run(_kept(standing, ready_file))
    except OSError as error:
        click.echo(f"sandbox {name}: {error}", err=True)
        sys.exit(1)


async def _kept(standing: AbstractAsyncContextManager[msgspec.Struct], ready_file: Path | None) -> None:
    parent = os.getppid()
    async with standing as ready:
        line = msgspec.json.encode(ready)
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
