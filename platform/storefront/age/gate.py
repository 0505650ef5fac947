"""A site's age gate: whether it opens, and the cookie of those who passed.

Passing is a declaration. The cookie says at which age it was made: a site that raises its minimum asks again.
"""

from __future__ import annotations

import re
from typing import Final

from litestar.datastructures import Cookie

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


def passed_with(tenant: ResolvedTenant, cookie: str | None) -> bool:
    """Whether the cookie tells of an age that is enough here."""
    return cookie is not None and bool(_AGE.fullmatch(cookie)) and int(cookie) >= tenant.tenant.age_gate.minimum


def audience_of(tenant: ResolvedTenant, *, has_passed: bool) -> Audience:
    """What somebody is shown who has passed the gate or has not."""
    if not has_gate(tenant):
        return EVERYBODY
    return ADULTS if has_passed else _WAITING


def age_cookie(tenant: ResolvedTenant) -> Cookie:
    """What remembers in this browser that the gate was passed."""
    return _cookie(str(tenant.tenant.age_gate.minimum), COOKIE_SECONDS)


def no_age_cookie() -> Cookie:
    """What forgets it."""
    return _cookie("", 0)


def _cookie(value: str, max_age: int) -> Cookie:
    return Cookie(key=COOKIE, value=value, path="/", max_age=max_age, secure=True, httponly=True, samesite="lax")
