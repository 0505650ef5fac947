"""Whether the process lives, and whether it can do its work: the two questions of a load balancer."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from typing import Any

from litestar import HttpMethod, MediaType, Response, route
from litestar.handlers import HTTPRouteHandler
from msgspec import Struct

from storage.errors import StorageUnavailable

Check = Callable[[], Awaitable[None]]
NO_STORE = {"Cache-Control": "no-store"}
READ = [HttpMethod.GET, HttpMethod.HEAD]  # some balancers ask by HEAD


class Health(Struct, frozen=True):
    """What must answer for this process to be of use, by name. A check raises StorageUnavailable when it does not."""

    checks: Mapping[str, Check]

    async def failing(self) -> list[str]:
        """The names of those that do not answer, asked at the same time."""
        verdicts = await asyncio.gather(*(_fails(check) for check in self.checks.values()))
        return [name for name, fails in zip(self.checks, verdicts, strict=True) if fails]


async def _fails(check: Check) -> bool:
    try:
        await check()
    except StorageUnavailable:
        return True
    return False


def health_routes(health: Callable[[], Health], *, detailed: bool) -> list[HTTPRouteHandler]:
    """`/-/live` and `/-/ready`. Only the internal listener says in detail what is missing."""

    @route("/-/live", http_method=READ, media_type=MediaType.JSON, include_in_schema=False)
    async def live() -> Response[dict[str, Any]]:
        return Response({"status": "live"}, headers=NO_STORE)

    @route("/-/ready", http_method=READ, media_type=MediaType.JSON, include_in_schema=False)
    async def ready() -> Response[dict[str, Any]]:
        failing = await health().failing()
        answer: dict[str, Any] = {"status": "unavailable" if failing else "ready"}
        if failing and detailed:
            answer["failing"] = failing
        return Response(answer, status_code=503 if failing else 200, headers=NO_STORE)

    return [live, ready]
