"""`marquee demo`: three sites with invented films, from nothing, on this machine."""

from __future__ import annotations

import asyncio
import signal
from pathlib import Path

import click
import uvloop
from msgspec import structs

from runtime.cli.options import home_option, settings_for
from runtime.logs import configure_logs
from runtime.settings import Log, Settings


@click.command()
@click.option(
    "--port", type=click.IntRange(0, 65535), help="Port to listen on; 8000, or the next free one, when not given."
)
@home_option
def demo(port: int | None, home: Path | None) -> None:
    """Show the product: engines, a Telegram of its own, generated films, and three sites that stream them.

    The first start draws and films the catalogue, which takes about half a minute; later ones take seconds and keep
    what was there. Prints a line for each site, then `ready`; Ctrl-C stops everything.
    """
    settings = settings_for(home)
    # A demo is watched by people: what a server logs as ordinary is left out, unless the level was set.
    configure_logs(structs.replace(settings.log, level="warning") if settings.log == Log() else settings.log)
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(_demo(settings, port, home))


async def _demo(settings: Settings, port: int | None, home: Path | None) -> None:
    from runtime.demo.run import demonstrating
    from runtime.demo.sites import SITES

    stop, loop, main = asyncio.Event(), asyncio.get_running_loop(), asyncio.current_task()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop.set)
    starting = asyncio.create_task(_interrupt(stop, main))
    async with demonstrating(settings, port) as address:
        starting.cancel()
        for site in SITES:
            closed = "  (suspended: it shows its notice)" if site.closed else ""
            click.echo(f"{site.brand.name:<18}  http://{site.domain}:{address.port}/{closed}")
        where = "" if home is None else f" --home {home}"
        hint = f"marquee staff create --tenant {SITES[0].id} --role owner{where} you"
        click.echo(f"a token to moderate with: {hint}", err=True)
        click.echo("ready")
        await stop.wait()
        click.echo("stopping", err=True)


async def _interrupt(stop: asyncio.Event, main: asyncio.Task[None] | None) -> None:
    """A signal while the demo still starts ends the start."""
    await stop.wait()
    if main is not None:
        main.cancel()
