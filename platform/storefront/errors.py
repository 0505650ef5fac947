"""What an error is to a client, told as RFC 9457 problem details or as the tenant's own page.

https://www.rfc-editor.org/rfc/rfc9457
"""

from __future__ import annotations

import logging
import math
from collections.abc import Callable
from http import HTTPStatus
from typing import Any, Final, Protocol, cast

from litestar import Request, Response
from litestar.exceptions import HTTPException, InternalServerException, ValidationException
from msgspec import Struct
from msgspec import ValidationError as MsgspecValidationError

from storefront.answers import ANSWERS, INTERNAL
from tenancy.resolver import ResolvedTenant

PROBLEM: Final = "application/problem+json"
_TYPES: Final = "urn:marquee:problem:"
_PHRASES: Final = {int(status): status.phrase for status in HTTPStatus}
_LOG: Final = logging.getLogger(__name__)

Handlers = dict[int | type[Exception], Callable[[Request[Any, Any, Any], Any], Response[Any]]]


class Problem(Struct, omit_defaults=True):
    """RFC 9457 problem details; `retry_after_seconds` beside the header of that name."""

    type: str
    title: str
    status: int
    detail: str = ""
    retry_after_seconds: int | None = None


class ErrorPages(Protocol):
    """What draws a tenant's error page; `tenancy.themes` does."""

    def error_page(self, tenant: ResolvedTenant, status: int, title: str, detail: str) -> str:
        """A whole HTML page."""
        ...


def exception_handlers(pages: ErrorPages) -> Handlers:
    """What a Litestar application answers errors with; its own 404, 405 and validation errors too."""

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[Any]:
        return answer(request, error, pages)

    return {Exception: handle, HTTPException: handle}


def answer(request: Request[Any, Any, Any], error: Exception, pages: ErrorPages) -> Response[Any]:
    """The response to an error: a page where a browser navigates, problem details everywhere else."""
    problem, headers = problem_of(error)
    if problem.status >= HTTPStatus.INTERNAL_SERVER_ERROR and not _is_known(error):
        _LOG.error("%s %s failed", request.method, request.url.path, exc_info=error)
    headers["Cache-Control"] = "no-store"
    tenant = request.scope["state"].get("tenant")
    if isinstance(tenant, ResolvedTenant) and wants_page(request):
        page = pages.error_page(tenant, problem.status, problem.title, problem.detail)
        return Response(page, status_code=problem.status, headers=headers, media_type="text/html")
    return Response(problem, status_code=problem.status, headers=headers, media_type=PROBLEM)


def problem_of(error: Exception) -> tuple[Problem, dict[str, str]]:
    """The problem that an error is, and the headers that go with it."""
    if isinstance(error, HTTPException):
        return _http_problem(error)
    found = next((ANSWERS[kind] for kind in type(error).__mro__ if kind in ANSWERS), INTERNAL)
    wait = getattr(error, "retry_after_seconds", found.retry_after_seconds)
    seconds = None if wait is None else max(1, math.ceil(wait))
    problem = Problem(
        type=_TYPES + found.type,
        title=found.title,
        status=found.status,
        detail=str(error) if found.tells else "",
        retry_after_seconds=seconds,
    )
    headers = {} if seconds is None else {"Retry-After": str(seconds)}
    told = {"WWW-Authenticate": found.challenge, "Link": found.link}
    return problem, headers | {name: value for name, value in told.items() if value is not None}


def wants_page(request: Request[Any, Any, Any]) -> bool:
    """Whether the client is a browser on its way to a page: what asks the API or a stream is told in JSON."""
    path = request.url.path
    if path == "/api" or path.startswith(("/api/", "/stream/", "/subtitles/", "/pages/", "/opds", "/-/")):
        return False
    return "text/html" in request.headers.get("accept", "")


def _is_known(error: Exception) -> bool:
    # Litestar's own 500 is what it makes of an error of ours.
    is_told = isinstance(error, HTTPException) and not isinstance(error, InternalServerException)
    return is_told or any(kind in ANSWERS for kind in type(error).__mro__)


def _http_problem(error: HTTPException) -> tuple[Problem, dict[str, str]]:
    body_fault = _body_fault(error)
    status = error.status_code if body_fault is None else HTTPStatus.BAD_REQUEST
    title = _PHRASES.get(status, "Error")
    detail = _http_detail(error, title) if body_fault is None else body_fault
    problem = Problem(type="about:blank", title=title, status=status, detail=detail)
    return problem, dict(error.headers or {})


def _body_fault(error: Exception) -> str | None:
    """What is wrong with the body, where Litestar takes it for our error: a field has the name of a dependency."""
    cause = error.__cause__
    if isinstance(error, InternalServerException) and isinstance(cause, MsgspecValidationError):
        said, _, place = str(cause).rpartition(" - at ")
        if place.startswith("`$.data"):
            return f"{place.strip('`').removeprefix('$.data.')}: {said}"
    return None


def _http_detail(error: HTTPException, title: str) -> str:
    if isinstance(error, ValidationException):
        entries = error.extra if isinstance(error.extra, list) else []
        return "; ".join(_invalid(cast("dict[str, Any]", entry)) for entry in entries)
    # What Litestar says of a server error may name our code.
    tells = error.status_code < HTTPStatus.INTERNAL_SERVER_ERROR and error.detail != title
    return error.detail if tells else ""


def _invalid(entry: dict[str, Any]) -> str:
    return f"{entry.get('key', 'the request')}: {entry.get('message', 'is not valid')}"
