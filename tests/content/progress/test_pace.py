"""What a heartbeat makes of the place that is known."""

from __future__ import annotations

import random
from datetime import timedelta
from math import inf, nan
from typing import Any

import pytest

from content.progress.model import Beat, UnitProgress
from content.progress.pace import GIVEN_UP, BadBeat, advance, merged, read_beat
from storage.moments import moment

NOW = moment(1_800_000_000)
PLAIN: dict[str, Any] = {"session": "a", "seq": 1, "now": NOW}


def beat(seq: int, position: float, session: str = "a", after: float = 0, duration: float | None = 1000) -> Beat:
    at = NOW + timedelta(seconds=after)
    return Beat(session=session, seq=seq, at=at, position=position, duration=duration)


def page(seq: int, number: int, of: int = 20, session: str = "a", after: float = 0) -> Beat:
    return Beat(session=session, seq=seq, at=NOW + timedelta(seconds=after), page=number, pages=of)


def after_all(*beats: Beat) -> UnitProgress:
    held: UnitProgress | None = None
    for each in beats:
        held = advance(held, each) or held
    assert held is not None
    return held


def test_a_late_or_doubled_packet_changes_nothing() -> None:
    held = after_all(beat(1, 10), beat(3, 30))
    assert advance(held, beat(2, 20)) is None
    assert advance(held, beat(3, 30)) is None


def test_whoever_seeks_back_is_followed() -> None:
    assert after_all(beat(1, 500), beat(2, 100)).position == 100


def test_any_order_of_one_sessions_packets_ends_at_the_last() -> None:
    dice = random.Random(7)
    beats = [beat(seq, position=dice.uniform(0, 900), after=seq) for seq in range(40)]
    for _ in range(50):
        arriving = [*beats, *dice.sample(beats, 10)]
        dice.shuffle(arriving)
        held = after_all(*arriving)
        assert (held.seq, held.position) == (39, beats[39].position)


def test_the_session_that_began_later_holds_the_place() -> None:
    held = after_all(beat(9, 600), beat(1, 300, "b", after=10))
    assert (held.session, held.position) == ("b", 300)
    assert advance(held, beat(10, 610, "a", after=20)) is None, "the first device still plays, or its packet is late"


def test_the_other_device_comes_back_when_the_later_one_is_silent() -> None:
    held = after_all(beat(9, 600), beat(1, 300, "b", after=10))
    late = 10 + GIVEN_UP.total_seconds()
    assert advance(held, beat(9, 600, "a", after=late)) is None, "it says nothing new"
    back = advance(held, beat(10, 610, "a", after=late))
    assert back is not None
    assert (back.session, back.position) == ("a", 610)


def test_what_was_buffered_offline_counts_by_when_it_was() -> None:
    held = after_all(beat(1, 300, "b", after=100))
    assert advance(held, beat(1, 900, "plane", after=50)) is None
    assert advance(held, beat(1, 900, "plane", after=150)) is not None


def test_the_end_is_remembered_and_a_new_start_is_a_new_run() -> None:
    held = after_all(beat(1, 10), beat(2, 960))
    assert (held.finished, held.run, held.finished_runs, held.share) == (True, 1, 1, 1.0)
    looked_up = advance(held, beat(3, 400))
    assert looked_up is not None
    assert (looked_up.finished, looked_up.run) == (True, 1), "a scene looked up again is no new run"
    again = advance(looked_up, beat(1, 5, "b", after=60))
    assert again is not None
    assert (again.finished, again.run, again.finished_runs, again.position) == (False, 2, 1, 5)
    twice = advance(again, beat(2, 999, "b", after=70))
    assert twice is not None
    assert (twice.finished, twice.finished_runs) == (True, 2)
    assert twice.share == 1.0


def test_credits_do_not_count_the_end_twice() -> None:
    assert after_all(beat(1, 955), beat(2, 970), beat(3, 1000)).finished_runs == 1


def test_a_length_once_known_stays_known() -> None:
    held = after_all(beat(1, 10), beat(2, 960, duration=None))
    assert held.finished


def test_pages_are_followed_and_the_last_one_ends_the_chapter() -> None:
    held = after_all(page(1, 1), page(2, 7))
    assert (held.page, held.pages, held.finished, held.share) == (7, 20, False, 0.35)
    done = after_all(page(1, 1), page(2, 20))
    assert done.finished
    again = advance(done, page(1, 1, session="b", after=5))
    assert again is not None
    assert (again.run, again.finished) == (2, False)


def test_a_chapter_of_one_page_is_read_once_it_is_open() -> None:
    assert after_all(page(1, 1, of=1), page(2, 1, of=1)).finished_runs == 1


def test_of_two_places_the_later_one_stays_with_every_end() -> None:
    old, new = after_all(beat(1, 999)), after_all(beat(1, 40, "b", after=9))
    both = merged(old, new)
    assert (both.position, both.finished, both.finished_runs) == (40, False, 1)
    assert merged(new, old) == both


@pytest.mark.parametrize(
    "said",
    [
        {"position": nan},
        {"position": inf},
        {"position": -1},
        {"position": 1e300},
        {"position": 10, "duration": nan},
        {"position": 10, "duration": 0},
        {"position": 10, "duration": -5},
        {"position": 500, "duration": 100},
        {"page": 0},
        {"page": -1},
        {"page": 10**9},
        {"page": 3, "pages": 2},
        {"page": 3, "position": 2},
        {},
        {"position": 1, "session": ""},
        {"position": 1, "session": "a.b"},
        {"position": 1, "session": "x" * 65},
        {"position": 1, "seq": -1},
        {"position": 1, "seq": 2**60},
        {"position": 1, "age_seconds": -1},
        {"position": 1, "age_seconds": nan},
        {"position": 1, "age_seconds": 1e9},
    ],
)
def test_what_cannot_be_is_refused(said: dict[str, Any]) -> None:
    with pytest.raises(BadBeat):
        read_beat(**{**PLAIN, **said})


def test_a_player_a_little_beyond_the_end_is_at_the_end() -> None:
    assert read_beat(session="a", seq=1, now=NOW, position=100.4, duration=100).position == 100
