"""Boundaries that can be looked up: each row with what it follows from.

tz: the IANA time zone database, whose offsets and dates of change the comments repeat.
RFC 5545: iCalendar, 3.3.5 on local times that do not exist or come twice. Temporal: ECMAScript's Temporal,
`disambiguation: "compatible"` and `overflow: "constrain"`. Stripe: "Set the subscription billing renewal date", an
anchor on the 31st bills on the last day of shorter months and on the 31st again. Lago: anniversary billing, the same.
"""

from datetime import UTC, datetime, timedelta, timezone

import pytest

from billing.calendar import Unit, boundary

Row = tuple[str, str, Unit, int, int | None, dict[int, str]]

ROWS: dict[str, Row] = {
    # Stripe, Lago, Temporal "constrain"
    "a monthly anchor on the 31st": (
        "UTC",
        "2026-01-31T00:00",
        "month",
        1,
        None,
        {
            -2: "2025-11-30T00:00",
            -1: "2025-12-31T00:00",
            0: "2026-01-31T00:00",
            1: "2026-02-28T00:00",
            2: "2026-03-31T00:00",
            3: "2026-04-30T00:00",
            4: "2026-05-31T00:00",
            13: "2027-02-28T00:00",
            25: "2028-02-29T00:00",
            26: "2028-03-31T00:00",
        },
    ),
    "a monthly anchor on the 30th": (
        "UTC",
        "2025-12-30T12:00",
        "month",
        1,
        None,
        {1: "2026-01-30T12:00", 2: "2026-02-28T12:00", 3: "2026-03-30T12:00"},
    ),
    "quarters from the 30th of November": (
        "UTC",
        "2025-11-30T00:00",
        "month",
        3,
        None,
        {1: "2026-02-28T00:00", 2: "2026-05-30T00:00", -1: "2025-08-30T00:00", 9: "2028-02-29T00:00"},
    ),
    "a yearly anchor on the 29th of February, through a century without a leap day": (
        "UTC",
        "2024-02-29T00:00",
        "year",
        1,
        None,
        {
            -1: "2023-02-28T00:00",
            1: "2025-02-28T00:00",
            4: "2028-02-29T00:00",
            76: "2100-02-28T00:00",
            80: "2104-02-29T00:00",
        },
    ),
    "a monthly anchor on the 29th of February": (
        "UTC",
        "2024-02-29T00:00",
        "month",
        1,
        None,
        {1: "2024-03-29T00:00", 12: "2025-02-28T00:00", 13: "2025-03-29T00:00"},
    ),
    "an anchor that was itself clipped": (
        "UTC",
        "2026-02-28T00:00",
        "month",
        1,
        31,
        {0: "2026-02-28T00:00", 1: "2026-03-31T00:00", 2: "2026-04-30T00:00", -1: "2026-01-31T00:00"},
    ),
    "a year's anchor that was itself clipped": (
        "UTC",
        "2025-02-28T00:00",
        "year",
        1,
        29,
        {0: "2025-02-28T00:00", 3: "2028-02-29T00:00", 4: "2029-02-28T00:00"},
    ),
    # tz: Berlin 2026-03-29 02:00 +01 -> 03:00 +02; RFC 5545, Temporal: forward by the gap
    "days over spring in Berlin": (
        "Europe/Berlin",
        "2026-03-28T02:30",
        "day",
        1,
        None,
        {0: "2026-03-28T01:30", 1: "2026-03-29T01:30", 2: "2026-03-30T00:30"},
    ),
    # tz: Berlin 2026-10-25 03:00 +02 -> 02:00 +01; RFC 5545, Temporal: the first of two
    "days over autumn in Berlin": (
        "Europe/Berlin",
        "2026-10-24T02:30",
        "day",
        1,
        None,
        {0: "2026-10-24T00:30", 1: "2026-10-25T00:30", 2: "2026-10-26T01:30"},
    ),
    # tz: New York 2026-03-08 02:00 -05 -> 03:00 -04, 2026-11-01 02:00 -04 -> 01:00 -05
    "weeks over both changes in New York": (
        "America/New_York",
        "2026-03-01T09:00",
        "week",
        1,
        None,
        {0: "2026-03-01T14:00", 1: "2026-03-08T13:00", 34: "2026-10-25T13:00", 35: "2026-11-01T14:00"},
    ),
    "a month's boundary in the gap of New York": (
        "America/New_York",
        "2026-01-08T02:30",
        "month",
        1,
        None,
        {0: "2026-01-08T07:30", 2: "2026-03-08T07:30", 3: "2026-04-08T06:30"},
    ),
    # tz: Kathmandu +05:45 since 1986
    "midnights in Kathmandu": (
        "Asia/Kathmandu",
        "2026-01-31T00:00",
        "month",
        1,
        None,
        {0: "2026-01-30T18:15", 1: "2026-02-27T18:15", 2: "2026-03-30T18:15"},
    ),
    # tz: Kolkata +05:30 since 1945
    "leap days in Kolkata": (
        "Asia/Kolkata",
        "2024-02-29T00:00",
        "year",
        1,
        None,
        {0: "2024-02-28T18:30", 1: "2025-02-27T18:30", 4: "2028-02-28T18:30"},
    ),
    # tz: Lord Howe 2026-10-04 02:00 +10:30 -> 02:30 +11
    "half an hour's gap on Lord Howe": (
        "Australia/Lord_Howe",
        "2026-10-03T02:15",
        "day",
        1,
        None,
        {0: "2026-10-02T15:45", 1: "2026-10-03T15:45", 2: "2026-10-04T15:15"},
    ),
    # tz: Lord Howe 2026-04-05 02:00 +11 -> 01:30 +10:30
    "half an hour twice on Lord Howe": (
        "Australia/Lord_Howe",
        "2026-04-04T01:45",
        "day",
        1,
        None,
        {0: "2026-04-03T14:45", 1: "2026-04-04T14:45", 2: "2026-04-05T15:15"},
    ),
    # tz: Apia 2011-12-30 00:00 -10 -> 2011-12-31 00:00 +14
    "a month's boundary on the day that Apia left out": (
        "Pacific/Apia",
        "2011-11-30T10:00",
        "month",
        1,
        None,
        {0: "2011-11-30T20:00", 1: "2011-12-30T20:00", 2: "2012-01-29T20:00"},
    ),
    "a week's boundary on the day that Apia left out": (
        "Pacific/Apia",
        "2011-12-23T10:00",
        "week",
        1,
        None,
        {0: "2011-12-23T20:00", 1: "2011-12-30T20:00", 2: "2012-01-05T20:00"},
    ),
    # Two days end as one there; the boundary between them is halfway, so that neither is empty.
    "days over the one that Apia left out": (
        "Pacific/Apia",
        "2011-12-28T10:00",
        "day",
        1,
        None,
        {1: "2011-12-29T20:00", 2: "2011-12-30T08:00", 3: "2011-12-30T20:00", 4: "2011-12-31T20:00"},
    ),
    # tz: Casablanca +01, and +00 in Ramadan: 2026-02-15 03:00 +01 -> 02:00 +00, 2026-03-22 02:00 +00 -> 03:00 +01
    "days over Ramadan in Casablanca": (
        "Africa/Casablanca",
        "2026-02-14T02:30",
        "day",
        1,
        None,
        {
            0: "2026-02-14T01:30",
            1: "2026-02-15T01:30",
            2: "2026-02-16T02:30",
            36: "2026-03-22T02:30",
            37: "2026-03-23T01:30",
        },
    ),
    "a century of months, asked for at once": (
        "UTC",
        "1999-12-31T23:45",
        "month",
        1,
        None,
        {1200: "2099-12-31T23:45", 1202: "2100-02-28T23:45", -1: "1999-11-30T23:45"},
    ),
    "forty years of weeks in Berlin": (
        "Europe/Berlin",
        "1986-07-07T08:00",
        "week",
        1,
        None,
        # 2,087 weeks are 14,609 days: from a Monday in summer to one in summer
        {2087: "2026-07-06T06:00", 2100: "2026-10-05T06:00", 2103: "2026-10-26T07:00"},
    ),
    "every tenth day": ("UTC", "2026-02-20T00:00", "day", 10, None, {1: "2026-03-02T00:00", -1: "2026-02-10T00:00"}),
}


