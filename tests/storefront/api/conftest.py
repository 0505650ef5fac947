"""Two sites over one API, as a client on the wire sees them."""

from collections.abc import AsyncIterator, Callable
from typing import Any

import httpx
import pytest
from litestar import Litestar, Request
from litestar.di import Provide

from accounts.dependencies import current_viewer
from accounts.sessions import Sessions
from content.importing.dump import ImportServices
from storage.events import Events
from storage.leases import LeaseStore
from storage.limits import Limits
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from storefront.api.openapi import openapi_config
from storefront.api.routes import ROUTES
from storefront.catalogues import catalogue_of_request
from storefront.errors import exception_handlers
from streaming.leases import Leases
from streaming.links import LinkSigner
from tenancy.model import CataloguePolicy, Tenant
from tenancy.resolver import ResolvedTenant
from tests.content.conftest import importing, services
from tests.support.clock import FakeClock

__all__ = ["importing", "services"]
SECRET = bytes(32)


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
def links() -> LinkSigner:
    return LinkSigner({"a": SECRET}, "a")


@pytest.fixture
async def sites(
    services: ImportServices, database: Database, cache: Cache, clock: FakeClock, links: LinkSigner
) -> AsyncIterator[Callable[..., Site]]:
    """`sites(scope, **policy)` is the site of a tenant."""
    events = Events(database, cache)
    given: dict[str, Any] = {
        "database": database,
        "limits": Limits(cache),
        "leases": Leases(LeaseStore(cache), events),
        "links": links,
        "sessions": Sessions(database, events, clock),
        "clock": clock,
    }
    app = Litestar(
        ROUTES,
        dependencies={
            **{name: given_by(value) for name, value in given.items()},
            "tenant": Provide(tenant_of, sync_to_thread=False),
            "viewer": Provide(current_viewer),
            "catalogue": Provide(catalogue_of_request),
        },
        exception_handlers=exception_handlers(Pages()),
        openapi_config=openapi_config("1.2.3"),
    )

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


def given_by(value: object) -> Provide:
    def give() -> Any:
        return value

    return Provide(give, sync_to_thread=False)


def tenant_of(request: Request[Any, Any, Any]) -> ResolvedTenant:
    tenant: ResolvedTenant = request.scope["state"]["tenant"]
    return tenant
