"""`marquee serve`: the product, until it is told to stop."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click
import uvloop

from runtime.address import Address
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.logs import configure_logs
from runtime.settings import Role, Settings

ROLES = ("web", "stream", "jobs", "all")


@click.command()
@click.option("--role", type=click.Choice(ROLES), help="Which work this process does (setting role; all by default).")
@click.option("--host", help="Address to listen on (setting listen).")
@click.option("--port", type=click.IntRange(0, 65535), help="Port to listen on; 0 takes a free one (setting listen).")
@home_option
@json_option
def serve(role: Role | None, host: str | None, port: int | None, home: Path | None, *, as_json: bool) -> None:
    """Serve the tenants' sites.

    Without MONGODB_URI and REDIS_URL this starts MongoDB and Valkey on loopback and owns the home; further processes
    started with --role work with the same engines. Prints where it listens, then `ready`; SIGTERM stops it in order.
    """
    settings = settings_for(home, role=role)
    if host is not None or port is not None:
        listen = Address(host or settings.listen.host, settings.listen.port if port is None else port)
        settings = settings_for(home, role=role, listen=listen)
    configure_logs(settings.log)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        # A role that was asked for by name may be one process of several on this home.
        runner.run(_serve(settings, Output(as_json=as_json), attach=role is not None and role != "all"))


async def _serve(settings: Settings, output: Output, *, attach: bool) -> None:
    from runtime.process import running

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    main = asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(_interrupt(stop, main))
    async with running(settings, attach=attach) as process:
        starting.cancel()
        where = {"role": settings.role, "internal": f"http://{process.internal}"}
        if process.sites is not None:
            where["sites"] = f"http://{process.sites}"
        if output.as_json:
            output.answer({**where, "ready": True}, "")
        else:
            if process.sites is not None:
                click.echo(f"sites on http://{process.sites}, platform at {settings.platform.host}")
            click.echo(f"internal on http://{process.internal}")
            click.echo("ready")
        await stop.wait()
        output.note("stopping")


async def _interrupt(stop: asyncio.Event, main: asyncio.Task[None] | None) -> None:
    """A signal while the process still starts ends the start."""
    await stop.wait()
    if main is not None:
        main.cancel()
