"""Telegram at its worst, over the wire: exact bytes or a clean early error."""

import asyncio
import random
import time
from collections.abc import Callable

import msgspec
import pytest

from streaming.model import Bucket
from streaming.source import CHUNK, DocumentGone, NotPlayable, SourceUnavailable
from tests.streaming.core.conftest import CHANNEL, Studio, source_of
from tests.streaming.core.doubles import bucket, read, tenant, until

pytestmark = pytest.mark.anyio


async def test_a_document_in_another_datacenter_reads_exactly(studio: Studio) -> None:
    core = await studio.core(studio.settings(workers=2))
    film = await studio.film(core, 5 * CHUNK + 4097, dc_id=4)
    assert await studio.reads_exactly(core, film)
    assert studio.sandbox.counters.calls["auth.importAuthorization"] == 2, "once a worker, whatever the sessions"


async def test_random_ranges_are_exact_under_every_fault_at_once(studio: Studio) -> None:
    core = await studio.core(studio.settings(workers=4), memory_cache_bytes=96 * CHUNK)
    film = await studio.film(core, 300 * CHUNK - 12345, dc_id=4, advertised_dc_id=2)
    studio.sandbox.faults.set(
        flood_every=20,
        flood_seconds=1,
        flood_holds=False,
        expire_reference_every=47,
        drop_every=61,
        cut_every=67,
        unregister_every=71,
    )
    size, edge = film.size_bytes, random.randrange(1, 299) * CHUNK
    ranges = [(0, 1), (size - 1, size), (edge - 1, edge + 1), (edge, edge + CHUNK), (size - 4096, size)]
    ranges += [(start := random.randrange(size), min(size, start + random.randrange(1, CHUNK))) for _ in range(195)]

    viewers = asyncio.Semaphore(25)

    async def check(start: int, end: int) -> None:
        async with viewers:
            assert await read(core, film, tenant("a"), start, end) == studio.content(film, start, end), (start, end)

    await asyncio.gather(*(check(start, end) for start, end in ranges))
    errors = studio.sandbox.counters.errors
    assert {"FLOOD_WAIT_1", "FILE_REFERENCE_EXPIRED", "FILE_MIGRATE_4"} <= set(errors)
    assert errors["FILE_MIGRATE_4"] <= 25, "a migration is remembered"
    assert core.stats["telegram_connections_lost"] > 0


async def test_ten_readers_of_one_cold_film_fetch_each_chunk_once(studio: Studio) -> None:
    core = await studio.core(memory_cache_bytes=64 * CHUNK)
    film = await studio.film(core, 12 * CHUNK + 1)
    readers = (studio.reads_exactly(core, film, tenant(f"t{n}")) for n in range(10))
    assert all(await asyncio.gather(*readers))
    parts = studio.sandbox.counters.file_parts
    assert len(parts) == 13
    assert set(parts.values()) == {1}


async def test_requests_are_spread_over_workers_and_sessions(studio: Studio) -> None:
    core = await studio.core(studio.settings(workers=2, sessions_per_dc=3), parallel_fetches=12)
    films = [await studio.film(core, 4 * CHUNK) for _ in range(6)]
    studio.sandbox.faults.set(latency_seconds=0.03)
    assert all(await asyncio.gather(*(studio.reads_exactly(core, film) for film in films)))
    sessions = studio.sandbox.counters.sessions.values()
    assert sum(session.calls["upload.getFile"] > 0 for session in sessions) == 6


@pytest.mark.parametrize("kind", ["flood_every", "premium_flood_every"])
async def test_a_flood_pauses_its_worker_while_another_goes_on(studio: Studio, kind: str) -> None:
    core = await studio.core(studio.settings(workers=2))
    film = await studio.film(core, 8 * CHUNK)
    assert await studio.reads_exactly(core, film)
    studio.sandbox.counters.reset()
    studio.sandbox.faults.set(**{kind: 7, "flood_seconds": 30, "premium_flood_seconds": 30})
    started = time.monotonic()
    assert await studio.reads_exactly(core, film)
    studio.sandbox.faults.clear()
    assert core.stats["telegram_floods"] == 1
    assert await studio.reads_exactly(core, film)
    assert time.monotonic() - started < 15
    by_worker = {
        user: sum(
            session.calls["upload.getFile"]
            for session in studio.sandbox.counters.sessions.values()
            if session.user_id == user
        )
        for user in (101, 102)
    }
    assert max(by_worker.values()) > 2 * min(by_worker.values()), "the paused worker was left alone"
    assert studio.sandbox.counters.calls_while_flooded <= 2


