"""Chunk caches in memory and on disk."""

import asyncio
import errno
import logging
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

import streaming
from streaming.cache import files, janitor
from streaming.cache.disk import DiskCache
from streaming.cache.memory import MemoryCache
from streaming.model import ChunkKey, Document, chunk_key
from streaming.source import CHUNK, Chunk

pytestmark = pytest.mark.anyio


def key(index: int = 0, *, owner: str = "platform", media_id: int = 1, size: int = 9, file_hash: str = "h") -> ChunkKey:
    document = Document(owner=owner, media_id=media_id, size_bytes=size, file_hash=file_hash)
    return chunk_key(document, index)


def on_disk(root: Path) -> int:
    return sum(path.stat().st_size for path in root.rglob("*") if path.is_file())


def test_memory_is_bounded_in_bytes_and_the_least_recently_used_goes_first() -> None:
    cache = MemoryCache(100)
    cache.put(key(1), b"a" * 40)
    cache.put(key(2), b"b" * 40)
    assert cache.get(key(1)) is not None
    cache.put(key(3), b"c" * 40)
    assert (key(1) in cache, key(2) in cache, key(3) in cache) == (True, False, True)
    assert cache.used_bytes == 80


def test_memory_counts_a_replaced_chunk_once_and_takes_none_larger_than_itself() -> None:
    cache = MemoryCache(100)
    cache.put(key(1), b"a" * 60)
    cache.put(key(1), b"b" * 50)
    cache.put(key(2), b"c" * 101)
    assert (cache.used_bytes, len(cache)) == (50, 1)
    cache.drop(key(1))
    assert (cache.used_bytes, cache.get(key(1))) == (0, None)


@pytest.mark.parametrize("stranger", [key(owner="tenant:b"), key(media_id=2), key(size=10), key(file_hash="x"), key(1)])
async def test_a_hash_that_an_import_names_reaches_no_other_owners_chunk(tmp_path: Path, stranger: ChunkKey) -> None:
    cache = DiskCache(tmp_path, 10 * CHUNK)
    cache.put(key(), b"secret")
    await cache.flush()
    assert await cache.get(key(), 6) == b"secret"
    assert await cache.get(stranger, 6) is None


async def test_what_one_process_stored_another_reads(tmp_path: Path) -> None:
    writer, reader = DiskCache(tmp_path, 10 * CHUNK), DiskCache(tmp_path, 10 * CHUNK)
    writer.put(key(), memoryview(b"shared"))
    await writer.close()
    assert await reader.holds(key())
    assert await reader.get(key(), 6) == b"shared"
    assert (reader.hits, reader.misses) == (1, 0)


@pytest.mark.parametrize("damage", ["cut", "flipped", "longer", "empty", "renamed"])
async def test_a_torn_file_reads_as_absent_and_is_removed(tmp_path: Path, damage: str) -> None:
    cache = DiskCache(tmp_path, 10 * CHUNK)
    cache.put(key(), b"x" * 1000)
    await cache.flush()
    path = files.path_of(tmp_path, files.digest(key()))
    whole = path.read_bytes()
    flipped = whole[:500] + bytes([whole[500] ^ 1]) + whole[501:]
    target = path
    if damage == "renamed":
        target = files.path_of(tmp_path, files.digest(key(7)))
        target.parent.mkdir(exist_ok=True)
    target.write_bytes({"cut": whole[:-1], "flipped": flipped, "longer": whole + b"x", "empty": b""}.get(damage, whole))
    assert await cache.get(key(7) if damage == "renamed" else key(), 1000) is None
    assert not target.exists()


async def test_the_disk_cache_stays_within_its_bound_and_keeps_what_was_used_last(tmp_path: Path) -> None:
    bound = 8 * CHUNK
    cache = DiskCache(tmp_path, bound)
    for index in range(20):
        cache.put(key(index), bytes(CHUNK))
        await cache.flush()
        assert on_disk(tmp_path) <= bound
        os.utime(files.path_of(tmp_path, files.digest(key(index))), (index, index))
        assert await cache.get(key(0), CHUNK) is not None, "a hit keeps a chunk young"
    assert await cache.get(key(19), CHUNK) is not None
    assert await cache.get(key(1), CHUNK) is None


async def test_two_processes_together_stay_within_the_bound(tmp_path: Path) -> None:
    caches = [DiskCache(tmp_path, 16 * CHUNK), DiskCache(tmp_path, 16 * CHUNK)]
    for index in range(60):
        caches[index % 2].put(key(index), bytes(CHUNK))
        await caches[index % 2].flush()
    assert on_disk(tmp_path) <= 16 * CHUNK


def test_unfinished_files_of_a_crash_are_removed_once_they_are_old(tmp_path: Path) -> None:
    folder = tmp_path / "ab"
    folder.mkdir()
    old, young = folder / "1.9-x.part", folder / "2.9-x.part"
    for path in (old, young):
        path.write_bytes(b"half")
    an_hour_ago = time.time() - 3600
    os.utime(old, (an_hour_ago, an_hour_ago))
    assert janitor.sweep(tmp_path, 1000, 900) == 4
    assert (old.exists(), young.exists()) == (False, True)


