"""What people type is stored as they meant it, without what deceives others."""
# ruff: noqa: RUF001 - letters that look like others are what is tested

import pytest

from content.comments.errors import CommentRefused
from content.comments.text import body_of, length_of, readable, readable_line


@pytest.mark.parametrize(
    ("typed", "stored"),
    [
        ("a\u202eb\u202cc", "abc"),
        ("\u2066a\u2069\u200e\u200f\u061c", "a"),
        ("a\u200bb\ufeffc\u2060d\u00ade", "abcde"),
        ("a\u200db", "ab"),
        ("\U0001f469\u200d\U0001f680 flies", "\U0001f469\u200d\U0001f680 flies"),
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("e\u0301" + "\u0301" * 40, "\u00e9" + "\u0301" * 4),
        ("\u0301\u0301a", "a"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("a\n\n\n\n\nb  \n", "a\n\nb"),
        ("a\x00\x07b\x1b[31m", "ab[31m"),
        ("\ud83d", ""),
        ("\U000e0041\U000e0042x", "x"),
        ("❤\ufe0f\ufe0f\ufe0f", "❤\ufe0f"),
        ("\u3164\u2800\u115f", ""),
        ("สวัสดีครับ นี่", "สวัสดีครับ นี่"),
    ],
)
def test_what_deceives_is_taken_out_and_writing_stays(typed: str, stored: str) -> None:
    assert readable(typed) == stored
    assert readable(stored) == stored


@pytest.mark.parametrize("typed", ["", " ", "\n\t", "\u200b\u200e", "\u0301", "\u3164"])
def test_nothing_to_read_is_no_comment(typed: str) -> None:
    with pytest.raises(CommentRefused):
        body_of(typed)


def test_length_is_counted_as_people_see_it() -> None:
    assert length_of("e\u0301") == 1
    assert body_of("q\u0301" * 2_000)
    with pytest.raises(CommentRefused):
        body_of("a" * 2_001)
    with pytest.raises(CommentRefused):
        body_of("a" + "\u0301" * 9_000)


def test_a_line_is_one_line() -> None:
    assert readable_line(" a\n\tb\u202e  c ", 60) == "a b c"
    assert len(readable_line("x" * 900, 300)) == 300
