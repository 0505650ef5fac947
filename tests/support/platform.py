"""The whole platform for a test: composed in process, or served on a port of its own."""

from __future__ import annotations

import json
import time
from collections.abc import AsyncGenerator, Callable, Generator, Iterable, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from typing import Any, cast

import httpx
from litestar import Litestar
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from content.importing.dump import import_dump
from content.importing.report import ImportReport
from content.importing.target import Target
from runtime.app import Routed, behind, routed, stand_behind
from runtime.composition import Services, Stores, import_services, open_services, open_stores
from runtime.engines.embedded import EngineUris
from runtime.engines.home import Home
from runtime.health import Health
from runtime.loading import load_settings
from runtime.schema import INDEXES
from runtime.settings import Role, Settings
from storage.audit import Actor
from tenancy.desk import create_tenant
from tenancy.resolver import ResolvedTenant
from tests.support.stores import INDEXED

ACTOR = Actor("system", "tests")
_ROUTES: dict[tuple[Role, tuple[HTTPRouteHandler, ...]], list[Routed]] = {}


class Composed(Struct, frozen=True):
    """The application with everything behind it, without a listener."""

    routes: Routed
    services: Services

    @property
    def app(self) -> Litestar:
        """The application."""
        return self.routes.app

    def with_routes(self, *handlers: HTTPRouteHandler) -> Composed:
        """The same services behind an application of their own, which has some more routes."""
        routes = routed(self.stores.settings.role, behind(self.services))
        for handler in handlers:
            routes.app.register(handler)
        stand_behind(routes, self.services, Health({}))
        return Composed(routes, self.services)

    @property
    def stores(self) -> Stores:
        """The durable side."""
        return self.services.stores

    def client(self, host: str, *, address: str = "127.0.0.1") -> httpx.AsyncClient:
        """A client of one host; errors of the application come out as answers, as over a wire."""
        transport = httpx.ASGITransport(cast("Any", self.app), raise_app_exceptions=False, client=(address, 40_000))
        return httpx.AsyncClient(transport=transport, base_url=f"http://{host}")


def settings_of(home: Path, *, mongodb_uri: str, redis_url: str, database: str, **more: str) -> Settings:
    """Settings over the suite's engines; `more` are further variables without their prefix."""
    environ = {"MARQUEE_HOME": str(home), "MONGODB_URI": mongodb_uri, "REDIS_URL": redis_url}
    environ |= {"MARQUEE_MONGODB__DATABASE": database, "MARQUEE_INTERNAL__LISTEN": "127.0.0.1:0"}
    environ |= {"MARQUEE_LISTEN": "127.0.0.1:0"} | {f"MARQUEE_{name}": value for name, value in more.items()}
    return load_settings(environ)


@asynccontextmanager
async def composed(
    settings: Settings, *, clock: Callable[[], float] = time.time, more: tuple[HTTPRouteHandler, ...] = ()
) -> AsyncGenerator[Composed]:
    """The application as a process composes it, over the engines that the settings name, with some `more` routes."""
    Home(settings.home).prepare()
    engines = EngineUris(settings.mongodb.uri or "", settings.redis.url or "")
    indexes = () if settings.mongodb.database in INDEXED else INDEXES
    async with (
        open_stores(settings, engines, clock=clock, indexes=indexes) as stores,
        open_services(stores) as services,
    ):
        INDEXED.add(settings.mongodb.database)
        health = Health({"mongodb": stores.database.ping, "redis": stores.cache.ping})
        with _routes(services, health, more) as routes:
            yield Composed(routes, services)


@contextmanager
def _routes(services: Services, health: Health, more: tuple[HTTPRouteHandler, ...]) -> Generator[Routed]:
    """The routes with these services behind them. Registering hundreds of them takes a second, so that they are kept
    for the next platform of the run."""
    role = services.stores.settings.role
    kept = _ROUTES.setdefault((role, more), [])
    if kept:
        routes = kept.pop()
    else:
        routes = routed(role, behind(services))
        for handler in more:
            routes.app.register(handler)
    stand_behind(routes, services, health)
    yield routes
    kept.append(routes)


async def open_site(stores: Stores, tenant_id: str, domain: str, **settings: object) -> ResolvedTenant:
    """A new tenant; settings are named as `marquee tenant set` names them, with `__` for the dot."""
    named = {name.replace("__", "."): value for name, value in settings.items()}
    await create_tenant(stores.desk, tenant_id, domain, named, actor=ACTOR)
    opened = await stores.resolver.by_id(tenant_id)
    assert opened is not None
    return opened


async def take_in(
    stores: Stores, target: Target, collection: str, documents: Iterable[Mapping[str, Any]], folder: Path
) -> ImportReport:
    """Imports documents through a dump, as an operator would; none may be refused."""
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / f"{collection}.jsonl"
    path.write_text("\n".join(json.dumps(document) for document in documents), encoding="utf-8")
    report = await import_dump(import_services(stores), target, collection, path, rights="own", actor=ACTOR)
    assert not report.refused, report
    return report
