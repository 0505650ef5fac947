"""The episodes of a series and the chapters of a book, in their order, whatever order and form they came in.

Pure, and never raises on odd values. What came without a usable number gets the next free one and says so by
`is_numbered`; several entries of one episode are its qualities; of several chapters of one number the one with most
pages stands for it. Season 0 (specials) comes first.
"""

from __future__ import annotations

import math
import re
from collections.abc import Iterable
from typing import Final, TypeVar

from msgspec import Struct, field

from content.model import Chapter, Episode, SeasonPack, Title
from content.playable import held_back
from content.targets import chapter_number

_NUMBER: Final = re.compile(r"[0-9]+", re.ASCII)
_NUMBERS: Final = range(1_000_000)
_UNKNOWN: Final = "nobody has looked at its file yet"
_NO_FILE: Final = "it has no file"
_NO_PAGES: Final = "it has no pages"
_SPECIALS: Final = frozenset({"special", "specials"})


class EpisodeSource(Struct, frozen=True, kw_only=True):
    """One quality of an episode; `place` counts among them, `reason` says why it does not play (None: it does)."""

    key: str
    place: int
    quality: str
    file_id: str | None
    reason: str | None


class EpisodeUnit(Struct, frozen=True, kw_only=True):
    """One episode; `title` is empty where it has none."""

    key: str
    season: int
    episode: int
    title: str
    is_numbered: bool
    qualities: list[EpisodeSource]

    @property
    def playable(self) -> bool:
        """Whether any of its qualities plays."""
        return any(source.reason is None for source in self.qualities)


class ChapterUnit(Struct, frozen=True, kw_only=True):
    """One chapter; `number` is what people call it, `pages` are file ids (None: a page that is not there), `place` is
    that in the document."""

    key: str
    place: int
    chap: float
    number: str
    title: str
    is_numbered: bool
    storage_id: str | int | None
    pages: list[str | None] = field(default_factory=list[str | None])
    reason: str | None = None

    @property
    def page_count(self) -> int:
        """Pages, those that are missing among them."""
        return len(self.pages)

    @property
    def readable(self) -> bool:
        """Whether any of its pages can be read."""
        return self.reason is None


class PackUnit(Struct, frozen=True, kw_only=True):
    """A whole season in one archive; `size` as its operator wrote it, `reason` why it cannot be had."""

    key: str
    season: int
    file_id: str | None
    size: str
    reason: str | None


Unit = TypeVar("Unit", EpisodeUnit, ChapterUnit)


def episodes(title: Title) -> list[EpisodeUnit]:
    """Every episode, by season and number."""
    reasons = _reasons(title)
    found: list[EpisodeUnit] = []
    for season, entries in sorted(_seasons(title).items()):
        by_number: dict[int, list[tuple[Episode, bool]]] = {}
        numbers = _numbered(entry.episode if entry.episode in _NUMBERS else None for entry in entries)
        for entry, (number, is_numbered) in zip(entries, numbers, strict=True):
            by_number.setdefault(number, []).append((entry, is_numbered))
        found += [_episode(season, number, same, reasons) for number, same in sorted(by_number.items())]
    return found


def chapters(title: Title) -> list[ChapterUnit]:
    """Every chapter, by number."""
    reasons = _reasons(title)
    numbers = _numbered(_usable(chapter.chap) for chapter in title.chapters)
    found: dict[str, ChapterUnit] = {}
    for place, (chapter, (chap, is_numbered)) in enumerate(zip(title.chapters, numbers, strict=True)):
        unit = _chapter(chapter, place, chap, reasons, is_numbered=is_numbered)
        same = found.get(unit.key)
        if same is None or _pages(unit) > _pages(same):
            found[unit.key] = unit
    return sorted(found.values(), key=lambda unit: unit.chap)


def packs(title: Title) -> list[PackUnit]:
    """The season packs, the first of each season."""
    reasons = _reasons(title)
    found: dict[int, PackUnit] = {}
    for pack in title.season_packs:
        if pack.season is not None and pack.season in _NUMBERS:
            found.setdefault(pack.season, _pack(pack, pack.season, reasons))
    return [found[season] for season in sorted(found)]


def next_of(title: Title, unit_key: str) -> EpisodeUnit | ChapterUnit | None:
    """What follows the episode (`s1e2`) or chapter (`c12.5`); the next season's first one after the last."""
    return _beside(episodes(title), unit_key, 1) or _beside(chapters(title), unit_key, 1)


