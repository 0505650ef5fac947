"""/account: who one is, devices, tokens, the recovery code, the download and the way out; each a form."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from litestar import HttpMethod, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import SkipValidation, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.belongings import BelongingsRegistry
from accounts.errors import BadTokenName, TooManyTokens
from accounts.model import Viewer
from accounts.recovery import RecoveryCodes
from accounts.sessions import Sessions
from accounts.viewers import Viewers
from billing.memberships.desk import Desk
from storage.limits import Limits
from storage.moments import Clock, moment
from storefront.api.account.leaving import export_answer
from storefront.members import Member, current_self, refuse_tokens, take_session
from storefront.membership.views import account_view
from storefront.pages.account.showing import NO_STORE, Shown, account_page, answered
from storefront.pages.browsing import Text
from storefront.pages.request import TheTenant, TheThemes
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
DONE: Final = {
    "device": "That device is signed out.",
    "others": "Every other device is signed out.",
    "token": "That token opens nothing any more.",
    "cancelled": "Your premium is cancelled. Nothing is charged any more.",
    "resumed": "Your premium goes on.",
}
Secret = Annotated[str, Meta(max_length=64)]
TheMember = NamedDependency[Member]
TheSessions = NamedDependency[Sessions]
TheCodes = NamedDependency[RecoveryCodes]
TheDesk = NamedDependency[Desk]
TheClock = NamedDependency[SkipValidation[Clock]]


class DeviceForm(Struct, frozen=True):
    """Which one, by its id; `others` are all but this browser."""

    device: Secret


class TokenForm(Struct, frozen=True):
    """What the new token is for."""

    name: Annotated[str, Meta(max_length=200)]


class SureForm(Struct, frozen=True):
    """What a button says, so that nothing happens by an empty form."""

    sure: Literal["yes"]


@route("/account", http_method=READ)
async def account(
    request: Request[Any, Any, Any],
    viewer: NamedDependency[Viewer | None],
    sessions: TheSessions,
    recovery: TheCodes,
    tenant: TheTenant,
    themes: TheThemes,
    clock: TheClock,
    memberships: TheDesk,
    done: Text = "",
) -> Response[str] | Redirect:
    """Nobody is led to the ways of signing in."""
    if viewer is None:
        return Redirect("/sign-in?return_to=/account", status_code=303, headers=NO_STORE)
    oneself = await current_self(request, viewer)
    return await _page(oneself, sessions, recovery, tenant, themes, clock, memberships, Shown(done=DONE.get(done, "")))


@post("/account/devices", status_code=303)
async def sign_out_device(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[DeviceForm],
    oneself: TheMember,
    sessions: TheSessions,
    tenant: TheTenant,
) -> Redirect:
    """Signs out one device, all others, or this one; revokes a token. One that is gone already is no error."""
    if data.device == "others":
        await sessions.end_all_sessions(tenant.scope, oneself.viewer.id, but=oneself.device)
        return _back("others")
    await sessions.end_one(tenant.scope, oneself.viewer.id, data.device)
    if data.device == oneself.device:
        take_session(request)
        return Redirect("/", status_code=303, headers=NO_STORE)
    return _back("device")


@post("/account/tokens", status_code=200)
async def create_token(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[TokenForm],
    oneself: TheMember,
    sessions: TheSessions,
    recovery: TheCodes,
    tenant: TheTenant,
    themes: TheThemes,
    clock: TheClock,
    memberships: TheDesk,
) -> Response[str]:
    """Shows the new token this once."""
    refuse_tokens(request)
    try:
        minted = await sessions.mint_token(tenant.scope, oneself.viewer.id, data.name)
    except (BadTokenName, TooManyTokens) as error:
        shown, status = (
            Shown(problem=str(error).removeprefix("name: ")),
            409 if isinstance(error, TooManyTokens) else 400,
        )
        return await _page(oneself, sessions, recovery, tenant, themes, clock, memberships, shown, status=status)
    shown = Shown(token=minted.token, token_name=minted.session.device)
    return await _page(oneself, sessions, recovery, tenant, themes, clock, memberships, shown)


@post("/account/recovery-code", status_code=200)
async def make_recovery_code(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[SureForm],
    oneself: TheMember,
    sessions: TheSessions,
    recovery: TheCodes,
    tenant: TheTenant,
    themes: TheThemes,
    clock: TheClock,
    memberships: TheDesk,
) -> Response[str]:
    """Shows the new code this once."""
    refuse_tokens(request)
    shown = Shown(code=await recovery.make(tenant.scope, oneself.viewer))
    return await _page(oneself, sessions, recovery, tenant, themes, clock, memberships, shown)


@get("/account/export")
async def export(
    oneself: TheMember,
    belongings: NamedDependency[BelongingsRegistry],
    limits: NamedDependency[Limits],
    tenant: TheTenant,
) -> Response[bytes]:
    """An archive of one file a kind."""
    return await export_answer(oneself, belongings, limits, tenant, "zip")


@route("/account/delete", http_method=READ)
async def ask_to_delete(
    viewer: NamedDependency[Viewer | None], tenant: TheTenant, themes: TheThemes
) -> Response[str] | Redirect:
    """Says what goes, and asks once more."""
    if viewer is None:
        return Redirect("/sign-in", status_code=303, headers=NO_STORE)
    return answered(themes, tenant, "account-delete.html", {"section": "account"})


@post("/account/delete", status_code=200)
async def delete(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[SureForm],
    oneself: TheMember,
    viewers: NamedDependency[Viewers],
    belongings: NamedDependency[BelongingsRegistry],
    tenant: TheTenant,
    themes: TheThemes,
) -> Response[str]:
    """At once and for good."""
    await viewers.forget(tenant.scope, oneself.viewer.id, belongings)
    take_session(request)
    return answered(themes, tenant, "account-deleted.html", {})


async def _page(
    oneself: Member,
    sessions: Sessions,
    recovery: RecoveryCodes,
    tenant: ResolvedTenant,
    themes: Themes,
    clock: Clock,
    memberships: Desk,
    shown: Shown,
    *,
    status: int = 200,
) -> Response[str]:
    found = await sessions.of_viewer(tenant.scope, oneself.viewer.id)
    made_at = await recovery.made_at(tenant.scope, oneself.viewer.id)
    now = moment(clock())
    premium = await account_view(memberships, tenant, oneself.viewer)
    return account_page(themes, tenant, oneself, found, made_at, now, shown, premium, status=status)


def _back(done: str) -> Redirect:
    return Redirect(f"/account?done={done}", status_code=303, headers=NO_STORE)


READING: Final = [account, export, ask_to_delete]
FORMS: Final = [sign_out_device, create_token, make_recovery_code, delete]
