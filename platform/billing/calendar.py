"""When billing periods begin and end: pure functions of the anchor, the rhythm and the zone.

The rules, with what they follow:
- The n-th boundary comes from the anchor, never from another boundary, so a clipped month leaves no trace
  (31 Jan, 28 Feb, 31 Mar). Days of a month that it does not have become its last one (as `add` with overflow
  "constrain" of ECMAScript's Temporal; RFC 5545 would leave such a month out, which no bill can).
- Days, weeks, months and years keep the wall time of the zone. A time that the clocks jump over moves forward by the
  length of the jump; of one that comes twice the first counts (RFC 5545, 3.3.5; Temporal's "compatible").
- Periods are half-open, [start, end), and never empty: where a zone left out a whole day, the boundary in it would
  meet the next one, and lies halfway between its neighbours instead.
"""

from __future__ import annotations

from calendar import monthrange
from datetime import UTC, datetime, timedelta
from functools import lru_cache
from typing import Final, Literal, get_args
from zoneinfo import ZoneInfo

from msgspec import Struct

Unit = Literal["day", "week", "month", "year"]
UNITS: Final[tuple[Unit, ...]] = get_args(Unit)

_DAYS: Final = {"day": 1, "week": 7}
_MONTHS: Final = {"month": 1, "year": 12}
_MEAN_DAYS: Final = {"day": 1.0, "week": 7.0, "month": 30.436875, "year": 365.2425}


class BadCalendar(ValueError):
    """A zone, rhythm or anchor that no calendar has, or a boundary outside of the years 1 to 9999."""


def boundary(
    anchor: datetime, n: int, *, unit: Unit, every: int, zone: str | ZoneInfo, anchor_day: int | None = None
) -> datetime:
    """The start of period `n` and the end of period `n - 1`, in UTC. Raises BadCalendar.

    `anchor` starts period 0; without a zone it is wall time in `zone`. A period lasts `every` units. `anchor_day` (1 to
    31; months and years) is the day of the month to keep to when the anchor itself was clipped: 31 for an end of
    February. `n` may be negative. Strictly increasing in `n`.
    """
    _check(anchor, n, unit, every, zone, anchor_day)
    place = _zone(zone)
    try:
        at, left_out = _placed(anchor, n, unit, every, place, anchor_day)
        if not left_out:
            return at
        before, _ = _placed(anchor, n - 1, unit, every, place, anchor_day)
        following, _ = _placed(anchor, n + 1, unit, every, place, anchor_day)
    except (OverflowError, ValueError) as error:
        raise BadCalendar(f"boundary {n} of {anchor}: {error}") from error
    return before + (following - before) / 2


class Period(Struct, frozen=True):
    """Period `n`: everything from `start` on and before `end`, both naive UTC."""

    n: int
    start: datetime
    end: datetime

    @property
    def seconds(self) -> int:
        """How long it is by the clock."""
        return round((self.end - self.start).total_seconds())


class Calendar(Struct, frozen=True, kw_only=True):
    """The periods of one contract; moments in and out are naive UTC. Every verb raises BadCalendar.

    The anchor starts period `first_n`. From period `then.first_n` on the calendar `then` goes on, whose anchor is the
    boundary that this one has there: how a monthly rhythm becomes a yearly one.
    """

    anchor: datetime
    unit: Unit
    every: int
    zone: str
    anchor_day: int | None = None
    first_n: int = 0
    then: Calendar | None = None

    def boundary(self, n: int) -> datetime:
        """Where period `n` starts."""
        if self.then is not None and n >= self.then.first_n:
            return self.then.boundary(n)
        return _boundary(self.anchor, n - self.first_n, self.unit, self.every, self.zone, self.anchor_day)

    def period(self, n: int) -> Period:
        """Period `n`; it ends where `n + 1` starts."""
        return Period(n, self.boundary(n), self.boundary(n + 1))

    def index_at(self, moment: datetime) -> int:
        """The period that the moment lies in."""
        if self.then is not None and moment >= self.then.anchor:
            return self.then.index_at(moment)
        days = (moment - self.anchor) / timedelta(days=1)
        n = self.first_n + round(days / (_MEAN_DAYS[self.unit] * self.every))
        while self.boundary(n) > moment:
            n -= 1
        while self.boundary(n + 1) <= moment:
            n += 1
        return n


def local_day(moment: datetime, zone: str) -> int:
    """The day of the month that the naive UTC moment has in the zone. Raises BadCalendar."""
    return moment.replace(tzinfo=UTC).astimezone(_zone(zone)).day


# One bill asks for the same few boundaries again and again.
@lru_cache(maxsize=8_192, typed=True)
def _boundary(anchor: datetime, n: int, unit: Unit, every: int, zone: str, anchor_day: int | None) -> datetime:
    at = boundary(anchor.replace(tzinfo=UTC), n, unit=unit, every=every, zone=zone, anchor_day=anchor_day)
    return at.replace(tzinfo=None)


def _placed(
    anchor: datetime, n: int, unit: Unit, every: int, place: ZoneInfo, anchor_day: int | None
) -> tuple[datetime, bool]:
    """Where the rules put boundary `n`, and whether that is where they put the next one too."""
    wall = anchor if anchor.tzinfo is None else anchor.astimezone(place)
    wall = wall.replace(tzinfo=None)
    moved = _moved(wall, n * every, unit, anchor_day)
    if n == 0 and anchor.tzinfo is not None and moved == wall:
        # Also when it is the second of two equal wall times.
        return anchor.astimezone(UTC), False
    # fold=0: of two equal times the first, and a time in a gap by the offset before it, which is forward by the gap.
    at = moved.replace(fold=0, tzinfo=place).astimezone(UTC)
    if unit != "day":
        return at, False
    return at, at.astimezone(place).replace(tzinfo=None) - moved >= timedelta(days=every)


def _moved(wall: datetime, count: int, unit: Unit, anchor_day: int | None) -> datetime:
    if unit in _DAYS:
        return wall + timedelta(days=count * _DAYS[unit])
    year, month = divmod(wall.year * 12 + wall.month - 1 + count * _MONTHS[unit], 12)
    if not 1 <= year <= 9999:
        raise ValueError(f"year {year} is out of range")
    last = monthrange(year, month + 1)[1]
    return wall.replace(year=year, month=month + 1, day=min(anchor_day or wall.day, last))


def _check(anchor: object, n: object, unit: str, every: int, zone: object, anchor_day: int | None) -> None:
    if not isinstance(anchor, datetime):
        raise BadCalendar(f"anchor {anchor!r}: a date with its time")
    if not _is_whole(n):
        raise BadCalendar(f"n {n!r}: a whole number")
    if unit not in UNITS:
        raise BadCalendar(f"unit {unit!r}: one of {', '.join(UNITS)}")
    if not _is_whole(every) or every < 1:
        raise BadCalendar(f"every {every!r}: a whole number from 1 on")
    if not isinstance(zone, str | ZoneInfo):
        raise BadCalendar(f"zone {zone!r}: not in the IANA time zone database")
    if anchor_day is not None and not (_is_whole(anchor_day) and 1 <= anchor_day <= 31):
        raise BadCalendar(f"anchor_day {anchor_day!r}: a day of a month, 1 to 31")


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


@lru_cache(maxsize=1_024)
def _zone(zone: str | ZoneInfo) -> ZoneInfo:
    try:
        return ZoneInfo(str(zone))
    except (LookupError, ValueError, OSError) as error:
        raise BadCalendar(f"zone {zone!r}: not in the IANA time zone database") from error
