"""A site's age gate: whether it opens, who has passed it, and the cookie that remembers it.

Passing is a declaration. What remembers it says at which age it was made: a site that raises its minimum asks again.
"""

from __future__ import annotations

import re
from typing import Any, Final

from litestar.connection import ASGIConnection
from litestar.datastructures import Cookie

from accounts.credentials import credential_of
from accounts.errors import ViewerBanned
from accounts.sessions import Sessions
from content.audience import ADULTS, ADULTS_ONLY, EVERYBODY, Audience
from content.derive import content_rating
from tenancy.resolver import ResolvedTenant

COOKIE: Final = "__Host-age"
COOKIE_SECONDS: Final = 180 * 24 * 3_600
_AGE: Final = re.compile(r"[1-9][0-9]", re.ASCII)
_WAITING: Final = Audience(may_pass=True)


def has_gate(tenant: ResolvedTenant) -> bool:
    """Whether the site shows anything for adults to anybody: its policy may leave that out, and so may its gate."""
    ratings = {content_rating(each) for each in tenant.policy.content_ratings}
    return tenant.tenant.age_gate.enabled and (not ratings or ADULTS_ONLY in ratings)


async def audience_at(
    connection: ASGIConnection[Any, Any, Any, Any], tenant: ResolvedTenant, sessions: Sessions | None
) -> Audience:
    """What somebody is shown: all of it who passed the gate in this browser, or under the viewer's own name."""
    if not has_gate(tenant):
        return EVERYBODY
    minimum = tenant.tenant.age_gate.minimum
    cookie = connection.cookies.get(COOKIE, "")
    if _AGE.fullmatch(cookie) and int(cookie) >= minimum:
        return ADULTS
    credential = credential_of(connection)
    if credential is None or sessions is None:
        return _WAITING
    try:
        viewer = await sessions.current_viewer(tenant.scope, credential.secret)
    except ViewerBanned:
        return _WAITING
    return ADULTS if viewer is not None and (viewer.ours.confirmed_age or 0) >= minimum else _WAITING


def age_cookie(tenant: ResolvedTenant) -> Cookie:
    """What remembers in this browser that the gate was passed."""
    return _cookie(str(tenant.tenant.age_gate.minimum), COOKIE_SECONDS)


def no_age_cookie() -> Cookie:
    """What forgets it."""
    return _cookie("", 0)


def _cookie(value: str, max_age: int) -> Cookie:
    return Cookie(key=COOKIE, value=value, path="/", max_age=max_age, secure=True, httponly=True, samesite="lax")
