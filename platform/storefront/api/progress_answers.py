"""What the API says of progress."""

from __future__ import annotations

from typing import Any, Final

from msgspec import Struct

from content.catalogue import Page
from content.progress.continuing import Going, Seen, SeenPage
from content.progress.model import TitleProgress, UnitProgress, unit_of
from content.targets import Target
from storage.moments import epoch_of
from storefront.api.answers import TitleSummary, title_list
from storefront.api.examples import TITLES
from storefront.going import Unit, unit_name, unit_url


class Heartbeat(Struct, kw_only=True, forbid_unknown_fields=True):
    """How far it is: seconds of a video, or a page counted from 1.

    `session` is the client's own name for this play, `at` a number that grows with every heartbeat of it, such as its
    clock in milliseconds. `age_seconds` is how long ago it was so, for what could not be sent at once.
    """

    session: str
    at: int
    position_seconds: float | None = None
    duration_seconds: float | None = None
    page: int | None = None
    pages: int | None = None
    age_seconds: float = 0.0


class UnitAnswer(Struct, kw_only=True):
    """How far an episode or a chapter (`key`), or the title itself (null), has been seen; `share` from 0 to 1."""

    key: str | None
    position_seconds: float | None
    duration_seconds: float | None
    page: int | None
    pages: int | None
    share: float
    finished: bool
    times_finished: int


class ProgressAnswer(Struct, kw_only=True):
    """What is known of a target. `updated_at` is epoch seconds, null where nothing is known.

    `counted` is false where the heartbeat came too late, or another device plays this: `session` tells whose place it
    is. `units` are the title's episodes or chapters that were begun, for a question about the title itself.
    """

    target_id: str
    progress: UnitAnswer | None
    updated_at: float | None
    session: str | None
    counted: bool
    units: list[UnitAnswer]


class UnitSummary(Struct, kw_only=True):
    """An episode or a chapter; `name` is for people."""

    key: str
    name: str
    title: str


class GoingAnswer(Struct, kw_only=True):
    """Something to go on with at `url`. `progress` is null for what comes next and was not begun."""

    target_id: str
    url: str
    title: TitleSummary
    unit: UnitSummary | None
    progress: UnitAnswer | None
    seen_at: float


class ContinueAnswer(Struct, kw_only=True):
    """Watching and reading in one row, the last seen first."""

    entries: list[GoingAnswer]


class SeenAnswer(Struct, kw_only=True):
    """A title of the history with the unit that was seen last; `target_id` is what DELETE takes."""

    target_id: str
    title: TitleSummary
    progress: UnitAnswer
    seen_at: float


class HistoryAnswer(Struct, kw_only=True):
    """Some of the history. `next` goes into `after` for what follows; null where there is nothing."""

    entries: list[SeenAnswer]
    next: str | None


class RemovedAnswer(Struct, kw_only=True):
    """How many were removed."""

    removed: int


_UNIT: Final[dict[str, Any]] = {
    "key": None,
    "position_seconds": 3405.0,
    "duration_seconds": 5400.0,
    "page": None,
    "pages": None,
    "share": 0.63,
    "finished": False,
    "times_finished": 0,
}
PROGRESS: Final[dict[str, Any]] = {
    "target_id": "tmdb_10378",
    "progress": _UNIT,
    "updated_at": 1800000000.5,
    "session": "k3Jd81",
    "counted": True,
    "units": [],
}
CONTINUE: Final[dict[str, Any]] = {
    "entries": [
        {
            "target_id": "tmdb_10378",
            "url": "/watch/v7K1wP2",
            "title": TITLES["titles"][0],
            "unit": None,
            "progress": _UNIT,
            "seen_at": 1800000000.5,
        }
    ]
}
HISTORY: Final[dict[str, Any]] = {
    "entries": [
        {
            "target_id": "tmdb_10378",
            "title": TITLES["titles"][0],
            "progress": _UNIT,
            "seen_at": 1800000000.5,
        }
    ],
    "next": None,
}
REMOVED: Final[dict[str, Any]] = {"removed": 1}


def progress_answer(target: Target, progress: UnitProgress | None, *, counted: bool = True) -> ProgressAnswer:
    """One unit."""
    return ProgressAnswer(
        target_id=str(target),
        progress=unit_answer(target.unit, progress) if progress else None,
        updated_at=epoch_of(progress.at) if progress else None,
        session=(progress.session or None) if progress else None,
        counted=counted,
        units=[],
    )


def title_progress_answer(target: Target, held: TitleProgress | None) -> ProgressAnswer:
    """A title: the unit that was seen last, and all of them."""
    if held is None:
        return progress_answer(target, None)
    answer = progress_answer(target, held.last)
    answer.target_id, answer.progress = held.target_id, unit_answer(held.unit, held.last)
    answer.units = [unit_answer(key, unit) for name, unit in held.units.items() if (key := unit_of(name))]
    return answer


def unit_answer(key: str, progress: UnitProgress) -> UnitAnswer:
    """How far a unit is."""
    is_read = progress.page is not None
    return UnitAnswer(
        key=key or None,
        position_seconds=None if is_read else progress.position,
        duration_seconds=None if is_read else progress.duration,
        page=progress.page,
        pages=progress.pages if is_read else None,
        share=round(progress.share, 4),
        finished=progress.finished,
        times_finished=progress.finished_runs,
    )


def continue_answer(row: list[Going]) -> ContinueAnswer:
    """The row."""
    titles = title_list(Page([each.title for each in row])).titles
    return ContinueAnswer(
        entries=[
            GoingAnswer(
                target_id=each.target_id,
                url=unit_url(each.title, each.unit),
                title=title,
                unit=_unit(each.unit) if each.unit else None,
                progress=unit_answer(each.unit.key if each.unit else "", each.progress) if each.progress else None,
                seen_at=each.seen_at,
            )
            for each, title in zip(row, titles, strict=True)
        ]
    )


def history_answer(page: SeenPage) -> HistoryAnswer:
    """A page of the history."""
    titles = title_list(Page([each.title for each in page.seen])).titles
    entries = [_seen(each, title) for each, title in zip(page.seen, titles, strict=True)]
    return HistoryAnswer(entries=entries, next=page.after)


def _seen(each: Seen, title: TitleSummary) -> SeenAnswer:
    progress = each.progress
    return SeenAnswer(
        target_id=progress.title,
        title=title,
        progress=unit_answer(progress.unit, progress.last),
        seen_at=epoch_of(progress.at),
    )


def _unit(unit: Unit) -> UnitSummary:
    return UnitSummary(key=unit.key, name=unit_name(unit), title=unit.title)
