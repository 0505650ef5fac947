"""Episodes and chapters in their order, whatever form they came in."""

from __future__ import annotations

from typing import Any

import pytest

from content.lenient import read
from content.model import Title
from content.units import chapters, episodes, next_of, packs, previous_of, unit_keys


def title(**fields: Any) -> Title:
    return read({"id": "t", **fields}, Title)


def series(seasons: dict[str, Any]) -> Title:
    return title(media_type="series", seasons=seasons)


def book(*chaps: Any) -> Title:
    return title(media_type="manga", chapters=[{"chap": chap, "pages": ["p"]} for chap in chaps])


def test_seasons_and_episodes_come_by_number_whatever_the_order_of_the_document() -> None:
    found = series({"10": [{"episode": 1}], "2": [{"episode": 2}, {"episode": 1}], "1": [{"episode": 1}]})
    assert unit_keys(found) == ["s1e1", "s2e1", "s2e2", "s10e1"]


@pytest.mark.parametrize(
    ("key", "season"), [("01", 1), ("Season 3", 3), ("S02", 2), ("specials", 0), ("0", 0), ("Extras", 1), ("", 1)]
)
def test_odd_season_keys_are_read(key: str, season: int) -> None:
    assert [unit.season for unit in episodes(series({key: [{"episode": 1}]}))] == [season]


def test_a_season_without_a_number_comes_after_the_others() -> None:
    found = episodes(series({"Extras": [{"episode": 1}], "4": [{"episode": 1}]}))
    assert [(unit.season, unit.episode) for unit in found] == [(4, 1), (5, 1)]


def test_keys_that_mean_one_season_are_one() -> None:
    assert unit_keys(series({"1": [{"episode": 1}], "01": [{"episode": 2}]})) == ["s1e1", "s1e2"]


def test_several_entries_of_one_episode_are_its_qualities() -> None:
    entries = [
        {"episode": 1, "quality": "1080p", "file_id": "a", "title": "Pilot"},
        {"episode": 2, "quality": "1080p", "file_id": "b"},
        {"episode": 1, "quality": "720p", "file_id": "c"},
    ]
    first, second = episodes(series({"1": entries}))
    assert [(each.key, each.quality, each.file_id) for each in first.qualities] == [
        ("s1e1/0", "1080p", "a"),
        ("s1e1/1", "720p", "c"),
    ]
    assert first.title == "Pilot"
    assert second.key == "s1e2"


def test_episodes_without_a_usable_number_stay_reachable_and_say_so() -> None:
    entries: list[Any] = [{"episode": 1}, {"title": "Lost"}, {"episode": -4}, {"episode": 3}, "no object"]
    found = episodes(series({"1": entries}))
    assert [(unit.episode, unit.is_numbered) for unit in found] == [
        (1, True),
        (2, False),
        (3, True),
        (4, False),
        (5, False),
    ]
    assert found[1].title == "Lost"


def test_chapters_come_by_number_with_fractions_between() -> None:
    found = chapters(book(12, 2.0, 12.5, "3", 0))
    assert [unit.number for unit in found] == ["0", "2", "3", "12", "12.5"]
    assert [unit.key for unit in found] == ["c0", "c2", "c3", "c12", "c12.5"]


@pytest.mark.parametrize("odd", [None, -1, "first", 1e9, float("nan"), float("inf")])
def test_a_chapter_without_a_usable_number_takes_the_next_free_one(odd: Any) -> None:
    found = chapters(book(1, odd, 3))
    assert [(unit.number, unit.is_numbered) for unit in found] == [("1", True), ("2", False), ("3", True)]


def test_of_two_chapters_of_one_number_the_fuller_one_stands() -> None:
    twins = [{"chap": 1, "pages": ["a"]}, {"chap": 1.0, "pages": ["b", None, "c"], "title": "Whole"}]
    (found,) = chapters(title(chapters=twins))
    assert (found.title, found.page_count) == ("Whole", 3)


def test_a_missing_page_keeps_its_number() -> None:
    (found,) = chapters(title(chapters=[{"chap": 1, "pages": ["a", 5, "c"]}]))
    assert found.pages[0] == "a"
    assert found.page_count == 3


def test_next_and_previous_cross_seasons_and_end() -> None:
    found = series({"1": [{"episode": 1}, {"episode": 2}], "2": [{"episode": 1}]})
    following, before = next_of(found, "s1e2"), previous_of(found, "s2e1")
    assert following is not None
    assert before is not None
    assert (following.key, before.key) == ("s2e1", "s1e2")
    assert next_of(found, "s2e1") is None
    assert previous_of(found, "s1e1") is None
    assert next_of(found, "s9e9") is None


def test_the_chapter_after_twelve_may_be_twelve_and_a_half() -> None:
    following = next_of(book(12, 12.5, 13), "c12")
    assert following is not None
    assert following.key == "c12.5"


def test_what_nobody_looked_at_does_not_play_and_says_why() -> None:
    (unit,) = episodes(series({"1": [{"episode": 1, "file_id": "a"}]}))
    assert not unit.playable
    assert unit.qualities[0].reason == "nobody has looked at its file yet"


def test_states_decide_what_plays() -> None:
    states = [{"key": "s1e1/1", "reason": None}, {"key": "s1e1/0", "reason": "it is gone"}]
    fields: dict[str, Any] = {"seasons": {"1": [{"episode": 1, "file_id": "a"}, {"episode": 1, "file_id": "b"}]}}
    (unit,) = episodes(title(_marquee={"units": states}, **fields))
    assert unit.playable
    assert [each.reason for each in unit.qualities] == ["it is gone", None]
    (held,) = episodes(title(_marquee={"units": states, "status": "repairing"}, **fields))
    assert not held.playable


def test_season_packs_come_by_season() -> None:
    given = [{"season": 2, "zip_file_id": "b"}, {"season": 1, "zip_file_id": "a", "size": "25 GB"}, {"size": "?"}]
    found = packs(title(season_packs=given))
    assert [(pack.key, pack.file_id, pack.size) for pack in found] == [("pack/1", "a", "25 GB"), ("pack/2", "b", "")]
