"""What signing in asks of the browser: the address to come back to, a cookie for the time in between, and patience."""

from __future__ import annotations

import re
import secrets
from typing import Any, Final

from litestar import Request
from litestar.datastructures import Cookie

from accounts.sign_in.attempts import ATTEMPT_SECONDS
from storage.limits import Limits
from storefront.allowances import allow
from storefront.going import site_of
from storefront.members import address_of
from tenancy.resolver import ResolvedTenant

ATTEMPT_COOKIE: Final = "__Host-sign-in"
REFERRAL_COOKIE: Final = "__Host-referral"
CALLBACK: Final = "/sign-in/telegram/callback"
WIDGET: Final = "/sign-in/telegram/widget"
SIGN_INS: Final = 30
SIGN_IN_SECONDS: Final = 600
CODES_PER_HOUR: Final = 10
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)
_REFERRAL: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


def browser_of(request: Request[Any, Any, Any]) -> str | None:
    """The secret that this browser was given for its sign-ins."""
    value = request.cookies.get(ATTEMPT_COOKIE, "")
    return value if _VALUE.fullmatch(value) else None


def attempt_cookie(browser: str | None) -> Cookie:
    """What marks the browser in which a sign-in is begun; several may be under way in one."""
    return Cookie(
        key=ATTEMPT_COOKIE,
        value=browser or secrets.token_urlsafe(32),
        path="/",
        max_age=ATTEMPT_SECONDS,
        secure=True,
        httponly=True,
        # Lax comes along when the provider's page leads back here; strict would not.
        samesite="lax",
    )


def address(request: Request[Any, Any, Any], tenant: ResolvedTenant, path: str) -> str:
    """The whole URL of a path here, under the tenant's own name whatever else the request says."""
    return site_of(request, tenant) + path


def referral_of(request: Request[Any, Any, Any], said: str | None = None) -> str | None:
    """The code of who invited whoever signs in: as said, else as an invitation left it in the browser."""
    code = said or request.cookies.get(REFERRAL_COOKIE, "")
    return code if _REFERRAL.fullmatch(code) else None


async def allow_sign_in(request: Request[Any, Any, Any], limits: Limits, tenant: ResolvedTenant) -> None:
    """Counts a sign-in of this address. Raises RateLimited."""
    await _allow(request, limits, tenant, "sign-in", SIGN_INS, SIGN_IN_SECONDS)


async def allow_code(request: Request[Any, Any, Any], limits: Limits, tenant: ResolvedTenant) -> None:
    """Counts a try of a recovery code from this address. Raises RateLimited."""
    await _allow(request, limits, tenant, "recovery-code", CODES_PER_HOUR, 3_600)


async def _allow(
    request: Request[Any, Any, Any], limits: Limits, tenant: ResolvedTenant, name: str, limit: int, seconds: int
) -> None:
    await allow(limits, tenant.scope, name, address_of(request), limit=limit, seconds=seconds)
