"""The listener for machines of the house: metrics, health, and whether a proxy may get a certificate for a domain."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from litestar import Litestar, MediaType, Response, get
from litestar.params import FromQuery
from prometheus_client import CollectorRegistry

from runtime.health import Health, health_routes
from runtime.metrics import CONTENT_TYPE, exposition
from storage.errors import StorageUnavailable

KnowsDomain = Callable[[str], Awaitable[bool]]


def internal_app(health: Health, registry: CollectorRegistry, knows_domain: KnowsDomain) -> Litestar:
    """`/metrics`, `/-/live`, `/-/ready` and the question `/tls/ask?domain=`: 200 for a domain we serve."""

    @get("/metrics", sync_to_thread=False)
    def metrics() -> Response[bytes]:
        return Response(exposition(registry), media_type=CONTENT_TYPE)

    @get("/tls/ask", media_type=MediaType.TEXT)
    async def tls_ask(domain: FromQuery[str] = "") -> Response[str]:
        try:
            known = await knows_domain(domain)
        except StorageUnavailable:
            return Response("cannot say now", status_code=503, media_type=MediaType.TEXT)
        return Response("yes" if known else "no", status_code=200 if known else 404, media_type=MediaType.TEXT)

    return Litestar(
        [metrics, tls_ask, *health_routes(lambda: health, detailed=True)], openapi_config=None, logging_config=None
    )
