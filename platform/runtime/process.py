"""One whole process: engines, services and listeners, for as long as a block lasts."""

from __future__ import annotations

import time
from collections.abc import AsyncGenerator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from runtime.address import Address
from runtime.app import create_app
from runtime.composition import Clock, Services, open_services, open_stores
from runtime.engines.embedded import EngineUris, engines_for
from runtime.engines.home import Home
from runtime.handlers import handlers_of
from runtime.health import Health
from runtime.internal import internal_app
from runtime.jobs import working
from runtime.listening import address_of, listening
from runtime.metrics import Figures, registry_of
from runtime.scheduler import ticking
from runtime.serving import Manners, Server, serving
from runtime.settings import Settings
from runtime.ticks import ticks_of
from streaming.protocol import ConnectionLimits, metered_protocol
from tenancy.errors import BadHost
from tenancy.host import canonical_host


class Process(Struct, frozen=True, kw_only=True):
    """What runs, and where it listens. A `jobs` process has no sites."""

    services: Services
    engines: EngineUris
    sites: Address | None
    internal: Address


@asynccontextmanager
async def running(settings: Settings, *, attach: bool, clock: Clock = time.time) -> AsyncGenerator[Process]:
    """Start everything that the settings' role asks for; the end stops it in order.

    The listeners are opened first, so a taken port is said before anything starts. `attach`: work with the engines of
    the home's present owner, if it has one. Raises Refused. Start it in the main thread: engines die with theirs.
    """
    async with AsyncExitStack() as stack:
        Home(settings.home).prepare()
        sites = None
        if settings.role != "jobs":
            sites = stack.enter_context(listening(settings.listen, "listen"))
        internal = stack.enter_context(listening(settings.internal.listen, "internal.listen"))
        engines = await stack.enter_async_context(engines_for(settings, attach=attach))
        stores = await stack.enter_async_context(open_stores(settings, engines, clock=clock))
        services = await stack.enter_async_context(open_services(stores))
        health = Health({"mongodb": stores.database.ping, "redis": stores.cache.ping})
        manners = Manners(settings.limits.idle_seconds, settings.limits.shutdown_seconds)
        servers: list[Server] = []
        where = address_of(sites) if sites is not None else None
        inside = address_of(internal)
        if sites is not None:
            app = create_app(services, health)
            protocol = metered_protocol(services.meter, limits_of(settings))
            servers.append(await stack.enter_async_context(serving(app, sites, protocol=protocol, manners=manners)))
        registry = registry_of(figures_of(services, servers))

        async def knows_domain(domain: str) -> bool:
            try:
                host = canonical_host(domain.encode())
            except BadHost:
                return False
            return host == settings.platform.host or await stores.resolver.resolve(host) is not None

        inner = internal_app(health, registry, knows_domain)
        await stack.enter_async_context(serving(inner, internal, protocol="httptools", manners=manners))
        if settings.role in {"jobs", "all"}:
            await stack.enter_async_context(working(stores.jobs, handlers_of(services), clock=clock))
            await stack.enter_async_context(ticking(ticks_of(services)))
        yield Process(services=services, engines=engines, sites=where, internal=inside)


def limits_of(settings: Settings) -> ConnectionLimits:
    """How patient the server is with a connection."""
    return ConnectionLimits(
        head_seconds=float(settings.limits.head_seconds), body_seconds=float(settings.limits.body_seconds)
    )


def figures_of(services: Services, servers: Sequence[Server]) -> dict[str, Figures]:
    """What metrics show, by group."""
    meter = services.meter
    return {
        "stream": lambda: {**services.core.stats, "running": float(len(services.leases.running))},
        "meter": lambda: {"durable": float(meter.durable)},
        "events": lambda: {"healthy": float(services.stores.events.healthy)},
        "http": lambda: {
            "connections": float(sum(server.connections for server in servers)),
            "requests": float(sum(server.requests for server in servers)),
        },
    }
