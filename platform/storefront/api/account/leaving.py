"""/me/recovery-code, /me/export and DELETE /me: coming back, taking along, leaving."""

from __future__ import annotations

from typing import Annotated, Any, Final

from litestar import Request, Response, delete, get, post
from litestar.di import NamedDependency
from litestar.openapi.datastructures import ResponseSpec
from litestar.openapi.spec import Example
from litestar.params import QueryParameter

from accounts.belongings import BelongingsRegistry
from accounts.errors import GuestsOnly
from accounts.recovery import RecoveryCodes
from accounts.viewers import Viewers
from storage.errors import Conflict
from storage.limits import Limits
from storefront.allowances import allow
from storefront.api.account.answers import RECOVERY, RECOVERY_CODE, RecoveryAnswer, RecoveryCodeAnswer, told
from storefront.api.account.me import AWAY, BANNED, BROWSER, ELSEWHERE, NO_STORE, NOBODY_HERE
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.members import Member, refuse_tokens, take_session
from storefront.refusals import BadParameter
from storefront.takeout import EXPORTS_PER_HOUR, MIMES, Form, take_out
from streaming.links import user_claim
from tenancy.resolver import ResolvedTenant

_GUESTS: Final = GuestsOnly("You come back by signing in with Telegram.")
_BAD_FORM: Final = BadParameter("format: json or zip")
_NOT_CONFIRMED: Final = BadParameter("confirm: delete, or nothing is deleted")
_MEANWHILE: Final = Conflict("made twice at once")
FormText = Annotated[str | None, QueryParameter(description="json, which is the default, or zip")]
ConfirmText = Annotated[str | None, QueryParameter(description="`delete`: there is no way back")]


@get(
    "/me/recovery-code",
    operation_id="getRecoveryCode",
    summary="Whether you have a recovery code",
    tags=["account"],
    operation_class=shown(RECOVERY),
    responses=problems(NOBODY_HERE, BANNED, AWAY),
)
async def get_recovery_code(
    oneself: NamedDependency[Member], recovery: NamedDependency[RecoveryCodes], tenant: NamedDependency[ResolvedTenant]
) -> Response[RecoveryAnswer]:
    """The code itself is not to be had again."""
    made_at = await recovery.made_at(tenant.scope, oneself.viewer.id)
    return Response(RecoveryAnswer(exists=made_at is not None, created_at=told(made_at)), headers=NO_STORE)


@post(
    "/me/recovery-code",
    operation_id="makeRecoveryCode",
    summary="Make a new recovery code, with which a guest comes back on another device",
    description="Takes no body. The code before is worth nothing from then on.",
    tags=["account"],
    status_code=200,
    operation_class=shown(RECOVERY_CODE),
    responses=problems(NOBODY_HERE, ELSEWHERE, BROWSER, _GUESTS, BANNED, _MEANWHILE, NOT_JSON, AWAY),
)
async def make_recovery_code(
    request: Request[Any, Any, Any],
    oneself: NamedDependency[Member],
    recovery: NamedDependency[RecoveryCodes],
    tenant: NamedDependency[ResolvedTenant],
) -> Response[RecoveryCodeAnswer]:
    """In a browser alone."""
    refuse_tokens(request)
    return Response(RecoveryCodeAnswer(code=await recovery.make(tenant.scope, oneself.viewer)), headers=NO_STORE)


@delete(
    "/me/recovery-code",
    operation_id="dropRecoveryCode",
    summary="End your recovery code",
    tags=["account"],
    responses=problems(NOBODY_HERE, ELSEWHERE, BANNED, NOT_JSON, AWAY),
)
async def drop_recovery_code(
    oneself: NamedDependency[Member], recovery: NamedDependency[RecoveryCodes], tenant: NamedDependency[ResolvedTenant]
) -> None:
    """A second time does nothing."""
    await recovery.drop(tenant.scope, oneself.viewer.id)


@get(
    "/me/export",
    operation_id="exportMe",
    summary="Everything that this site keeps of you",
    description="One list a kind, in MongoDB's Extended JSON; as a ZIP, one file of JSON lines a kind.",
    tags=["account"],
    media_type="application/json",
    responses={
        **problems(_BAD_FORM, NOBODY_HERE, BANNED, TOO_OFTEN, AWAY),
        200: ResponseSpec(
            data_container=dict[str, list[dict[str, Any]]],
            description="A file to keep",
            generate_examples=False,
            examples=[Example(summary="For example", value={"watchlist": [{"title": "tmdb_10378"}]})],
        ),
    },
)
async def export_me(
    oneself: NamedDependency[Member],
    belongings: NamedDependency[BelongingsRegistry],
    limits: NamedDependency[Limits],
    tenant: NamedDependency[ResolvedTenant],
    format: FormText = None,  # noqa: A002 - the parameter's public name
) -> Response[bytes]:
    """A download."""
    form = _form(format)
    return await export_answer(oneself, belongings, limits, tenant, form)


@delete(
    "/me",
    operation_id="deleteMe",
    summary="Delete your account with everything that is yours",
    tags=["account"],
    responses=problems(_NOT_CONFIRMED, NOBODY_HERE, ELSEWHERE, BANNED, NOT_JSON, AWAY),
)
async def delete_me(
    request: Request[Any, Any, Any],
    oneself: NamedDependency[Member],
    viewers: NamedDependency[Viewers],
    belongings: NamedDependency[BelongingsRegistry],
    tenant: NamedDependency[ResolvedTenant],
    confirm: ConfirmText = None,
) -> None:
    """At once and for good."""
    if confirm != "delete":
        raise _NOT_CONFIRMED
    await viewers.forget(tenant.scope, oneself.viewer.id, belongings)
    take_session(request)


async def export_answer(
    oneself: Member, belongings: BelongingsRegistry, limits: Limits, tenant: ResolvedTenant, form: Form
) -> Response[bytes]:
    """The viewer's file as a download. Raises RateLimited."""
    subject = user_claim(oneself.viewer.id)
    await allow(limits, tenant.scope, "export", subject, limit=EXPORTS_PER_HOUR, seconds=3_600)
    body = await take_out(belongings, tenant.scope, oneself.viewer.id, form)
    name = f'attachment; filename="{tenant.host}-account.{form}"'
    return Response(body, media_type=MIMES[form], headers={**NO_STORE, "Content-Disposition": name})


def _form(text: str | None) -> Form:
    if text is None or text == "json":
        return "json"
    if text == "zip":
        return "zip"
    raise _BAD_FORM


ROUTES: Final = [get_recovery_code, make_recovery_code, drop_recovery_code, export_me, delete_me]
