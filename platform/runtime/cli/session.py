"""The stores for one command: over the engines that run, or that start for its duration."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from typing import TypeVar

from rich.console import Console

from runtime.cli.options import run_async
from runtime.engines.embedded import engines_for
from runtime.settings import Settings
from runtime.stores import Stores, open_stores

T = TypeVar("T")


@asynccontextmanager
async def stores_for(settings: Settings) -> AsyncGenerator[Stores]:
    """Connected stores. Where nobody serves from the home, its engines run as long as the block."""
    async with AsyncExitStack() as stack:
        with Console(stderr=True).status("connecting"):
            engines = await stack.enter_async_context(engines_for(settings, attach=True))
            stores = await stack.enter_async_context(open_stores(settings, engines, clock=time.time))
        yield stores


def with_stores(settings: Settings, verb: Callable[[Stores], Awaitable[T]]) -> T:
    """What the verb gives, over stores that are open as long as it takes."""

    async def run() -> T:
        async with stores_for(settings) as stores:
            return await verb(stores)

    return run_async(run())
