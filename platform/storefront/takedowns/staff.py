"""The queue of notices for those who run the site: looking, deciding, and the record of infringements.

Owners and editors decide; moderators of comments see no personal data of senders.
"""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from litestar import Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Meta, Struct, field

from accounts.staff import Moderator, StaffOnly
from content.cursors import CursorInvalid, seal, unseal
from content.takedowns.deciding import Ruling, decide, notice_for_staff
from content.takedowns.desk import Desk
from content.takedowns.errors import NotDecidable, NothingToBan
from content.takedowns.model import STATUSES, BanTarget, Status
from content.takedowns.repository import NoticeRepository, Place
from storage.errors import StorageUnavailable
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import NOT_JSON, problems, shown
from storefront.refusals import BadParameter, CrossSite
from storefront.staff import NO_TOKEN, NOT_STAFF
from storefront.takedowns.answers import CaseDetail, CaseList, RecordAnswer, detail, summary
from storefront.takedowns.examples import CASE, CASES, RECORD
from storefront.takedowns.public import NO_NOTICE, NO_STORE
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_BAD: Final = BadParameter("status: one of received, upheld, rejected, escalated, restored")
_CURSOR: Final = CursorInvalid("the cursor belongs to another question")
_LIMIT: Final = 50
_DECIDERS: Final = frozenset({"owner", "editor"})
Reason = Annotated[str, Meta(max_length=600)]


class TargetGiven(Struct, frozen=True, kw_only=True):
    """A title, one of its units (`s1e2`, `c12.5`), or its file at a place of `files`."""

    title_id: Annotated[str, Meta(min_length=1, max_length=512)]
    unit: Annotated[str, Meta(max_length=40)] | None = None
    file: Annotated[int, Meta(ge=0, le=10_000)] | None = None


class DecisionGiven(Struct, frozen=True, kw_only=True):
    """What is decided. Without `targets` all titles that the notice names are taken down."""

    verdict: Literal["upheld", "rejected", "escalated", "restored"]
    public_reason: Reason = ""
    note: Reason = ""
    targets: Annotated[list[TargetGiven], Meta(max_length=100)] = field(default_factory=list[TargetGiven])


@get(
    "/staff/takedowns",
    operation_id="listTakedowns",
    summary="The queue of takedown notices",
    tags=["takedowns", "staff"],
    operation_class=shown(CASES),
    responses=problems(_BAD, _CURSOR, NO_TOKEN, NOT_STAFF, _AWAY),
)
async def list_takedowns(
    moderator: NamedDependency[Moderator],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    status: Annotated[str | None, QueryParameter(description=f"One of {', '.join(STATUSES)}")] = None,
    after: AfterText = None,
    limit: Annotated[str | None, QueryParameter(description="From 1 to 100; 50 by default")] = None,
) -> Response[CaseList]:
    """Newest first."""
    check_decider(moderator)
    wanted, most = _status(status), number_of("limit", limit, 1, 100) or _LIMIT
    place = None if after is None else unseal(after, Place, tenant.id, "takedowns", wanted)
    found = await NoticeRepository(takedowns.database, tenant.scope).page(status=wanted, after=place, limit=most + 1)
    kept = found[:most]
    following = None
    if len(found) > most:
        following = seal(Place(kept[-1].received_at, kept[-1].id), tenant.id, "takedowns", wanted)
    return Response(CaseList(takedowns=[summary(each) for each in kept], next=following), headers=NO_STORE)


@get(
    "/staff/takedowns/{takedown_id:str}",
    operation_id="showTakedown",
    summary="One notice with everything in it",
    tags=["takedowns", "staff"],
    operation_class=shown(CASE),
    responses=problems(_BAD, NO_TOKEN, NOT_STAFF, NO_NOTICE, _AWAY),
)
async def show_takedown(
    moderator: NamedDependency[Moderator],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    takedown_id: FromPath[str],
) -> Response[CaseDetail]:
    """Personal data of the sender is in it."""
    check_decider(moderator)
    return Response(detail(await notice_for_staff(takedowns, tenant, takedown_id)), headers=NO_STORE)


@post(
    "/staff/takedowns/{takedown_id:str}/decision",
    operation_id="decideTakedown",
    summary="Decide a notice",
    description=(
        "`upheld` takes the titles down on this site, ends what plays of them and remembers their files; `escalated` "
        "hands the notice to the platform, which may take them down everywhere; `restored` puts back what was upheld."
    ),
    tags=["takedowns", "staff"],
    status_code=200,
    operation_class=shown(CASE),
    responses=problems(
        _BAD,
        _ELSEWHERE,
        NO_TOKEN,
        NOT_STAFF,
        NO_NOTICE,
        NotDecidable("The notice is rejected: it cannot be restored."),
        NOT_JSON,
        NothingToBan("x: there is no such title on this site"),
        _AWAY,
    ),
)
async def decide_takedown(
    moderator: NamedDependency[Moderator],
    data: JSONBody[DecisionGiven],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    takedown_id: FromPath[str],
) -> Response[CaseDetail]:
    """`also_in` of the answer names other titles with the same files, which were left alone."""
    check_decider(moderator)
    ruling = Ruling(
        verdict=data.verdict,
        public_reason=data.public_reason.strip(),
        note=data.note.strip(),
        targets=[BanTarget(title_id=each.title_id, unit=each.unit, file=each.file) for each in data.targets],
    )
    outcome = await decide(takedowns, tenant, takedown_id, ruling, actor=moderator.actor)
    return Response(detail(outcome.notice, outcome.also_in), headers=NO_STORE)


@get(
    "/staff/infringements",
    operation_id="getInfringements",
    summary="The site's record of infringements",
    tags=["takedowns", "staff"],
    operation_class=shown(RECORD),
    responses=problems(NO_TOKEN, NOT_STAFF, _AWAY),
)
async def get_infringements(
    moderator: NamedDependency[Moderator],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
) -> Response[RecordAnswer]:
    """Notices about the site's own titles that were upheld and stand."""
    check_decider(moderator)
    notices = NoticeRepository(takedowns.database, tenant.scope)
    answer = RecordAnswer(
        strikes=await notices.strikes(),
        threshold=tenant.tenant.legal.strikes,
        by_uploader=await notices.strikes_by_uploader(),
    )
    return Response(answer, headers=NO_STORE)


def check_decider(moderator: Moderator) -> None:
    """Raises StaffOnly for whoever only moderates."""
    if moderator.role not in _DECIDERS:
        raise StaffOnly("Notices are for the owner and the editors of this site.")


def _status(text: str | None) -> Status | None:
    for status in STATUSES:
        if text == status:
            return status
    if text is None:
        return None
    raise _BAD


STAFF_ROUTES: Final[list[Any]] = [list_takedowns, show_takedown, decide_takedown, get_infringements]
