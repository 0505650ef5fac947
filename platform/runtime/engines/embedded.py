"""Which engines a process works with: given by URI, owned by it, or attached to through the home."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from runtime.engines.engine import Engine
from runtime.engines.home import ROOM_BYTES, Home
from runtime.engines.mongod import Mongod
from runtime.engines.valkey import Valkey
from runtime.errors import EngineFailed, HomeInUse
from runtime.settings import Settings

ATTACH_SECONDS = 60.0


class EngineUris(Struct, frozen=True):
    """Where the engines are, and whether this process owns the embedded ones."""

    mongodb_uri: str
    redis_url: str
    owned: bool = False


@asynccontextmanager
async def engines_for(settings: Settings, *, attach: bool) -> AsyncGenerator[EngineUris]:
    """The engines of the settings while the block runs.

    A URI in the settings is taken as it is. Otherwise this process becomes the home's owner and starts what is missing;
    if the home has an owner already it attaches to that one's engines, or raises HomeInUse when `attach` is False.
    """
    home = Home(settings.home)
    if settings.mongodb.uri and settings.redis.url:
        home.prepare()
        yield EngineUris(settings.mongodb.uri, settings.redis.url)
        return
    async with AsyncExitStack() as stack:
        try:
            uris = await stack.enter_async_context(own_engines(home, settings))
        except HomeInUse:
            if not attach:
                raise
            uris = await _attached(home, settings)
        yield uris


@asynccontextmanager
async def own_engines(home: Home, settings: Settings) -> AsyncGenerator[EngineUris]:
    """Own the home and run the engines that the settings do not point elsewhere for."""
    home.prepare(room_bytes=ROOM_BYTES)
    with home.owned():
        mongod = None if settings.mongodb.uri else Mongod(home)
        valkey = None if settings.redis.url else Valkey(home)
        async with _running([engine for engine in (mongod, valkey) if engine is not None]):
            home.publish(mongod.uri if mongod else None, valkey.url if valkey else None)
            try:
                yield EngineUris(
                    mongod.uri if mongod else str(settings.mongodb.uri),
                    valkey.url if valkey else str(settings.redis.url),
                    owned=True,
                )
            finally:
                home.withdraw()


@asynccontextmanager
async def _running(engines: list[Engine]) -> AsyncGenerator[None]:
    keepers: list[asyncio.Task[None]] = []
    try:
        for outcome in await asyncio.gather(*(engine.start() for engine in engines), return_exceptions=True):
            if outcome is not None:
                raise outcome
        keepers = [asyncio.create_task(engine.keep_running()) for engine in engines]
        yield
    finally:
        for keeper in keepers:
            keeper.cancel()
        await asyncio.gather(*keepers, return_exceptions=True)
        await asyncio.shield(asyncio.gather(*(engine.end() for engine in engines)))


async def _attached(home: Home, settings: Settings) -> EngineUris:
    said = await home.await_addresses(ATTACH_SECONDS)
    if said is None:
        raise EngineFailed(f"the owner of home {home.root} has no engines running")
    mongodb_uri = settings.mongodb.uri or said.mongodb_uri
    redis_url = settings.redis.url or said.redis_url
    if mongodb_uri is None or redis_url is None:
        raise EngineFailed(
            f"the owner of home {home.root} uses engines elsewhere; set MONGODB_URI and REDIS_URL as it does"
        )
    return EngineUris(mongodb_uri, redis_url)
