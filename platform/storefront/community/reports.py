"""/reports and /staff/reports: what viewers say is broken, and its fate."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import get, patch, post
from litestar.datastructures import CacheControlHeader
from litestar.di import NamedDependency, Provide
from litestar.params import JSONBody, PathParameter, QueryParameter, SkipValidation
from msgspec import Meta, Struct

from accounts.model import Viewer
from accounts.staff import Moderator
from content.comments.reading import MOST_COMMENTS
from content.reports.errors import NoSuchReport, ReportRefused, ReportSettled, TooManyReports
from content.reports.model import FATES, LONGEST_NOTE, Fate, Filed, Issue, Report
from content.reports.reporting import LONGEST_WORDS, Reporting
from content.targets import LONGEST_TARGET
from storage.audit import Audit
from storage.limits import Limits
from storage.moments import Clock, epoch_of
from storage.mongo import Database
from storefront.api.questions import AfterText, number_of
from storefront.api.responses import NOT_JSON, TOO_OFTEN, problems, shown
from storefront.community.declared import (
    ADULTS,
    AWAY,
    BAD,
    BANNED,
    CURSOR,
    ELSEWHERE,
    GONE,
    NO_TARGET,
    CountText,
)
from storefront.community.discussions import Discussions
from storefront.community.examples import REPORT, REPORTS, STAFF_REPORT, STAFF_REPORTS
from storefront.members import Member
from storefront.refusals import BadParameter
from storefront.staff import NO_TOKEN, NOT_STAFF
from tenancy.resolver import ResolvedTenant

_NO_STORE: Final = CacheControlHeader(no_store=True)
_REFUSED: Final = ReportRefused("This cannot be wrong with it.")
_NO_REPORT: Final = NoSuchReport("There is no such report on this site.")
_SETTLED: Final = ReportSettled("Another report about the same is open.")
_TOO_MANY: Final = TooManyReports(60)
ReportId = Annotated[str, PathParameter(min_length=1, max_length=200, description="A report's id")]
FateText = Annotated[str | None, QueryParameter(description=f"One of {', '.join(FATES)}; pending by default")]


class NewReport(Struct, kw_only=True, forbid_unknown_fields=True):
    """What is wrong with what."""

    target_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_TARGET)]
    issue: Issue
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] = ""


class ReportAnswer(Struct, kw_only=True, frozen=True):
    """A report as one of its reporters sees it: `fate` is pending, fixed or dismissed, with the site's `words`."""

    id: str
    target_id: str
    issue: str
    fate: str
    words: str
    note: str
    reported_at: float
    decided_at: float | None


class ReportList(Struct, frozen=True):
    """What the viewer reported, the newest first."""

    reports: list[ReportAnswer]
    next: str | None


class StaffReport(Struct, kw_only=True, frozen=True):
    """A report as the site's people see it; `count` is how many viewers made it, `notes` what they added."""

    id: str
    target_id: str
    issue: str
    fate: str
    count: int
    words: str
    decided_by: str
    notes: list[str]
    reported_at: float
    decided_at: float | None


class StaffReports(Struct, frozen=True):
    """A page of the queue, the newest first."""

    reports: list[StaffReport]
    next: str | None


class FateOrder(Struct, kw_only=True, forbid_unknown_fields=True):
    """What became of it; pending opens it again."""

    fate: Fate
    words: Annotated[str, Meta(max_length=LONGEST_WORDS, description="Those who reported it read this")] = ""


def reporting_of_site(
    database: NamedDependency[Database],
    tenant: NamedDependency[ResolvedTenant],
    limits: NamedDependency[Limits],
    audit: NamedDependency[Audit],
    clock: NamedDependency[SkipValidation[Clock]],
) -> Reporting:
    """The dependency `reporting`."""
    return Reporting(database, tenant.scope, limits, audit, clock)


REPORTING: Final = {"reporting": Provide(reporting_of_site, sync_to_thread=False)}