@pytest.mark.parametrize("name", ROWS)
def test_the_table_of_dates(name: str) -> None:
    zone, anchor, unit, every, anchor_day, expected = ROWS[name]
    local = datetime.fromisoformat(anchor)
    found = {n: boundary(local, n, unit=unit, every=every, zone=zone, anchor_day=anchor_day) for n in expected}
    assert found == {n: datetime.fromisoformat(text).replace(tzinfo=UTC) for n, text in expected.items()}
    assert all(each.tzinfo is UTC for each in found.values())
    # The same anchor as a moment gives the same boundaries.
    moment = boundary(local, 0, unit=unit, every=every, zone=zone)
    again = {n: boundary(moment, n, unit=unit, every=every, zone=zone, anchor_day=anchor_day) for n in expected}
    assert again == found


def test_a_moment_as_anchor_starts_its_own_period_also_as_the_second_of_two_equal_times() -> None:
    second = datetime(2026, 10, 25, 1, 30, tzinfo=UTC)  # 02:30 for the second time in Berlin
    assert boundary(second, 0, unit="year", every=1, zone="Europe/Berlin") == second
    assert boundary(second, 1, unit="year", every=1, zone="Europe/Berlin") == datetime(2027, 10, 25, 0, 30, tzinfo=UTC)
    assert boundary(second, 1, unit="day", every=1, zone="Europe/Berlin") == datetime(2026, 10, 26, 1, 30, tzinfo=UTC)


def test_an_anchor_may_come_in_any_zone() -> None:
    tokyo = datetime(2026, 2, 1, 8, tzinfo=timezone(timedelta(hours=9)))  # 23:00 of 31 January in UTC
    assert boundary(tokyo, 1, unit="month", every=1, zone="UTC") == datetime(2026, 2, 28, 23, tzinfo=UTC)


def test_a_wall_time_that_does_not_exist_leaves_later_ones_where_they_are() -> None:
    gone = datetime(2026, 3, 29, 2, 30)
    assert boundary(gone, 0, unit="day", every=1, zone="Europe/Berlin") == datetime(2026, 3, 29, 1, 30, tzinfo=UTC)
    assert boundary(gone, 1, unit="day", every=1, zone="Europe/Berlin") == datetime(2026, 3, 30, 0, 30, tzinfo=UTC)
