"""Readings: exact bytes, one fetch a chunk, bounded windows, prompt ends."""

import asyncio
import random
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from streaming.source import CHUNK, DocumentGone, NotPlayable, SourcePaused, SourceUnavailable
from tests.streaming.core.doubles import FakeSource, bucket, content, core_on, document, read, tenant, until

pytestmark = pytest.mark.anyio


async def test_random_ranges_over_two_documents_are_exact() -> None:
    one, two = document(1), document(2, CHUNK - 1)
    film = bucket(one, two)
    whole = content(one, 0, one.size_bytes) + content(two, 0, two.size_bytes)
    core = core_on(FakeSource(), memory_cache_bytes=2 * CHUNK)
    for _ in range(60):
        start = random.randrange(film.size_bytes)
        end = random.randrange(start, film.size_bytes) + 1
        assert await read(core, film, tenant("a"), start, end) == whole[start:end]


async def test_slices_are_at_most_256_kib() -> None:
    core = core_on(FakeSource())
    async with await core.open(bucket(document()), tenant("a")) as reading:
        sizes = [len(view) async for view in reading.read(0, 3 * CHUNK)]
    assert max(sizes) == 256 << 10
    assert sum(sizes) == 3 * CHUNK


async def test_ten_readers_of_one_cold_document_fetch_each_chunk_once() -> None:
    source = FakeSource()
    core = core_on(source, memory_cache_bytes=64 * CHUNK)
    film = bucket(document())
    readers = (read(core, film, tenant(f"t{n}"), 0, film.size_bytes) for n in range(10))
    assert set(await asyncio.gather(*readers)) == {content(document(), 0, film.size_bytes)}
    assert set(source.asked.values()) == {1}
    assert core.stats["fetched"] == 4


async def test_what_was_fetched_once_comes_from_the_disk_cache_after_a_restart(tmp_path: Path) -> None:
    film = bucket(document())
    for fetched in (4, 0):
        source = FakeSource()
        core = core_on(source, disk_cache=tmp_path)
        assert await read(core, film, tenant("a"), 0, film.size_bytes) == content(document(), 0, film.size_bytes)
        assert source.asked.total() == fetched
        assert core.stats["from_disk_cache"] == 4 - fetched
        await core.close()


async def test_a_cache_on_a_disk_that_fails_is_done_without(tmp_path: Path) -> None:
    (tmp_path / "blocked").write_text("")
    core = core_on(FakeSource(), disk_cache=tmp_path / "blocked")
    film = bucket(document())
    assert await read(core, film, tenant("a"), 0, film.size_bytes) == content(document(), 0, film.size_bytes)
    await core.close()
    assert core.stats["disk_cache_failing"] == 1


async def test_another_owners_document_is_refused_also_when_it_is_in_the_cache() -> None:
    source = FakeSource()
    core = core_on(source, memory_cache_bytes=64 * CHUNK)
    film = bucket(document(owner="tenant:a"))
    await read(core, film, tenant("a"), 0, 10)
    with pytest.raises(NotPlayable, match="another owner"):
        await core.open(film, tenant("b"))


async def test_a_paused_reader_holds_no_slot_and_no_more_than_its_window() -> None:
    source = FakeSource()
    core = core_on(source, stream_window_bytes=4 * CHUNK)
    film = bucket(document(size_bytes=40 * CHUNK))
    async with await core.open(film, tenant("a")) as reading:
        views = reading.read(0, film.size_bytes)
        await anext(views)
        await until(lambda: core.stats["in_flight"] == 0)
        assert core.stats["slots_busy"] == 0
        assert core.stats["window_bytes"] <= 4 * CHUNK
        asked = source.asked.total()
        await asyncio.sleep(0.05)
        assert source.asked.total() == asked <= 5
    assert core.stats["window_bytes"] == 0


