"""One process at a time: a lock document in MongoDB with a lease, so that a dead holder does not hold for ever."""

import asyncio
import secrets
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Final

from storage.errors import Conflict, StorageUnavailable
from storage.moments import Clock, moment
from storage.mongo import Database, collection_of, edge

LEASE_SECONDS: Final = 15.0
_POLL_SECONDS: Final = 0.2


class LockLost(Exception):
    """The lease ran out under its holder: another process may be at work."""


class _Lock:
    def __init__(self, database: Database, name: str, clock: Clock, lease_seconds: float) -> None:
        self._locks = collection_of(database, "locks")
        self._name = name
        self._clock = clock
        self._lease = timedelta(seconds=lease_seconds)
        self._holder = secrets.token_hex(16)

    async def take(self) -> bool:
        now = moment(self._clock())
        try:
            with edge:
                await self._locks.update_one(
                    {"_id": self._name, "until": {"$lte": now}},
                    {"$set": {"holder": self._holder, "until": now + self._lease}},
                    upsert=True,
                )
        except Conflict:  # the lock is there and its lease still runs
            return False
        return True

    async def renew(self) -> bool:
        until = moment(self._clock()) + self._lease
        with edge:
            done = await self._locks.update_one({"_id": self._name, "holder": self._holder}, {"$set": {"until": until}})
        return done.matched_count == 1

    async def give_back(self) -> None:
        with edge:
            await self._locks.delete_one({"_id": self._name, "holder": self._holder})


@asynccontextmanager
async def locked(
    database: Database, name: str, *, clock: Clock, lease_seconds: float = LEASE_SECONDS
) -> AsyncGenerator[None, None]:
    """Waits for the lock and holds it, renewing the lease while the block runs.

    Raises StorageUnavailable, and LockLost when the lease could not be kept until the end.
    """
    lock = _Lock(database, name, clock, lease_seconds)
    while not await lock.take():  # noqa: ASYNC110 - the holder is another process
        await asyncio.sleep(_POLL_SECONDS)
    keeper = asyncio.create_task(_keep(lock, lease_seconds / 3))
    try:
        yield
        if keeper.done() or not await lock.renew():
            raise LockLost(f"the lock {name} was lost while its work ran")
    finally:
        keeper.cancel()
        await asyncio.gather(keeper, return_exceptions=True)
        await lock.give_back()


async def _keep(lock: _Lock, interval_seconds: float) -> None:
    while True:
        await asyncio.sleep(interval_seconds)
        try:
            if not await lock.renew():
                return
        except StorageUnavailable:
            continue  # tried again until the lease itself decides
