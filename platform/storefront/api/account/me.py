"""/me: who one is, where one is signed in, and the tokens that one gave to apps."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody, PathParameter, SkipValidation

from accounts.errors import (
    BadTokenName,
    BrowserRequired,
    NoSuchDevice,
    SessionRequired,
    TooManyTokens,
    ViewerBanned,
)
from accounts.model import Viewer
from accounts.session_repository import SessionKind
from accounts.sessions import Sessions
from storage.errors import StorageUnavailable
from storage.moments import Clock, moment
from storefront.api.account.answers import (
    DEVICES,
    ENDED,
    ME,
    TOKENS,
    DevicesAnswer,
    EndedAnswer,
    MeAnswer,
    NewToken,
    TokenAnswer,
    device_answer,
    viewer_answer,
)
from storefront.api.responses import NOT_JSON, problems, shown
from storefront.members import NOBODY, Member, refuse_tokens, take_session
from storefront.refusals import BadParameter, CrossSite
from tenancy.resolver import ResolvedTenant

AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
ELSEWHERE: Final = CrossSite("The request comes from another origin.")
BANNED: Final = ViewerBanned("")
NOBODY_HERE: Final = SessionRequired(NOBODY)
BROWSER: Final = BrowserRequired("This is done in a browser: a token makes no tokens and no codes.")
NO_STORE: Final = {"Cache-Control": "no-store"}
_NO_DEVICE: Final = NoSuchDevice("You have no such device.")
_BAD_ID: Final = BadParameter("device_id: at most 64 characters")
_TOKEN: Final = {"id": "6f1c", "name": "Reader", "token": "mqv_shown-once"}
_BAD_NAME: Final = BadTokenName("name: 1 to 60 characters that can be seen")
_TOO_MANY: Final = TooManyTokens("There are 20 tokens already. Revoke one first.")
DeviceId = Annotated[str, PathParameter(max_length=64)]


@get(
    "/me",
    operation_id="getMe",
    summary="Who you are on this site",
    tags=["account"],
    operation_class=shown(ME),
    responses=problems(BANNED, AWAY),
)
async def get_me(
    viewer: NamedDependency[Viewer | None], clock: NamedDependency[SkipValidation[Clock]]
) -> Response[MeAnswer]:
    """Nobody is told so, and not made a guest."""
    answer = None if viewer is None else viewer_answer(viewer, moment(clock()))
    return Response(MeAnswer(viewer=answer), headers=NO_STORE)


@get(
    "/me/devices",
    operation_id="listDevices",
    summary="Where you are signed in, tokens too",
    tags=["account"],
    operation_class=shown(DEVICES),
    responses=problems(NOBODY_HERE, BANNED, AWAY),
)
async def list_devices(
    oneself: NamedDependency[Member], sessions: NamedDependency[Sessions], tenant: NamedDependency[ResolvedTenant]
) -> Response[DevicesAnswer]:
    """The last used first."""
    return Response(await _devices(oneself, sessions, tenant), headers=NO_STORE)


@delete(
    "/me/devices/{device_id:str}",
    operation_id="signOutDevice",
    summary="Sign one device out, or revoke a token",
    tags=["account"],
    responses=problems(_BAD_ID, NOBODY_HERE, ELSEWHERE, BANNED, _NO_DEVICE, NOT_JSON, AWAY),
)
async def sign_out_device(
    request: Request[Any, Any, Any],
    oneself: NamedDependency[Member],
    sessions: NamedDependency[Sessions],
    tenant: NamedDependency[ResolvedTenant],
    device_id: DeviceId,
) -> None:
    """What plays there ends within a second."""
    if not await sessions.end_one(tenant.scope, oneself.viewer.id, device_id):
        raise _NO_DEVICE
    if device_id == oneself.device:
        take_session(request)


@delete(
    "/me/devices",
    operation_id="signOutOthers",
    summary="Sign every other device out, tokens too",
    tags=["account"],
    status_code=200,
    operation_class=shown(ENDED),
    responses=problems(NOBODY_HERE, ELSEWHERE, BANNED, NOT_JSON, AWAY),
)
async def sign_out_others(
    oneself: NamedDependency[Member], sessions: NamedDependency[Sessions], tenant: NamedDependency[ResolvedTenant]
) -> EndedAnswer:
    """Only the one that asks stays."""
    return EndedAnswer(ended=await sessions.end_all_sessions(tenant.scope, oneself.viewer.id, but=oneself.device))


@delete(
    "/me/session",
    operation_id="signOut",
    summary="Sign out here",
    tags=["account"],
    responses=problems(NOBODY_HERE, ELSEWHERE, BANNED, NOT_JSON, AWAY),
)
async def sign_out(
    request: Request[Any, Any, Any],
    oneself: NamedDependency[Member],
    sessions: NamedDependency[Sessions],
    tenant: NamedDependency[ResolvedTenant],
) -> None:
    """Ends this session, or this token. A guest without a recovery code does not come back."""
    await sessions.end_one(tenant.scope, oneself.viewer.id, oneself.device)
    take_session(request)


@get(
    "/me/tokens",
    operation_id="listTokens",
    summary="The tokens that you gave to apps and readers",
    tags=["account"],
    operation_class=shown(TOKENS),
    responses=problems(NOBODY_HERE, BANNED, AWAY),
)
async def list_tokens(
    oneself: NamedDependency[Member], sessions: NamedDependency[Sessions], tenant: NamedDependency[ResolvedTenant]
) -> Response[DevicesAnswer]:
    """What they are called, never what they are."""
    return Response(await _devices(oneself, sessions, tenant, "token"), headers=NO_STORE)


@post(
    "/me/tokens",
    operation_id="createToken",
    summary="Make a token for an app or an OPDS reader",
    description="Goes into `Authorization: Bearer`, or is the password of HTTP Basic. It is shown once.",
    tags=["account"],
    status_code=201,
    operation_class=shown(_TOKEN),
    responses=problems(_BAD_NAME, NOBODY_HERE, ELSEWHERE, BROWSER, BANNED, _TOO_MANY, NOT_JSON, AWAY),
)
async def create_token(
    request: Request[Any, Any, Any],
    data: JSONBody[NewToken],
    oneself: NamedDependency[Member],
    sessions: NamedDependency[Sessions],
    tenant: NamedDependency[ResolvedTenant],
) -> Response[TokenAnswer]:
    """In a browser alone."""
    refuse_tokens(request)
    minted = await sessions.mint_token(tenant.scope, oneself.viewer.id, data.name)
    answer = TokenAnswer(id=minted.session.id, name=minted.session.device, token=minted.token)
    return Response(answer, headers=NO_STORE)


@delete(
    "/me/tokens/{token_id:str}",
    operation_id="revokeToken",
    summary="Revoke a token",
    tags=["account"],
    responses=problems(_BAD_ID, NOBODY_HERE, ELSEWHERE, BANNED, _NO_DEVICE, NOT_JSON, AWAY),
)
async def revoke_token(
    oneself: NamedDependency[Member],
    sessions: NamedDependency[Sessions],
    tenant: NamedDependency[ResolvedTenant],
    token_id: DeviceId,
) -> None:
    """It opens nothing from now on."""
    if not await sessions.end_one(tenant.scope, oneself.viewer.id, token_id):
        raise _NO_DEVICE


async def _devices(
    oneself: Member, sessions: Sessions, tenant: ResolvedTenant, kind: SessionKind | None = None
) -> DevicesAnswer:
    found = await sessions.of_viewer(tenant.scope, oneself.viewer.id)
    return DevicesAnswer(
        devices=[device_answer(each, oneself.device) for each in found if kind is None or each.kind == kind]
    )


ROUTES: Final = [
    get_me,
    list_devices,
    sign_out_device,
    sign_out_others,
    sign_out,
    list_tokens,
    create_token,
    revoke_token,
]
