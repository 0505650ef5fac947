"""The pure parts of the drills: a judge that lets everything pass would find nothing."""

from __future__ import annotations

import random

import pytest

from tests.drills.meter_kill import broken_bounds
from tests.drills.ranges import asks, edge_cases
from tests.drills.verdict import MIB, Verdict, table

SIZE = 300 * MIB - 12_345


@pytest.mark.parametrize(
    ("received", "booked", "at_risk"), [(1000, 1000, 0), (1000, 1006, 0), (1000, 600, 400), (1000, 594, 400), (0, 0, 0)]
)
def test_a_ledger_within_the_bounds_is_let_pass(received: int, booked: int, at_risk: int) -> None:
    assert broken_bounds("here", received, booked, at_risk) == []


@pytest.mark.parametrize(
    ("received", "booked", "at_risk", "says"),
    [
        (1000, 1007, 500, "7 bytes more are booked than were received"),
        (0, 1, 0, "1 bytes more"),
        (1000, 500, 400, "500 bytes are missing and only 400 were at risk"),
        (1000, 0, 0, "1,000 bytes are missing"),
    ],
)
def test_a_ledger_beyond_them_is_told_apart(received: int, booked: int, at_risk: int, says: str) -> None:
    (told,) = broken_bounds("here", received, booked, at_risk)
    assert told.startswith("here: ")
    assert says in told


@pytest.mark.parametrize("seed", range(50))
def test_every_edge_is_asked_and_every_range_lies_in_the_film(seed: int) -> None:
    chosen = asks(random.Random(seed), size=SIZE, etag="e", number=200)
    edges = {ask.kind for ask in edge_cases(random.Random(seed), SIZE, "e")}
    assert len(chosen) == 200
    assert {ask.kind for ask in chosen} == {*edges, "random"}
    assert all(0 <= ask.start < ask.end <= SIZE for ask in chosen if ask.has_film)


def test_the_same_seed_asks_the_same() -> None:
    first, again = (asks(random.Random(7), size=SIZE, etag="e", number=60) for _ in range(2))
    assert first == again


def test_a_verdict_shows_its_figures_and_what_was_broken() -> None:
    verdict = Verdict("a drill", ("round", "bytes", "share"), rows=[(1, 12_345, 0.25)])
    verdict.hold(is_kept=True, bound="the sun rises")
    assert verdict.text().endswith("a drill: holds")
    verdict.hold(is_kept=False, bound="pigs fly")
    assert "BROKEN: pigs fly\na drill: broken" in verdict.text()
    assert table(verdict.columns, verdict.rows) == ["round   bytes  share", "    1  12,345  0.250"]
