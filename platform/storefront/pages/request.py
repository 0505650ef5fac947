"""What the pages take from a request, and how they answer."""

from collections.abc import Mapping
from typing import Any, Final

from litestar import Request, Response
from litestar.di import NamedDependency
from litestar.exceptions import NotFoundException

from content.catalogue import Catalogue
from storage.blobs import Blobs
from storefront.pages.kinds import admits, browse_name
from streaming.conditions import NotModified, conditions_of, evaluate
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

TheTenant = NamedDependency[ResolvedTenant]
TheCatalogue = NamedDependency[Catalogue]
TheThemes = NamedDependency[Themes]
TheBlobs = NamedDependency[Blobs]

HTML: Final = "text/html"
FOR_GOOD: Final = "public, max-age=31536000, immutable"
FOR_A_WHILE: Final = "public, max-age=300"
PAGE_CACHING: Final = "private, no-cache"


def page(
    themes: Themes,
    tenant: ResolvedTenant,
    template: str,
    context: Mapping[str, object],
    *,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A page of the tenant's theme."""
    html = themes.render(
        tenant,
        template,
        {"browse_name": browse_name(tenant.policy), "has_comics": admits("manga", tenant.policy), **context},
    )
    return Response(html, media_type=HTML, headers={"cache-control": PAGE_CACHING, **(headers or {})})


def file(
    request: Request[Any, Any, Any],
    body: bytes,
    mime: str,
    etag: str,
    caching: str,
    headers: Mapping[str, str] | None = None,
) -> Response[bytes]:
    """A small file with its strong entity tag (unquoted here); 304 where the client's copy still holds."""
    fields = {"cache-control": caching, "etag": f'"{etag}"', **(headers or {})}
    conditions = conditions_of(request.scope["headers"])
    outcome = evaluate(request.method, conditions, etag=etag, last_modified=None, size_bytes=len(body))
    if isinstance(outcome, NotModified):
        return Response(b"", status_code=304, headers=fields)
    return Response(body, media_type=mime, headers=fields)


def missing(what: str) -> NotFoundException:
    """404 in the tenant's theme."""
    return NotFoundException(detail=what)
