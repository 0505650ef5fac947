"""From chapters to what the comic's page and the reader show: words and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final

from content.model import Title
from content.progress.model import TitleProgress, UnitProgress, unit_field
from content.units import ChapterUnit
from storefront.going import onward, unit_name, unit_url
from storefront.pages.reasons import told

View = dict[str, object]

_STRIPS: Final = frozenset({"webtoon", "webtoons", "manhwa", "manhua", "long strip", "webcomic"})
_RIGHT_TO_LEFT: Final = frozenset({"manga", "shounen", "shonen", "shoujo", "shojo", "seinen", "josei"})


def long_name(unit: ChapterUnit) -> str:
    """`Chapter 12.5: A short walk`."""
    name = " ".join(unit.title.split())
    return f"{unit_name(unit)}: {name}" if name and name != unit.number else unit_name(unit)


def usual_way(title: Title) -> View:
    """How a series is read by default, as its genres tell; empty leaves it to the reader."""
    genres = {name.casefold() for name in title.derived.genre_names}
    return {
        "mode": "strip" if genres & _STRIPS else "",
        "direction": "rtl" if genres & _RIGHT_TO_LEFT and not genres & _STRIPS else "",
    }


def chapter_rows(title: Title, units: Sequence[ChapterUnit], known: TitleProgress | None) -> list[View]:
    """The chapter list, with how far each was read."""
    progress = known.units if known is not None else {}
    return [_row(title, unit, progress) for unit in units]


def _row(title: Title, unit: ChapterUnit, known: Mapping[str, UnitProgress]) -> View:
    progress = known.get(unit_field(unit.key))
    name = " ".join(unit.title.split())
    return {
        "number": unit.number,
        "name": name if name != unit.number else "",
        "href": unit_url(title, unit),
        "readable": unit.readable,
        "why_not": "" if unit.readable else told(unit.reason),
        "pages": unit.page_count,
        "target": f"{title.id}#{unit.key}",
        "state": _state(progress),
        "percent": round(100 * progress.share) if progress is not None else 0,
    }


def _state(progress: UnitProgress | None) -> str:
    if progress is None:
        return ""
    return "read" if progress.finished or progress.finished_runs else "begun"


def going_on(title: Title, units: Sequence[ChapterUnit], known: TitleProgress | None) -> View | None:
    """Where the button of the comic's page leads: on, if it was begun; else to the first chapter there is."""
    readable = [unit for unit in units if unit.readable]
    if not readable:
        return None
    unit, step = onward(readable, readable[0], known)
    label = {"start": "Read", "again": "Read again"}.get(step, f"Go on with {unit.number}")
    return {"href": unit_url(title, unit), "label": label, "begun": step in {"continue", "next"}}
