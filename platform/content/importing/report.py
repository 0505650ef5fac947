"""What an import tells: while it runs, and when it is done."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import Final

from msgspec import Struct, field

MOST_BAD_LINES: Final = 1_000


class BadLine(Struct, frozen=True):
    """A line that was not imported, and why."""

    line: int
    reason: str


class Progress(Struct, frozen=True):
    """How far an import has come."""

    collection: str
    offset_bytes: int
    size_bytes: int
    documents: int


ProgressCallback = Callable[[Progress], None]


class ImportReport(Struct, kw_only=True):
    """The end of an import of one file.

    `bad_lines` holds the first thousand of `refused`. `hidden` counts titles that are not shown, by reason;
    `not_playable` counts buckets, by reason; `jobs` are the titles that a worker will look into.
    """

    collection: str
    place: str
    file: str
    inserted: int = 0
    changed: int = 0
    unchanged: int = 0
    refused: int = 0
    bad_lines: list[BadLine] = field(default_factory=list[BadLine])
    hidden: Counter[str] = field(default_factory=Counter[str])
    not_playable: Counter[str] = field(default_factory=Counter[str])
    jobs: int = 0

    @property
    def read(self) -> int:
        """Documents and broken lines in the file."""
        return self.inserted + self.changed + self.unchanged + self.refused

    def refuse(self, line: int, reason: str) -> None:
        """Takes note of a line that was not imported."""
        self.refused += 1
        if len(self.bad_lines) < MOST_BAD_LINES:
            self.bad_lines.append(BadLine(line, reason))
