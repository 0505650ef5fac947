"""From chapters to what the comic's page and the reader show: words and links."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Final
from urllib.parse import quote

from content.model import Title
from content.progress.model import TitleProgress, UnitProgress, unit_field
from content.units import ChapterUnit

View = dict[str, object]

_STRIPS: Final = frozenset({"webtoon", "webtoons", "manhwa", "manhua", "long strip", "webcomic"})
_RIGHT_TO_LEFT: Final = frozenset({"manga", "shounen", "shonen", "shoujo", "shojo", "seinen", "josei"})


def read_url(title: Title, unit: ChapterUnit) -> str:
    """The chapter in the reader."""
    return f"/read/{quote(title.slug, safe='')}/{unit.number}"


def short_name(unit: ChapterUnit) -> str:
    """`Chapter 12.5`."""
    return f"Chapter {unit.number}"


def long_name(unit: ChapterUnit) -> str:
    """`Chapter 12.5: A short walk`."""
    name = " ".join(unit.title.split())
    return f"{short_name(unit)}: {name}" if name and name != unit.number else short_name(unit)


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
        "href": read_url(title, unit),
        "readable": unit.readable,
        "why_not": unit.reason or "",
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
    if known is None:
        return {"href": read_url(title, readable[0]), "label": "Read", "begun": False}
    here = next((place for place, unit in enumerate(readable) if unit.key == known.unit), None)
    if here is None:
        return {"href": read_url(title, readable[0]), "label": "Read", "begun": False}
    if known.last.finished and here + 1 < len(readable):
        here += 1
    elif known.last.finished:
        return {"href": read_url(title, readable[0]), "label": "Read again", "begun": False}
    return {"href": read_url(title, readable[here]), "label": f"Go on with {readable[here].number}", "begun": True}
