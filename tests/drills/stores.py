"""The durable side of the product, as a command line beside the processes has it."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager

from runtime.engines.embedded import EngineUris
from runtime.loading import load_settings
from runtime.stores import Stores, open_stores
from tests.drills.stage import Surroundings


@asynccontextmanager
async def stores_on(surroundings: Surroundings) -> AsyncGenerator[Stores]:
    """Connected stores over the engines that the surroundings name."""
    settings = load_settings(surroundings.variables())
    engines = EngineUris(surroundings.mongodb_uri, surroundings.redis_url)
    async with open_stores(settings, engines, clock=time.time) as stores:
        stores.home.prepare()
        yield stores
