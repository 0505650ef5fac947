"""/sign-in: the ways in, and where they lead back to."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import HttpMethod, Request, Response, get, post
from litestar.di import NamedDependency
from litestar.handlers import route
from litestar.params import QueryParameter, URLEncodedBody
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.errors import AccountsError, BadRecoveryCode, SignInNotOffered, SignInRefused, SignInUnavailable
from accounts.model import Viewer
from accounts.recovery import RecoveryCodes
from accounts.sign_in.arriving import Arrivals
from accounts.sign_in.attempts import NOT_YOURS
from accounts.sign_in.desk import SignInDesk
from storage.limits import Limits
from storefront.age.returning import own_path
from storefront.api.account.answers import BeginSignIn
from storefront.api.account.signing_in import begin
from storefront.errors import problem_of
from storefront.members import give_session, here_of
from storefront.pages.account.policy import sign_in_headers
from storefront.pages.account.showing import NO_STORE, answered
from storefront.pages.browsing import Text
from storefront.pages.request import TheTenant, TheThemes
from storefront.signing_in import (
    CALLBACK,
    WIDGET,
    address,
    allow_code,
    allow_sign_in,
    attempt_cookie,
    browser_of,
)
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

READ: Final = [HttpMethod.GET, HttpMethod.HEAD]
TheDesk = NamedDependency[SignInDesk]
TheViewer = NamedDependency[Viewer | None]
TheLimits = NamedDependency[Limits]
# Litestar keeps the name `state` for itself.
StateText = Annotated[str, QueryParameter(name="state", max_length=2048)]
_REFUSALS: Final = (SignInRefused, SignInUnavailable, SignInNotOffered, BadRecoveryCode)
# The address holds a code or a signature, which is nobody else's business.
_LEAVING: Final = {**NO_STORE, "referrer-policy": "no-referrer"}


class BeginForm(Struct, frozen=True):
    """Where to afterwards."""

    return_to: Annotated[str, Meta(max_length=2048)]


class CodeForm(Struct, frozen=True):
    """A recovery code as somebody wrote it, and where to afterwards."""

    code: Annotated[str, Meta(max_length=200)]
    return_to: Annotated[str, Meta(max_length=2048)] = "/"


@route("/sign-in", http_method=READ)
async def sign_in_page(
    viewer: TheViewer, sign_in: TheDesk, tenant: TheTenant, themes: TheThemes, return_to: Text = "/"
) -> Response[str]:
    """What this site offers; nothing of anybody else's loads before it is asked for."""
    return await _page(themes, tenant, sign_in, viewer, own_path(return_to))


@post("/sign-in/telegram", status_code=303)
async def begin_telegram(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[BeginForm],
    viewer: TheViewer,
    sign_in: TheDesk,
    limits: TheLimits,
    tenant: TheTenant,
    themes: TheThemes,
) -> Response[Any]:
    """On to Telegram."""
    await allow_sign_in(request, limits, tenant)
    cookie = attempt_cookie(browser_of(request))
    try:
        url = await begin(request, BeginSignIn(return_to=data.return_to), sign_in, tenant, cookie.value or "")
    except _REFUSALS as error:
        return await _page(themes, tenant, sign_in, viewer, own_path(data.return_to), error)
    return Redirect(url, status_code=303, headers=_LEAVING, cookies=[cookie])


@get(CALLBACK)
async def telegram_callback(
    request: Request[Any, Any, Any],
    viewer: TheViewer,
    sign_in: TheDesk,
    limits: TheLimits,
    tenant: TheTenant,
    themes: TheThemes,
    attempt_state: StateText = "",
    code: Text = "",
) -> Response[Any]:
    """Back from Telegram, in the browser in which it was begun."""
    await allow_sign_in(request, limits, tenant)
    back, browser = address(request, tenant, CALLBACK), browser_of(request)
    try:
        arrived, attempt = await sign_in.by_code(
            tenant, back, here_of(request, viewer), state=attempt_state, code=code, browser=browser
        )
    except _REFUSALS as error:
        return await _page(themes, tenant, sign_in, viewer, "/", error)
    give_session(request, arrived.cookie)
    return Redirect(attempt.return_to, status_code=303, headers=_LEAVING)


@get(WIDGET)
async def widget_callback(
    request: Request[Any, Any, Any],
    viewer: TheViewer,
    sign_in: TheDesk,
    limits: TheLimits,
    tenant: TheTenant,
    themes: TheThemes,
) -> Response[Any]:
    """Back from the widget, which hangs its fields behind the state."""
    await allow_sign_in(request, limits, tenant)
    first, _, data = request.scope["query_string"].decode("latin-1").partition("&")
    name, _, state = first.partition("=")
    try:
        if name != "state":
            raise SignInRefused(NOT_YOURS)
        arrived, attempt = await sign_in.by_widget(
            tenant, here_of(request, viewer), state=state, data=data, browser=browser_of(request)
        )
    except _REFUSALS as error:
        return await _page(themes, tenant, sign_in, viewer, "/", error)
    give_session(request, arrived.cookie)
    return Redirect(attempt.return_to, status_code=303, headers=_LEAVING)


@post("/sign-in/recovery-code", status_code=303)
async def redeem_code(
    request: Request[Any, Any, Any],
    data: URLEncodedBody[CodeForm],
    viewer: TheViewer,
    recovery: NamedDependency[RecoveryCodes],
    arrivals: NamedDependency[Arrivals],
    sign_in: TheDesk,
    limits: TheLimits,
    tenant: TheTenant,
    themes: TheThemes,
) -> Response[Any]:
    """Back as the guest that one was."""
    await allow_code(request, limits, tenant)
    try:
        guest = await recovery.redeem(tenant.scope, data.code)
    except BadRecoveryCode as error:
        return await _page(themes, tenant, sign_in, viewer, own_path(data.return_to), error)
    arrived = await arrivals.by_recovery_code(tenant.scope, guest, here_of(request, viewer))
    give_session(request, arrived.cookie)
    return Redirect(own_path(data.return_to), status_code=303, headers=NO_STORE)


async def _page(
    themes: Themes,
    tenant: ResolvedTenant,
    desk: SignInDesk,
    viewer: Viewer | None,
    return_to: str,
    error: AccountsError | None = None,
) -> Response[str]:
    ways = await desk.ways(tenant)
    offers_widget = ways.widget is not None and not ways.oidc
    context = {
        "oidc": ways.oidc,
        "widget": ways.widget if offers_widget else "",
        "widget_script": desk.widget_script,
        "mini_app": ways.mini_app,
        "return_to": return_to,
        "problem": "" if error is None else str(error),
        "code_problem": isinstance(error, BadRecoveryCode),
        "is_signed_in": viewer is not None and viewer.type == "telegram",
        "is_guest": viewer is not None and viewer.type == "guest",
        "section": "account",
    }
    status = 200 if error is None else problem_of(error)[0].status
    headers = sign_in_headers(desk.issuer, desk.widget_script if offers_widget else None)
    if error is not None:
        headers["referrer-policy"] = "no-referrer"
    return answered(themes, tenant, "sign-in.html", context, status=status, headers=headers)


READING: Final = [sign_in_page, telegram_callback, widget_callback]
FORMS: Final = [begin_telegram, redeem_code]