async def test_when_every_worker_is_flooded_the_read_waits_it_out(studio: Studio) -> None:
    core = await studio.core(studio.settings())
    film = await studio.film(core, CHUNK)
    studio.sandbox.faults.set(flood_probability=1.0, flood_seconds=1)
    waiting = asyncio.create_task(studio.reads_exactly(core, film))
    await until(lambda: core.stats["pauses"] == 1)
    assert core.stats["slots_busy"] == 0
    studio.sandbox.faults.clear()
    assert await waiting


async def test_a_flood_on_looking_messages_up_is_waited_out(studio: Studio) -> None:
    core = await studio.core(studio.settings())
    film = await studio.film(core, CHUNK)
    studio.sandbox.expire_references(film.documents[0].media_id)
    studio.sandbox.faults.set(methods=("channels.getMessages",), flood_probability=1.0, flood_seconds=1)
    waiting = asyncio.create_task(studio.reads_exactly(core, film))
    await until(lambda: core.stats["pauses"] == 1)
    studio.sandbox.faults.clear()
    assert await waiting
    assert studio.sandbox.counters.calls_while_flooded == 0


async def test_a_refused_worker_does_not_stand_in_for_a_flooded_one(studio: Studio) -> None:
    settings = studio.settings()
    core = await studio.core(msgspec.structs.replace(settings, bot_tokens=("no-token", *settings.bot_tokens)))
    film = await studio.film(core, CHUNK)
    studio.sandbox.faults.set(flood_probability=1.0, flood_seconds=1)
    waiting = asyncio.create_task(studio.reads_exactly(core, film))
    await until(lambda: core.stats["pauses"] == 1)
    studio.sandbox.faults.clear()
    assert await waiting


async def test_a_channel_that_no_worker_may_read_is_a_clean_error(studio: Studio) -> None:
    core = await studio.core(studio.settings(storage_channels={-1000000000555: "platform"}))
    with pytest.raises(SourceUnavailable, match="no worker may read"):
        await source_of(core).describe(-1000000000555, 1)


async def test_a_flood_longer_than_patience_is_told_with_its_length(studio: Studio) -> None:
    core = await studio.core(patience_seconds=1)
    film = await studio.film(core, CHUNK)
    studio.sandbox.faults.set(flood_probability=1.0, flood_seconds=300)
    with pytest.raises(SourceUnavailable) as caught:
        await read(core, film, tenant("a"), 0, 10)
    assert 290 < caught.value.retry_after_seconds <= 300


async def test_an_expired_reference_is_fetched_once_for_all_who_wait(studio: Studio) -> None:
    core = await studio.core(studio.settings())
    film = await studio.film(core, 8 * CHUNK)
    studio.sandbox.expire_references(film.documents[0].media_id)
    before = studio.sandbox.counters.calls["channels.getMessages"]
    reads = (read(core, film, tenant("a"), n * CHUNK, n * CHUNK + 1) for n in range(8))
    firsts = [studio.content(film, n * CHUNK, n * CHUNK + 1) for n in range(8)]
    assert await asyncio.gather(*reads) == firsts
    assert studio.sandbox.counters.calls["channels.getMessages"] == before + 1


async def test_references_and_access_hashes_of_the_import_are_never_used(studio: Studio) -> None:
    core = await studio.core()
    film = await studio.film(core, CHUNK)
    bare = msgspec.structs.replace(film.documents[0], access_hash=-1, file_reference=b"placeholder")
    assert await studio.reads_exactly(core, bucket(bare))


