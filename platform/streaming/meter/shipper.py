"""Ships sealed segments to the ledger: in order, each as often as it takes, each counted once."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct, field

from streaming.meter.records import Usage
from streaming.meter.segments import SegmentLog
from tenancy.usage import Booking


class Ledger(Protocol):
    """Where usage is booked by owner and day."""

    async def book(self, owner: str, day: str, booking: Booking) -> bool:
        """Add to the owner's day, durably, unless this producer's `seq` or a later one was added before.

        Says whether it was added now. Raises StorageUnavailable.
        """
        ...


class _Total(Struct):
    streams: int = 0
    quarters: dict[str, int] = field(default_factory=dict[str, int])


async def ship(log: SegmentLog, ledger: Ledger) -> int:
    """Book every sealed segment, oldest first, and delete what was acknowledged; gives how many.

    The caller holds the producer's slot: segments of one producer are never shipped by two. An error of the ledger
    leaves the segment and all later ones for the next time.
    """
    shipped = 0
    for seq in log.sealed():
        for (owner, day), total in _totals(log.read(seq)).items():
            await ledger.book(owner, day, Booking(log.producer, seq, total.quarters, total.streams))
        log.remove(seq)
        shipped += 1
    return shipped


def _totals(records: list[Usage]) -> dict[tuple[str, str], _Total]:
    totals: dict[tuple[str, str], _Total] = {}
    for record in records:
        total = totals.setdefault((record.owner, record.day), _Total())
        total.quarters[record.time] = total.quarters.get(record.time, 0) + record.size_bytes
        total.streams += record.streams
    return totals
