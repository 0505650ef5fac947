"""What a drill found: a table of figures, and the bounds that were broken."""

from __future__ import annotations

import sys
from collections.abc import Sequence

from msgspec import Struct, field

MIB = 1 << 20
Row = Sequence[object]


class Verdict(Struct):
    """`rows` under `columns`, `notes` in sentences. It holds while `broken` is empty."""

    drill: str
    columns: Row
    rows: list[Row] = field(default_factory=list[Row])
    notes: list[str] = field(default_factory=list[str])
    broken: list[str] = field(default_factory=list[str])

    def enter(self, *row: object) -> None:
        """Add a row, and show on standard error how far the drill has come."""
        self.rows.append(row)
        print(f"{self.drill}:", *(shown(cell) for cell in row), file=sys.stderr, flush=True)

    def hold(self, is_kept: bool, bound: str) -> None:
        """Note a bound that is not kept."""
        if not is_kept:
            self.broken.append(bound)

    def text(self) -> str:
        """The table with its verdict, for people."""
        lines = [f"== {self.drill}", *table(self.columns, self.rows), *self.notes]
        lines += [f"BROKEN: {bound}" for bound in self.broken]
        return "\n".join([*lines, f"{self.drill}: {'broken' if self.broken else 'holds'}"])


def table(columns: Row, rows: Sequence[Row]) -> list[str]:
    """Lines with numbers to the right and the rest to the left."""
    cells = [[str(cell) for cell in columns], *([shown(cell) for cell in row] for row in rows)]
    widths = [max(len(row[place]) for row in cells) for place in range(len(columns))]
    numeric = [bool(rows) and isinstance(rows[0][place], int | float) for place in range(len(columns))]
    return ["  ".join(_cell(*each) for each in zip(row, widths, numeric, strict=True)).rstrip() for row in cells]


def shown(cell: object) -> str:
    """Integers with thousands set off, fractions with three places."""
    if isinstance(cell, float):
        return f"{cell:.3f}"
    return f"{cell:,}" if isinstance(cell, int) else str(cell)


def _cell(text: str, width: int, is_number: bool) -> str:
    return text.rjust(width) if is_number else text.ljust(width)
