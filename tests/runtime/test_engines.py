from __future__ import annotations

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Generator
from contextlib import contextmanager
from pathlib import Path

import msgspec
import pytest
import redis
from pymongo import AsyncMongoClient, MongoClient

from runtime.engines import guard
from runtime.engines.embedded import engines_for
from runtime.engines.home import Home
from runtime.engines.mongod import Mongod, binary, borrowed_libcurl, system_has
from runtime.engines.process import Identity, end_leftover, identify
from runtime.errors import EngineFailed, HomeInUse, HomeUnusable
from runtime.loading import load_settings
from runtime.settings import Settings

ROOT = Path(__file__).parents[2]


def settings_of(home: Path) -> Settings:
    return load_settings({"MARQUEE_HOME": str(home)})


@contextmanager
def owner(home: Path) -> Generator[tuple[subprocess.Popen[str], str, str]]:
    """Another process that owns the home, with the addresses of its engines."""
    command = [sys.executable, "-m", "tests.runtime.owner", str(home)]
    environ = {**os.environ, "PYTHONPATH": f"{ROOT / 'platform'}:{ROOT}"}
    with subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True) as process:
        try:
            assert process.stdout is not None
            mongodb_uri, redis_url = json.loads(process.stdout.readline())
            yield process, mongodb_uri, redis_url
        finally:
            process.terminate()
            process.wait(30)


def engines_of(home: Path) -> list[Identity]:
    return [
        msgspec.json.decode((home / "run" / f"{name}.json").read_bytes(), type=Identity)
        for name in ("mongod", "valkey")
    ]


def until(condition: Callable[[], bool], seconds: float = 20.0) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not come to be"
        time.sleep(0.02)


def test_a_killed_owner_leaves_no_engine_and_loses_nothing(tmp_path: Path) -> None:
    with owner(tmp_path) as (process, mongodb_uri, redis_url):
        with MongoClient[dict[str, object]](mongodb_uri) as client, redis.Redis.from_url(redis_url) as cache:
            for number in range(200):
                client["marquee"]["locks"].insert_one({"_id": number})
                cache.set(f"kept:{number}", number)
        engines = engines_of(tmp_path)
        assert all(engine.lives for engine in engines)
        process.kill()
        process.wait(10)
        until(lambda: not any(engine.lives for engine in engines), 5)
    assert Home(tmp_path).addresses() is None
    with owner(tmp_path) as (_, again_uri, again_url):
        assert (again_uri, again_url) == (mongodb_uri, redis_url)
        with MongoClient[dict[str, object]](again_uri) as client, redis.Redis.from_url(again_url) as cache:
            assert client["marquee"]["locks"].count_documents({}) == 200
            assert cache.dbsize() == 200
        engines = engines_of(tmp_path)
    assert not any(engine.lives for engine in engines)
    assert not (tmp_path / "run" / "engines.json").exists()


async def test_a_second_owner_is_refused_by_name_and_others_attach(tmp_path: Path) -> None:
    with owner(tmp_path) as (process, mongodb_uri, redis_url):
        with pytest.raises(HomeInUse, match=f"home {tmp_path} is in use by process {process.pid};"):
            async with engines_for(settings_of(tmp_path), attach=False):
                pass
        async with engines_for(settings_of(tmp_path), attach=True) as engines:
            assert (engines.mongodb_uri, engines.redis_url) == (mongodb_uri, redis_url)
            assert not engines.owned
        assert all(engine.lives for engine in engines_of(tmp_path)), "an attached process ends nothing"


@pytest.mark.usefixtures("driver_leftovers")
async def test_engines_that_fall_come_back_at_their_addresses(tmp_path: Path) -> None:
    async with engines_for(settings_of(tmp_path), attach=False) as engines:
        before = engines_of(tmp_path)
        for engine in before:
            os.kill(engine.pid, signal.SIGKILL)
        async with AsyncMongoClient[dict[str, object]](engines.mongodb_uri) as client:
            await client["marquee"]["locks"].insert_one({"_id": 1})
        async with asyncio.timeout(20):
            while engines_of(tmp_path)[1] == before[1]:
                await asyncio.sleep(0.02)


async def test_a_taken_port_is_exchanged_and_the_replica_set_follows(tmp_path: Path) -> None:
    async with engines_for(settings_of(tmp_path), attach=False) as engines:
        first = engines.mongodb_uri
    port = int((tmp_path / "engines" / "mongod.port").read_text(encoding="ascii"))
    with socket.socket() as squatter:
        squatter.bind(("127.0.0.1", port))
        async with engines_for(settings_of(tmp_path), attach=False) as engines:
            assert engines.mongodb_uri != first
            async with AsyncMongoClient[dict[str, object]](engines.mongodb_uri) as client:
                assert (await client["marquee"]["locks"].insert_one({})).acknowledged


