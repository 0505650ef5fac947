"""The pages behind the tenancy wrap, over HTTP without a socket, on the run's own database."""

from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any, cast

import httpx
import pytest
from litestar import Litestar

from content.importing.dump import ImportServices
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.asgi import tenancy_wrap
from tenancy.model import Brand, Colours, Tenant
from tenancy.resolver import TenantResolver
from tenancy.themes.renderer import Themes
from tests.content.conftest import Importing, services
from tests.support.platform import Composed, composed, settings_of

__all__ = ["services"]

HOST = "kino.example"
Import = Callable[..., Awaitable[None]]


class Tenants:
    """Two sites, changed by the test."""

    def __init__(self) -> None:
        brand = Brand(name="Nachtkino", colours=Colours(accent="#c00"))
        first = Tenant(id="tenant_a", domain=HOST, domains=(HOST,), theme="nocturne", brand=brand)
        other = Tenant(id="tenant_b", domain="other.example", domains=("other.example",), theme="hanabi")
        self.of: dict[str, Tenant] = {HOST: first, "other.example": other}

    async def by_domain(self, domain: str) -> Tenant | None:
        return self.of.get(domain)

    async def get(self, tenant_id: str) -> Tenant | None:
        return next((tenant for tenant in self.of.values() if tenant.id == tenant_id), None)


@pytest.fixture(scope="session")
def themes() -> Themes:
    return Themes.installed()


@pytest.fixture
def tenants() -> Tenants:
    return Tenants()


@pytest.fixture
async def app(
    tmp_path: Path,
    mongodb_uri: str,
    redis_url: str,
    database_name: str,
    database: Database,
    themes: Themes,
    tenants: Tenants,
) -> AsyncIterator[Litestar]:
    settings = settings_of(tmp_path / "home", mongodb_uri=mongodb_uri, redis_url=redis_url, database=database_name)
    async with composed(settings) as platform:
        yield paged(platform, themes, tenants)


def paged(platform: Composed, themes: Themes, tenants: Tenants) -> Litestar:
    """The application, for the tenants of the test."""

    async def nowhere(_scope: Any, _receive: Any, _send: Any) -> None:
        raise AssertionError("not for the platform")

    app = platform.app
    platform.routes.given["themes"] = themes
    app.asgi_handler = tenancy_wrap(
        platform.routes.handler,
        TenantResolver(tenants),
        platform_host="platform.example",
        platform_app=nowhere,
        notice=lambda tenant: themes.render(tenant, "notice.html", {"notice": tenant.notice}),
    )
    return app


@pytest.fixture
async def client(app: Litestar) -> AsyncIterator[httpx.AsyncClient]:
    headers = {"accept": "text/html"}
    transport = httpx.ASGITransport(app=cast("Any", app))
    async with httpx.AsyncClient(transport=transport, base_url=f"http://{HOST}", headers=headers) as client:
        yield client


@pytest.fixture
def importing(services: ImportServices, tmp_path: Path) -> Import:
    async def import_titles(scope: TenantScope, *documents: dict[str, Any]) -> None:
        await Importing(services, tmp_path)(scope, list(documents))

    return import_titles
