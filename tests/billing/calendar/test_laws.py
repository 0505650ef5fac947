"""Laws of the calendar, over zones, rhythms and anchors that nobody chose."""

from datetime import date, datetime, timedelta

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.calendar import UNITS, Calendar, Unit, boundary
from tests.billing.calendar.reckoned import reckoned

ZONES = (
    "UTC",
    "Europe/Berlin",
    "Europe/Dublin",
    "America/New_York",
    "America/Sao_Paulo",
    "America/St_Johns",
    "Asia/Kathmandu",
    "Asia/Kolkata",
    "Asia/Tehran",
    "Africa/Casablanca",
    "Australia/Lord_Howe",
    "Pacific/Apia",
    "Pacific/Chatham",
    "Pacific/Kwajalein",
)
QUARTERS = st.integers(0, 95).map(lambda quarter: timedelta(minutes=15 * quarter))
DATES = st.dates(date(1985, 1, 1), date(2035, 12, 31))
# Around days on which clocks change, which a free choice seldom hits.
CHANGES = st.sampled_from(
    [
        datetime(2011, 12, 30),  # Apia leaves it out
        datetime(1993, 8, 21),  # Kwajalein leaves it out
        datetime(2026, 3, 29),
        datetime(2026, 10, 25),
        datetime(2026, 3, 8),
        datetime(2026, 11, 1),
        datetime(2026, 4, 5),
        datetime(2026, 10, 4),
        datetime(2026, 2, 15),
        datetime(2017, 10, 15),  # midnight does not exist in Sao Paulo
        datetime(2024, 2, 29),
        datetime(2026, 1, 31),
    ]
)


def _near(change: datetime, days: int) -> date:
    return change.date() + timedelta(days=days)


def _at(day: date, time: timedelta) -> datetime:
    return datetime(day.year, day.month, day.day) + time


ANCHORS = st.builds(_at, st.one_of(DATES, st.builds(_near, CHANGES, st.integers(-3, 3))), QUARTERS)
RHYTHMS = st.tuples(st.sampled_from(UNITS), st.integers(1, 13))
DAYS = st.one_of(st.none(), st.integers(1, 31))
NS = st.one_of(st.integers(-4, 4), st.integers(-150, 150))
MANY = settings(max_examples=150, deadline=None)


@MANY
@given(ANCHORS, NS, RHYTHMS, st.sampled_from(ZONES), DAYS)
def test_a_second_reckoning_gives_the_same(
    anchor: datetime, n: int, rhythm: tuple[Unit, int], zone: str, day: int | None
) -> None:
    unit, every = rhythm
    found = boundary(anchor, n, unit=unit, every=every, zone=zone, anchor_day=day)
    assert found == reckoned(anchor, n, unit, every, zone, day)


@MANY
@given(ANCHORS, NS, RHYTHMS, st.sampled_from(ZONES), DAYS)
def test_boundaries_increase_strictly(
    anchor: datetime, n: int, rhythm: tuple[Unit, int], zone: str, day: int | None
) -> None:
    unit, every = rhythm
    first, second, third = (
        boundary(anchor, each, unit=unit, every=every, zone=zone, anchor_day=day) for each in (n - 1, n, n + 1)
    )
    assert first < second < third


@MANY
@given(ANCHORS, NS, NS, RHYTHMS, DAYS)
def test_nothing_drifts(anchor: datetime, n: int, start: int, rhythm: tuple[Unit, int], day: int | None) -> None:
    unit, every = rhythm
    at = boundary(anchor, n, unit=unit, every=every, zone="UTC", anchor_day=day)
    assert at.time() == anchor.time()
    if unit in {"month", "year"}:
        kept = day or anchor.day
        assert at.day == kept or (at.day < kept and (at + timedelta(days=1)).day == 1)
    else:
        assert (at.replace(tzinfo=None) - anchor).days == n * every * (7 if unit == "week" else 1)
    # Whoever goes on from any boundary, and knows the day that is kept to, comes to the same ones.
    middle = boundary(anchor, start, unit=unit, every=every, zone="UTC", anchor_day=day)
    assert boundary(middle, n - start, unit=unit, every=every, zone="UTC", anchor_day=day or anchor.day) == at


@MANY
@given(ANCHORS, NS, RHYTHMS, st.sampled_from(ZONES), DAYS, st.floats(0, 1, exclude_max=True))
def test_each_moment_lies_in_exactly_one_period(
    anchor: datetime, n: int, rhythm: tuple[Unit, int], zone: str, day: int | None, part: float
) -> None:
    unit, every = rhythm
    calendar = Calendar(anchor=anchor, unit=unit, every=every, zone=zone, anchor_day=day)
    period = calendar.period(n)
    assert period.start < period.end
    assert calendar.period(n + 1).start == period.end
    moment = period.start + timedelta(seconds=int(period.seconds * part))
    assert period.start <= moment < period.end
    assert calendar.index_at(moment) == n
    assert calendar.index_at(period.start) == n
    assert calendar.index_at(period.end) == n + 1
    assert calendar.index_at(period.end - timedelta(milliseconds=1)) == n


@MANY
@given(ANCHORS, st.integers(1, 40), RHYTHMS, RHYTHMS, st.sampled_from(ZONES), st.integers(-3, 60))
def test_periods_tile_through_a_change_of_rhythm(
    anchor: datetime, at: int, before: tuple[Unit, int], after: tuple[Unit, int], zone: str, n: int
) -> None:
    first = Calendar(anchor=anchor, unit=before[0], every=before[1], zone=zone)
    then = Calendar(anchor=first.boundary(at), unit=after[0], every=after[1], zone=zone, first_n=at)
    calendar = Calendar(anchor=anchor, unit=before[0], every=before[1], zone=zone, then=then)
    period = calendar.period(n)
    assert period.start < period.end == calendar.period(n + 1).start
    assert calendar.index_at(period.start) == n
    assert calendar.index_at(period.end - timedelta(milliseconds=1)) == n
    assert calendar.boundary(at) == first.boundary(at)