async def test_all_windows_together_stay_within_their_budget() -> None:
    core = core_on(FakeSource(), window_total_bytes=6 * CHUNK, stream_window_bytes=4 * CHUNK)
    films = [bucket(document(n, 10 * CHUNK)) for n in range(6)]

    async def check(n: int) -> None:
        async with await core.open(films[n], tenant("a")) as reading:
            position = 0
            async for view in reading.read(0, films[n].size_bytes):
                position += len(view)
                assert core.stats["window_bytes"] <= 6 * CHUNK
        assert position == films[n].size_bytes

    await asyncio.gather(*(check(n) for n in range(6)))
    assert core.stats["window_bytes"] == 0


async def test_leaving_a_reading_ends_its_fetches_and_leaks_no_task() -> None:
    source = FakeSource()
    source.gate.clear()
    core = core_on(source)
    before = asyncio.all_tasks()
    waiting = asyncio.create_task(read(core, bucket(document()), tenant("a"), 0, 3 * CHUNK))
    await until(lambda: source.running == 2)
    waiting.cancel()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    await until(lambda: source.running == 0)
    assert source.cancelled == 2
    await until(lambda: asyncio.all_tasks() == before)


async def test_one_reader_leaving_does_not_disturb_another_of_the_same_chunk() -> None:
    source = FakeSource()
    source.gate.clear()
    core = core_on(source)
    film = bucket(document(size_bytes=100))
    leaver, stayer = (asyncio.create_task(read(core, film, tenant(name), 0, 100)) for name in "ab")
    await until(lambda: core.stats["joined"] == 1)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    source.gate.set()
    assert await stayer == content(film.documents[0], 0, 100)


async def test_a_crowd_of_one_tenant_does_not_starve_another() -> None:
    source = FakeSource()
    core = core_on(source, parallel_fetches=2)
    crowd = [read(core, bucket(document(n, CHUNK)), tenant("crowd"), 0, 9) for n in range(60)]
    pair = [read(core, bucket(document(1000 + n, CHUNK)), tenant("pair"), 0, 9) for n in range(2)]
    await asyncio.gather(*crowd, *pair)
    turns = [name for name, _, _ in source.order]
    assert max(n for n, name in enumerate(turns) if name == "pair") < 8
    assert source.most_running == 2


async def test_a_pause_gives_the_slot_back_and_the_chunk_comes_after_it() -> None:
    source = FakeSource()
    source.faults = [SourcePaused("flood", 0.15)]
    core = core_on(source, parallel_fetches=1)
    slow = asyncio.create_task(read(core, bucket(document(1, 100)), tenant("a"), 0, 100))
    await until(lambda: core.stats["pauses"] == 1)
    assert core.stats["slots_busy"] == 0
    assert await read(core, bucket(document(2, 100)), tenant("b"), 0, 100) == content(document(2), 0, 100)
    assert not slow.done()
    assert await slow == content(document(1), 0, 100)


async def test_a_pause_longer_than_patience_is_a_clean_error_with_its_length() -> None:
    source = FakeSource()
    source.faults = [SourcePaused("flood", 500)]
    with pytest.raises(SourceUnavailable) as caught:
        await read(core_on(source), bucket(document()), tenant("a"), 0, 10)
    assert caught.value.retry_after_seconds == 500


def _cut_short(chunk: bytes) -> bytes:
    return chunk[:-1]


def _lengthened(chunk: bytes) -> bytes:
    return chunk + b"x"


def _emptied(chunk: bytes) -> bytes:
    return chunk[:0]


@pytest.mark.parametrize("bend", [_cut_short, _lengthened, _emptied])
async def test_a_chunk_of_the_wrong_length_is_never_passed_on(bend: Callable[[bytes], bytes]) -> None:
    source = FakeSource()
    source.bend = bend
    core = core_on(source, memory_cache_bytes=64 * CHUNK)
    with pytest.raises(SourceUnavailable, match="bytes for a chunk"):
        await read(core, bucket(document()), tenant("a"), 0, 10)
    assert core.stats["memory_cache_bytes"] == 0