def test_only_one_process_sweeps_at_a_time(tmp_path: Path) -> None:
    with janitor.locked(tmp_path) as first:
        assert first
        assert janitor.sweep(tmp_path, 0, 0) is None
    assert janitor.sweep(tmp_path, 0, 0) == 0


async def test_a_full_disk_is_said_once_and_left_alone_until_it_recovers(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    full = True

    def write(root: Path, name: bytes, chunk: Chunk) -> int:
        if full:
            raise OSError(errno.ENOSPC, "No space left on device")
        return files.write(root, name, chunk)

    cache = DiskCache(tmp_path, 10 * CHUNK, write=write, rest_seconds=0.0)
    with caplog.at_level(logging.INFO):
        for index in range(5):
            cache.put(key(index), b"x")
            await cache.flush()
        assert (cache.failing, cache.failures) == (True, 5)
        assert await cache.get(key(0), 1) is None
        full = False
        cache.put(key(0), b"x")
        await cache.flush()
    assert not cache.failing
    assert await cache.get(key(0), 1) == b"x"
    assert [record.levelname for record in caplog.records] == ["WARNING", "INFO"]


async def test_a_failing_disk_is_not_tried_again_at_every_chunk(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("not a folder")
    cache = DiskCache(blocked, 10 * CHUNK, rest_seconds=60.0)
    for _ in range(5):
        cache.put(key(), b"x")
        await cache.flush()
    assert (cache.failures, cache.dropped_writes) == (1, 4)
    assert await cache.get(key(), 1) is None


_SOURCE_ROOT = str(Path(streaming.__file__).parents[1])
_WRITER = """
import sys, os
from pathlib import Path
from streaming.cache import files
from streaming.model import ChunkKey
print("on", flush=True)
n = 0
while True:
    name = files.digest(ChunkKey("platform", n % 8, 1 << 20, "h", None, 0))
    files.write(Path(sys.argv[1]), name, bytes([n % 256]) * (1 << 20))
    n += 1
"""


async def test_killed_while_writing_it_never_gives_a_wrong_chunk(tmp_path: Path) -> None:
    for _ in range(3):
        command = [sys.executable, "-c", _WRITER, str(tmp_path)]
        with subprocess.Popen(command, stdout=subprocess.PIPE, env={"PYTHONPATH": _SOURCE_ROOT}) as writer:
            assert writer.stdout is not None
            writer.stdout.readline()
            deadline = time.monotonic() + 5
            while not any(tmp_path.rglob("*.chunk")) and time.monotonic() < deadline:
                await asyncio.sleep(0.001)
            writer.send_signal(signal.SIGKILL)
    for media_id in range(8):
        name = files.digest(ChunkKey("platform", media_id, 1 << 20, "h", None, 0))
        chunk = files.read(tmp_path, name, 1 << 20)
        assert chunk is None or chunk == chunk[:1] * (1 << 20)
    assert any(tmp_path.rglob("*.chunk"))


_CLAIMER = """
import sys, time
from pathlib import Path
from streaming.cache import files
from streaming.cache.claims import Claims
from streaming.model import ChunkKey
claims, name = Claims(Path(sys.argv[1])), files.digest(ChunkKey("platform", 1, 9, "h", None, 0))
print(claims.take(name), flush=True)
sys.stdin.readline()
if sys.argv[2] == "stores":
    files.write(Path(sys.argv[1]), name, b"theirs")
"""


@pytest.mark.parametrize(("deed", "found"), [("stores", b"theirs"), ("dies", None)])
async def test_what_another_process_is_fetching_is_waited_for_until_it_is_stored_or_dead(
    tmp_path: Path, deed: str, found: bytes | None
) -> None:
    cache = DiskCache(tmp_path, 10 * CHUNK)
    command = [sys.executable, "-c", _CLAIMER, str(tmp_path), deed]
    environment = {"PYTHONPATH": _SOURCE_ROOT}
    with subprocess.Popen(command, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as other:
        assert other.stdout is not None
        assert other.stdout.readline() == b"True\n"
        waiting = asyncio.create_task(cache.get_or_claim(key(), 6))
        await asyncio.sleep(0.1)
        assert not waiting.done()
        if deed == "dies":
            other.kill()
        else:
            assert other.stdin is not None
            other.stdin.write(b"\n")
            other.stdin.flush()
        assert await waiting == found
    await cache.close()


async def test_a_claim_ends_with_the_write_or_when_it_is_abandoned(tmp_path: Path) -> None:
    cache = DiskCache(tmp_path, 10 * CHUNK)
    assert await cache.get_or_claim(key(), 1) is None
    cache.abandon(key())
    cache.abandon(key())
    assert await cache.get_or_claim(key(), 1) is None
    cache.put(key(), b"x")
    await cache.flush()
    assert await cache.get_or_claim(key(), 1) == b"x"
    await cache.close()


async def test_claims_are_granted_where_the_disk_cannot_keep_them(tmp_path: Path) -> None:
    blocked = tmp_path / "file"
    blocked.write_text("")
    cache = DiskCache(blocked, 10 * CHUNK)
    assert await cache.get_or_claim(key(), 1) is None
    await cache.close()
