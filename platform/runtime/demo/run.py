"""The demo from an empty home to `ready`: media, a Telegram, the platform, films, titles and sites."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager
from importlib import import_module
from pathlib import Path

from msgspec import structs

from runtime.address import Address
from runtime.demo.media import make, missing
from runtime.demo.sites import channels, everything
from runtime.demo.telegram import telegram
from runtime.demo.telling import counted, say
from runtime.engines.home import Home
from runtime.errors import PortInUse
from runtime.listening import listening
from runtime.settings import Settings

FIRST_PORT, PORTS_TRIED = 8000, 100
LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def demonstrating(settings: Settings, port: int | None) -> AsyncGenerator[Address]:
    """Run the demo over the settings' home while the block lasts; gives the address of its sites.

    What the home holds already is kept. `port` None takes the first free one from 8000 on. Raises Refused, in one
    line, for whatever stops it. Start it in the main thread.
    """
    listen = _first_free(FIRST_PORT) if port is None else _checked(Address(LOOPBACK, port))
    home = Home(settings.home)
    home.prepare()
    with home.owned():
        pass  # a home in use is told of now, and not after half a minute of filming
    folder = settings.home / "demo"
    await make_media(folder / "media")
    say("starting MongoDB, Valkey and a Telegram")
    async with AsyncExitStack() as stack:
        # The platform's modules take a second or two to load: meanwhile the Telegram starts.
        started = stack.enter_async_context(telegram(folder / "telegram", channels()))
        reached, _ = await asyncio.gather(started, asyncio.to_thread(_load_platform))
        from runtime.demo.login import signing_in_with
        from runtime.demo.stocking import stock
        from runtime.process import running

        settings = structs.replace(
            settings,
            role="all",
            listen=listen,
            internal=structs.replace(settings.internal, listen=_inside(settings)),
            telegram=reached,
        )
        settings = await stack.enter_async_context(signing_in_with(settings))
        process = await stack.enter_async_context(running(settings, attach=False))
        await stock(process.services, folder)
        yield process.sites or listen


def _load_platform() -> None:
    for module in ("runtime.process", "runtime.demo.stocking"):
        import_module(module)


async def make_media(folder: Path) -> None:
    """Draw and film what is not there yet. FilmingFailed, OSError."""
    wanted = missing(everything(), folder)
    if not wanted:
        return
    halt = threading.Event()
    with counted("drawing and filming, the first time only", len(wanted)) as step:
        try:
            await asyncio.to_thread(make, wanted, folder, lambda piece: step(piece.title), halt=halt)
        finally:
            halt.set()


def _first_free(port: int) -> Address:
    for candidate in range(port, port + PORTS_TRIED):
        try:
            found = _checked(Address(LOOPBACK, candidate))
        except PortInUse:
            continue
        if candidate != port:
            say(f"port {port} is in use, taking {candidate}")
        return found
    return _checked(Address(LOOPBACK, port))


def _checked(address: Address) -> Address:
    """The address, if it can be listened on. PortInUse otherwise."""
    with listening(address, "--port"):
        return address


def _inside(settings: Settings) -> Address:
    """Where metrics are answered: as the settings say, or on any port while that one is taken."""
    try:
        return _checked(settings.internal.listen)
    except PortInUse:
        return Address(settings.internal.listen.host, 0)
