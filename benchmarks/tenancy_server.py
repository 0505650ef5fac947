"""One small Litestar application over HTTP, once behind tenancy of each N tenants, without it where N is 0.

All give the same answer byte for byte: the security headers stand in each, so that what differs is tenancy.

`python -m benchmarks.tenancy_server READY N …`
"""

import sys
import time
from typing import Any

import uvloop
from litestar import Litestar, get

from benchmarks.serving import serve
from tenancy.answers import ASGIScope, Receive, Send
from tenancy.asgi import tenancy_wrap
from tenancy.headers import SecurityHeaders
from tenancy.model import Tenant
from tenancy.resolver import TenantResolver


class _Domains:
    """A tenant source of any size; once a host was looked at the resolver does not ask it again."""

    async def by_domain(self, domain: str) -> Tenant | None:
        return Tenant(id=domain.partition(".")[0], domain=domain, domains=(domain,))

    async def get(self, tenant_id: str) -> Tenant | None:
        return None


def host(number: int) -> str:
    """The host of a tenant by number."""
    return f"tenant-{number}.example"


@get("/hello", sync_to_thread=False)
def hello() -> dict[str, str]:
    return {"hello": "world"}


@get("/cpu", sync_to_thread=False)
def cpu() -> float:
    """Seconds of CPU that this process has used."""
    return time.process_time()


async def main(ready: str, *counts: str) -> None:
    app: Any = Litestar([hello, cpu], openapi_config=None)
    await serve([await _with_tenancy(app, int(count)) if int(count) else _with_headers(app) for count in counts], ready)


async def _with_tenancy(app: Any, tenants: int) -> Any:
    resolver = TenantResolver(_Domains())
    for number in range(tenants):
        found = await resolver.resolve(host(number))
        assert found is not None
        resolver.spell(host(number).encode(), found)
    return tenancy_wrap(app, resolver, platform_host="platform.example", platform_app=app)


def _with_headers(app: Any) -> Any:
    adding = SecurityHeaders().plain

    async def wrapped(scope: ASGIScope, receive: Receive, send: Send) -> None:
        await app(scope, receive, adding(send))

    return wrapped


if __name__ == "__main__":
    uvloop.run(main(*sys.argv[1:]))
