"""Periods tile time: each moment lies in exactly one, whatever the rhythm becomes."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.calendar import BadCalendar, Calendar, Period, boundary, local_day

JANUARY = datetime(2026, 1, 31)


@pytest.mark.parametrize(
    "wrong",
    [
        {"zone": "Europe/Nowhere"},
        {"zone": "Europe"},
        {"zone": ""},
        {"zone": "../etc/passwd"},
        {"zone": ["UTC"]},
        {"zone": None},
        {"zone": "x" * 5_000},
        {"unit": "fortnight"},
        {"every": 0},
        {"every": -1},
        {"every": True},
        {"every": 1.5},
        {"anchor_day": 0},
        {"anchor_day": 32},
        {"anchor": "2026-01-31"},
        {"anchor": JANUARY.date()},
        {"n": 1.5},
        {"n": None},
        {"n": 100_000},
        {"n": -30_000},
        {"n": 10**30},
        {"unit": "day", "n": 10**9},
        {"unit": "year", "n": 7974},
    ],
)
def test_what_is_no_calendar_is_refused(wrong: dict[str, Any]) -> None:
    given: dict[str, Any] = {"anchor": JANUARY, "n": 1, "unit": "month", "every": 1, "zone": "UTC", **wrong}
    with pytest.raises(BadCalendar):
        boundary(given.pop("anchor"), given.pop("n"), **given)
    assert issubclass(BadCalendar, ValueError)


def test_the_last_year_there_is_can_be_asked_for() -> None:
    assert boundary(JANUARY, 7973, unit="year", every=1, zone="UTC").year == 9999


def test_a_calendar_speaks_of_naive_moments() -> None:
    calendar = Calendar(anchor=JANUARY, unit="month", every=1, zone="UTC")
    assert calendar.period(1) == Period(1, datetime(2026, 2, 28), datetime(2026, 3, 31))
    assert calendar.period(1).seconds == 31 * 86_400
    assert calendar.index_at(datetime(2026, 3, 30, 23, 59)) == 1
    assert calendar.index_at(datetime(2026, 3, 31)) == 2
    assert calendar.index_at(datetime(2025, 12, 31)) == -1


def test_years_of_downtime_are_counted_at_once() -> None:
    calendar = Calendar(anchor=JANUARY, unit="month", every=1, zone="Asia/Kathmandu")
    assert calendar.index_at(datetime(2046, 1, 31)) == 240
    daily = Calendar(anchor=JANUARY, unit="day", every=1, zone="Asia/Kathmandu")
    assert daily.index_at(JANUARY + timedelta(days=10_000, hours=1)) == 10_000


def test_a_day_is_shorter_in_spring_and_longer_in_autumn() -> None:
    days = Calendar(anchor=datetime(2026, 1, 1), unit="day", every=1, zone="Europe/Berlin")
    assert days.period(days.index_at(datetime(2026, 3, 29))).seconds == 23 * 3600
    assert days.period(days.index_at(datetime(2026, 10, 25))).seconds == 25 * 3600


def test_a_rhythm_goes_over_into_another_without_a_gap() -> None:
    monthly = Calendar(anchor=JANUARY, unit="month", every=1, zone="UTC")
    yearly = Calendar(anchor=monthly.boundary(1), unit="year", every=1, zone="UTC", anchor_day=31, first_n=1)
    calendar = Calendar(anchor=JANUARY, unit="month", every=1, zone="UTC", then=yearly)
    assert calendar.period(0) == Period(0, JANUARY, datetime(2026, 2, 28))
    assert calendar.period(1) == Period(1, datetime(2026, 2, 28), datetime(2027, 2, 28))
    assert calendar.period(2) == Period(2, datetime(2027, 2, 28), datetime(2028, 2, 29))
    for n in range(-3, 6):
        period = calendar.period(n)
        assert calendar.index_at(period.start) == n
        assert calendar.index_at(period.end - timedelta(milliseconds=1)) == n


def test_the_day_of_a_moment_is_the_zones() -> None:
    assert local_day(datetime(2026, 1, 30, 18, 15), "Asia/Kathmandu") == 31
    assert local_day(datetime(2026, 1, 30, 18, 14), "Asia/Kathmandu") == 30
