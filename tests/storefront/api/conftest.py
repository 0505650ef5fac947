"""Two sites over one API, as a client on the wire sees them."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.dump import ImportServices
from storage.scope import TenantScope
from streaming.links import LinkSigner
from tenancy.model import CataloguePolicy, Tenant
from tenancy.resolver import ResolvedTenant
from tests.content.conftest import importing, services
from tests.support.clock import FakeClock
from tests.support.platform import Composed, composed, settings_of

__all__ = ["importing", "services"]


class Pages:
    """Draws plain pages."""

    def error_page(self, tenant: ResolvedTenant, status: int, title: str, detail: str) -> str:
        return f"<title>{status}</title>"


class Site:
    """A client of one tenant's host that keeps its cookies itself, as a browser would."""

    def __init__(self, http: httpx.AsyncClient, tenant: ResolvedTenant) -> None:
        self.http = http
        self.tenant = tenant
        self.cookie: str | None = None

    async def __call__(self, method: str, path: str, *, headers: dict[str, str] | None = None) -> httpx.Response:
        cookie = {"Cookie": f"__Host-session={self.cookie}"} if self.cookie else {}
        answer = await self.http.request(method, path, headers={**cookie, **(headers or {})})
        given = answer.headers.get("set-cookie", "")
        if given.startswith("__Host-session="):
            self.cookie = given.removeprefix("__Host-session=").partition(";")[0]
        return answer

    async def get(self, path: str) -> httpx.Response:
        return await self("GET", path)


@pytest.fixture
async def composed_platform(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, clock: FakeClock, services: ImportServices
) -> AsyncIterator[Composed]:
    settings = settings_of(tmp_path / "home", mongodb_uri=mongodb_uri, redis_url=redis_url, database=database_name)
    async with composed(settings, clock=clock) as platform:
        yield platform


@pytest.fixture
def links(composed_platform: Composed) -> LinkSigner:
    return composed_platform.services.links


@pytest.fixture
async def sites(composed_platform: Composed) -> AsyncIterator[Callable[..., Site]]:
    """`sites(scope, **policy)` is the site of a tenant."""
    app = composed_platform.app
    app.asgi_handler = composed_platform.routes.handler
    made: list[httpx.AsyncClient] = []

    def site(scope: TenantScope, **policy: Any) -> Site:
        host = f"{scope.tenant_id.replace('_', '-')}.example"
        tenant = ResolvedTenant(Tenant(id=scope.tenant_id, domain=host, policy=CataloguePolicy(**policy)), scope, host)

        async def wrapped(asgi: Any, receive: Any, send: Any) -> None:
            asgi.setdefault("state", {})["tenant"] = tenant
            await app(asgi, receive, send)

        transport = httpx.ASGITransport(wrapped, raise_app_exceptions=False)
        made.append(httpx.AsyncClient(transport=transport, base_url=f"https://{host}"))
        return Site(made[-1], tenant)

    yield site
    for client in made:
        await client.aclose()
