"""The connection to Redis or Valkey: what may be lost lives here, under the prefix of its scope."""

import hashlib
from collections.abc import Awaitable, Callable, Sequence
from types import TracebackType
from typing import Any, Final, cast, final

from redis.asyncio import BlockingConnectionPool, Redis
from redis.asyncio.client import PubSub
from redis.asyncio.retry import Retry
from redis.backoff import NoBackoff
from redis.exceptions import ConnectionError as RedisConnectionError
from redis.exceptions import NoScriptError, OutOfMemoryError, ReadOnlyError
from redis.exceptions import TimeoutError as RedisTimeoutError

from storage.circuit import Circuit
from storage.errors import StorageUnavailable
from storage.scope import PlatformScope, TenantScope

Scope = TenantScope | PlatformScope
Argument = str | bytes | int | float

_UNREACHABLE: Final = (RedisConnectionError, RedisTimeoutError, ReadOnlyError, OutOfMemoryError, OSError)
_SILENT: Final = (RedisTimeoutError, TimeoutError)


class CacheEdge:
    """`with edge:` around the driver's calls: a Redis that cannot answer is StorageUnavailable.

    One that refuses connections says so at once. One that is silent costs whoever asks the whole time-out, so the
    others do not ask meanwhile.
    """

    __slots__ = ("_circuit",)

    def __init__(self) -> None:
        self._circuit: Final = Circuit("Redis")

    def __enter__(self) -> None:
        self._circuit.pass_through()

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None) -> None:
        if error is None:
            self._circuit.answered()
        elif isinstance(error, _UNREACHABLE):
            if isinstance(error, _SILENT):
                self._circuit.failed()
            raise StorageUnavailable("Redis cannot be reached") from error


@final
class Script:
    """A Lua script, run atomically by the server; known there by its digest after the first run."""

    __slots__ = ("digest", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        # SHA-1 is the name that EVALSHA gives to a script, not a safeguard.
        self.digest = hashlib.sha1(source.encode(), usedforsecurity=False).hexdigest()


def _open(url: str, connections: int) -> "Redis":
    pool = BlockingConnectionPool.from_url(
        url,
        max_connections=connections,
        timeout=2,
        socket_timeout=2,
        socket_connect_timeout=1,
        # One silent retry: a connection that idled through a restart of the server is found dead only when used.
        # Not after a time-out: a script may have run, and whoever waits has waited long enough.
        retry=Retry(NoBackoff(), 1, (RedisConnectionError,)),
        protocol=2,
    )
    return Redis.from_pool(pool)


@final
class Cache:
    """Keys of one Redis. Every verb takes the scope, and no key can be named without one.

    Every verb raises StorageUnavailable when Redis cannot be reached, within about two seconds.
    """

    def __init__(self, redis: "Redis") -> None:
        self.__redis = redis
        self.__edge = CacheEdge()

    @classmethod
    async def connect(cls, url: str, *, connections: int = 64) -> "Cache":
        """Opens a pool and asks the server once. Raises StorageUnavailable, or ValueError for a bad URL."""
        cache = cls(_open(url, connections))
        try:
            await cache.ping()
        except BaseException:
            await cache.close()
            raise
        return cache

    async def ping(self) -> None:
        """Asks the server for a sign of life."""
        with self.__edge:
            await self.__redis.ping()

    async def close(self) -> None:
        """Closes every connection; the Cache is of no use afterwards."""
        await self.__redis.aclose()

    async def get(self, scope: Scope, key: str) -> bytes | None:
        """The value, or None where there is none."""
        with self.__edge:
            return cast("bytes | None", await self.__redis.get(scope.key_prefix + key))

    async def set(self, scope: Scope, key: str, value: bytes | str | int, *, ttl_seconds: float | None = None) -> None:
        """Stores the value, for `ttl_seconds` where they are given."""
        milliseconds = None if ttl_seconds is None else max(1, int(ttl_seconds * 1_000))
        with self.__edge:
            await self.__redis.set(scope.key_prefix + key, value, px=milliseconds)

    async def delete(self, scope: Scope, *keys: str) -> int:
        """How many of the keys there were."""
        if not keys:
            return 0
        with self.__edge:
            return await self.__redis.delete(*(scope.key_prefix + key for key in keys))

    async def incr(self, scope: Scope, key: str, by: int = 1, *, ttl_seconds: float | None = None) -> int:
        """Counts up and gives the new figure; the time to live starts with the first count."""
        ttl = 0 if ttl_seconds is None else max(1, int(ttl_seconds * 1_000))
        return cast("int", await self.script(scope, _COUNT, [key], [by, ttl]))

    async def count_distinct(self, sketches: Sequence[tuple[Scope, str]]) -> list[int]:
        """What each HyperLogLog has counted (none: 0), asked for in one go."""
        if not sketches:
            return []
        with self.__edge:
            async with self.__redis.pipeline(transaction=False) as asked:
                for scope, key in sketches:
                    asked.pfcount(scope.key_prefix + key)
                return cast("list[int]", await asked.execute())

    async def script(self, scope: Scope, script: Script, keys: Sequence[str], arguments: Sequence[Argument]) -> Any:
        """Runs the script with the scope's keys; gives what it returns (int, bytes, list or None)."""
        named = [scope.key_prefix + key for key in keys]
        with self.__edge:
            try:
                return await self.__redis.evalsha(script.digest, len(named), *named, *arguments)
            except NoScriptError:
                return await self.__redis.eval(script.source, len(named), *named, *arguments)

    def _driver(self) -> "tuple[Redis, CacheEdge]":
        return self.__redis, self.__edge


_COUNT: Final = Script(
    """
    local count = redis.call('INCRBY', KEYS[1], ARGV[1])
    if tonumber(ARGV[2]) > 0 and redis.call('PTTL', KEYS[1]) < 0 then
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
    end
    return count
    """
)


async def publish(cache: Cache, channel: str, message: bytes) -> None:
    """Sends the message to whoever listens now. For this room alone: others publish through Events."""
    redis, edge = cache._driver()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the one door
    with edge:
        await redis.publish(channel, message)


def subscription(cache: Cache) -> PubSub:
    """A subscription of its own connection. For this room alone."""
    redis, _ = cache._driver()  # noqa: SLF001  # pyright: ignore[reportPrivateUsage] - the one door
    return redis.pubsub(ignore_subscribe_messages=True)


async def closed(subscribed: PubSub) -> None:
    """Ends a subscription and its connection."""
    close = cast("Callable[[], Awaitable[None]]", subscribed.aclose)
    await close()
