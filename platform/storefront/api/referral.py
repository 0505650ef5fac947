"""/referral: the viewer's code, and what inviting brought."""

from __future__ import annotations

from typing import Any, Final

from litestar import get, post
from litestar.di import NamedDependency
from msgspec import Struct

from accounts.errors import ViewerBanned
from accounts.model import Viewer
from accounts.referrals.referring import NotSignedIn, ReferralDesk, Standing
from storage.errors import StorageUnavailable
from storage.moments import epoch_of
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.members import Member
from storefront.refusals import CrossSite
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_EXAMPLE: Final[dict[str, Any]] = {
    "code": "mk4tz9qa",
    "url": "/invite/mk4tz9qa",
    "invited": 3,
    "rewards": 1,
    "rewarded_until": 1800000000.5,
    "reward_days": 30,
    "per_sign_ups": 3,
}


class ReferralAnswer(Struct, kw_only=True):
    """The link to share (null before it is made), how many signed up by it, and the rewards given.

    Every `per_sign_ups` of them bring `reward_days` of premium; 0 days are no reward.
    """

    code: str | None
    url: str | None
    invited: int
    rewards: int
    rewarded_until: float | None
    reward_days: int
    per_sign_ups: int


@get(
    "/referral",
    operation_id="getReferral",
    summary="The viewer's invitation, and what it brought",
    tags=["account"],
    operation_class=shown(_EXAMPLE),
    responses=problems(ViewerBanned(""), NotSignedIn("Sign in with Telegram to invite people."), _AWAY),
)
async def get_referral(
    tenant: NamedDependency[ResolvedTenant],
    viewer: NamedDependency[Viewer | None],
    referrals: NamedDependency[ReferralDesk],
) -> ReferralAnswer:
    """For viewers who have signed in with Telegram."""
    if viewer is None or viewer.type != "telegram":
        raise NotSignedIn("Sign in with Telegram to invite people.")
    return _answer(await referrals.standing(tenant.scope, viewer), None)


@post(
    "/referral",
    operation_id="makeReferral",
    summary="Make the viewer's invitation",
    tags=["account"],
    status_code=200,
    operation_class=shown(_EXAMPLE),
    responses=problems(
        ViewerBanned(""),
        CrossSite("The request comes from another origin."),
        NotSignedIn("Sign in with Telegram to invite people."),
        NOT_JSON,
        TOO_OFTEN,
        _AWAY,
    ),
)
async def make_referral(
    tenant: NamedDependency[ResolvedTenant],
    member: NamedDependency[Member],
    referrals: NamedDependency[ReferralDesk],
) -> ReferralAnswer:
    """The one there is, else a new one."""
    code = await referrals.code_of(tenant.scope, member.viewer)
    return _answer(await referrals.standing(tenant.scope, member.viewer), code)


def _answer(standing: Standing, code: str | None) -> ReferralAnswer:
    own = code or standing.code
    until = standing.rewarded_until
    return ReferralAnswer(
        code=own,
        url=f"/invite/{own}" if own else None,
        invited=standing.invited,
        rewards=standing.rewards,
        rewarded_until=epoch_of(until) if until else None,
        reward_days=standing.rules.reward_days,
        per_sign_ups=standing.rules.per_sign_ups,
    )


REFERRAL_ROUTES: Final = [get_referral, make_referral]
