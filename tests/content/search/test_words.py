"""Words: what is folded together, what stays apart, and that nothing is without bounds."""

# ruff: noqa: RUF001 - it is about characters that look alike
import pytest
from hypothesis import given
from hypothesis import strategies as st

from content.search.asking import words_of
from content.search.words import LONGEST_WORD, MOST_WORDS, fold, indexed_terms, typos_forgiven, whole, words


@pytest.mark.parametrize(
    ("written", "known"),
    [
        ("Amélie", ["amelie"]),
        ("Straße", ["strasse"]),
        ("ŁÓDŹ Ørsted Æon Þór", ["lodz", "orsted", "aeon", "thor"]),
        ("ＦＵＬＬ　ｗｉｄｔｈ", ["full", "width"]),
        ("ﬁlm", ["film"]),
        ("İstanbul ılık", ["istanbul", "ilik"]),
        ("Ёлка", ["елка"]),
        ("قِصَّة", ["قصه"]),
        ("Don’t stop", ["don", "t", "stop"]),
        ("a\x00b\ud800c", ["a", "b", "c"]),
        ("zero\u200dwidth", ["zerowidth"]),
        ("進撃の巨人Season2", ["進撃の巨人", "season2"]),
    ],
)
def test_variants_of_a_word_are_one_word(written: str, known: list[str]) -> None:
    assert words(written) == known


def test_half_width_kana_are_kana_and_voicing_makes_another_letter() -> None:
    assert words("ｶﾞﾝﾀﾞﾑ") == words("ガンダム")
    assert words("か") != words("が")


def test_a_hyphen_may_be_left_out() -> None:
    assert {"spider", "man", "spiderman"} <= indexed_terms("Spider-Man: Home")
    assert {"wall", "e", "walle"} <= indexed_terms("WALL·E")
    assert whole("Spider-Man: Home") == "spidermanhome"


def test_scripts_without_spaces_are_found_by_their_pieces() -> None:
    assert {"巨", "巨人", "進撃"} <= indexed_terms("進撃の巨人")


def test_long_words_forgive_more_and_short_ones_nothing() -> None:
    assert [typos_forgiven("x" * length) for length in (3, 4, 7, 8, 31, 32)] == [0, 1, 1, 2, 2, 0]
    assert typos_forgiven("進撃の巨人") == 0


@given(st.text(max_size=400))
def test_any_text_is_a_bounded_number_of_bounded_words(text: str) -> None:
    asked = words_of(text * 20)
    assert len(asked) <= MOST_WORDS
    assert all(0 < len(word) <= LONGEST_WORD for word in asked)
    assert all(len(term) <= LONGEST_WORD for term in indexed_terms(text * 20))


@given(st.text(max_size=60))
def test_folding_twice_is_folding_once(text: str) -> None:
    assert words(" ".join(words(text))) == [word for each in words(text) for word in words(fold(each))]
