"""What rating takes and gives: spans of time, late bytes, and the lines of one period's bill."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

LineKind = Literal[
    "base", "addon", "capacity", "bandwidth", "late", "share", "minimum", "discount", "advanced", "advance"
]


class Span(Struct, frozen=True):
    """From `start` on and before `end`, both naive UTC."""

    start: datetime
    end: datetime


class Late(Struct, frozen=True):
    """Bytes of the earlier period `n` that nobody was billed yet; `billed_bytes` are those that were."""

    n: int
    size_bytes: int
    billed_bytes: int


class Line(Struct, frozen=True, kw_only=True):
    """A line of a bill. `amount` is its price in minor units; a discount and what was advanced before are negative.

    `unit_amount` is None where several prices held in the period. `params` is what its text needs to say.
    """

    kind: LineKind
    params: dict[str, str | int] = {}
    quantity: int = 1
    unit_amount: int | None = None
    amount: int
    start: datetime
    end: datetime


class Rated(Struct, frozen=True, kw_only=True):
    """What a period comes to.

    `lines` add up to `subtotal - discount`; `total` is that with the tax, which inclusive prices hold already.
    `advance` is what this bill carries of the next period: what `charges` is to be given as `advanced` when that one is
    closed. `share` are the lines of the platform's share of the revenue; the settlement statement keeps it back, so it
    is neither among `lines` nor in `total`.
    """

    lines: tuple[Line, ...]
    share: tuple[Line, ...] = ()
    subtotal: int
    discount: int
    tax: int
    total: int
    advance: int = 0
    counted_seconds: int
    period_seconds: int

    @property
    def share_amount(self) -> int:
        """The platform's share of the period's revenue."""
        return sum(line.amount for line in self.share)
