"""/sign-in: the ways in which a site signs people in."""

from __future__ import annotations

from typing import Any, Final
from urllib.parse import urlencode

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, SkipValidation

from accounts.errors import BadRecoveryCode, SignInNotOffered, SignInRefused, SignInReplayed, SignInUnavailable
from accounts.model import Viewer
from accounts.recovery import NOBODYS, RecoveryCodes
from accounts.sign_in.arriving import Arrivals, Arrived
from accounts.sign_in.attempts import NOT_YOURS
from accounts.sign_in.desk import NOT_OFFERED, SignInDesk
from storage.errors import Conflict
from storage.limits import Limits
from storage.moments import Clock, moment
from storefront.age.returning import own_path
from storefront.api.account.answers import (
    BEGUN,
    SIGNED_IN,
    WAYS,
    BeginSignIn,
    BegunAnswer,
    MiniAppSignIn,
    RecoverySignIn,
    SignedInAnswer,
    WaysAnswer,
    viewer_answer,
)
from storefront.api.account.me import AWAY, BANNED, ELSEWHERE, NO_STORE
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.members import give_session, here_of
from storefront.refusals import BadParameter
from storefront.signing_in import (
    CALLBACK,
    WIDGET,
    address,
    allow_code,
    allow_sign_in,
    attempt_cookie,
    browser_of,
    referral_of,
)
from tenancy.resolver import ResolvedTenant

_BAD_BODY: Final = BadParameter("way: oidc or widget")
_NOT_OFFERED: Final = SignInNotOffered(NOT_OFFERED)
_REFUSED: Final = SignInRefused(NOT_YOURS)
_REPLAYED: Final = SignInReplayed("This sign-in was used already. Begin again.")
_UNAVAILABLE: Final = SignInUnavailable("Telegram cannot be reached at the moment. Please try again.")
_BAD_CODE: Final = BadRecoveryCode(NOBODYS)
_MEANWHILE: Final = Conflict("the account was deleted in this moment")


@get(
    "/sign-in",
    operation_id="listWaysToSignIn",
    summary="How one can sign in on this site",
    tags=["sign-in"],
    operation_class=shown(WAYS),
    responses=problems(AWAY),
)
async def list_ways(
    sign_in: NamedDependency[SignInDesk], tenant: NamedDependency[ResolvedTenant]
) -> Response[WaysAnswer]:
    """A site without a login bot has guests alone."""
    ways = await sign_in.ways(tenant)
    answer = WaysAnswer(telegram=ways.oidc, widget=ways.widget, mini_app=ways.mini_app, recovery_code=True)
    return Response(answer, headers=NO_STORE)


@post(
    "/sign-in/telegram",
    operation_id="beginTelegramSignIn",
    summary="Begin to sign in with Telegram in this browser",
    description="Sets the cookie `__Host-sign-in`; the sign-in ends in the same browser within ten minutes.",
    tags=["sign-in"],
    status_code=200,
    operation_class=shown(BEGUN),
    responses=problems(_BAD_BODY, ELSEWHERE, BANNED, _NOT_OFFERED, NOT_JSON, TOO_OFTEN, AWAY, _UNAVAILABLE),
)
async def begin_telegram(
    request: Request[Any, Any, Any],
    data: JSONBody[BeginSignIn],
    sign_in: NamedDependency[SignInDesk],
    limits: NamedDependency[Limits],
    tenant: NamedDependency[ResolvedTenant],
) -> Response[BegunAnswer]:
    """Whoever was somebody here stays that until the end of it."""
    await allow_sign_in(request, limits, tenant)
    cookie = attempt_cookie(browser_of(request))
    url = await begin(request, data, sign_in, tenant, cookie.value or "")
    return Response(BegunAnswer(url=url), headers=NO_STORE, cookies=[cookie])


@post(
    "/sign-in/telegram/mini-app",
    operation_id="signInByMiniApp",
    summary="Sign in with a Mini App's initData",
    tags=["sign-in"],
    status_code=200,
    operation_class=shown(SIGNED_IN),
    responses=problems(
        _BAD_BODY, ELSEWHERE, _REFUSED, BANNED, _NOT_OFFERED, _REPLAYED, _MEANWHILE, NOT_JSON, TOO_OFTEN, AWAY
    ),
)
async def sign_in_by_mini_app(
    request: Request[Any, Any, Any],
    data: JSONBody[MiniAppSignIn],
    sign_in: NamedDependency[SignInDesk],
    limits: NamedDependency[Limits],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[SignedInAnswer]:
    """Once for each initData, within five minutes of its making."""
    await allow_sign_in(request, limits, tenant)
    arrived = await sign_in.by_mini_app(
        tenant,
        here_of(request, viewer),
        data=data.init_data,
        referral_code=referral_of(request, data.referral_code),
    )
    return _arrived(request, arrived, clock)


@post(
    "/sign-in/recovery-code",
    operation_id="signInByRecoveryCode",
    summary="Come back as a guest by the recovery code",
    description="What a guest already did in this browser is joined to it.",
    tags=["sign-in"],
    status_code=200,
    operation_class=shown(SIGNED_IN),
    responses=problems(_BAD_BODY, ELSEWHERE, _BAD_CODE, BANNED, NOT_JSON, TOO_OFTEN, AWAY),
)
async def sign_in_by_recovery_code(
    request: Request[Any, Any, Any],
    data: JSONBody[RecoverySignIn],
    recovery: NamedDependency[RecoveryCodes],
    arrivals: NamedDependency[Arrivals],
    limits: NamedDependency[Limits],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Response[SignedInAnswer]:
    """At most ten tries an hour from one address."""
    await allow_code(request, limits, tenant)
    guest = await recovery.redeem(tenant.scope, data.code)
    arrived = await arrivals.by_recovery_code(tenant.scope, guest, here_of(request, viewer))
    return _arrived(request, arrived, clock)


async def begin(
    request: Request[Any, Any, Any], asked: BeginSignIn, desk: SignInDesk, tenant: ResolvedTenant, browser: str
) -> str:
    """Where the browser is to go, or what the widget is to lead back to."""
    return_to, referral = own_path(asked.return_to), referral_of(request, asked.referral_code)
    if asked.way == "widget":
        state = await desk.begin_widget(tenant, browser, return_to=return_to, referral_code=referral)
        return address(request, tenant, f"{WIDGET}?{urlencode({'state': state})}")
    back = address(request, tenant, CALLBACK)
    return await desk.begin_oidc(tenant, browser, back, return_to=return_to, referral_code=referral)


def _arrived(request: Request[Any, Any, Any], arrived: Arrived, clock: Clock) -> Response[SignedInAnswer]:
    give_session(request, arrived.cookie)
    viewer = viewer_answer(arrived.viewer, moment(clock()))
    return Response(SignedInAnswer(viewer=viewer, is_new=arrived.is_new), headers=NO_STORE)


ROUTES: Final = [list_ways, begin_telegram, sign_in_by_mini_app, sign_in_by_recovery_code]
