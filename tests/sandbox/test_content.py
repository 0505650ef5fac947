"""Computed bytes are the same from wherever one starts."""

from hypothesis import given
from hypothesis import strategies as st

from sandbox.telegram import content

WHOLE = content(7, 0, 3 * (1 << 20))


@given(st.integers(0, len(WHOLE)), st.integers(0, len(WHOLE)))
def test_any_slice_is_a_slice_of_the_whole(start: int, end: int) -> None:
    assert content(7, start, end) == WHOLE[start:end]


def test_documents_and_places_differ() -> None:
    blocks = {content(media_id, offset << 20, (offset << 20) + 64) for media_id in range(20) for offset in range(50)}
    assert len(blocks) == 1000


def test_far_offsets_cost_no_more() -> None:
    assert len(content(7, 1 << 40, (1 << 40) + 5)) == 5
