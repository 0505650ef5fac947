"""How many people were on a site in a month, without knowing who: no cookie is set for it and nobody is remembered.

Of a visitor only a hash is kept, under a salt that each site has anew every month, and it ends in a HyperLogLog: from
that no one can be told again. Salt and sketch live in Redis and end with their month; what was counted is folded into
the usage ledger. A page notes its visitor in memory, and the notes go to Redis some seconds later.
"""

import asyncio
import hashlib
import logging
import secrets
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import UTC, datetime
from typing import Final

from storage.errors import StorageUnavailable
from storage.moments import Clock
from storage.scope import TenantScope
from storage.valkey import Argument, Cache, Script

FLUSH_SECONDS: Final = 2.0
MOST_NOTES: Final = 50_000
"""Notes that wait in memory, over all sites; while Redis is away, or in a flood, further ones are not taken."""
_AT_ONCE: Final = 1_000
_KEPT_MILLISECONDS: Final = 40 * 86_400_000
_SALT: Final = Script(
    """
    redis.call('SET', KEYS[1], ARGV[1], 'NX', 'PX', ARGV[2])
    return redis.call('GET', KEYS[1])
    """
)
_ADD: Final = Script(
    """
    redis.call('PFADD', KEYS[1], unpack(ARGV, 2))
    if redis.call('PTTL', KEYS[1]) < 0 then redis.call('PEXPIRE', KEYS[1], ARGV[1]) end
    return 1
    """
)
_log: Final = logging.getLogger(__name__)


def month_of(now: float) -> str:
    """The calendar month in UTC, as YYYY-MM."""
    return datetime.fromtimestamp(now, UTC).strftime("%Y-%m")


class MonthlyVisitors:
    """The sketches in Redis. Every verb raises StorageUnavailable."""

    def __init__(self, cache: Cache) -> None:
        self._cache = cache

    async def add(self, scope: TenantScope, visitors: Iterable[bytes], now: float) -> None:
        """These were on the site in the month of `now`; each is any stable sign of somebody, again counts once."""
        month = month_of(now)
        fresh: list[Argument] = [secrets.token_bytes(32), _KEPT_MILLISECONDS]
        salt: bytes = await self._cache.script(scope, _SALT, [f"visitors:{month}:salt"], fresh)
        hashes = [hashlib.blake2b(visitor, key=salt, digest_size=16).digest() for visitor in visitors]
        for start in range(0, len(hashes), _AT_ONCE):
            some: list[Argument] = [_KEPT_MILLISECONDS, *hashes[start : start + _AT_ONCE]]
            await self._cache.script(scope, _ADD, [_key(month)], some)

    async def counts(self, scopes: Sequence[TenantScope], now: float) -> list[int]:
        """How many each had in the month so far, to about one in a hundred."""
        key = _key(month_of(now))
        return await self._cache.count_distinct([(scope, key) for scope in scopes])


class Visits:
    """What pages note of their visitors, until it is counted."""

    def __init__(self, visitors: MonthlyVisitors, clock: Clock) -> None:
        self._visitors = visitors
        self._clock = clock
        self._notes: dict[TenantScope, set[bytes]] = {}
        self._waiting = 0

    def note(self, scope: TenantScope, *signs: str) -> None:
        """Somebody with these signs sees a page of the site. Waits for nothing; the signs themselves are not kept."""
        notes = self._notes.setdefault(scope, set())
        sign = hashlib.blake2b("\0".join(signs).encode("utf-8", "replace"), digest_size=16).digest()
        if sign not in notes and self._waiting < MOST_NOTES:
            notes.add(sign)
            self._waiting += 1

    async def flush(self) -> None:
        """Counts what was noted so far; what Redis does not take waits. Raises StorageUnavailable."""
        notes, self._notes, self._waiting = self._notes, {}, 0
        try:
            while notes:
                scope, signs = next(iter(notes.items()))
                await self._visitors.add(scope, signs, self._clock())
                del notes[scope]
        finally:
            for scope, signs in notes.items():
                self._notes.setdefault(scope, set()).update(signs)
            self._waiting = sum(map(len, self._notes.values()))


@asynccontextmanager
async def counting_visits(
    cache: Cache, clock: Clock, *, flush_seconds: float = FLUSH_SECONDS
) -> AsyncGenerator[Visits, None]:
    """Visits that are counted every few seconds while the block lasts, and once more at its end."""
    visits = Visits(MonthlyVisitors(cache), clock)
    stop = asyncio.Event()
    counting = asyncio.create_task(_count(visits, flush_seconds, stop), name="visits")
    try:
        yield visits
    finally:
        stop.set()
        await asyncio.gather(counting, return_exceptions=True)


async def _count(visits: Visits, flush_seconds: float, stop: asyncio.Event) -> None:
    while not stop.is_set():
        with suppress(TimeoutError):
            async with asyncio.timeout(flush_seconds):
                await stop.wait()
        try:
            await visits.flush()
        except StorageUnavailable:
            continue  # the notes wait for the next time
        except Exception:  # noqa: BLE001 - the next round may go better
            _log.exception("visits could not be counted")


def _key(month: str) -> str:
    return f"visitors:{month}"
