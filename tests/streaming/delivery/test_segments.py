"""Segments survive what a crash does to a disk, and slots outlive processes."""

import errno
import os
import struct
import zlib
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.meter.producers import claim_abandoned, claim_slot
from streaming.meter.records import LARGEST_RECORD, Usage, decode, encode
from streaming.meter.segments import SegmentLog, SegmentsDamaged

ONE = Usage("tenant:a", "s1", "2026-11-22", 1000, 1)
TWO = Usage("tenant:b", "s2", "2026-11-22", 5)
THREE = Usage("tenant:a", "s1", "2026-11-23", 7)


@pytest.fixture
def log(tmp_path: Path) -> SegmentLog:
    return SegmentLog(tmp_path, "n-0")


def test_what_was_appended_is_read_after_sealing(log: SegmentLog) -> None:
    log.append([ONE])
    log.append([TWO, THREE])
    assert log.sealed() == []
    log.seal()
    assert log.sealed() == [1]
    assert log.read(1) == [ONE, TWO, THREE]


def test_nothing_to_write_begins_no_segment(log: SegmentLog, tmp_path: Path) -> None:
    log.append([])
    log.seal()
    assert list(tmp_path.iterdir()) == []


def test_numbers_go_on_after_a_restart_though_the_segments_were_shipped(tmp_path: Path) -> None:
    for expected in (1, 2, 3):
        log = SegmentLog(tmp_path, "n-0")
        log.append([ONE])
        log.seal()
        assert log.sealed() == [expected]
        log.remove(expected)


def test_a_new_process_never_appends_to_the_dead_ones_segment(log: SegmentLog, tmp_path: Path) -> None:
    log.append([ONE])
    heir = SegmentLog(tmp_path, "n-0")
    heir.append([TWO])
    assert heir.sealed() == [1]
    heir.seal()
    assert [heir.read(seq) for seq in heir.sealed()] == [[ONE], [TWO]]


@given(st.lists(st.builds(Usage, st.text(max_size=20), st.text(max_size=20), st.just("d"), st.integers(0, 2**60))))
def test_records_survive_the_round(records: list[Usage]) -> None:
    assert list(decode(encode(records))) == records


def test_a_torn_tail_is_dropped_and_what_stands_before_it_counts() -> None:
    whole = encode([ONE, TWO, THREE])
    intact = len(encode([ONE, TWO]))
    for length in range(intact, len(whole)):
        assert list(decode(whole[:length])) == [ONE, TWO]


def test_a_flipped_bit_ends_the_segment_there() -> None:
    frames = encode([ONE, TWO, THREE])
    first = len(encode([ONE]))
    for position in range(first, len(frames)):
        damaged = bytearray(frames)
        damaged[position] ^= 0x10
        assert list(decode(bytes(damaged)))[:1] == [ONE]
        assert TWO not in list(decode(bytes(damaged))) or THREE not in list(decode(bytes(damaged)))


def test_garbage_after_a_crash_is_no_record() -> None:
    assert list(decode(bytes(4096))) == []
    assert list(decode(b"\xff" * 4096)) == []


def test_a_frame_that_holds_no_record_ends_the_segment_and_is_told(
    log: SegmentLog, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    log.append([ONE])
    log.seal()
    payload = b"\xa3odd"
    frame = struct.pack(">II", len(payload), zlib.crc32(payload)) + payload
    (segment,) = tmp_path.glob("n-0.0*")
    segment.write_bytes(segment.read_bytes() + frame + encode([TWO]))
    assert log.read(1) == [ONE]
    assert f"{len(frame) + len(encode([TWO]))} bytes at its end cannot be read" in caplog.text


def test_a_record_that_could_not_be_read_back_is_refused() -> None:
    with pytest.raises(ValueError, match="usage record"):
        encode([Usage("o" * LARGEST_RECORD, "s", "d", 1)])


def test_a_full_disk_counts_nothing_and_the_same_records_go_in_later(
    log: SegmentLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([ONE])
    real = os.pwrite

    def full(file: int, data: bytes, offset: int) -> int:
        if len(data) > 8:
            return real(file, data[:8], offset)
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "pwrite", full)
    with pytest.raises(OSError, match="No space"):
        log.append([TWO])
    monkeypatch.setattr(os, "pwrite", real)
    log.append([TWO])
    log.seal()
    assert log.read(1) == [ONE, TWO]


def test_a_write_that_failed_leaves_nothing_behind_when_it_was_the_last(
    log: SegmentLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    log.append([ONE])
    real = os.fsync
    calls = iter([OSError(errno.EIO, "Input/output error")])

    def failing(file: int) -> None:
        error = next(calls, None)
        if error is not None:
            raise error
        real(file)

    monkeypatch.setattr(os, "fsync", failing)
    with pytest.raises(OSError, match="Input/output"):
        log.append([TWO])
    log.seal()
    assert log.read(1) == [ONE]


@pytest.mark.parametrize("note", ["", "x", "1_0x"])
def test_a_damaged_note_of_the_next_number_stops_the_meter(tmp_path: Path, note: str) -> None:
    (tmp_path / "n-0.seq").write_text(note)
    with pytest.raises(SegmentsDamaged):
        SegmentLog(tmp_path, "n-0")


def test_segments_without_their_note_stop_the_meter(log: SegmentLog, tmp_path: Path) -> None:
    log.append([ONE])
    (tmp_path / "n-0.seq").unlink()
    with pytest.raises(SegmentsDamaged):
        SegmentLog(tmp_path, "n-0")


def test_processes_share_a_directory_by_slots_and_take_the_lowest_free_one(tmp_path: Path) -> None:
    first, second = claim_slot(tmp_path), claim_slot(tmp_path)
    node = first.producer.removesuffix("-0")
    assert second.producer == f"{node}-1"
    first.release()
    with claim_slot(tmp_path) as again:
        assert again.producer == f"{node}-0"
    second.release()


def test_another_directory_is_another_node(tmp_path: Path) -> None:
    with claim_slot(tmp_path / "a") as one, claim_slot(tmp_path / "b") as other:
        assert one.producer != other.producer


def test_only_slots_of_the_dead_with_segments_are_taken_over(tmp_path: Path) -> None:
    alive, dead, idle = claim_slot(tmp_path), claim_slot(tmp_path), claim_slot(tmp_path)
    for slot in (alive, dead):
        SegmentLog(tmp_path, slot.producer).append([ONE])
    dead.release()
    idle.release()
    abandoned = claim_abandoned(tmp_path)
    assert [slot.producer for slot in abandoned] == [dead.producer]
    assert claim_abandoned(tmp_path) == []
    for slot in (alive, *abandoned):
        slot.release()
