"""Inviting: the link that people follow, and the page of who invites."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, Response, post
from litestar.datastructures import Cookie
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import FromPath
from litestar.response import Redirect

from accounts.model import Viewer
from accounts.referrals.referring import ReferralDesk
from storefront.following.views import invite_view
from storefront.going import site_of
from storefront.members import Member
from storefront.pages.browsing import READ
from storefront.pages.request import TheTenant, TheThemes, page
from storefront.signing_in import REFERRAL_COOKIE, referral_of

INVITED_SECONDS: Final = 30 * 24 * 3_600
_NO_STORE: Final = {"cache-control": "no-store", "referrer-policy": "no-referrer"}


@route("/invite/{code_id:str}", http_method=READ)
async def follow_invitation(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    viewer: NamedDependency[Viewer | None],
    referrals: NamedDependency[ReferralDesk],
    code_id: FromPath[str],
) -> Redirect:
    """Leads to the site. The first invitation that was followed stays; the cookie holds the code and nothing else."""
    is_new = referral_of(request) is None and (viewer is None or viewer.type == "guest")
    cookies: list[Cookie] = []
    if is_new and referral_of(request, code_id) == code_id and await referrals.is_code(tenant.scope, code_id):
        cookies.append(
            Cookie(
                key=REFERRAL_COOKIE,
                value=code_id,
                path="/",
                max_age=INVITED_SECONDS,
                secure=True,
                httponly=True,
                samesite="lax",
            )
        )
    return Redirect("/", status_code=303, cookies=cookies, headers=_NO_STORE)


@route("/invite", http_method=READ)
async def invite_page(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    themes: TheThemes,
    viewer: NamedDependency[Viewer | None],
    referrals: NamedDependency[ReferralDesk],
) -> Response[str]:
    """The viewer's link, how many came by it, and what that brought."""
    standing = await referrals.standing(tenant.scope, viewer) if viewer and viewer.type == "telegram" else None
    context = {"section": "account", "invite": invite_view(standing, site_of(request, tenant)) if standing else None}
    return page(themes, tenant, "invite.html", context, headers={"cache-control": "private, no-store"})


@post("/invite", status_code=303)
async def make_code(
    tenant: TheTenant, member: NamedDependency[Member], referrals: NamedDependency[ReferralDesk]
) -> Redirect:
    """Makes the viewer's link."""
    await referrals.code_of(tenant.scope, member.viewer)
    return Redirect("/invite", status_code=303)