async def test_engines_elsewhere_start_nothing(tmp_path: Path) -> None:
    environ = {"MARQUEE_HOME": str(tmp_path), "MONGODB_URI": "mongodb://db/", "REDIS_URL": "redis://cache/"}
    async with engines_for(load_settings(environ), attach=False) as engines:
        assert (engines.mongodb_uri, engines.redis_url) == ("mongodb://db/", "redis://cache/")
    assert not list((tmp_path / "engines").iterdir())


async def test_a_damaged_database_is_named_with_its_last_words(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    mongod = Mongod(home)
    mongod.directory.mkdir()
    (mongod.directory / "WiredTiger.turtle").write_text("not a turtle\n", encoding="utf-8")
    (mongod.directory / "WiredTiger.wt").write_bytes(b"\0" * 4096)
    (mongod.directory / "storage.bson").write_bytes(b"\0" * 64)
    with pytest.raises(
        EngineFailed, match=r"mongod did not start: Unable to read .+ BSON .+\(log: .+mongod\.log\)"
    ) as caught:
        await mongod.start()
    assert "\n" not in str(caught.value)


def test_a_home_that_cannot_be_written_is_refused_in_one_line(tmp_path: Path) -> None:
    occupied = tmp_path / "file"
    occupied.write_text("", encoding="utf-8")
    with pytest.raises(HomeUnusable, match=r"cannot be used: Not a directory"):
        Home(occupied / "home").prepare()
    with pytest.raises(HomeUnusable, match="cannot be used"):
        Home(Path("/proc/marquee")).prepare()


def test_a_full_home_is_refused_with_the_room_it_needs(tmp_path: Path) -> None:
    with pytest.raises(HomeUnusable, match=r"MiB left and the engines need \d+ MiB"):
        Home(tmp_path).prepare(room_bytes=1 << 60)


def test_a_home_is_for_its_user_alone(tmp_path: Path) -> None:
    home = Home(tmp_path / "fresh")
    home.prepare()
    assert (home.root.stat().st_mode & 0o777, home.keys.stat().st_mode & 0o777) == (0o700, 0o700)


def test_addresses_of_a_dead_owner_are_not_believed(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    home.publish("mongodb://x/", "redis://x/")
    said = home.addresses()
    assert said is not None
    assert said.pid == os.getpid()
    stale = msgspec.structs.replace(said, owner=msgspec.structs.replace(said.owner, started_ticks=1))
    home.addresses_file.write_bytes(msgspec.json.encode(stale))
    assert home.addresses() is None
    home.addresses_file.write_bytes(b"{")
    assert home.addresses() is None


async def test_a_leftover_of_a_dead_owner_is_ended_and_a_stranger_is_not() -> None:
    with subprocess.Popen(["sleep", "60"]) as left:
        until(lambda: (who := identify(left.pid)) is not None and who.name == "sleep")
        identity = identify(left.pid)
        assert identity is not None
        await end_leftover(msgspec.structs.replace(identity, started_ticks=identity.started_ticks - 1), 1)
        assert left.poll() is None, "another process under a recycled pid"
        await end_leftover(identity, 5)
        assert left.wait(5) == -signal.SIGTERM


def test_the_guard_starts_nothing_once_the_owner_is_gone(tmp_path: Path) -> None:
    trace = tmp_path / "ran"
    command = [sys.executable, "-I", "-S", guard.__file__, "1", "/usr/bin/touch", str(trace)]
    outcome = subprocess.run(command, capture_output=True, text=True, check=False)
    assert (outcome.returncode, outcome.stderr.strip()) == (1, "the owner is gone")
    assert not trace.exists()


def test_mongod_runs_with_the_libcurl_of_a_wheel(tmp_path: Path) -> None:
    borrowed = borrowed_libcurl(tmp_path / "lib")
    assert borrowed_libcurl(tmp_path / "lib") == borrowed, "the second time it is there"
    outcome = subprocess.run([str(binary()), "--version"], env=borrowed, capture_output=True, text=True, check=False)
    assert outcome.returncode == 0, outcome.stderr
    assert "v6.0" in outcome.stdout
    assert not system_has("libmarquee-has-no-such-library.so.1")
