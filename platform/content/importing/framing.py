"""Where documents begin and end in a dump: a line each, a JSON array, or objects over many lines.

Frames come with the number of the line that they start on. What is broken spoils as little as can be: a line, or in a
dump of objects over many lines everything up to the next line that opens an object where the first one did.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from itertools import chain
from typing import Final, NamedTuple, Protocol

LONGEST_BYTES: Final = 64 * 1024 * 1024
"""A document of 16 MB is shorter than that, however it is written."""
_MARKS: Final = re.compile(rb'["\\{}\[\]]')
_BOM: Final = b"\xef\xbb\xbf"


class Lines(Protocol):
    """A binary file, as far as frames need it."""

    def readline(self, size: int = -1, /) -> bytes:
        """The next line, at most `size` bytes of it; empty at the end."""
        ...


class Frame(NamedTuple):
    """The text of one document, or the reason why there is none."""

    line: int
    text: bytes
    reason: str | None = None


def frames(source: Lines) -> Iterator[Frame]:
    """Every document's text in the order of the file."""
    numbered = _numbered(source)
    first = next((frame for frame in numbered if frame.text.strip() or frame.reason), None)
    if first is None:
        return
    start = first.text.strip()
    if start == b"{" or (start.startswith(b"[") and not _holds_one(start)):
        yield from _Objects(is_array=start.startswith(b"[")).split(first, numbered)
    elif start.startswith(b"["):
        yield from _array_lines(first, numbered)
    else:
        yield first
        yield from (frame for frame in numbered if frame.text.strip() or frame.reason)


def _numbered(source: Lines) -> Iterator[Frame]:
    number = 0
    while text := source.readline(LONGEST_BYTES):
        number += 1
        if number == 1:
            text = text.removeprefix(_BOM)
        if len(text) == LONGEST_BYTES and not text.endswith(b"\n"):
            while (rest := source.readline(LONGEST_BYTES)) and not rest.endswith(b"\n"):
                pass
            yield Frame(number, b"", f"a line of more than {LONGEST_BYTES} bytes")
        else:
            yield Frame(number, text.strip(b"\r\n"))


def _holds_one(start: bytes) -> bool:
    """Whether the array's first line is the bracket alone with a document, as mongoexport writes it."""
    text = start[1:].strip().rstrip(b",").strip()
    if text.endswith(b"}]"):
        text = text[:-1]
    try:
        return isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _array_lines(first: Frame, rest: Iterator[Frame]) -> Iterator[Frame]:
    closed, last = False, first.line
    for frame in chain([first._replace(text=first.text.strip()[1:])], rest):
        text, last = frame.text.strip(), frame.line
        closed = text == b"]" or text.endswith(b"}]") or (closed and not text)
        if frame.reason or _element(text):
            yield frame._replace(text=_element(text))
    if not closed:
        yield Frame(last, b"", "the array is not closed: the dump may be cut short")


def _element(text: bytes) -> bytes:
    element = text.strip().strip(b",").strip()
    if element == b"]":
        return b""
    return element[:-1].rstrip() if element.endswith(b"}]") else element


class _Objects:
    """Splits objects that stretch over lines, or share one, by their brackets."""

    def __init__(self, *, is_array: bool) -> None:
        self._base = 1 if is_array else 0
        self._depth = 0
        self._in_string = False
        self._parts: list[bytes] = []
        self._size = 0
        self._start = 0
        self._opening: bytes | None = None

    def split(self, first: Frame, rest: Iterator[Frame]) -> Iterator[Frame]:
        last = first.line
        yield from self._line(first)
        for frame in rest:
            last = frame.line
            yield from self._line(frame)
        if self._parts:
            yield Frame(self._start, b"", "the object is not closed")
        elif self._depth:
            yield Frame(last, b"", "the array is not closed: the dump may be cut short")

    def _line(self, frame: Frame) -> Iterator[Frame]:
        if frame.reason is not None:
            yield frame
            return
        if self._parts and frame.text.rstrip() == self._opening:
            yield Frame(self._start, b"", "the object is not closed")
            self._reset()
        begin = outside = 0
        between = b""
        for mark in _MARKS.finditer(frame.text):
            if self._parts or self._begins(mark[0], frame, mark.start()):
                if not self._parts:
                    begin = mark.start()
                    between += frame.text[outside:begin]
                    self._parts.append(b"")
                if self._closes(mark[0], frame.text, mark.start()):
                    self._parts.append(frame.text[begin : mark.end()])
                    yield Frame(self._start, b"\n".join(self._parts).strip())
                    self._reset()
                    begin = outside = mark.end()
        if self._parts:
            yield from self._keep(frame.text[begin:])
        else:
            between += frame.text[outside:]
        if between.strip(b" \t,[]"):
            yield Frame(frame.line, between.strip(b" \t,[]"))

    def _begins(self, mark: bytes, frame: Frame, place: int) -> bool:
        """Outside of an object: whether one begins here; brackets of the array are taken note of."""
        if mark in b"[]":
            self._depth = 1 if mark == b"[" else 0
        if mark != b"{":
            return False
        self._depth = self._base
        self._start = frame.line
        if self._opening is None and frame.text.strip() == b"{":
            self._opening = frame.text[: place + 1]
        return True

    def _closes(self, mark: bytes, text: bytes, place: int) -> bool:
        """Inside of an object: whether it ends here."""
        if mark == b'"':
            self._in_string = not self._in_string or _is_escaped(text, place)
        elif not self._in_string and mark != b"\\":
            self._depth += 1 if mark in b"{[" else -1
            return self._depth <= self._base
        return False

    def _keep(self, text: bytes) -> Iterator[Frame]:
        self._parts.append(text)
        self._size += len(text)
        # A text never holds a bare line break: a string that is open here is broken.
        self._in_string = False
        if self._size > LONGEST_BYTES:
            yield Frame(self._start, b"", f"an object of more than {LONGEST_BYTES} bytes")
            self._reset()

    def _reset(self) -> None:
        self._parts, self._size, self._in_string, self._depth = [], 0, False, self._base


def _is_escaped(text: bytes, place: int) -> bool:
    before = text[:place]
    return (len(before) - len(before.rstrip(b"\\"))) % 2 == 1
