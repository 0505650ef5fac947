"""What a tenant has to pay for time and bytes, reckoned from what happened to it and by no code of the product."""

from __future__ import annotations

from datetime import datetime, timedelta
from fractions import Fraction
from itertools import pairwise

from msgspec import Struct, field

GB = 10**9


class Hold(Struct):
    """One hold, open while `until` is None."""

    kind: str
    since: datetime
    until: datetime | None = None


class Paid(Struct):
    """One payment: what came, what went back for good, and what the payer's bank holds until it has decided."""

    came: int
    back: int = 0
    disputed: dict[str, int] = field(default_factory=dict[str, int])

    @property
    def kept(self) -> int:
        """What we have of it."""
        return self.came - self.back - sum(self.disputed.values())


class Told(Struct):
    """All that happened to one tenant. Prices of the base go by the moment from which they hold."""

    prices: list[tuple[datetime, int]]
    holds: list[Hold] = field(default_factory=list[Hold])
    sent: list[tuple[datetime, int]] = field(default_factory=list[tuple[datetime, int]])
    ends_at: datetime | None = None
    away: list[tuple[datetime, datetime]] = field(default_factory=list[tuple[datetime, datetime]])
    earned: int = 0
    paid: dict[str, Paid] = field(default_factory=dict[str, Paid])
    credited: int = 0

    def held_now(self, kind: str) -> Hold | None:
        """The open hold of the kind."""
        return next((hold for hold in self.holds if hold.kind == kind and hold.until is None), None)

    def counted(self, start: datetime, end: datetime) -> list[tuple[int, int]]:
        """Seconds of `[start, end)` that cost something, each with the price that held."""
        cuts = {start, end}
        for hold in self.holds:
            cuts |= {hold.since, hold.until or end}
        cuts |= {since for since, _ in self.prices}
        cuts |= {moment for span in self.away for moment in span} | {self.ends_at or end}
        moments = sorted(cut.replace(microsecond=0) for cut in cuts if start <= cut <= end)
        found: list[tuple[int, int]] = []
        for one, following in pairwise(moments):
            if self._is_free(one):
                continue
            price = [price for since, price in self.prices if since.replace(microsecond=0) <= one][-1]
            found.append((int((following - one).total_seconds()), price))
        return found

    def _is_free(self, moment: datetime) -> bool:
        if self.ends_at is not None and moment >= self.ends_at:
            return True
        if any(left <= moment < back for left, back in self.away):
            return True
        return any(
            hold.kind in {"billing", "legal"}
            and hold.since.replace(microsecond=0) <= moment
            and (hold.until is None or moment < hold.until.replace(microsecond=0))
            for hold in self.holds
        )

    def base(self, start: datetime, end: datetime, whole: timedelta) -> int:
        """The base of what there is from `start` to `end` of a period that is `whole` long."""
        counted = Fraction(sum(seconds * price for seconds, price in self.counted(start, end)))
        return round(counted / int(whole / timedelta(seconds=1))) if counted else 0

    def sent_between(self, start: datetime, end: datetime) -> int:
        """Bytes of `[start, end)`."""
        return sum(size for moment, size in self.sent if start <= moment < end)