def previous_of(title: Title, unit_key: str) -> EpisodeUnit | ChapterUnit | None:
    """What comes before the episode or chapter."""
    return _beside(episodes(title), unit_key, -1) or _beside(chapters(title), unit_key, -1)


def unit_keys(title: Title) -> list[str]:
    """The keys of all episodes and chapters, in their order."""
    return [unit.key for unit in episodes(title)] + [unit.key for unit in chapters(title)]


def _beside(units: list[Unit], key: str, step: int) -> Unit | None:
    place = next((place for place, unit in enumerate(units) if unit.key == key), None)
    return units[place + step] if place is not None and 0 <= place + step < len(units) else None


def _seasons(title: Title) -> dict[int, list[Episode]]:
    """Entries by season; `1`, `01` and `Season 1` are one, a key without a number comes after all others."""
    found: dict[int, list[Episode]] = {}
    odd: list[list[Episode]] = []
    for key, entries in title.seasons.items():
        number = 0 if key.strip().casefold() in _SPECIALS else _season(key)
        if number is None:
            odd.append(entries)
        else:
            found.setdefault(number, []).extend(entries)
    for entries in odd:
        found[max(found, default=0) + 1] = entries
    return found


def _season(key: str) -> int | None:
    number = _NUMBER.search(key)
    return int(number[0]) if number and int(number[0][-18:]) in _NUMBERS else None


def _usable(chap: float | None) -> float | None:
    """A number that can stand in a key: not negative, at most six digits before and after the point."""
    if chap is None or not math.isfinite(chap) or not 0 <= chap < len(_NUMBERS):
        return None
    return float(chapter_number(chap))


_Number = TypeVar("_Number", int, float)


def _numbered(given: Iterable[_Number | None]) -> list[tuple[_Number | int, bool]]:
    """The numbers, and for those that are missing the next free one from their place on."""
    numbers = list(given)
    taken: set[float] = {number for number in numbers if number is not None}
    found: list[tuple[_Number | int, bool]] = []
    for place, number in enumerate(numbers, start=1):
        if number is not None:
            found.append((number, True))
            continue
        free = place
        while free in taken:
            free += 1
        taken.add(free)
        found.append((free, False))
    return found


def _episode(
    season: int, number: int, entries: list[tuple[Episode, bool]], reasons: dict[str, str | None]
) -> EpisodeUnit:
    key = f"s{season}e{number}"
    return EpisodeUnit(
        key=key,
        season=season,
        episode=number,
        title=next((entry.title for entry, _ in entries if entry.title), ""),
        is_numbered=entries[0][1],
        qualities=[
            EpisodeSource(
                key=f"{key}/{place}",
                place=place,
                quality=entry.quality or "",
                file_id=entry.file_id,
                reason=_reason(reasons, f"{key}/{place}") if entry.file_id else _NO_FILE,
            )
            for place, (entry, _) in enumerate(entries)
        ],
    )


def _chapter(
    chapter: Chapter, place: int, chap: float, reasons: dict[str, str | None], *, is_numbered: bool
) -> ChapterUnit:
    number = chapter_number(chap)
    key = f"c{number}"
    return ChapterUnit(
        key=key,
        place=place,
        chap=float(chap),
        number=number,
        title=chapter.title or "",
        is_numbered=is_numbered,
        storage_id=chapter.storage_id,
        pages=chapter.pages,
        reason=_reason(reasons, key) if any(chapter.pages) else _NO_PAGES,
    )


def _pack(pack: SeasonPack, season: int, reasons: dict[str, str | None]) -> PackUnit:
    key = f"pack/{season}"
    return PackUnit(
        key=key,
        season=season,
        file_id=pack.zip_file_id,
        size=pack.size or "",
        reason=_reason(reasons, key) if pack.zip_file_id else _NO_FILE,
    )


def _pages(unit: ChapterUnit) -> int:
    return sum(page is not None for page in unit.pages)


def _reasons(title: Title) -> dict[str, str | None]:
    """Why each unit that was looked at does not play; while the title is held back, none does."""
    held = held_back(title)
    return {state.key: held or state.reason for state in title.derived.units}


def _reason(reasons: dict[str, str | None], key: str) -> str | None:
    return reasons.get(key, _UNKNOWN)
