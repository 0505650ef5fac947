"""The demo from an empty home to `ready`: media, a Telegram, the platform, films, titles and sites."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

from msgspec import structs

from content.importing.target import Target
from runtime.address import Address
from runtime.composition import Services
from runtime.demo.films import EVERYTHING, SHARED
from runtime.demo.media import find, make, missing
from runtime.demo.opening import open_site
from runtime.demo.sites import SHARED_CHANNEL, SITES, channels
from runtime.demo.stocking import import_titles, upload_films
from runtime.demo.telegram import telegram
from runtime.demo.telling import counted, say
from runtime.demo.uploads import UploadBook
from runtime.engines.home import Home
from runtime.errors import PortInUse
from runtime.listening import listening
from runtime.settings import Settings
from tenancy.resolver import platform_scope

FIRST_PORT, PORTS_TRIED = 8000, 100
LOOPBACK = "127.0.0.1"


@asynccontextmanager
async def demonstrating(settings: Settings, port: int | None) -> AsyncGenerator[Address]:
    """Run the demo over the settings' home while the block lasts; gives the address of its sites.

    What the home holds already is kept. `port` None takes the first free one from 8000 on. Raises Refused, in one
    line, for whatever stops it. Start it in the main thread.
    """
    from runtime.process import running

    listen = _first_free(FIRST_PORT) if port is None else _checked(Address(LOOPBACK, port))
    home = Home(settings.home)
    home.prepare()
    with home.owned():
        pass  # a home in use is told of now, and not after half a minute of filming
    folder = settings.home / "demo"
    await make_media(folder / "media")
    say("starting MongoDB, Valkey and a Telegram")
    async with telegram(folder / "telegram", channels()) as reached:
        settings = structs.replace(
            settings,
            role="all",
            listen=listen,
            internal=structs.replace(settings.internal, listen=_inside(settings)),
            telegram=reached,
        )
        async with running(settings, attach=False) as process:
            await stock(process.services, folder)
            yield process.sites or listen


async def make_media(folder: Path) -> None:
    """Draw and film what is not there yet. FilmingFailed, OSError."""
    wanted = missing(EVERYTHING, folder)
    if not wanted:
        return
    halt = threading.Event()
    with counted("drawing and filming, the first time only", len(wanted)) as step:
        try:
            await asyncio.to_thread(make, wanted, folder, lambda film: step(film.title), halt=halt)
        finally:
            halt.set()


async def stock(services: Services, folder: Path) -> None:
    """Films, sites and titles, each where it is missing."""
    stores, media = services.stores, folder / "media"
    book = UploadBook(folder / "telegram" / "uploads.json")
    shared = find(SHARED, media)
    await upload_films(services, shared, book, SHARED_CHANNEL)
    await import_titles(stores, Target.shared(platform_scope()), shared, book, folder / "dump" / "shared")
    for site in SITES:
        tenant = await open_site(stores, site)
        if site.channel is not None:
            own = find(site.own, media)
            await upload_films(services, own, book, site.channel)
            await import_titles(stores, Target.tenant(tenant.scope), own, book, folder / "dump" / site.id)


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
