"""The plan of a range over several documents."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming import buckets
from streaming.model import Bucket, Document
from streaming.source import CHUNK, NotPlayable

sizes = st.lists(st.integers(1, 3 * CHUNK), min_size=1, max_size=4)


def _bucket(sizes: list[int]) -> Bucket:
    documents = tuple(Document(owner="platform", media_id=n, size_bytes=size) for n, size in enumerate(sizes))
    return Bucket("e", "video/mp4", documents, sum(sizes))


@given(sizes, st.data())
def test_parts_cover_a_range_without_gap_or_overlap(sizes: list[int], data: st.DataObject) -> None:
    bucket = _bucket(sizes)
    start = data.draw(st.integers(0, bucket.size_bytes))
    end = data.draw(st.integers(start, bucket.size_bytes))
    position = start
    for part in buckets.plan(bucket, start, end):
        origin = sum(sizes[: part.document.media_id]) + part.index * CHUNK
        assert origin + part.start == position
        assert 0 <= part.start < part.end <= buckets.chunk_length(part.document, part.index)
        position = origin + part.end
    assert position == end


def test_an_empty_range_has_no_parts() -> None:
    assert list(buckets.plan(_bucket([10]), 4, 4)) == []


@pytest.mark.parametrize(("start", "end"), [(-1, 2), (3, 2), (0, 11)])
def test_a_range_outside_the_bucket_is_refused_at_once(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        buckets.plan(_bucket([10]), start, end)


@pytest.mark.parametrize("index", [-1, 2])
def test_a_chunk_outside_its_document_has_no_length(index: int) -> None:
    with pytest.raises(ValueError, match="outside"):
        buckets.chunk_length(Document(owner="platform", size_bytes=CHUNK + 1), index)


@pytest.mark.parametrize(
    ("bucket", "reason"),
    [
        (Bucket("e", "m", (), 0), "no document"),
        (Bucket("e", "m", (Document(owner="platform"),), 0), "not known"),
        (Bucket("e", "m", (Document(owner="platform", size_bytes=5),), 6), "hold 5 bytes"),
    ],
)
def test_a_bucket_that_does_not_add_up_is_not_playable(bucket: Bucket, reason: str) -> None:
    with pytest.raises(NotPlayable, match=reason):
        buckets.check(bucket)
