"""The workflow of the `dmca_shield` add-on over HTTP. A site without it answers 404 to all of this."""

from __future__ import annotations

import re
from datetime import datetime, timedelta
from typing import Annotated, Any, Final, Literal

from litestar import Request, Response, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody, QueryParameter
from msgspec import Struct

from accounts.staff import Moderator
from addons.dmca_shield.counters import CounterFiling, file_counter, note_step, restore_after_counter
from addons.dmca_shield.deadlines import Deadlines, deadlines_of, may_restore
from addons.dmca_shield.letters import KINDS, LetterKind, letter
from addons.dmca_shield.reports import Figures, as_csv, collected, figures_of, rows_of
from addons.dmca_shield.switch import NotSubscribed, shield_of
from content.takedowns.deciding import notice_for_staff
from content.takedowns.desk import Desk
from content.takedowns.errors import NotDecidable, NoticeInvalid
from content.takedowns.model import Notice
from content.takedowns.repository import NoticeRepository
from storage.errors import StorageUnavailable
from storage.limits import Limits
from storage.moments import moment
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.refusals import BadParameter, CrossSite
from storefront.staff import NO_TOKEN, NOT_STAFF
from storefront.takedowns.limits import allow_notice
from storefront.takedowns.public import NO_NOTICE, NO_STORE
from storefront.takedowns.staff import check_decider
from tenancy.resolver import ResolvedTenant

_AWAY: Final = StorageUnavailable("MongoDB cannot be reached")
_ELSEWHERE: Final = CrossSite("The request comes from another origin.")
_NOT_THERE: Final = NotSubscribed("dmca_shield")
_BAD: Final = BadParameter("from: a day, such as 2026-03-01")
_NOT_YET: Final = NotDecidable("Ten business days after a counter-notice, and without an action in court: not yet.")
_DAY: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", re.ASCII)
_LONGEST_PERIOD: Final = timedelta(days=732)
_WORKFLOW: Final[dict[str, Any]] = {
    "id": "TD-7K2M9QXW4B1C",
    "deadlines": {
        "acknowledge_by": "2026-03-03T09:30:00",
        "act_by": "2026-03-05T09:30:00",
        "restore_from": None,
        "restore_by": None,
        "overdue": [],
    },
    "may_restore": False,
    "letters": {"acknowledgement": "To: ada@grenzfilm.example\n\nDear Ada Beispiel, …"},
}
_COUNTERED: Final[dict[str, Any]] = {"id": "TD-7K2M9QXW4B1C", "restore_from": "2026-03-16T09:30:00"}
_REPORT: Final[dict[str, Any]] = {
    "start": "2026-01-01",
    "end": "2026-04-01",
    "figures": {
        "received": 3,
        "by_kind": {"copyright": 3, "illegal_content": 0},
        "by_outcome": {"received": 0, "upheld": 2, "rejected": 1, "escalated": 0, "restored": 0},
        "addresses": 5,
        "counter_notices": 1,
        "median_hours": 6.5,
    },
    "rows": [],
}
DayText = Annotated[str | None, QueryParameter(max_length=10, description="A day, as 2026-03-01")]


class Workflow(Struct, kw_only=True):
    """What is due in a case, and its letters ready to be sent."""

    id: str
    deadlines: Deadlines
    may_restore: bool
    letters: dict[str, str]


class StepGiven(Struct, frozen=True, kw_only=True):
    """What was done; `restored` puts the material back once the time after a counter-notice is over."""

    step: Literal["acknowledged", "forwarded", "court_action", "restored"]


class CounterAnswer(Struct, kw_only=True):
    """The counter-notice was taken in; the material is back from then on, unless somebody goes to court."""

    id: str
    restore_from: datetime | None


class PeriodReport(Struct, kw_only=True):
    """The notices received in a half-open period of days."""

    start: str
    end: str
    figures: Figures
    rows: list[dict[str, Any]]


@post(
    "/takedowns/counter",
    operation_id="fileCounterNotice",
    summary="Send a counter-notice (17 U.S.C. § 512(g)(3))",
    description="For sites with the add-on `dmca_shield`.",
    tags=["takedowns"],
    status_code=201,
    operation_class=shown(_COUNTERED),
    responses=problems(
        _BAD,
        _ELSEWHERE,
        NO_NOTICE,
        _NOT_THERE,
        NotDecidable("A counter-notice was sent already."),
        NOT_JSON,
        NoticeInvalid({"name": "please say who you are"}),
        TOO_OFTEN,
        _AWAY,
    ),
)
async def file_counter_notice(
    request: Request[Any, Any, Any],
    data: JSONBody[CounterFiling],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    limits: NamedDependency[Limits],
) -> Response[CounterAnswer]:
    """One a notice."""
    settings = shield_of(tenant)
    await allow_notice(limits, tenant.scope, request)
    notice = await file_counter(takedowns, tenant, data)
    due = deadlines_of(notice, settings, moment(takedowns.clock()))
    return Response(CounterAnswer(id=notice.id, restore_from=due.restore_from), status_code=201, headers=NO_STORE)


