"""`GET|HEAD /stream/{token}`: a signed link to bytes."""

from __future__ import annotations

from mimetypes import guess_extension
from typing import Any

from litestar import HttpMethod, Request, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, SkipValidation
from litestar.types import ASGIApp

from accounts.credentials import credential_of
from accounts.errors import ViewerBanned
from storage.moments import Clock
from streaming.admission import Admission, Admitted, NotAdmitted
from streaming.conditions import conditions_of, evaluate
from streaming.core import StreamCore
from streaming.heads import head_of
from streaming.leases import Leases, StreamLimitReached, lease_id_of
from streaming.links import Claims, LinkSigner
from streaming.response import FilmResponse, PlainResponse
from streaming.running import RunningStream
from streaming.source import BucketLocator, DocumentGone, NotPlayable
from tenancy.resolver import ResolvedTenant, TenantResolver


@route("/stream/{token:str}", http_method=[HttpMethod.GET, HttpMethod.HEAD], status_code=200, include_in_schema=False)
async def stream(
    request: Request[Any, Any, Any],
    token: FromPath[str],
    tenant: NamedDependency[ResolvedTenant],
    resolver: NamedDependency[TenantResolver],
    core: NamedDependency[StreamCore],
    links: NamedDependency[LinkSigner],
    leases: NamedDependency[Leases],
    clock: NamedDependency[SkipValidation[Clock]],
    locate: NamedDependency[SkipValidation[BucketLocator]],
    admission: NamedDependency[SkipValidation[Admission]],
) -> ASGIApp:
    """Answer with the bytes that the link names and the request asks for.

    Raises LinkInvalid, LinkExpired, NotAdmitted, ViewerBanned, StreamLimitReached, TooManyConnections, StreamEnded,
    SourceError and StorageUnavailable; all before the first byte.
    """
    as_of = leases.running.news
    claims = links.verify(token, tenant=tenant.id, host=tenant.host, now=clock())
    credential = credential_of(request)
    cookie = None if credential is None else credential.secret
    admitted = await admission(tenant, claims, cookie)
    bucket = await locate(tenant, claims.title, claims.bucket)
    outcome = evaluate(
        request.method,
        conditions_of(request.scope["headers"]),
        etag=bucket.etag,
        last_modified=bucket.last_modified,
        size_bytes=bucket.size_bytes,
    )
    name = bucket.file_name or claims.title + (guess_extension(bucket.mime) or "")
    head = head_of(bucket, outcome, name, is_download=claims.purpose == "download")
    if head.part is None or head.part.size_bytes == 0 or request.method == "HEAD":
        return PlainResponse(head)
    await _take_lease(leases, tenant, claims, admitted)

    async def readmit() -> bool:
        now = await resolver.resolve(tenant.host)
        return (
            now is not None
            and now.id == tenant.id
            and await _is_still_admitted(now, claims, cookie, admission, locate, leases)
        )

    running = RunningStream(tenant.scope, claims.user, _lease_id(claims), readmit, as_of=as_of)
    return FilmResponse(
        head, head.part, lambda: core.open(bucket, tenant.scope, tier=capacity_tier(tenant)), running, leases.running
    )


ROUTES: list[HTTPRouteHandler] = [stream]


async def _take_lease(leases: Leases, tenant: ResolvedTenant, claims: Claims, admitted: Admitted) -> None:
    await leases.acquire(tenant.scope, user=admitted.user, role=admitted.role, device=claims.device, title=claims.title)


async def _is_still_admitted(
    tenant: ResolvedTenant,
    claims: Claims,
    cookie: str | None,
    admission: Admission,
    locate: BucketLocator,
    leases: Leases,
) -> bool:
    """Whether the request would be let in now; a link that expires while its film runs does not end it."""
    try:
        admitted = await admission(tenant, claims, cookie)
        await locate(tenant, claims.title, claims.bucket)
        await _take_lease(leases, tenant, claims, admitted)
    except (NotAdmitted, ViewerBanned, StreamLimitReached, DocumentGone, NotPlayable):
        return False
    return True


def _lease_id(claims: Claims) -> str:
    return lease_id_of(claims.user, claims.device, claims.title)


def capacity_tier(tenant: ResolvedTenant) -> int:
    """The site's weight in the fair queue; an odd value in the operator's document counts as 1."""
    capacity = tenant.tenant.addons.get("capacity")
    tier = capacity.get("tier") if isinstance(capacity, dict) else None
    return tier if isinstance(tier, int) and 1 <= tier <= 100 else 1
