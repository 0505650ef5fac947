"""Leases in Redis: at most so many at once for one subject, each gone when its heartbeats stop.

A subject's leases are one sorted set scored by when they end, by the server's own clock, so nodes need not agree on
the time. Leases may be lost with Redis: players then ask for new ones.
"""

from typing import Final, final

from storage.valkey import Argument, Cache, Scope, Script

_NOW: Final = """
local time = redis.call('TIME')
local now = time[1] * 1000 + math.floor(time[2] / 1000)
"""

_ACQUIRE: Final = Script(
    _NOW
    + """
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now)
    if not redis.call('ZSCORE', KEYS[1], ARGV[1]) and redis.call('ZCARD', KEYS[1]) >= tonumber(ARGV[2]) then
        return 0
    end
    redis.call('ZADD', KEYS[1], now + ARGV[3], ARGV[1])
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[3]) then
        redis.call('PEXPIRE', KEYS[1], ARGV[3])
    end
    return 1
    """
)

_HEARTBEAT: Final = Script(
    _NOW
    + """
    local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
    if not ends or tonumber(ends) <= now then
        return 0
    end
    redis.call('ZADD', KEYS[1], now + ARGV[2], ARGV[1])
    if redis.call('PTTL', KEYS[1]) < tonumber(ARGV[2]) then
        redis.call('PEXPIRE', KEYS[1], ARGV[2])
    end
    return 1
    """
)

_EXISTS: Final = Script(
    _NOW
    + """
    local ends = redis.call('ZSCORE', KEYS[1], ARGV[1])
    return (ends and tonumber(ends) > now) and 1 or 0
    """
)

_RELEASE: Final = Script("return redis.call('ZREM', KEYS[1], ARGV[1])")


@final
class LeaseStore:
    """Leases of one kind, held under `leases:<subject>` of a scope. Every verb raises StorageUnavailable."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def acquire(self, scope: Scope, subject: str, lease_id: str, *, limit: int, ttl_seconds: float) -> bool:
        """Takes one of `limit` places, or renews the one that this lease has. False: all are taken."""
        arguments: list[Argument] = [lease_id, limit, _milliseconds(ttl_seconds)]
        return bool(await self._cache.script(scope, _ACQUIRE, [_key(subject)], arguments))

    async def heartbeat(self, scope: Scope, subject: str, lease_id: str, *, ttl_seconds: float) -> bool:
        """Keeps the lease for another `ttl_seconds`. False: it ran out, was released or revoked, and stays gone."""
        arguments: list[Argument] = [lease_id, _milliseconds(ttl_seconds)]
        return bool(await self._cache.script(scope, _HEARTBEAT, [_key(subject)], arguments))

    async def exists(self, scope: Scope, subject: str, lease_id: str) -> bool:
        """Whether the lease holds now."""
        return bool(await self._cache.script(scope, _EXISTS, [_key(subject)], [lease_id]))

    async def release(self, scope: Scope, subject: str, lease_id: str) -> None:
        """Gives the place back; a lease that is gone already is no error."""
        await self._cache.script(scope, _RELEASE, [_key(subject)], [lease_id])

    async def revoke(self, scope: Scope, subject: str) -> None:
        """Ends every lease of the subject."""
        await self._cache.delete(scope, _key(subject))


def _key(subject: str) -> str:
    return f"leases:{subject}"


def _milliseconds(seconds: float) -> int:
    return max(1, int(seconds * 1_000))
