"""What viewers say is broken, and what became of it. One pending report a target and issue; each viewer counts once.

Each verb raises StorageUnavailable.
"""

import secrets
from typing import Final, final

import msgspec

from accounts.model import ViewerId
from content.comments.orders import Place
from content.comments.subjects import Subject
from content.comments.text import readable_line
from content.cursors import seal, unseal
from content.reports.errors import NoSuchReport, ReportRefused, ReportSettled, TooManyReports
from content.reports.model import LONGEST_NOTE, Fate, Filed, Issue, Report, Reporter, open_key
from content.reports.repository import ReporterRepository, ReportRepository
from storage.audit import Actor, Audit
from storage.errors import Conflict
from storage.limits import Limits
from storage.moments import Clock, epoch_of, moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none

REPORTS_AN_HOUR: Final = 30
_ATTEMPTS: Final = 4
LONGEST_WORDS: Final = 300


class Page(msgspec.Struct, frozen=True):
    """Some reports, and the cursor of those that follow."""

    reports: list[Report]
    after: str | None


class OwnPage(msgspec.Struct, frozen=True):
    """What one viewer reported, and the cursor of what follows."""

    filed: list[Filed]
    after: str | None


def issues_of(subject: Subject) -> list[Issue]:
    """What can be wrong with it: pages of comics are missing, sound is of films."""
    if subject.unit.startswith("c") or subject.title.derived.media_type == "manga":
        return ["missing_pages", "dead_link"]
    return ["dead_link", "wrong_audio"]


@final
class Reporting:
    """The reports of one site."""

    def __init__(self, database: Database, scope: TenantScope, limits: Limits, audit: Audit, clock: Clock) -> None:
        self._database = database
        self._reports = ReportRepository(database, scope)
        self._reporters = ReporterRepository(database, scope)
        self._scope = scope
        self._limits = limits
        self._audit = audit
        self._clock = clock

    async def report(self, viewer: ViewerId, subject: Subject, issue: Issue, note: str) -> Filed:
        """Opens a report, or joins the one that is open. Raises ReportRefused and TooManyReports."""
        if issue not in issues_of(subject):
            raise ReportRefused("This cannot be wrong with it.")
        verdict = await self._limits.take(
            self._scope, "reports", repr(viewer), limit=REPORTS_AN_HOUR, window_seconds=3_600
        )
        if not verdict.allowed:
            raise TooManyReports(verdict.retry_after_seconds)
        note = readable_line(note, LONGEST_NOTE)
        for _ in range(_ATTEMPTS):
            found = await self._reports.open_about(subject.id, issue)
            joined = await self._join(found, viewer, note) if found else await self._open(viewer, subject, issue, note)
            if joined is not None:
                return joined
        raise ReportSettled("The report changed meanwhile. Please try again.")

    async def own(self, viewer: ViewerId, *, after: str | None = None, limit: int = 20) -> OwnPage:
        """What the viewer reported and what became of it, the newest first. Raises CursorInvalid."""
        asked = ("reports", repr(viewer))
        place = unseal(after, Place, self._scope.tenant_id, *asked) if after else None
        found = await self._reporters.by(viewer, after=place, limit=limit + 1)
        kept = found[:limit]
        further = seal(Place([kept[-1].at], ""), self._scope.tenant_id, *asked) if len(found) > limit else None
        reports = {str(each.id): each for each in await self._reports.many([_report_id(each) for each in kept])}
        filed = [
            Filed(reports[str(_report_id(each))], each.note, each.at)
            for each in kept
            if str(_report_id(each)) in reports
        ]
        return OwnPage(filed, further)

    async def queue(self, fate: Fate, *, after: str | None = None, limit: int = 20) -> Page:
        """Reports of one fate, the newest first. Raises CursorInvalid."""
        asked = ("queue", fate)
        place = unseal(after, Place, self._scope.tenant_id, *asked) if after else None
        found = await self._reports.page(fate, after=place, limit=limit + 1)
        kept = found[:limit]
        if len(found) <= limit:
            return Page(kept, None)
        last = Place([kept[-1].ours.at], kept[-1].ours.key)
        return Page(kept, seal(last, self._scope.tenant_id, *asked))

    async def notes_on(self, report: Report) -> list[str]:
        """What viewers added, the newest first."""
        return [each.note for each in await self._reporters.on(report.id) if each.note]

    async def decide(self, report_id: str, fate: Fate, words: str, *, actor: Actor) -> Report:
        """Settles a report as fixed or dismissed, or opens it again; its reporters read the words.

        Raises NoSuchReport, and ReportSettled where it changed meanwhile or another one about the same is open.
        """
        report = await self._reports.named(report_id)
        if report is None:
            raise NoSuchReport("There is no such report on this site.")
        changes = {
            # The contract knows these two; which kind of settled it was is ours.
            "status": "pending" if fate == "pending" else "fixed",
            "_marquee.fate": fate,
            "_marquee.words": readable_line(words, LONGEST_WORDS),
            "_marquee.decided_at": moment(self._clock()),
            "_marquee.decided_by": f"{actor.kind}:{actor.id}",
        }
        try:
            after = await self._reports.decide(report.id, fate, changes, was=report.ours.fate)
        except Conflict:
            raise ReportSettled("Another report about the same is open.") from None
        if after is None:
            raise ReportSettled("The report changed meanwhile. Please look at it again.")
        await self._audit.record(self._scope, actor, f"report.{fate}", str(report.id), {"words": words})
        return after

    async def _open(self, viewer: ViewerId, subject: Subject, issue: Issue, note: str) -> Filed | None:
        now = moment(self._clock())
        at = int(epoch_of(now) * 1_000)
        report_id = f"rep_{secrets.token_hex(8)}"
        ours = {
            "at": at,
            "key": report_id,
            "target": subject.id,
            "issue": issue,
            "fate": "pending",
            "open": open_key(subject.id, issue),
            "count": 0,
        }
        fields = {"target_id": subject.id, "issue": issue, "status": "pending"}
        try:
            await self._reports.add(report_id, fields, ours)
        except Conflict:
            return None  # somebody else was faster: theirs is joined
        found = await self._reports.get(report_id)
        return await self._join(found, viewer, note) if found else None

    async def _join(self, report: Report, viewer: ViewerId, note: str) -> Filed | None:
        at = int(epoch_of(moment(self._clock())) * 1_000)

        async def add() -> None:
            await self._reporters.add(report.id, viewer, at, note)
            if not await self._reports.count_reporter(report.id, 1):
                raise ReportSettled("It was settled meanwhile.")

        try:
            await all_or_none(self._database, add)
        except Conflict:
            pass  # said before: each viewer counts once
        except ReportSettled:
            return None  # what the viewer sees now is news
        return Filed(await self._reports.get(report.id) or report, note, at)


def _report_id(reporter: Reporter) -> object:
    found: object = reporter.id["report"]
    return found
