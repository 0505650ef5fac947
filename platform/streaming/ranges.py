"""Byte ranges of a request (RFC 9110 section 14): pure, half-open, never more than one part."""

from __future__ import annotations

import re
from collections.abc import Iterable

from msgspec import Struct

LONGEST_HEADER = 1024
MOST_SPECS = 16

_UNIT = re.compile(r"[ \t]*bytes[ \t]*=(?P<set>.*)", re.IGNORECASE | re.DOTALL)
_SPEC = re.compile(r"(?P<first>[0-9]*)-(?P<last>[0-9]*)")


class Whole(Struct, frozen=True):
    """The whole representation: no range was asked, or none that has to be honoured."""


class Part(Struct, frozen=True):
    """Bytes `[start, end)`; never empty, never beyond the size."""

    start: int
    end: int

    @property
    def size_bytes(self) -> int:
        """How many bytes the part holds."""
        return self.end - self.start


class Unsatisfiable(Struct, frozen=True):
    """Every range that was asked lies outside (416)."""


Selection = Whole | Part | Unsatisfiable


def parse_range(header: str | None, size_bytes: int) -> Selection:
    """What a Range header selects of `size_bytes` bytes.

    Malformed headers, other units and headers over the limits are ignored, as RFC 9110 section 14.2 allows: Whole.
    Several ranges give one Part when together they cover one stretch, else Whole (multipart/byteranges is not sent).
    """
    if header is None or len(header) > LONGEST_HEADER:
        return Whole()
    unit = _UNIT.fullmatch(header)
    if unit is None:
        return Whole()
    specs = [spec for spec in (item.strip(" \t") for item in unit["set"].split(",")) if spec]
    if not specs or len(specs) > MOST_SPECS:
        return Whole()
    parts: list[Part] = []
    for spec in specs:
        selected = _parse_spec(spec, size_bytes)
        if isinstance(selected, Whole):
            return selected
        if isinstance(selected, Part):
            parts.append(selected)
    return _one_stretch(parts) if parts else Unsatisfiable()


def _parse_spec(spec: str, size_bytes: int) -> Selection:
    """One int-range or suffix-range; Whole means that the spec, and so the header, is not valid."""
    match = _SPEC.fullmatch(spec)
    if match is None or spec == "-":
        return Whole()
    if not match["first"]:
        suffix = int(match["last"])
        return Part(max(0, size_bytes - suffix), size_bytes) if suffix and size_bytes else Unsatisfiable()
    first = int(match["first"])
    last = int(match["last"]) if match["last"] else max(first, size_bytes - 1)
    if last < first:
        return Whole()
    return Part(first, min(last + 1, size_bytes)) if first < size_bytes else Unsatisfiable()


def _one_stretch(parts: Iterable[Part]) -> Part | Whole:
    ordered = sorted(parts, key=lambda part: part.start)
    start, end = ordered[0].start, ordered[0].end
    for part in ordered[1:]:
        if part.start > end:
            return Whole()
        end = max(end, part.end)
    return Part(start, end)
