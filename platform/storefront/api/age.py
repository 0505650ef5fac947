"""GET, POST and DELETE /age: the site's age gate for programs."""

from __future__ import annotations

from typing import Any, Final

from litestar import Response, delete, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody
from msgspec import Struct

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from accounts.viewers import Viewers
from content.audience import Audience
from storage.errors import StorageUnavailable
from storefront.age.gate import age_cookie, has_gate, no_age_cookie
from storefront.api.responses import NOT_JSON, NOTHING, problems, shown
from storefront.refusals import BadParameter, CrossSite
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_BANNED: Final = ViewerBanned("")
_NOT_CONFIRMED: Final = BadParameter("confirmed: true, or there is nothing to confirm")
_NO_STORE: Final = {"Cache-Control": "no-store"}
_EXAMPLE: Final[dict[str, Any]] = {"has_gate": True, "minimum": 18, "passed": True}


class AgeAnswer(Struct, kw_only=True):
    """The gate as it stands for whoever asks. Without one, what is for adults is not on the site at all."""

    has_gate: bool
    minimum: int
    passed: bool


class AgeConfirmation(Struct, kw_only=True):
    """Declares that whoever asks is of the site's minimum age."""

    confirmed: bool


@get(
    "/age",
    operation_id="getAgeGate",
    summary="Whether this site has an age gate, and whether you passed it",
    tags=["age"],
    operation_class=shown(_EXAMPLE),
    responses=problems(_AWAY),
)
async def get_age(tenant: NamedDependency[ResolvedTenant], audience: NamedDependency[Audience]) -> Response[AgeAnswer]:
    """Passing is remembered by a cookie, and by the viewer of a session or token."""
    return _answer(tenant, passed=audience.adult)


@post(
    "/age",
    operation_id="passAgeGate",
    summary="Confirm your age, to be shown what is for adults",
    description="Sets the cookie `__Host-age` and, for whoever has a session or token, remembers it with the viewer.",
    tags=["age"],
    status_code=200,
    operation_class=shown(_EXAMPLE),
    responses=problems(_NOT_CONFIRMED, _ELSEWHERE, _BANNED, NOT_JSON, _AWAY),
)
async def pass_age(
    data: JSONBody[AgeConfirmation],
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    viewers: NamedDependency[Viewers],
) -> Response[AgeAnswer]:
    """Nothing opens on a site that has no gate: `passed` is false then."""
    if not data.confirmed:
        raise _NOT_CONFIRMED
    if not has_gate(tenant):
        return _answer(tenant, passed=False)
    if viewer is not None:
        await viewers.confirm_age(tenant.scope, viewer.id, tenant.tenant.age_gate.minimum)
    answer = _answer(tenant, passed=True)
    answer.set_cookie(age_cookie(tenant))
    return answer


@delete(
    "/age",
    operation_id="forgetAge",
    summary="Close the age gate again for yourself",
    tags=["age"],
    responses={204: NOTHING, **problems(_ELSEWHERE, _BANNED, NOT_JSON, _AWAY)},
)
async def forget_age(
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    viewers: NamedDependency[Viewers],
) -> Response[None]:
    """Takes the cookie away, and what was remembered with the viewer."""
    if viewer is not None:
        await viewers.confirm_age(tenant.scope, viewer.id, None)
    answer: Response[None] = Response(None, status_code=204, headers=_NO_STORE)
    answer.set_cookie(no_age_cookie())
    return answer


def _answer(tenant: ResolvedTenant, *, passed: bool) -> Response[AgeAnswer]:
    minimum = tenant.tenant.age_gate.minimum
    return Response(AgeAnswer(has_gate=has_gate(tenant), minimum=minimum, passed=passed), headers=_NO_STORE)