async def test_a_move_while_reading_is_followed_and_remembered(studio: Studio) -> None:
    core = await studio.core()
    film = await studio.film(core, 4 * CHUNK, dc_id=2)
    assert await studio.reads_exactly(core, film)
    studio.sandbox.move_document(film.documents[0].media_id, 4)
    assert await studio.reads_exactly(core, film)
    migrated = studio.sandbox.counters.errors["FILE_MIGRATE_4"]
    assert await studio.reads_exactly(core, film)
    assert studio.sandbox.counters.errors["FILE_MIGRATE_4"] == migrated


@pytest.mark.parametrize("dc_id", [2, 4])
async def test_a_lost_sign_in_is_made_again(studio: Studio, dc_id: int) -> None:
    core = await studio.core()
    film = await studio.film(core, 4 * CHUNK, dc_id=dc_id)
    assert await studio.reads_exactly(core, film)
    studio.sandbox.sign_out(dc_id=dc_id)
    assert await studio.reads_exactly(core, film)
    studio.sandbox.sign_out()
    assert await studio.reads_exactly(core, film)
    assert core.stats["telegram_reauthorised"] > 0


@pytest.mark.parametrize("dc_id", [2, 4])
async def test_a_forgotten_key_is_agreed_on_again(studio: Studio, dc_id: int) -> None:
    core = await studio.core()
    film = await studio.film(core, 2 * CHUNK, dc_id=dc_id)
    studio.sandbox.forget_keys()
    assert await studio.reads_exactly(core, film)


async def test_dropped_connections_are_seen_at_once_and_their_chunks_reissued(studio: Studio) -> None:
    core = await studio.core(studio.settings(request_timeout_seconds=30.0))
    film = await studio.film(core, 6 * CHUNK)
    studio.sandbox.faults.set(latency_seconds=0.2)
    started = time.monotonic()
    reading = asyncio.create_task(studio.reads_exactly(core, film))
    await until(lambda: studio.sandbox.counters.calls["upload.getFile"] > 0)
    assert studio.sandbox.reset_connections() > 0
    studio.sandbox.faults.clear()
    assert await reading
    assert time.monotonic() - started < 3
    assert core.stats["telegram_connections_lost"] > 0


async def test_a_hung_connection_is_left_after_the_time_out(studio: Studio) -> None:
    core = await studio.core(studio.settings(request_timeout_seconds=0.5))
    film = await studio.film(core, 4 * CHUNK)
    assert await studio.reads_exactly(core, film)
    studio.sandbox.hang_connections()
    started = time.monotonic()
    assert await studio.reads_exactly(core, film)
    assert time.monotonic() - started < 5


async def test_one_hanging_call_does_not_hold_up_the_rest(studio: Studio) -> None:
    core = await studio.core()
    film = await studio.film(core, 16 * CHUNK)
    studio.sandbox.faults.set(hang_every=7)
    started = time.monotonic()
    assert await studio.reads_exactly(core, film)
    assert time.monotonic() - started < 8


async def test_a_datacenter_that_is_down_is_a_clean_error_and_comes_back_by_itself(studio: Studio) -> None:
    core = await studio.core()
    film = await studio.film(core, CHUNK, dc_id=4)
    near = await studio.film(core, CHUNK, dc_id=2)
    studio.sandbox.faults.set(down_datacenters=(4,))
    studio.sandbox.reset_connections(dc_id=4)
    broken = asyncio.create_task(read(core, film, tenant("a"), 0, 10))
    assert await studio.reads_exactly(core, near)
    started = time.monotonic()
    with pytest.raises(SourceUnavailable):
        await broken
    assert time.monotonic() - started < 6
    studio.sandbox.faults.clear()

    async def back() -> bool:
        try:
            return await studio.reads_exactly(core, film)
        except SourceUnavailable:
            return False

    async with asyncio.timeout(10):
        while not await back():
            await asyncio.sleep(0.1)


async def test_a_deleted_message_is_gone_once_its_reference_is(studio: Studio) -> None:
    core = await studio.core()
    film = await studio.film(core, CHUNK)
    document = film.documents[0]
    assert document.message_id is not None
    studio.sandbox.delete_message(CHANNEL, document.message_id)
    studio.sandbox.expire_references(document.media_id)
    with pytest.raises(DocumentGone):
        await read(core, film, tenant("a"), 0, 10)


