"""Changing something takes the site's own page, or no browser at all."""

from typing import Any, cast

import pytest
from litestar.connection import ASGIConnection
from litestar.datastructures import Headers
from litestar.exceptions import HTTPException
from litestar.handlers import BaseRouteHandler

from storage.scope import TenantScope
from storefront.guards import MOST_BODY_BYTES, json_only, same_origin, small_body
from storefront.refusals import CrossSite, WrongContentType
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant

HANDLER = cast("BaseRouteHandler", None)


def asked(scope: TenantScope, headers: dict[str, str], method: str = "POST") -> ASGIConnection[Any, Any, Any, Any]:
    tenant = ResolvedTenant(Tenant(id=scope.tenant_id, domain="a.example"), scope, "a.example")
    raw = [(name.encode(), value.encode()) for name, value in headers.items()]
    found: Any = {"type": "http", "method": method, "headers": raw, "state": {"tenant": tenant}, "path": "/"}
    connection: ASGIConnection[Any, Any, Any, Any] = ASGIConnection(found)
    assert isinstance(connection.headers, Headers)
    return connection


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://a.example"},
        {"origin": "http://A.example:8080"},
        {"sec-fetch-site": "same-origin", "origin": "https://a.example"},
    ],
)
def test_the_site_itself_and_no_browser_may(scope_a: TenantScope, headers: dict[str, str]) -> None:
    same_origin(asked(scope_a, headers), HANDLER)


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://b.example"},
        {"origin": "null"},
        {"origin": ""},
        {"origin": "https://[broken"},
        {"origin": "https://a.example.evil.example"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site", "origin": "https://a.example"},
        {"sec-fetch-site": "none"},
        {"sec-fetch-site": "odd", "origin": "https://a.example"},
    ],
)
def test_another_site_may_not(scope_a: TenantScope, headers: dict[str, str]) -> None:
    with pytest.raises(CrossSite):
        same_origin(asked(scope_a, headers), HANDLER)
    same_origin(asked(scope_a, headers, "GET"), HANDLER)


@pytest.mark.parametrize("content_type", ["text/plain", "", "application/x-www-form-urlencoded", "text/json"])
def test_a_body_that_is_not_declared_as_json_is_refused(scope_a: TenantScope, content_type: str) -> None:
    for size in ({"content-length": "2"}, {"transfer-encoding": "chunked"}):
        with pytest.raises(WrongContentType):
            json_only(asked(scope_a, {"content-type": content_type, **size}), HANDLER)


def test_json_or_nothing_passes(scope_a: TenantScope) -> None:
    json_only(asked(scope_a, {"content-type": "Application/JSON; charset=utf-8", "content-length": "2"}), HANDLER)
    json_only(asked(scope_a, {"content-type": "text/plain", "content-length": "0"}), HANDLER)
    json_only(asked(scope_a, {}), HANDLER)


@pytest.mark.parametrize("announced", [str(MOST_BODY_BYTES + 1), "9" * 400])
def test_a_body_beyond_the_bound_is_refused_before_it_is_sent(scope_a: TenantScope, announced: str) -> None:
    small_body(asked(scope_a, {}), HANDLER)
    small_body(asked(scope_a, {"content-length": str(MOST_BODY_BYTES)}), HANDLER)
    with pytest.raises(HTTPException) as refused:
        small_body(asked(scope_a, {"content-length": announced}), HANDLER)
    assert (refused.value.status_code, refused.value.headers) == (413, {"Connection": "close"})
