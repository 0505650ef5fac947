"""A comic's or book's own page: its cover and facts, where to go on, and its chapters, a hundred at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from content.model import Title
from content.progress.model import TitleProgress
from content.units import ChapterUnit
from storefront.pages.views import film
from storefront.reading.views import View, chapter_rows, going_on

PART: Final = 100
_HELD_BACK: Final = {
    "processing": "Its chapters are being prepared.",
    "repairing": "It is being repaired and will be back soon.",
}


def comic_view(
    title: Title, units: Sequence[ChapterUnit], known: TitleProgress | None, *, part: int | None, newest_first: bool
) -> View:
    """What the page shows: `part` (from 1) of the chapters, by default the one that is being read."""
    parts = -(-len(units) // PART)
    here = next((unit for unit in units if known is not None and unit.key == known.unit), None)
    usual = part_of(units, here) if here is not None else parts if newest_first else 1
    chosen = min(max(part or usual, 1), max(parts, 1))
    rows = chapter_rows(title, units[(chosen - 1) * PART : chosen * PART], known)
    chips = [_chip(title, units, number, chosen, newest_first=newest_first) for number in range(1, parts + 1)]
    readable = [unit for unit in units if unit.readable]
    return {
        "t": film(title) | {"author": " ".join((title.author or "").split()), "readable": bool(readable)},
        "chapters": rows[::-1] if newest_first else rows,
        "count": "1 chapter" if len(units) == 1 else f"{len(units)} chapters",
        "parts": (chips[::-1] if newest_first else chips) if parts > 1 else [],
        "order": {
            "label": "Newest first" if newest_first else "Oldest first",
            "other": "Oldest first" if newest_first else "Newest first",
            "href": part_url(title, None, newest_first=not newest_first),
        },
        "go_on": going_on(title, units, known),
        "why_not": _HELD_BACK.get(title.derived.status, "None of its chapters is ready yet."),
    }


def part_of(units: Sequence[ChapterUnit], unit: ChapterUnit) -> int:
    """Which part (from 1) the chapter is in."""
    return next((place for place, each in enumerate(units) if each.key == unit.key), 0) // PART + 1


def part_url(title: Title, part: int | None, *, newest_first: bool = False) -> str:
    """The comic's page at a part of its chapters."""
    asked = [f"part={part}"] * (part is not None) + ["order=newest"] * newest_first
    return f"/title/{title.slug}" + (f"?{'&'.join(asked)}" if asked else "")


def _chip(title: Title, units: Sequence[ChapterUnit], number: int, chosen: int, *, newest_first: bool) -> View:
    first, last = units[(number - 1) * PART], units[min(number * PART, len(units)) - 1]
    return {
        "name": f"{first.number}\u2013{last.number}",
        "href": part_url(title, number, newest_first=newest_first) + "#chapters",
        "active": number == chosen,
    }