Change = Callable[[Bucket], Bucket]


def _with(**changes: object) -> Change:
    def change(film: Bucket) -> Bucket:
        return bucket(msgspec.structs.replace(film.documents[0], **changes))

    return change


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (_with(owner="tenant:a"), "not registered to its owner"),
        (_with(owner="tenant:b"), "another owner"),
        (_with(chat_id=-1000000000999), "not registered"),
        (_with(chat_id=-1000000000077), "not registered"),
        (_with(chat_id=None), "origin message"),
        (_with(message_id=None), "origin message"),
    ],
)
async def test_documents_that_are_not_the_channels_owners_are_refused_before_anything_is_asked(
    studio: Studio, change: Change, reason: str
) -> None:
    core = await studio.core()
    film = change(await studio.film(core, CHUNK))
    studio.sandbox.counters.reset()
    with pytest.raises(NotPlayable, match=reason):
        await core.open(film, tenant("a"))
    assert studio.sandbox.counters.calls["upload.getFile"] == 0


@pytest.mark.parametrize(
    ("change", "error"),
    [
        (_with(media_id=42), DocumentGone),
        (_with(size_bytes=CHUNK + 1), NotPlayable),
        (_with(message_id=4711), DocumentGone),
    ],
)
async def test_imported_keys_that_do_not_fit_the_origin_message_reach_nothing(
    studio: Studio, change: Change, error: type[Exception]
) -> None:
    core = await studio.core()
    film = change(await studio.film(core, CHUNK))
    with pytest.raises(error):
        await read(core, film, tenant("a"), 0, 10)
    assert studio.sandbox.counters.bytes_served == 0


async def test_a_paused_viewer_holds_no_slot(studio: Studio) -> None:
    core = await studio.core(stream_window_bytes=4 * CHUNK)
    film = await studio.film(core, 40 * CHUNK)
    async with await core.open(film, tenant("a")) as reading:
        await anext(reading.read(0, film.size_bytes))
        await until(lambda: core.stats["in_flight"] == 0)
        assert core.stats["slots_busy"] == 0
        assert studio.sandbox.counters.calls["upload.getFile"] <= 5


async def test_leaving_ends_promptly_and_leaks_no_task(studio: Studio) -> None:
    core = await studio.core()
    film = await studio.film(core, 20 * CHUNK)
    assert await studio.reads_exactly(core, film)
    before = asyncio.all_tasks()
    studio.sandbox.faults.set(latency_seconds=5.0)
    waiting = asyncio.create_task(read(core, film, tenant("a"), 0, film.size_bytes))
    await until(lambda: core.stats["in_flight"] > 0)
    waiting.cancel()
    started = time.monotonic()
    await asyncio.gather(waiting, return_exceptions=True)
    assert time.monotonic() - started < 0.5
    assert core.stats["in_flight"] == 0
    ours = {task for task in asyncio.all_tasks() - before if "stream" in task.get_name() or "fetch" in task.get_name()}
    assert not ours


async def test_a_seek_on_a_slow_line_starts_with_a_small_piece(studio: Studio) -> None:
    core = await studio.core(studio.settings(request_timeout_seconds=5.0))
    film = await studio.film(core, 10 * CHUNK)
    studio.sandbox.faults.set(connection_bytes_per_second=2.0 * CHUNK)
    await read(core, film, tenant("a"), 0, 3 * CHUNK)
    assert source_of(core).stats["telegram_chunk_seconds"] > 0.15
    async with await core.open(film, tenant("a")) as reading:
        started = time.monotonic()
        views = reading.read(5 * CHUNK - 9000, 5 * CHUNK)
        first = bytes(await anext(views))
        assert time.monotonic() - started < 0.35
        rest = b"".join([bytes(view) async for view in views])
    assert first + rest == studio.content(film, 5 * CHUNK - 9000, 5 * CHUNK)
    assert core.stats["first_pieces"] == 1
