"""Days that count and days that do not, and what is due when."""

from __future__ import annotations

from datetime import date, datetime, timedelta

import pytest
from msgspec.structs import replace

from addons.dmca_shield.deadlines import business_days_after, deadlines_of, is_business_day, may_restore
from addons.dmca_shield.switch import ShieldSettings
from content.takedowns.model import CounterNotice, Notice, Party

at = datetime.fromisoformat
NOON = at("2026-03-02T12:00")
NOTICE = Notice(id="TD-000000000000", secret="", kind="copyright", received_at=NOON)
COUNTER = CounterNotice(party=Party(), material="x", explanation="", signature="x", at=NOON)


@pytest.mark.parametrize(
    "day",
    [
        date(2026, 1, 1),
        date(2026, 1, 19),
        date(2026, 2, 16),
        date(2026, 5, 25),
        date(2026, 6, 19),
        date(2026, 7, 3),
        date(2026, 9, 7),
        date(2026, 10, 12),
        date(2026, 11, 11),
        date(2026, 11, 26),
        date(2026, 12, 25),
        date(2021, 12, 31),
        date(2027, 7, 5),
        date(2026, 3, 7),
        date(2026, 3, 8),
    ],
    ids=str,
)
def test_nobody_works_on(day: date) -> None:
    assert not is_business_day(day)


@pytest.mark.parametrize("day", [date(2026, 3, 9), date(2026, 12, 24), date(2026, 7, 6), date(2026, 5, 18)], ids=str)
def test_people_work_on(day: date) -> None:
    assert is_business_day(day)


@pytest.mark.parametrize(
    ("start", "days", "end"),
    [
        (at("2026-03-02T12:00"), 10, at("2026-03-16T12:00")),
        (at("2026-03-02T12:00"), 14, at("2026-03-20T12:00")),
        (at("2026-03-07T09:00"), 1, at("2026-03-09T09:00")),
        (at("2026-12-18T08:00"), 10, at("2027-01-05T08:00")),
    ],
)
def test_business_days_are_counted_over_weekends_and_holidays(start: datetime, days: int, end: datetime) -> None:
    assert business_days_after(start, days) == end


def test_what_passes_undone_is_overdue() -> None:
    settings = ShieldSettings(acknowledge_hours=24, act_hours=72)
    assert deadlines_of(NOTICE, settings, NOON).overdue == ()
    assert deadlines_of(NOTICE, settings, NOON + timedelta(hours=25)).overdue == ("acknowledge",)
    assert deadlines_of(NOTICE, settings, NOON + timedelta(hours=73)).overdue == ("acknowledge", "act")
    acknowledged = replace(NOTICE, acknowledged_at=NOON)
    assert deadlines_of(acknowledged, settings, NOON + timedelta(hours=73)).overdue == ("act",)
    assert deadlines_of(replace(NOTICE, status="rejected"), settings, NOON + timedelta(days=9)).overdue == ()


def test_material_is_back_between_ten_and_fourteen_business_days_unless_somebody_went_to_court() -> None:
    countered = replace(NOTICE, status="upheld", counter=COUNTER)
    due = deadlines_of(countered, ShieldSettings(), NOON)
    assert (due.restore_from, due.restore_by) == (at("2026-03-16T12:00"), at("2026-03-20T12:00"))
    assert not may_restore(countered, at("2026-03-16T11:59"))
    assert may_restore(countered, at("2026-03-16T12:00"))
    assert deadlines_of(countered, ShieldSettings(), at("2026-03-21T00:00")).overdue == ("restore",)
    in_court = replace(countered, counter=replace(COUNTER, court_action_at=NOON))
    assert not may_restore(in_court, at("2026-05-01T00:00"))
    assert deadlines_of(in_court, ShieldSettings(), at("2026-05-01T00:00")).restore_by is None
