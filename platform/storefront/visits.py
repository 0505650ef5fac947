"""Who saw a page, for the month's figure of visitors: noted beside the answer, and never awaited."""

from __future__ import annotations

import re
from typing import Any, Final

from litestar import Request

from accounts.sessions import COOKIE
from tenancy.resolver import ResolvedTenant
from tenancy.visitors import Visits

STATE: Final = "visits"
"""The name under which the application's state holds its Visits."""
_SESSION: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_OPTED_OUT: Final = ("dnt", "sec-gpc")


async def note_visit(request: Request[Any, Any, Any]) -> None:
    """Litestar's `after_response` of pages: counts who was answered.

    A viewer is known by the session, others by their address and browser; no cookie is set for it. Whoever asks not to
    be tracked (Do Not Track, Global Privacy Control) is not counted, nor is a page fetched before anybody wants it.
    """
    visits: Visits | None = request.app.state.get(STATE)
    headers = request.headers
    if visits is None or request.method != "GET" or any(headers.get(name) == "1" for name in _OPTED_OUT):
        return
    if "prefetch" in headers.get("sec-purpose", ""):
        return
    tenant: ResolvedTenant = request.scope["state"]["tenant"]
    session = request.cookies.get(COOKIE, "")
    if _SESSION.fullmatch(session):
        visits.note(tenant.scope, "session", session)
    else:
        address = request.client.host if request.client else ""
        visits.note(tenant.scope, "browser", address, headers.get("user-agent", ""))
