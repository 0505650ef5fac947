"""What a crowd of votes says, as tables and properties."""

from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.intro.ballot import BadVote, imported_vote, read_vote
from content.intro.crowd import Timing, Vote, timing_of
from content.model import IntroTimings

SECONDS = st.floats(0, 600, allow_nan=False)


@pytest.mark.parametrize(
    ("votes", "said"),
    [
        ([], None),
        ([Vote(90, 150)], Timing(90, 150, 1)),
        ([Vote(90, 150), Vote(92, 154)], Timing(91, 152, 2)),
        ([Vote(90, 150), Vote(91, 151), Vote(92, 152)], Timing(91, 151, 3)),
        # The imported five count as five; one more hand moves nothing, ten more do.
        ([Vote(90, 150, 5), Vote(92, 152)], Timing(90, 150, 6)),
        ([Vote(90, 150, 5), Vote(93, 153, 10)], Timing(93, 153, 15)),
        # Outliers are neither counted nor heard, at either end.
        ([Vote(90, 150, 9), Vote(0, 600)], Timing(90, 150, 9)),
        ([Vote(90, 150, 5), Vote(91, 151, 4), Vote(90, 580, 3)], Timing(90, 150, 9)),
        ([Vote(90, 150, 0)], None),
    ],
)
def test_the_crowd_says_the_median_without_its_outliers(votes: list[Vote], said: Timing | None) -> None:
    assert timing_of(votes) == said


def test_three_who_agree_settle_an_intro() -> None:
    assert not Timing(1, 9, 2).is_settled
    assert Timing(1, 9, 3).is_settled


@given(st.lists(st.tuples(SECONDS, SECONDS, st.integers(1, 50)), min_size=1, max_size=40), st.randoms())
def test_no_order_of_votes_matters_and_the_answer_lies_among_them(
    votes: list[tuple[float, float, int]], dice: Random
) -> None:
    cast = [Vote(round(start, 1), round(end, 1), weight) for start, end, weight in votes]
    said = timing_of(cast)
    dice.shuffle(cast)
    assert timing_of(cast) == said
    assert said is not None
    assert min(vote.start for vote in cast) - 0.1 <= said.start <= max(vote.start for vote in cast) + 0.1


@given(st.integers(3, 60), SECONDS, SECONDS)
def test_a_third_of_liars_does_not_move_a_crowd_of_one_mind(honest: int, start: float, end: float) -> None:
    votes = [Vote(60.0, 120.0, honest), Vote(round(start, 1), round(end, 1), honest // 3)]
    said = timing_of(votes)
    assert said is not None
    assert (said.start, said.end) == (60.0, 120.0)


@pytest.mark.parametrize(
    ("start", "end", "duration"),
    [
        (-1, 30, None),
        (30, 30, None),
        (30, 20, None),
        (0, 2, None),
        (0, 601, None),
        (float("nan"), 30, None),
        (0, float("inf"), None),
        (22_000, 22_030, None),
        (10, 40, 39.9),
        (10, 40, float("nan")),
    ],
)
def test_impossible_intros_are_refused_with_words(start: float, end: float, duration: float | None) -> None:
    with pytest.raises(BadVote, match=r"\w"):
        read_vote(start, end, duration)


@pytest.mark.parametrize(
    ("timings", "vote"),
    [
        (IntroTimings(start=90, end=150, votes=5), Vote(90, 150, 5)),
        (IntroTimings(start=90, end=150), None),
        (IntroTimings(start=90, end=150, votes=-4), None),
        (IntroTimings(start=150, end=90, votes=4), None),
        (IntroTimings(start=90, votes=4), None),
        (None, None),
    ],
)
def test_imported_timings_count_as_that_many_votes_or_not_at_all(
    timings: IntroTimings | None, vote: Vote | None
) -> None:
    assert imported_vote(timings) == vote
