"""Reports as a form and a page of one's own."""

from __future__ import annotations

from typing import Annotated, Final

from litestar import Response, post
from litestar.di import NamedDependency
from litestar.enums import RequestEncodingType
from litestar.handlers import route
from litestar.params import Body
from litestar.response import Redirect
from msgspec import Meta, Struct

from accounts.model import Viewer
from content.comments.subjects import Subject
from content.model import Title
from content.reports.model import LONGEST_NOTE, Issue
from content.reports.reporting import Reporting, issues_of
from content.targets import LONGEST_TARGET
from storefront.community.discussions import Discussions
from storefront.community.reports import REPORTING
from storefront.community.views import View, ago
from storefront.members import Member
from storefront.pages.browsing import READ, Text
from storefront.pages.request import TheTenant, TheThemes, page

ISSUE_NAMES: Final[dict[str, str]] = {
    "dead_link": "It does not load or breaks off",
    "wrong_audio": "The sound is wrong",
    "missing_pages": "Pages are missing",
}
_FATES: Final = {"pending": "Waits to be looked into", "fixed": "Mended", "dismissed": "Looked into: nothing to mend"}


class ReportForm(Struct, frozen=True):
    """What is wrong with what."""

    target_id: Annotated[str, Meta(min_length=1, max_length=LONGEST_TARGET)]
    issue: Issue
    note: Annotated[str, Meta(max_length=LONGEST_NOTE)] = ""


def report_view(title: Title, unit: str = "") -> View:
    """What `parts/report.html` shows under the name `report`: what can be wrong with a title or its unit."""
    subject = Subject(title, unit)
    issues = [{"value": issue, "name": ISSUE_NAMES[issue]} for issue in issues_of(subject)]
    return {"target": subject.id, "issues": issues}


@route("/reports", http_method=READ, dependencies=REPORTING)
async def reports_page(
    tenant: TheTenant,
    themes: TheThemes,
    discussions: NamedDependency[Discussions],
    reporting: NamedDependency[Reporting],
    viewer: NamedDependency[Viewer | None],
    after: Text = "",
) -> Response[str]:
    """What the viewer reported, and what became of it."""
    own = None if viewer is None else await reporting.own(viewer.id, after=after or None)
    reports = [
        {
            "target": each.report.ours.target,
            "issue": ISSUE_NAMES.get(each.report.ours.issue, each.report.ours.issue),
            "fate": _FATES[each.report.ours.fate],
            "words": each.report.ours.words,
            "note": each.note,
            "ago": ago(discussions.now() - each.at / 1_000),
        }
        for each in (own.filed if own else [])
    ]
    more = f"/reports?after={own.after}" if own and own.after else None
    return page(themes, tenant, "reports.html", {"reports": reports, "more": more})


@post("/reports", status_code=303, dependencies=REPORTING)
async def submit_report(
    discussions: NamedDependency[Discussions],
    reporting: NamedDependency[Reporting],
    member: NamedDependency[Member],
    data: Annotated[ReportForm, Body(media_type=RequestEncodingType.URL_ENCODED)],
) -> Redirect:
    """Reports it, and leads to the page that tells its fate."""
    subject = await discussions.subject(data.target_id)
    await reporting.report(member.viewer.id, subject, data.issue, data.note)
    return Redirect("/reports", status_code=303)
