"""The dependency `member`: who does this, a guest being made of whoever has no session yet.

The new session's cookie is set by `set_session_cookie`, a `before_send` hook of the application: it reaches the browser
with every answer, errors and redirects too.
"""

from __future__ import annotations

from typing import Any, Final, cast

from litestar import Request
from litestar.di import NamedDependency
from litestar.types import Message, Scope
from msgspec import Struct

from accounts.credentials import credential_of
from accounts.errors import BrowserRequired, SessionRequired
from accounts.model import Viewer
from accounts.sessions import Sessions, no_session_cookie, session_cookie, session_id
from accounts.sign_in.arriving import Here
from storage.limits import Limits
from storefront.allowances import allow
from tenancy.networks import network_of
from tenancy.resolver import ResolvedTenant

GUESTS_PER_HOUR: Final = 60
"""Guests that one address may become; behind one address there may be a whole school."""
NOBODY: Final = "Nobody is signed in here."
NOT_A_TOKEN: Final = "This token is not valid on this site."  # noqa: S105 - what an app is told
_SET: Final = "session_set"


class Member(Struct, frozen=True):
    """Who does something, and on which device: `device` is the session's id, as in signed links."""

    viewer: Viewer
    device: str


async def current_member(
    request: Request[Any, Any, Any],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    sessions: NamedDependency[Sessions],
    limits: NamedDependency[Limits],
) -> Member:
    """The viewer of the request, or a new guest. Raises SessionRequired, RateLimited and StorageUnavailable."""
    credential = credential_of(request)
    if viewer is not None and credential is not None:
        return Member(viewer, session_id(credential.secret))
    if credential is not None and credential.kind != "cookie":
        # An app whose token was revoked is to hear of it, and not to become a new guest with every call.
        raise SessionRequired(NOT_A_TOKEN)
    await allow(limits, tenant.scope, "guest", address_of(request), limit=GUESTS_PER_HOUR, seconds=3_600)
    opened = await sessions.open_guest_session(tenant.scope, request.headers.get("user-agent", ""))
    give_session(request, opened.cookie)
    return Member(opened.viewer, session_id(opened.cookie))


async def current_self(request: Request[Any, Any, Any], viewer: NamedDependency[Viewer | None]) -> Member:
    """The dependency `oneself`: who sees to their own account, for nobody is made a guest by that.

    Raises SessionRequired.
    """
    credential = credential_of(request)
    if viewer is None or credential is None:
        raise SessionRequired(NOBODY if credential is None or credential.kind == "cookie" else NOT_A_TOKEN)
    return Member(viewer, session_id(credential.secret))


def here_of(request: Request[Any, Any, Any], viewer: Viewer | None) -> Here:
    """Who asks in this browser, before they are signed in; a token is no browser."""
    credential = credential_of(request)
    agent = request.headers.get("user-agent", "")
    if viewer is None or credential is None or credential.kind != "cookie":
        return Here(None, None, agent)
    return Here(viewer, session_id(credential.secret), agent)


def refuse_tokens(request: Request[Any, Any, Any]) -> None:
    """Raises BrowserRequired for whoever comes by a token."""
    credential = credential_of(request)
    if credential is not None and credential.kind != "cookie":
        raise BrowserRequired("This is done in a browser: a token makes no tokens and no codes.")


def give_session(request: Request[Any, Any, Any], cookie: str) -> None:
    """The answer to this request sets the cookie of a session."""
    _state(request.scope)[_SET] = session_cookie(cookie).to_encoded_header()


def take_session(request: Request[Any, Any, Any]) -> None:
    """The answer to this request takes the session's cookie away."""
    _state(request.scope)[_SET] = no_session_cookie().to_encoded_header()


async def set_session_cookie(message: Message, scope: Scope) -> None:
    """Litestar's `before_send`: puts the cookie that is to be set on the answer's head, and leaves all else alone."""
    if message["type"] == "http.response.start":
        header = _state(scope).get(_SET)
        if header is not None:
            message["headers"] = [*message["headers"], cast("tuple[bytes, bytes]", header)]


def address_of(request: Request[Any, Any, Any]) -> str:
    """The client's address as a subject of limits: IPv6 by its network."""
    return network_of(request.client.host if request.client else "unknown")


def _state(scope: Any) -> dict[str, object]:
    state: dict[str, object] = scope.setdefault("state", {})
    return state
