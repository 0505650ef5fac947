"""What the platform's own host answers: health, and a neutral page that names no tenant."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

from litestar import Litestar, MediaType, Request, Response, get
from litestar.exceptions import HTTPException, ServiceUnavailableException
from litestar.handlers import HTTPRouteHandler

from runtime.health import NO_STORE, Health, health_routes
from storage.errors import StorageUnavailable

PROBLEM = "application/problem+json"
STYLE = """
:root { font: 1.125rem/1.6 system-ui, sans-serif; color-scheme: light dark; }
body { max-width: 32rem; margin: 20vh auto 0; padding: 0 1.5rem; }
h1 { font-size: 1.5rem; margin: 0 0 .5rem; }
p { margin: 0; opacity: .75; }
"""
PAGE = """<!doctype html>
<html lang="en">
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>{title}</title>
<style>{style}</style>
<h1>{title}</h1>
<p>{text}</p>
</html>
"""
_STYLE_HASH = base64.b64encode(hashlib.sha256(STYLE.encode()).digest()).decode()
POLICY = (
    f"default-src 'none'; style-src 'sha256-{_STYLE_HASH}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
TITLES = {
    404: "There is nothing here.",
    405: "This address does not take that kind of request.",
    429: "That was too often. Please wait a minute.",
    503: "This cannot be shown now. Please try again soon.",
}
NEUTRAL = "Its sites are served under their own names."


def platform_app(health: Health, routes: Sequence[HTTPRouteHandler] = ()) -> Litestar:
    """The application behind `platform.host`, with the `routes` that gateways post to and bills are paid on."""

    @get("/", include_in_schema=False, sync_to_thread=False)
    def front() -> Response[str]:
        return _page(200, "This is a media platform.", NEUTRAL)

    return Litestar(
        [front, *health_routes(lambda: health, detailed=False), *routes],
        exception_handlers={HTTPException: _refuse, StorageUnavailable: _away},
        openapi_config=None,
        logging_config=None,
    )


def _refuse(request: Request[Any, Any, Any], error: HTTPException) -> Response[Any]:
    title = TITLES.get(error.status_code, "That did not work.")
    if "text/html" in request.headers.get("accept", ""):
        return _page(error.status_code, title, NEUTRAL, error.headers)
    problem = {"type": "about:blank", "title": title, "status": error.status_code}
    return Response(
        problem, status_code=error.status_code, media_type=PROBLEM, headers={**NO_STORE, **(error.headers or {})}
    )


def _away(request: Request[Any, Any, Any], error: StorageUnavailable) -> Response[Any]:
    return _refuse(request, ServiceUnavailableException("try again later", headers={"Retry-After": "5"}))


def _page(status: int, title: str, text: str, more: Mapping[str, str] | None = None) -> Response[str]:
    page = PAGE.format(title=title, style=STYLE, text=text)
    headers = {**NO_STORE, **(more or {}), "Content-Security-Policy": POLICY}
    return Response(page, status_code=status, media_type=MediaType.HTML, headers=headers)
