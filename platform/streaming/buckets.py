"""Several documents as one byte range."""

from __future__ import annotations

from collections.abc import Iterator

from msgspec import Struct

from streaming.model import Bucket, Document
from streaming.source import CHUNK, NotPlayable


class Part(Struct, frozen=True):
    """Bytes `[start, end)` of chunk `index` of `document`; positions are within the chunk."""

    document: Document
    index: int
    start: int
    end: int


def plan(bucket: Bucket, start: int, end: int) -> Iterator[Part]:
    """The parts that make `[start, end)` of the bucket, in order and without gaps. Lazy: a long range costs nothing.

    Raises ValueError for a range outside `0 <= start <= end <= size_bytes`.
    """
    if not 0 <= start <= end <= bucket.size_bytes:
        raise ValueError(f"range {start}-{end} lies outside the bucket's {bucket.size_bytes} bytes")
    return _parts(bucket.documents, start, end)


def _parts(documents: tuple[Document, ...], start: int, end: int) -> Iterator[Part]:
    origin = 0
    for document in documents:
        first, last = max(start, origin), min(end, origin + document.size_bytes)
        position = first - origin
        while position < last - origin:
            index = position // CHUNK
            stop = min((index + 1) * CHUNK, last - origin)
            yield Part(document, index, position - index * CHUNK, stop - index * CHUNK)
            position = stop
        origin += document.size_bytes
        if origin >= end:
            return


def chunk_length(document: Document, index: int) -> int:
    """Bytes that chunk `index` must have. Raises ValueError past the document's end."""
    length = min(CHUNK, document.size_bytes - index * CHUNK)
    if index < 0 or length <= 0:
        raise ValueError(f"chunk {index} lies outside a document of {document.size_bytes} bytes")
    return length


def check(bucket: Bucket) -> None:
    """Raises NotPlayable unless every document's size is known and they add up to the bucket's."""
    if not bucket.documents:
        raise NotPlayable("the bucket names no document")
    if any(document.size_bytes <= 0 for document in bucket.documents):
        raise NotPlayable("the size of a document is not known")
    total = sum(document.size_bytes for document in bucket.documents)
    if total != bucket.size_bytes:
        raise NotPlayable(f"the documents hold {total} bytes, the bucket says {bucket.size_bytes}")
