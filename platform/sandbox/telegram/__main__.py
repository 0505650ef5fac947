"""The sandbox as a process: `python -m sandbox.telegram --data DIR --ready-file FILE`.

Writes a JSON object to the file (and to standard output) once it listens; ends on SIGTERM or SIGINT, and when the
process that started it is gone.
"""

import os
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import click
import msgspec

from sandbox.process import run

from .control import Control
from .faults import Faults
from .memory import keep_freed_memory
from .model import SandboxOptions
from .server import TelegramSandbox


class Ready(msgspec.Struct, kw_only=True):
    """What the ready file says. `control`: address for `sandbox.telegram.control.ask`."""

    pid: int
    data: str
    datacenters: dict[str, tuple[str, int]]
    public_key: str
    fingerprint: int
    control: tuple[str, int]


@asynccontextmanager
async def _standing(options: SandboxOptions, faults: Faults, channels: tuple[int, ...]) -> AsyncGenerator[Ready]:
    async with TelegramSandbox(options, faults) as sandbox:
        for channel_id in channels:
            sandbox.add_channel(channel_id)
        control = Control(sandbox)
        address = await control.start(options.host, options.port_base)
        try:
            yield _ready(sandbox, address)
        finally:
            await control.close()


def _ready(sandbox: TelegramSandbox, control: tuple[str, int]) -> Ready:
    return Ready(
        pid=os.getpid(),
        data=str(sandbox.public_key_pem.parent.resolve()),
        datacenters={str(dc_id): address for dc_id, address in sandbox.datacenters.items()},
        public_key=str(sandbox.public_key_pem.resolve()),
        fingerprint=sandbox.fingerprint,
        control=control,
    )


def _fault(context: click.Context, parameter: click.Parameter, given: tuple[str, ...]) -> Faults:
    faults = Faults()
    for item in given:
        name, _, value = item.partition("=")
        try:
            decoded: Any = msgspec.json.decode(value)
            faults.set(**{name: decoded})
        except (msgspec.MsgspecError, AttributeError) as error:
            raise click.BadParameter(f"{item}: {error}", context, parameter) from error
    return faults


@click.command()
@click.option("--data", type=click.Path(path_type=Path), help="Folder that keeps its state; temporary without.")
@click.option("--ready-file", type=click.Path(path_type=Path), help="Where to say that it listens, and on what.")
@click.option("--host", default="127.0.0.1", show_default=True)
@click.option("--port-base", default=0, help="DC n listens on this + n, control on this; 0: the system chooses.")
@click.option("--datacenter", "datacenters", type=int, multiple=True, default=(2, 4), show_default=True)
@click.option("--home-dc", default=2, show_default=True, help="Where bots live and uploads go.")
@click.option("--bot-token", "bot_tokens", multiple=True, help="A token that may sign in; without, any may.")
@click.option("--channel", "channels", type=int, multiple=True, help="A channel to make, by its -100… or bare id.")
@click.option("--fault", "faults", multiple=True, callback=_fault, help="name=value, e.g. flood_every=20.")
def main(
    data: Path | None,
    ready_file: Path | None,
    host: str,
    port_base: int,
    datacenters: tuple[int, ...],
    home_dc: int,
    bot_tokens: tuple[str, ...],
    channels: tuple[int, ...],
    faults: Faults,
) -> None:
    """Run a sandbox Telegram on loopback."""
    options = SandboxOptions(
        data=data,
        host=host,
        port_base=port_base,
        datacenters=datacenters,
        home_dc_id=home_dc,
        bot_tokens=bot_tokens or None,
    )
    keep_freed_memory()
    run("telegram", _standing(options, faults, channels), ready_file)


if __name__ == "__main__":
    main()
