"""Boundaries reckoned a second way: days are counted, and wall times found by looking from UTC alone.

Shares nothing with `billing.calendar` but the database of zones, and asks that only what UTC is on the wall.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from billing.calendar import Unit

_LONG = timedelta(hours=50)
_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def reckoned(wall: datetime, n: int, unit: Unit, every: int, zone: str, anchor_day: int | None) -> datetime:
    """Boundary `n` of a naive anchor, in UTC."""
    place = ZoneInfo(zone)
    at = _moment(_stepped(wall, n * every, unit, anchor_day), place)
    after = _moment(_stepped(wall, (n + 1) * every, unit, anchor_day), place)
    if at != after:
        return at
    before = _moment(_stepped(wall, (n - 1) * every, unit, anchor_day), place)
    return before + (after - before) / 2


def _stepped(wall: datetime, count: int, unit: Unit, anchor_day: int | None) -> datetime:
    if unit in {"day", "week"}:
        days = count * (7 if unit == "week" else 1)
        return datetime.fromordinal(wall.toordinal() + days).replace(hour=wall.hour, minute=wall.minute)
    year, month = wall.year, wall.month
    for _ in range(abs(count) * (12 if unit == "year" else 1)):
        month += 1 if count > 0 else -1
        if month in {0, 13}:
            year, month = (year + 1, 1) if month == 13 else (year - 1, 12)
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    last = 29 if month == 2 and leap else _LENGTHS[month - 1]
    day = anchor_day or wall.day
    return datetime(year, month, min(day, last), wall.hour, wall.minute)


def _moment(wall: datetime, place: ZoneInfo) -> datetime:
    """The first moment at which the wall shows the time, or that by which its gap has gone by as far as it had to."""
    guess = wall.replace(tzinfo=UTC)
    offsets = {_on_wall(guess + step, place) - (wall + step) for step in (-_LONG, -_LONG / 2, _LONG / 2, _LONG)}
    fitting = [guess - offset for offset in offsets if _on_wall(guess - offset, place) == wall]
    if fitting:
        return min(fitting)
    low, high = guess - _LONG, guess + _LONG  # the change lies between: before it the wall is behind, then ahead
    while high - low > timedelta(seconds=1):
        middle = low + (high - low) / 2
        middle -= timedelta(microseconds=middle.microsecond)
        low, high = (middle, high) if _on_wall(middle, place) < wall else (low, middle)
    last_shown = _on_wall(low, place) + timedelta(seconds=1)
    return high + (wall - last_shown)


def _on_wall(moment: datetime, place: ZoneInfo) -> datetime:
    return moment.astimezone(place).replace(tzinfo=None)