async def test_a_source_that_hangs_ends_in_a_clean_error() -> None:
    source = FakeSource()
    source.gate.clear()
    core = core_on(source, patience_seconds=0.1)
    with pytest.raises(SourceUnavailable, match="in time"):
        await read(core, bucket(document(size_bytes=10)), tenant("a"), 0, 10)
    assert core.stats["slots_busy"] == 0


async def test_a_failure_in_the_middle_comes_after_exact_bytes() -> None:
    source = FakeSource()
    core = core_on(source, stream_window_bytes=CHUNK)
    got = b""

    async def drain() -> None:
        nonlocal got
        async with await core.open(bucket(document()), tenant("a")) as reading:
            async for view in reading.read(5, 3 * CHUNK):
                got += view
                source.faults = [DocumentGone("deleted")]

    with pytest.raises(DocumentGone):
        await drain()
    assert got == content(document(), 5, 5 + len(got))
    assert len(got) == CHUNK - 5


async def test_a_small_first_piece_starts_a_seek_ahead_of_its_chunk() -> None:
    source = FakeSource()
    source.gate.clear()
    source.first_piece = 1000
    core = core_on(source)
    async with await core.open(bucket(document()), tenant("a")) as reading:
        views = reading.read(CHUNK + 50, 2 * CHUNK + 9)
        first = bytes(await anext(views))
        assert first == content(document(), CHUNK + 50, CHUNK + 1050)
        source.gate.set()
        rest = b"".join([bytes(view) async for view in views])
    assert first + rest == content(document(), CHUNK + 50, 2 * CHUNK + 9)
    assert core.stats["first_pieces"] == 1


@pytest.mark.parametrize("span", [1, 999, 1000, 1001])
async def test_a_range_about_as_long_as_the_first_piece_is_exact(span: int) -> None:
    source = FakeSource()
    source.first_piece = 1000
    core = core_on(source)
    assert await read(core, bucket(document()), tenant("a"), 7, 7 + span) == content(document(), 7, 7 + span)


async def test_the_window_deepens_for_a_quick_viewer_of_a_far_source() -> None:
    source = FakeSource()
    source.delay_seconds = 0.02
    core = core_on(source, stream_window_bytes=16 * CHUNK)
    film = bucket(document(size_bytes=64 * CHUNK))
    async with await core.open(film, tenant("a")) as reading:
        async for _ in reading.read(0, film.size_bytes):
            pass
    assert source.most_running > 6


async def test_closing_the_core_ends_what_is_under_way() -> None:
    source = FakeSource()
    source.gate.clear()
    core = core_on(source)
    waiting = asyncio.create_task(read(core, bucket(document()), tenant("a"), 0, 10))
    await until(lambda: source.running > 0)
    await core.close()
    with pytest.raises(SourceUnavailable, match="closing"):
        await waiting
    assert source.closed
    assert source.running == 0


async def test_a_reading_closed_from_elsewhere_ends_in_an_error_and_never_as_if_complete() -> None:
    source = FakeSource()
    core = core_on(source, stream_window_bytes=2 * CHUNK)
    film = bucket(document())
    reading = await core.open(film, tenant("a"))
    views = reading.read(0, film.size_bytes)
    await anext(views)
    await reading.close()

    async def drain() -> None:
        async for _ in views:
            pass

    with pytest.raises(SourceUnavailable, match="closed"):
        await drain()
    source.gate.clear()
    second = await core.open(film, tenant("a"))
    waiting = asyncio.create_task(_first(second.read(0, 10)))
    await until(lambda: source.running > 0)
    await second.close()
    with pytest.raises(SourceUnavailable, match="closed"):
        await waiting


async def _first(views: AsyncIterator[memoryview]) -> memoryview:
    return await anext(views)
