"""What every request that changes something has to show: that it comes from the site itself, and JSON if anything."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlsplit

from litestar.connection import ASGIConnection
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from accounts.sessions import TOKEN_PREFIX
from accounts.staff import PREFIX as STAFF_PREFIX
from storefront.refusals import CrossSite, WrongContentType
from tenancy.resolver import ResolvedTenant

_SAFE: Final = frozenset({"GET", "HEAD", "OPTIONS"})
_JSON: Final = "application/json"
MOST_BODY_BYTES: Final = 64 << 10
"""Far more than any call of the API says."""


def same_origin(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Raises CrossSite for a request that a browser made from another origin.

    `Sec-Fetch-Site` decides where the browser sends it, `Origin` else. A client that sends neither is no browser, and
    nobody's cookies are at stake. Neither are they where a token stands in the header, which no other site can send:
    then the cookie does not count. A browser that has learnt Basic sends that by itself, so it is no exception.
    """
    if connection.scope.get("method", "GET") in _SAFE or _has_bearer(connection):
        return
    site = connection.headers.get("sec-fetch-site")
    if site is not None:
        if site != "same-origin":
            raise CrossSite("The browser says that another site sent this.")
        return
    origin = connection.headers.get("origin")
    if origin is not None and _host_of(origin) != _tenant(connection).host:
        raise CrossSite("The request comes from another origin.")


def json_only(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Raises WrongContentType for a body of another type: forms and text/plain need no CORS preflight to be sent."""
    if connection.scope.get("method", "GET") in _SAFE:
        return
    has_body = connection.headers.get("content-length", "0") != "0" or "transfer-encoding" in connection.headers
    declared = connection.headers.get("content-type", "").partition(";")[0].strip().lower()
    if has_body and declared != _JSON:
        raise WrongContentType("Send application/json, or no body at all.")


def small_body(connection: ASGIConnection[Any, Any, Any, Any], _: BaseRouteHandler) -> None:
    """Raises HTTPException (413), and ends the connection, where the request announces a body beyond the bound.

    No call reads one that is not announced.
    """
    announced = connection.headers.get("content-length", "0")
    if not announced.isdecimal() or int(announced) > MOST_BODY_BYTES:
        detail = f"At most {MOST_BODY_BYTES} bytes."
        raise HTTPException(status_code=413, detail=detail, headers={"Connection": "close"})


def _has_bearer(connection: ASGIConnection[Any, Any, Any, Any]) -> bool:
    scheme, _, token = connection.headers.get("authorization", "").partition(" ")
    return scheme.lower() == "bearer" and token.strip().startswith((TOKEN_PREFIX, STAFF_PREFIX))


def _host_of(origin: str) -> str | None:
    try:
        return urlsplit(origin).hostname
    except ValueError:
        return None


def _tenant(connection: ASGIConnection[Any, Any, Any, Any]) -> ResolvedTenant:
    tenant: ResolvedTenant = connection.scope["state"]["tenant"]
    return tenant
