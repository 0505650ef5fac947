"""The meter as a service: counts by day, waits for a full disk, ships its own segments and those of the dead."""

import errno
from datetime import UTC, datetime
from pathlib import Path

import pytest

from storage.errors import StorageUnavailable
from streaming.meter.meter import Meter
from streaming.meter.producers import claim_slot
from streaming.meter.records import Usage
from streaming.meter.segments import SegmentLog
from streaming.meter.service import metering
from tenancy.usage import Booking
from tests.support.clock import FakeClock
from tests.support.wire import until

pytestmark = pytest.mark.anyio
DAY = "2027-01-15"


class Book:
    """A ledger that remembers what it was told."""

    def __init__(self) -> None:
        self.is_away = False
        self.entries: list[tuple[str, str, int, int]] = []
        self.producers: set[str] = set()

    async def book(self, owner: str, day: str, booking: Booking) -> bool:
        if self.is_away:
            raise StorageUnavailable("away")
        self.entries.append((owner, day, booking.size_bytes, booking.streams))
        self.producers.add(booking.producer)
        return True


async def test_a_day_ends_at_midnight_utc_and_a_stream_counts_once_on_each(tmp_path: Path) -> None:
    clock = FakeClock(datetime(2027, 1, 15, 23, 59, 59, tzinfo=UTC).timestamp())
    log = SegmentLog(tmp_path, "n-0")
    meter = Meter(log, clock=clock)
    for _ in range(2):
        meter.begin("tenant:a", "s")
        meter.add("tenant:a", "s", 10)
    clock.advance(1)
    meter.begin("tenant:a", "s")
    meter.add("tenant:a", "s", 3)
    await meter.flush()
    log.seal()
    assert log.read(1) == [
        Usage("tenant:a", "s", f"{DAY}T23:45", 20, 1),
        Usage("tenant:a", "s", "2027-01-16T00:00", 3, 1),
    ]


async def test_a_full_disk_keeps_counts_in_memory_and_writes_them_later(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    log = SegmentLog(tmp_path, "n-0")
    meter = Meter(log, clock=FakeClock())

    def full(_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as disk:
        disk.setattr(log, "append", full)
        meter.add("tenant:a", "s", 10)
        await meter.flush()
        meter.add("tenant:a", "s", 5)
        await meter.flush()
        assert not meter.durable
    await meter.flush()
    assert meter.durable
    log.seal()
    assert [record.size_bytes for record in log.read(1)] == [15]


async def test_what_is_counted_is_shipped_while_running_and_at_the_end(tmp_path: Path, clock: FakeClock) -> None:
    book = Book()
    async with metering(tmp_path, book, clock=clock, flush_seconds=0.01, ship_seconds=0.02) as meter:
        meter.add("tenant:a", "s", 10)
        await until(lambda: book.entries == [("tenant:a", DAY, 10, 0)])
        meter.add("tenant:a", "s", 7)
    assert sum(size for _, _, size, _ in book.entries) == 17
    assert list(tmp_path.glob("*-0.[0-9]*")) == []


async def test_a_ledger_that_is_away_is_caught_up_with(tmp_path: Path, clock: FakeClock) -> None:
    book = Book()
    book.is_away = True
    async with metering(tmp_path, book, clock=clock, flush_seconds=0.01, ship_seconds=0.02) as meter:
        meter.add("tenant:a", "s", 10)
        await until(lambda: list(tmp_path.glob("*.[0-9]*")) != [])
    assert book.entries == []
    book.is_away = False
    async with metering(tmp_path, book, clock=clock, ship_seconds=0.02):
        await until(lambda: book.entries == [("tenant:a", DAY, 10, 0)])


async def test_a_process_ships_what_dead_ones_left_in_their_slots(tmp_path: Path, clock: FakeClock) -> None:
    dead = [claim_slot(tmp_path) for _ in range(3)]
    for slot in dead:
        SegmentLog(tmp_path, slot.producer).append([Usage("tenant:a", "s", DAY, 5, 1)])
        slot.release()
    book = Book()
    async with metering(tmp_path, book, clock=clock, ship_seconds=0.02):
        await until(lambda: len(book.entries) == 3)
    assert book.producers == {slot.producer for slot in dead}


async def test_a_failed_round_does_not_end_the_meter(tmp_path: Path, clock: FakeClock) -> None:
    class Odd(Book):
        rounds = 0

        async def book(self, owner: str, day: str, booking: Booking) -> bool:
            self.rounds += 1
            if self.rounds == 1:
                raise KeyError("unexpected")
            self.is_away = True
            return True

    book = Odd()
    async with metering(tmp_path, book, clock=clock, flush_seconds=0.01, ship_seconds=0.02) as meter:
        meter.add("tenant:a", "s", 10)
        await until(lambda: book.is_away)
