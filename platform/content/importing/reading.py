"""Reads a dump's file into decoded documents, in batches small enough to hold."""

from __future__ import annotations

import gzip
import io
import zlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, BinaryIO, Final, NamedTuple, cast

from content.importing.framing import Frame, frames
from storage.extended_json import NotADocument, check_id, decode, fingerprint

BATCH_DOCUMENTS: Final = 500
BATCH_BYTES: Final = 8 * 1024 * 1024
_GZIP: Final = b"\x1f\x8b"
_RESERVED: Final = "_marquee"


class Entry(NamedTuple):
    """A document with what stands for its content, or the reason why the line holds none."""

    line: int
    document: dict[str, Any]
    source: str
    reason: str | None = None


class Batch(NamedTuple):
    """Entries that follow each other, and how far into the file they reach."""

    entries: list[Entry]
    offset_bytes: int


def batches(path: Path) -> Iterator[Batch]:
    """The dump, plain or gzipped, a batch at a time. Raises OSError if the file cannot be read."""
    with path.open("rb") as file:
        packed = file.peek(2).startswith(_GZIP)
        source = io.BufferedReader(cast("io.RawIOBase", gzip.GzipFile(fileobj=file))) if packed else file
        entries: list[Entry] = []
        size = 0
        for frame in _unpacked(source):
            entries.append(_entry(frame))
            size += len(frame.text)
            if len(entries) == BATCH_DOCUMENTS or size > BATCH_BYTES:
                yield Batch(entries, file.tell())
                entries, size = [], 0
        if entries:
            yield Batch(entries, file.tell())


def _unpacked(source: BinaryIO | io.BufferedReader) -> Iterator[Frame]:
    last = 0
    try:
        for frame in frames(source):
            last = frame.line
            yield frame
    except (EOFError, zlib.error, gzip.BadGzipFile) as error:
        yield Frame(last + 1, b"", f"the compressed file is damaged from here on: {error}")


def _entry(frame: Frame) -> Entry:
    if frame.reason is not None:
        return Entry(frame.line, {}, "", frame.reason)
    try:
        document = decode(frame.text)
        check_id(document)
    except NotADocument as error:
        return Entry(frame.line, {}, "", error.reason)
    reserved = next((key for key in document if key.startswith(_RESERVED)), None)
    if reserved is not None:
        return Entry(frame.line, {}, "", f"the key {reserved} is reserved by the platform")
    return Entry(frame.line, document, fingerprint(document))
