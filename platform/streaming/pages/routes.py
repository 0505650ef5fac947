"""`GET|HEAD /pages/{token}/{page_id}`: one page of the chapter that a signed link names, counted from 0."""

from __future__ import annotations

import re
from collections.abc import AsyncGenerator
from typing import Annotated, Any, Final

from litestar import HttpMethod, Request, route
from litestar.di import NamedDependency
from litestar.handlers import HTTPRouteHandler
from litestar.params import FromPath, QueryParameter, SkipValidation
from litestar.types import ASGIApp

from accounts.credentials import credential_of
from storage.limits import Limits
from storage.moments import Clock
from streaming.conditions import conditions_of, evaluate
from streaming.heads import Head, head_of
from streaming.links import Claims, LinkSigner
from streaming.model import Bucket
from streaming.pages.admission import PageAdmission
from streaming.pages.errors import PageGone, TooManyPages
from streaming.pages.reading import PageReader, told
from streaming.pages.response import PageResponse
from streaming.response import PlainResponse
from streaming.source import BucketLocator
from tenancy.resolver import ResolvedTenant

JPEG: Final = "image/jpeg"
LIMITS: Final = (("pages", 600, 60), ("pages-hour", 9_000, 3_600))
"""Far above the fastest reader with all that is loaded ahead, far below who copies a library."""
CACHING: Final = b"private, max-age=604800, immutable, no-transform"
_NUMBER: Final = re.compile(r"[0-9]{1,5}", re.ASCII)

WidthText = Annotated[str, QueryParameter(max_length=64)]


@route(
    "/pages/{token:str}/{page_id:str}",
    http_method=[HttpMethod.GET, HttpMethod.HEAD],
    status_code=200,
    include_in_schema=False,
)
async def page_image(
    request: Request[Any, Any, Any],
    token: FromPath[str],
    page_id: FromPath[str],
    tenant: NamedDependency[ResolvedTenant],
    links: NamedDependency[LinkSigner],
    limits: NamedDependency[Limits],
    clock: NamedDependency[SkipValidation[Clock]],
    locate: NamedDependency[SkipValidation[BucketLocator]],
    pages: NamedDependency[PageReader],
    page_admission: NamedDependency[PageAdmission],
    width: WidthText = "",
) -> ASGIApp:
    """The page as it is stored or, with `width`, as a JPEG of about that width.

    Raises LinkInvalid, LinkExpired, NotAdmitted, ViewerBanned, TooManyPages, PageGone, PageUnreadable,
    SourceUnavailable and StorageUnavailable; all before the first byte.
    """
    claims = links.verify(token, tenant=tenant.id, host=tenant.host, now=clock())
    shown = credential_of(request)
    await page_admission(tenant, claims, None if shown is None else shown.secret)
    await _count(limits, tenant, claims, request)
    if not _NUMBER.fullmatch(page_id):
        raise PageGone("Pages are numbered from 0.")
    async with told():
        bucket = await locate(tenant, claims.title, f"{claims.bucket}/{int(page_id)}")
    pages.note((tenant.scope.owner, claims.title, claims.bucket), int(page_id), await pages.picture(bucket, tenant))
    name = f"{claims.title}-{claims.bucket}-{int(page_id) + 1:03}"
    stream = f"pages:{claims.title}:{claims.bucket}:{claims.device}"
    if _NUMBER.fullmatch(width) and int(width) > 0:
        return await _smaller(request, pages, bucket, tenant, int(width), name, stream)
    return await _original(request, pages, bucket, tenant, name, stream)


ROUTES: list[HTTPRouteHandler] = [page_image]


async def _count(limits: Limits, tenant: ResolvedTenant, claims: Claims, request: Request[Any, Any, Any]) -> None:
    address = request.client.host if request.client else "unknown"
    for name, limit, seconds in LIMITS:
        subject = claims.user or f"address:{address}"
        verdict = await limits.take(tenant.scope, name, subject, limit=limit, window_seconds=seconds)
        if not verdict.allowed:
            raise TooManyPages(verdict.retry_after_seconds)


async def _original(
    request: Request[Any, Any, Any],
    pages: PageReader,
    bucket: Bucket,
    tenant: ResolvedTenant,
    name: str,
    stream: str,
) -> ASGIApp:
    picture = await pages.picture(bucket, tenant)
    head = _head(request, bucket, picture.mime, name)
    if head.part is None or request.method == "HEAD":
        return PlainResponse(head)
    pieces = await pages.pieces(bucket, tenant, head.part.start, head.part.end)
    return PageResponse(head, pieces, owner=tenant.scope.owner, stream=stream)


async def _smaller(
    request: Request[Any, Any, Any],
    pages: PageReader,
    bucket: Bucket,
    tenant: ResolvedTenant,
    width: int,
    name: str,
    stream: str,
) -> ASGIApp:
    made = await pages.smaller(bucket, tenant, width)
    # The copy is told from the original and from other widths; its documents play no part in the head.
    copy = Bucket(etag=f"{bucket.etag}w{width}", mime=JPEG, documents=(), size_bytes=len(made))
    head = _head(request, copy, JPEG, name)
    if head.part is None or request.method == "HEAD":
        return PlainResponse(head)
    part = memoryview(made)[head.part.start : head.part.end]
    return PageResponse(head, _once(part), owner=tenant.scope.owner, stream=stream)


async def _once(body: memoryview) -> AsyncGenerator[memoryview]:
    yield body


def _head(request: Request[Any, Any, Any], bucket: Bucket, mime: str, name: str) -> Head:
    outcome = evaluate(
        request.method,
        conditions_of(request.scope["headers"]),
        etag=bucket.etag,
        last_modified=bucket.last_modified,
        size_bytes=bucket.size_bytes,
    )
    head = head_of(bucket, outcome, f"{name}.{mime.partition('/')[2].replace('jpeg', 'jpg')}")
    if head.problem:
        return head
    own = {b"content-type": mime.encode(), b"cache-control": CACHING}
    headers = tuple((field, own.get(field, value)) for field, value in head.headers)
    return Head(head.status, headers, head.part)
