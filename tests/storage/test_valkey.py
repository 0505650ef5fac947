"""The cache keeps each owner's keys apart and says when Redis is away."""

import asyncio
import time

import pytest
import redis

from storage.errors import StorageUnavailable
from storage.scope import PlatformScope, TenantScope
from storage.valkey import Cache, Script
from tests.support.wire import wire_to


async def test_keys_of_two_owners_do_not_meet(
    cache: Cache, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    for scope, value in ((scope_a, b"a"), (scope_b, b"b"), (platform, b"p")):
        await cache.set(scope, "k", value)
    assert [await cache.get(scope, "k") for scope in (scope_a, scope_b, platform)] == [b"a", b"b", b"p"]
    assert await cache.delete(scope_a, "k", "other") == 1
    assert await cache.delete(scope_a) == 0
    assert await cache.get(scope_a, "k") is None
    assert await cache.get(scope_b, "k") == b"b"


async def test_a_value_goes_when_its_time_is_up(cache: Cache, scope_a: TenantScope) -> None:
    await cache.set(scope_a, "k", b"v", ttl_seconds=0.02)
    deadline = time.monotonic() + 5
    while await cache.get(scope_a, "k") is not None:
        assert time.monotonic() < deadline


async def test_counting_starts_the_time_to_live_once(cache: Cache, scope_a: TenantScope) -> None:
    assert [await cache.incr(scope_a, "n", ttl_seconds=60) for _ in range(3)] == [1, 2, 3]
    assert await cache.incr(scope_a, "n", by=10) == 13
    ttl = await cache.script(scope_a, Script("return redis.call('PTTL', KEYS[1])"), ["n"], [])
    assert 50_000 < ttl <= 60_000


async def test_a_script_runs_again_after_the_server_forgot_it(
    cache: Cache, scope_a: TenantScope, redis_url: str
) -> None:
    script = Script("return ARGV[1]")
    assert await cache.script(scope_a, script, [], ["x"]) == b"x"
    with redis.Redis.from_url(redis_url) as client:
        client.execute_command("SCRIPT", "FLUSH")
    assert await cache.script(scope_a, script, [], ["y"]) == b"y"


async def test_a_lost_redis_fails_fast_and_comes_back_without_a_restart(redis_url: str, scope_a: TenantScope) -> None:
    async with wire_to(redis_url) as (wire, url):
        cache = await Cache.connect(url)
        await cache.set(scope_a, "k", b"v")
        await wire.cut()
        started = time.monotonic()
        for _ in range(5):
            with pytest.raises(StorageUnavailable):
                await cache.get(scope_a, "k")
        assert time.monotonic() - started < 2
        await wire.mend()
        assert await cache.get(scope_a, "k") == b"v"
        await cache.close()


async def test_a_silent_redis_is_waited_for_by_one_caller_and_not_by_all(redis_url: str, scope_a: TenantScope) -> None:
    async with wire_to(redis_url) as (wire, url):
        cache = await Cache.connect(url)
        await cache.set(scope_a, "k", b"v")
        wire.hold()
        started = time.monotonic()
        with pytest.raises(StorageUnavailable):
            await cache.get(scope_a, "k")
        assert time.monotonic() - started < 3
        started = time.monotonic()
        for _ in range(100):
            with pytest.raises(StorageUnavailable):
                await cache.get(scope_a, "k")
        assert time.monotonic() - started < 0.5
        wire.let_go()
        deadline = time.monotonic() + 5
        while True:
            try:
                assert await cache.get(scope_a, "k") == b"v"
                break
            except StorageUnavailable:
                assert time.monotonic() < deadline
                await asyncio.sleep(0.05)
        await cache.close()


async def test_nobody_listening_is_said_at_once() -> None:
    with pytest.raises(StorageUnavailable):
        await Cache.connect("redis://127.0.0.1:1/0")


@pytest.mark.parametrize("url", ["", "http://127.0.0.1", "redis://127.0.0.1:port"])
async def test_a_bad_url_is_named_as_such(url: str) -> None:
    with pytest.raises(ValueError, match=r"Redis URL|[Pp]ort"):
        await Cache.connect(url)
