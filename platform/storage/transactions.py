"""Several writes that are all made or none: what is counted in one document of what is listed in others.

Inside of a transaction every repository of the same task speaks through it, without being told.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import Awaitable, Callable
from contextvars import ContextVar
from typing import Final, TypeVar

from pymongo.asynchronous.client_session import AsyncClientSession
from pymongo.errors import PyMongoError

from storage.errors import StorageUnavailable
from storage.mongo import Database, driver_of, edge

T = TypeVar("T")
_ATTEMPTS: Final = 40
_FIRST_PAUSE_SECONDS: Final = 0.002
_LONGEST_PAUSE_SECONDS: Final = 0.05
_TRANSIENT: Final = "TransientTransactionError"
_session: Final[ContextVar[AsyncClientSession | None]] = ContextVar("session", default=None)


def session_now() -> AsyncClientSession | None:
    """The session of the transaction that this task is in. For this room alone."""
    return _session.get()


async def all_or_none(database: Database, work: Callable[[], Awaitable[T]]) -> T:
    """What `work` gives, once all that it wrote stands; where it raises, nothing of it does.

    Who writes to the same document meanwhile makes it begin anew, so it does nothing but read and write documents, one
    after another, and lets Conflict pass. Raises StorageUnavailable also where others never let it finish.
    """
    with edge:
        async with driver_of(database).client.start_session() as session:
            for attempt in range(_ATTEMPTS):
                try:
                    return await _once(session, work)
                except PyMongoError as error:
                    if not error.has_error_label(_TRANSIENT):
                        raise
                longest = min(_FIRST_PAUSE_SECONDS * 2**attempt, _LONGEST_PAUSE_SECONDS)
                await asyncio.sleep(random.uniform(0, longest))  # noqa: S311 - to part those who collide, no secret
    raise StorageUnavailable("too many write the same at once")


async def _once(session: AsyncClientSession, work: Callable[[], Awaitable[T]]) -> T:
    async with await session.start_transaction():
        token = _session.set(session)
        try:
            return await work()
        finally:
            _session.reset(token)
