"""How often a subject may do something: a bucket that refills evenly (GCRA), one script in Redis."""

from typing import Final, final

import msgspec

from storage.valkey import Cache, Scope, Script

# KEYS[1] holds the theoretical arrival time in microseconds: how far the subject has spent ahead of now.
_TAKE: Final = Script(
    """
    local time = redis.call('TIME')
    local now = time[1] * 1000000 + time[2]
    local limit, window = tonumber(ARGV[1]), tonumber(ARGV[2])
    local interval = window / limit
    local spent = math.max(tonumber(redis.call('GET', KEYS[1]) or now), now)
    local after = spent + interval
    if after - now > window then
        return {0, 0, math.ceil(after - now - window)}
    end
    redis.call('SET', KEYS[1], string.format('%.0f', after), 'PX', math.ceil((after - now) / 1000))
    return {1, math.floor((window - (after - now)) / interval), 0}
    """
)


class Verdict(msgspec.Struct, frozen=True):
    """Whether it may, how many more it may at once, and after how long to ask again when it may not."""

    allowed: bool
    remaining: int
    retry_after_seconds: float


@final
class Limits:
    """Rate limits, each named by what it limits (`comment`, `sign-in`) and counted by subject."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def take(self, scope: Scope, name: str, subject: str, *, limit: int, window_seconds: float) -> Verdict:
        """Takes one of `limit` in `window_seconds`. Raises StorageUnavailable: the caller decides if that lets pass."""
        if limit < 1 or window_seconds <= 0:
            raise ValueError("a limit is at least one in a window longer than nothing")
        answer = await self._cache.script(
            scope, _TAKE, [f"limits:{name}:{subject}"], [limit, int(window_seconds * 1_000_000)]
        )
        allowed, remaining, wait_microseconds = answer
        return Verdict(bool(allowed), int(remaining), wait_microseconds / 1_000_000)