@get(
    "/staff/takedowns/{takedown_id:str}/workflow",
    operation_id="getTakedownWorkflow",
    summary="What is due in a case, and its letters",
    tags=["takedowns", "staff"],
    operation_class=shown(_WORKFLOW),
    responses=problems(_BAD, NO_TOKEN, NOT_STAFF, NO_NOTICE, _NOT_THERE, _AWAY),
)
async def get_workflow(
    moderator: NamedDependency[Moderator],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    takedown_id: FromPath[str],
) -> Response[Workflow]:
    """Times are UTC."""
    check_decider(moderator)
    shield_of(tenant)
    return _workflow(tenant, takedowns, await notice_for_staff(takedowns, tenant, takedown_id))


@post(
    "/staff/takedowns/{takedown_id:str}/steps",
    operation_id="noteTakedownStep",
    summary="Write down that something was done in a case",
    tags=["takedowns", "staff"],
    status_code=200,
    operation_class=shown(_WORKFLOW),
    responses=problems(_BAD, _ELSEWHERE, NO_TOKEN, NOT_STAFF, NO_NOTICE, _NOT_THERE, _NOT_YET, NOT_JSON, _AWAY),
)
async def note_takedown_step(
    moderator: NamedDependency[Moderator],
    data: JSONBody[StepGiven],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    takedown_id: FromPath[str],
) -> Response[Workflow]:
    """Each step once."""
    check_decider(moderator)
    shield_of(tenant)
    if data.step == "restored":
        notice = (await restore_after_counter(takedowns, tenant, takedown_id, actor=moderator.actor)).notice
    else:
        notice = await note_step(takedowns, tenant, takedown_id, data.step, actor=moderator.actor)
    return _workflow(tenant, takedowns, notice)


@get(
    "/staff/takedown-report",
    operation_id="getTakedownReport",
    summary="The notices of a period, as JSON or CSV",
    description="`from` and `to` are days in UTC, `to` not included; without them the last 90 days. `format=csv`.",
    tags=["takedowns", "staff"],
    operation_class=shown(_REPORT),
    responses=problems(_BAD, NO_TOKEN, NOT_STAFF, _NOT_THERE, _AWAY),
)
async def get_takedown_report(
    moderator: NamedDependency[Moderator],
    tenant: NamedDependency[ResolvedTenant],
    takedowns: NamedDependency[Desk],
    start: Annotated[str | None, QueryParameter(name="from", max_length=10, description="A day")] = None,
    end: Annotated[str | None, QueryParameter(name="to", max_length=10, description="A day")] = None,
    form: Annotated[str | None, QueryParameter(name="format", max_length=10, description="json or csv")] = None,
) -> Response[PeriodReport]:
    """No personal data is in it."""
    check_decider(moderator)
    shield_of(tenant)
    first, last = period_of(start, end, moment(takedowns.clock()))
    found = await collected(NoticeRepository(takedowns.database, tenant.scope).between(first, last))
    rows = rows_of(found)
    if form == "csv":
        name = f'attachment; filename="takedowns-{first:%Y-%m-%d}.csv"'
        headers = {**NO_STORE, "content-disposition": name}
        plain: Any = Response(as_csv(rows), media_type="text/csv", headers=headers)
        return plain  # type: ignore[no-any-return]  # the same operation as a sheet
    report = PeriodReport(start=f"{first:%Y-%m-%d}", end=f"{last:%Y-%m-%d}", figures=figures_of(found), rows=rows)
    return Response(report, headers=NO_STORE)


def period_of(start: str | None, end: str | None, now: datetime) -> tuple[datetime, datetime]:
    """The half-open period. Raises BadParameter."""
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    last = _day("to", end) if end is not None else midnight + timedelta(days=1)
    first = _day("from", start) if start is not None else last - timedelta(days=90)
    if not first < last <= first + _LONGEST_PERIOD:
        raise BadParameter("from: before `to`, and at most two years")
    return first, last


def _day(name: str, text: str) -> datetime:
    wrong = BadParameter(f"{name}: a day, such as 2026-03-01")
    if _DAY.fullmatch(text) is None:
        raise wrong
    try:
        return datetime.fromisoformat(text)
    except ValueError:
        raise wrong from None


def _workflow(tenant: ResolvedTenant, desk: Desk, notice: Notice) -> Response[Workflow]:
    now = moment(desk.clock())
    due = deadlines_of(notice, shield_of(tenant), now)
    letters: dict[str, str] = {kind: letter(kind, tenant, notice, due) for kind in _ready(notice)}
    answer = Workflow(id=notice.id, deadlines=due, may_restore=may_restore(notice, now), letters=letters)
    return Response(answer, headers=NO_STORE)


def _ready(notice: Notice) -> list[LetterKind]:
    """The letters that the case is at."""
    fits: dict[LetterKind, bool] = {
        "acknowledgement": True,
        "upheld": notice.status == "upheld",
        "rejected": notice.status == "rejected",
        "counter_forwarded": notice.status == "upheld" and notice.counter is not None,
        "restored": notice.status == "restored",
    }
    return [kind for kind in KINDS if fits[kind]]


SHIELD_ROUTES: Final[list[Any]] = [file_counter_notice, get_workflow, note_takedown_step, get_takedown_report]
