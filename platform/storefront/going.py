"""Where a viewer's titles are gone on with: links and words for the row, the history and notices."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Literal, TypeVar
from urllib.parse import quote

from litestar import Request

from content.model import Title
from content.progress.model import TitleProgress, UnitProgress
from content.units import ChapterUnit, EpisodeUnit
from tenancy.resolver import ResolvedTenant

Unit = EpisodeUnit | ChapterUnit
AnyUnit = TypeVar("AnyUnit", EpisodeUnit, ChapterUnit)
Step = Literal["start", "continue", "next", "again"]


def title_url(title: Title) -> str:
    """The title's page."""
    return f"/title/{quote(title.slug, safe='')}"


def unit_url(title: Title, unit: Unit | None) -> str:
    """Where the film or the episode plays, or the chapter is read."""
    slug = quote(title.slug, safe="")
    if unit is None:
        return f"/watch/{slug}"
    return f"/read/{slug}/{unit.number}" if isinstance(unit, ChapterUnit) else f"/watch/{slug}/{unit.key}"


def unit_name(unit: Unit) -> str:
    """`S1 E2` or `Chapter 12.5`."""
    return f"Chapter {unit.number}" if isinstance(unit, ChapterUnit) else f"S{unit.season} E{unit.episode}"


def onward(units: Sequence[AnyUnit], first: AnyUnit, known: TitleProgress | None) -> tuple[AnyUnit, Step]:
    """Which of the units, in order, a viewer goes on with: the one they are in, or the next; without any, `first`."""
    here = next((place for place, unit in enumerate(units) if known is not None and unit.key == known.unit), None)
    if known is None or here is None:
        return first, "start"
    if not known.last.finished:
        return units[here], "continue"
    return (units[here + 1], "next") if here + 1 < len(units) else (first, "again")


def left_over(progress: UnitProgress | None) -> str:
    """What is left of it, for people: `12 min left`, `page 3 of 20`; empty where nobody knows."""
    if progress is None:
        return ""
    if progress.page is not None:
        return f"page {progress.page} of {progress.pages}" if progress.pages else f"page {progress.page}"
    if progress.duration is None:
        return ""
    minutes = round((progress.duration - progress.position) / 60)
    return f"{minutes} min left" if minutes > 0 else "almost done"


def site_of(request: Request[Any, Any, Any], tenant: ResolvedTenant) -> str:
    """Where the site was asked, for links that leave it: `https://a.example`, with its port where it has one."""
    host, colon, port = request.headers.get("host", "").rpartition(":")
    is_port = bool(colon) and bool(host) and port.isdecimal() and port.isascii()
    return f"{request.url.scheme}://{tenant.host}{f':{int(port)}' if is_port else ''}"
