"""What a heartbeat makes of the place that is known: decisions alone.

Within a session the sequence decides, so a late or doubled packet changes nothing while somebody who seeks back is
followed. Of two sessions the one that began later holds the place; the other comes back when that one has been silent
for `GIVEN_UP`, and by news of its own alone.
"""

from __future__ import annotations

import math
import re
from datetime import datetime, timedelta
from typing import Final

from msgspec.structs import replace

from content.progress.model import LONGEST_SECONDS, MOST_PAGES, Beat, Past, UnitProgress

GIVEN_UP: Final = timedelta(minutes=5)
END_SHARE: Final = 0.95
START_SHARE: Final = 0.1
_MOST_PAST: Final = 6
_MOST_AGE: Final = timedelta(days=30)
_SLACK_SECONDS: Final = 30.0
_LARGEST: Final = 2**53
_SESSION: Final = re.compile(r"[A-Za-z0-9_-]{1,64}", re.ASCII)


class BadBeat(ValueError):
    """The heartbeat says nothing that can be true; the message names the field."""


def read_beat(
    *,
    session: str,
    seq: int,
    now: datetime,
    age_seconds: float = 0.0,
    position: float | None = None,
    duration: float | None = None,
    page: int | None = None,
    pages: int | None = None,
) -> Beat:
    """A heartbeat of `age_seconds` ago within its bounds. Raises BadBeat."""
    if _SESSION.fullmatch(session) is None:
        raise BadBeat("session: 1 to 64 letters, digits, '_' or '-'")
    if not 0 <= seq <= _LARGEST:
        raise BadBeat("at: a whole number from 0 to 2^53 that grows within the session")
    if not math.isfinite(age_seconds) or not 0 <= age_seconds <= _MOST_AGE.total_seconds():
        raise BadBeat("age_seconds: from 0 to thirty days")
    if (position is None) == (page is None):
        raise BadBeat("either position_seconds or page")
    at = now - timedelta(seconds=age_seconds)
    at = at.replace(microsecond=at.microsecond // 1_000 * 1_000)
    if position is not None:
        position, duration = _seconds(position, duration)
        return Beat(session=session, seq=seq, at=at, position=position, duration=duration)
    return Beat(session=session, seq=seq, at=at, page=_page("page", page, pages), pages=_page("pages", pages, None))


def advance(held: UnitProgress | None, beat: Beat) -> UnitProgress | None:
    """The place after the heartbeat; None where it comes too late to count."""
    if held is None:
        return _placed(UnitProgress(at=beat.at, run=1), beat, past=[])
    if not _counts(held, beat):
        return None
    if beat.session == held.session:
        return _placed(held, beat, past=held.past)
    others = [each for each in held.past if each.session != beat.session]
    taken_over = [Past(held.session, held.seq)] if held.is_live else []
    return _placed(held, beat, past=[*others, *taken_over][-_MOST_PAST:])


def merged(one: UnitProgress, other: UnitProgress) -> UnitProgress:
    """One place of two that became one viewer's, or were brought for one: the later one, and every end remembered."""
    later = one if one.at >= other.at else other
    return replace(later, run=max(one.run, other.run), finished_runs=max(one.finished_runs, other.finished_runs))


def _counts(held: UnitProgress, beat: Beat) -> bool:
    if beat.session == held.session:
        return beat.seq > held.seq
    known = next((each.seq for each in held.past if each.session == beat.session), None)
    if known is None:
        return beat.at > held.at
    return beat.seq > known and beat.at >= held.at + GIVEN_UP


def _placed(held: UnitProgress, beat: Beat, *, past: list[Past]) -> UnitProgress:
    duration = beat.duration if beat.duration is not None else held.duration
    at_end = _at_end(beat, duration)
    again = held.finished and not at_end and _at_start(beat, duration)
    ends = at_end and not held.finished
    return UnitProgress(
        at=max(beat.at, held.at),
        position=beat.position if beat.position is not None else held.position,
        duration=duration,
        page=beat.page if beat.position is None else None,
        pages=beat.pages if beat.pages is not None else held.pages,
        finished=at_end or (held.finished and not again),
        run=held.run + again,
        finished_runs=held.finished_runs + ends,
        session=beat.session,
        seq=beat.seq,
        past=past,
    )


def _at_end(beat: Beat, duration: float | None) -> bool:
    if beat.position is not None:
        return duration is not None and beat.position >= duration * END_SHARE
    return beat.page is not None and beat.pages is not None and beat.page >= beat.pages


def _at_start(beat: Beat, duration: float | None) -> bool:
    if beat.position is not None:
        return duration is not None and beat.position <= duration * START_SHARE
    return beat.page == 1


def _seconds(position: float, duration: float | None) -> tuple[float, float | None]:
    if not math.isfinite(position) or not 0 <= position <= LONGEST_SECONDS:
        raise BadBeat(f"position_seconds: from 0 to {LONGEST_SECONDS}")
    if duration is None:
        return round(position, 1), None
    if not math.isfinite(duration) or not 0 < duration <= LONGEST_SECONDS:
        raise BadBeat(f"duration_seconds: more than 0, at most {LONGEST_SECONDS}")
    if position > duration + _SLACK_SECONDS:
        raise BadBeat("position_seconds: beyond the end")
    return round(min(position, duration), 1), round(duration, 1)


def _page(name: str, number: int | None, most: int | None) -> int | None:
    if number is None:
        return None
    if not 1 <= number <= (most or MOST_PAGES):
        raise BadBeat(f"{name}: from 1 to {most or MOST_PAGES}")
    return number
