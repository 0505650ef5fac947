"""Which bytes a Range header selects (RFC 9110 section 14)."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.ranges import LONGEST_HEADER, MOST_SPECS, Part, Selection, Unsatisfiable, Whole, parse_range

SIZE = 1000


@pytest.mark.parametrize(
    ("header", "selection"),
    [
        (None, Whole()),
        ("bytes=0-0", Part(0, 1)),
        ("bytes=0-", Part(0, SIZE)),
        ("bytes=0-999", Part(0, SIZE)),
        ("bytes=999-", Part(999, SIZE)),
        ("bytes=500-5000", Part(500, SIZE)),
        ("bytes=-1", Part(999, SIZE)),
        ("bytes=-1000", Part(0, SIZE)),
        ("bytes=-5000", Part(0, SIZE)),
        ("bytes=0000-0009", Part(0, 10)),
        ("BYTES=1-2", Part(1, 3)),
        (" bytes = 1-2 ", Part(1, 3)),
        ("bytes=,,1-2,", Part(1, 3)),
    ],
)
def test_a_single_range_selects_its_bytes(header: str | None, selection: Selection) -> None:
    assert parse_range(header, SIZE) == selection


@pytest.mark.parametrize("header", ["bytes=1000-", "bytes=1000-1000", "bytes=4000-5000", "bytes=-0", "bytes=2000-,-0"])
def test_a_range_beyond_the_end_is_unsatisfiable(header: str) -> None:
    assert parse_range(header, SIZE) == Unsatisfiable()


@pytest.mark.parametrize(
    "header",
    [
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=,",
        "bytes=a-b",
        "bytes=1",
        "bytes=5-4",
        "bytes=1-2-3",
        "bytes=+1-2",
        "bytes=1 - 2",
        "bytes=--1",
        "bytes=0x1-2",
        "bytes=1_0-20",
        "bytes=\u0661-\u0662",
        "bytes=0-1, bytes=3-4",
        "bytes=0-1;2-3",
        "items=0-1",
        "bytes=1.0-2",
        "bytes=0-1,5-4",
        "bytes:0-1",
        "bytes=0-1\n",
        "bytes=0-" + "1" * LONGEST_HEADER,
        "bytes=" + "0-1," * (MOST_SPECS + 1),
    ],
)
def test_what_is_malformed_unknown_or_too_long_is_ignored(header: str) -> None:
    assert parse_range(header, SIZE) == Whole()


@pytest.mark.parametrize(
    ("header", "selection"),
    [
        ("bytes=0-9,10-19", Part(0, 20)),
        ("bytes=10-19,0-12", Part(0, 20)),
        ("bytes=5-6,-1000", Part(0, SIZE)),
        ("bytes=0-9,2000-", Part(0, 10)),
        ("bytes=0-0,-1", Whole()),
        ("bytes=0-9,20-29", Whole()),
    ],
)
def test_several_ranges_give_one_stretch_or_the_whole(header: str, selection: Selection) -> None:
    assert parse_range(header, SIZE) == selection


def test_nothing_of_an_empty_file_can_be_selected() -> None:
    assert parse_range("bytes=0-", 0) == Unsatisfiable()
    assert parse_range("bytes=-5", 0) == Unsatisfiable()


@given(st.integers(0, 10**13), st.integers(0, 10**13), st.integers(1, 10**13))
def test_a_part_is_what_slicing_gives(first: int, length: int, size: int) -> None:
    selection = parse_range(f"bytes={first}-{first + length}", size)
    if first >= size:
        assert selection == Unsatisfiable()
    else:
        assert selection == Part(first, min(first + length + 1, size))


@given(st.integers(1, 10**13), st.integers(1, 10**13))
def test_a_suffix_is_the_end_of_the_file(suffix: int, size: int) -> None:
    assert parse_range(f"bytes=-{suffix}", size) == Part(max(0, size - suffix), size)


@given(st.text(alphabet="bytes=0123456789-, W", max_size=40), st.integers(0, 10**6))
def test_no_header_raises_or_selects_outside_the_file(header: str, size: int) -> None:
    selection = parse_range("bytes=" + header, size)
    assert not isinstance(selection, Part) or 0 <= selection.start < selection.end <= size


@given(st.lists(st.tuples(st.integers(0, 60), st.integers(0, 60)), min_size=1, max_size=8))
def test_several_ranges_never_send_a_byte_that_was_not_asked_unless_all_are_sent(pairs: list[tuple[int, int]]) -> None:
    asked = {byte for first, length in pairs for byte in range(first, first + length + 1) if byte < 50}
    selection = parse_range("bytes=" + ",".join(f"{first}-{first + length}" for first, length in pairs), 50)
    if isinstance(selection, Part):
        assert set(range(selection.start, selection.end)) == asked
    else:
        assert selection == (Whole() if asked else Unsatisfiable())
