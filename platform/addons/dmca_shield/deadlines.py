"""When what has to be done. Pure; datetimes are naive UTC.

17 U.S.C. § 512(g)(2)(C): after a counter-notice the material is put back not less than 10, nor more than 14, business
days later, unless the sender of the notice says that an action in court was filed. Business days are Monday to Friday
without the federal holidays of the United States (5 U.S.C. § 6103).
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from functools import lru_cache
from typing import Final

from msgspec import Struct

from addons.dmca_shield.switch import ShieldSettings
from content.takedowns.model import Notice

EARLIEST_DAYS: Final = 10
LATEST_DAYS: Final = 14
_FIXED: Final = ((1, 1), (6, 19), (7, 4), (11, 11), (12, 25))
# (month, weekday from Monday 0, which one; -1 is the last)
_FLOATING: Final = ((1, 0, 3), (2, 0, 3), (5, 0, -1), (9, 0, 1), (10, 0, 2), (11, 3, 4))


class Deadlines(Struct, frozen=True, kw_only=True):
    """What is due when; None where nothing of the kind is. `overdue` names what has passed undone."""

    acknowledge_by: datetime
    act_by: datetime
    restore_from: datetime | None = None
    restore_by: datetime | None = None
    overdue: tuple[str, ...] = ()


def deadlines_of(notice: Notice, settings: ShieldSettings, now: datetime) -> Deadlines:
    """The deadlines of a notice as it stands."""
    acknowledge_by = notice.received_at + timedelta(hours=settings.acknowledge_hours)
    act_by = notice.received_at + timedelta(hours=settings.act_hours)
    overdue: list[str] = []
    is_open = notice.status in {"received", "escalated"}
    if is_open and notice.acknowledged_at is None and now > acknowledge_by:
        overdue.append("acknowledge")
    if is_open and now > act_by:
        overdue.append("act")
    counter = notice.counter
    waits = notice.status == "upheld" and counter is not None and counter.court_action_at is None
    restore_from = None if counter is None or not waits else business_days_after(counter.at, EARLIEST_DAYS)
    restore_by = None if counter is None or not waits else business_days_after(counter.at, LATEST_DAYS)
    if restore_by is not None and now > restore_by:
        overdue.append("restore")
    return Deadlines(
        acknowledge_by=acknowledge_by,
        act_by=act_by,
        restore_from=restore_from,
        restore_by=restore_by,
        overdue=tuple(overdue),
    )


def may_restore(notice: Notice, now: datetime) -> bool:
    """Whether the ten business days after a counter-notice are over and nobody went to court."""
    counter = notice.counter
    if counter is None or counter.court_action_at is not None or notice.status != "upheld":
        return False
    return now >= business_days_after(counter.at, EARLIEST_DAYS)


def business_days_after(moment: datetime, days: int) -> datetime:
    """The same time of day, so many business days later."""
    day = moment
    while days > 0:
        day += timedelta(days=1)
        days -= is_business_day(day.date())
    return day


def is_business_day(day: date) -> bool:
    """Monday to Friday, and no federal holiday."""
    return day.weekday() < 5 and day not in _holidays(day.year)


@lru_cache(maxsize=64)
def _holidays(year: int) -> frozenset[date]:
    fixed = [_observed(date(each, month, day)) for each in (year, year + 1) for month, day in _FIXED]
    floating = [_floating(year, *each) for each in _FLOATING]
    return frozenset(day for day in [*fixed, *floating] if day.year == year)


def _observed(day: date) -> date:
    """Saturday's holiday is kept on Friday, Sunday's on Monday."""
    return day + timedelta(days={5: -1, 6: 1}.get(day.weekday(), 0))


def _floating(year: int, month: int, weekday: int, which: int) -> date:
    if which < 0:
        last = date(year, month % 12 + 1, 1) - timedelta(days=1)
        return last - timedelta(days=(last.weekday() - weekday) % 7)
    first = date(year, month, 1)
    return first + timedelta(days=(weekday - first.weekday()) % 7 + 7 * (which - 1))
