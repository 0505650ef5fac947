"""Ships sealed segments to the ledger: in order, each as often as it takes, each counted once."""

from __future__ import annotations

from typing import Protocol

from streaming.meter.records import Usage
from streaming.meter.segments import SegmentLog


class Ledger(Protocol):
    """Where usage is booked by owner and day."""

    async def book(self, owner: str, day: str, *, producer: str, seq: int, size_bytes: int, streams: int) -> bool:
        """Add to the owner's day, durably, unless this producer's `seq` or a later one was added before.

        Says whether it was added now. Raises StorageUnavailable.
        """
        ...


async def ship(log: SegmentLog, ledger: Ledger) -> int:
    """Book every sealed segment, oldest first, and delete what was acknowledged; gives how many.

    The caller holds the producer's slot: segments of one producer are never shipped by two. An error of the ledger
    leaves the segment and all later ones for the next time.
    """
    shipped = 0
    for seq in log.sealed():
        for (owner, day), (size_bytes, streams) in _totals(log.read(seq)).items():
            await ledger.book(owner, day, producer=log.producer, seq=seq, size_bytes=size_bytes, streams=streams)
        log.remove(seq)
        shipped += 1
    return shipped


def _totals(records: list[Usage]) -> dict[tuple[str, str], tuple[int, int]]:
    totals: dict[tuple[str, str], tuple[int, int]] = {}
    for record in records:
        size_bytes, streams = totals.get((record.owner, record.day), (0, 0))
        totals[record.owner, record.day] = size_bytes + record.size_bytes, streams + record.streams
    return totals