@post(
    "/reports",
    operation_id="reportProblem",
    summary="Say that something is broken",
    description="One report is open for each target and issue: whoever reports the same joins it and counts once.",
    tags=["reports"],
    status_code=200,
    dependencies=REPORTING,
    operation_class=shown({**REPORT, "fate": "pending", "words": "", "decided_at": None}),
    responses=problems(
        BAD, ELSEWHERE, BANNED, ADULTS, NO_TARGET, _SETTLED, NOT_JSON, _REFUSED, _TOO_MANY, TOO_OFTEN, GONE, AWAY
    ),
)
async def report_problem(
    discussions: NamedDependency[Discussions],
    reporting: NamedDependency[Reporting],
    member: NamedDependency[Member],
    data: JSONBody[NewReport],
) -> ReportAnswer:
    """The report that now stands."""
    subject = await discussions.subject(data.target_id)
    return report_answer(await reporting.report(member.viewer.id, subject, data.issue, data.note))


@get(
    "/reports",
    operation_id="listMyReports",
    summary="What the viewer reported, and its fate",
    tags=["reports"],
    cache_control=_NO_STORE,
    dependencies=REPORTING,
    operation_class=shown(REPORTS),
    responses=problems(CURSOR, BANNED, AWAY),
)
async def list_reports(
    reporting: NamedDependency[Reporting], viewer: NamedDependency[Viewer | None], after: AfterText = None
) -> ReportList:
    """A page of the viewer's own reports; none for somebody who has no session."""
    if viewer is None:
        return ReportList([], None)
    page = await reporting.own(viewer.id, after=after)
    return ReportList([report_answer(each) for each in page.filed], page.after)


@get(
    "/staff/reports",
    operation_id="listReports",
    summary="What viewers say is broken",
    tags=["staff"],
    cache_control=_NO_STORE,
    dependencies=REPORTING,
    operation_class=shown(STAFF_REPORTS),
    responses=problems(BAD, CURSOR, NO_TOKEN, NOT_STAFF, BANNED, AWAY),
)
async def list_queue(
    moderator: NamedDependency[Moderator],
    reporting: NamedDependency[Reporting],
    fate: FateText = None,
    limit: CountText = None,
    after: AfterText = None,
) -> StaffReports:
    """A page of one fate."""
    wanted = number_of("limit", limit, 1, MOST_COMMENTS) or 20
    page = await reporting.queue(_fate(fate), after=after, limit=wanted)
    return StaffReports([await _staff_report(each, reporting) for each in page.reports], page.after)


@patch(
    "/staff/reports/{report_id:str}",
    operation_id="settleReport",
    summary="Settle a report, or open it again",
    tags=["staff"],
    dependencies=REPORTING,
    operation_class=shown({**STAFF_REPORT, "fate": "fixed", "words": "A new copy is in place."}),
    responses=problems(BAD, NO_TOKEN, NOT_STAFF, ELSEWHERE, BANNED, _NO_REPORT, _SETTLED, NOT_JSON, AWAY),
)
async def settle_report(
    moderator: NamedDependency[Moderator],
    reporting: NamedDependency[Reporting],
    report_id: ReportId,
    data: JSONBody[FateOrder],
) -> StaffReport:
    """The report with its fate."""
    after = await reporting.decide(report_id, data.fate, data.words, actor=moderator.actor)
    return await _staff_report(after, reporting)


def report_answer(filed: Filed) -> ReportAnswer:
    """A report for one of its reporters."""
    ours = filed.report.ours
    return ReportAnswer(
        id=str(filed.report.id),
        target_id=ours.target,
        issue=ours.issue,
        fate=ours.fate,
        words=ours.words,
        note=filed.note,
        reported_at=filed.at / 1_000,
        decided_at=None if ours.decided_at is None else epoch_of(ours.decided_at),
    )


async def _staff_report(report: Report, reporting: Reporting) -> StaffReport:
    ours = report.ours
    return StaffReport(
        id=str(report.id),
        target_id=ours.target,
        issue=ours.issue,
        fate=ours.fate,
        count=ours.count,
        words=ours.words,
        decided_by=ours.decided_by,
        notes=await reporting.notes_on(report),
        reported_at=ours.at / 1_000,
        decided_at=None if ours.decided_at is None else epoch_of(ours.decided_at),
    )


def _fate(text: str | None) -> Fate:
    for fate in FATES:
        if text == fate:
            return fate
    if text is None:
        return "pending"
    raise BadParameter(f"fate: one of {', '.join(FATES)}")
