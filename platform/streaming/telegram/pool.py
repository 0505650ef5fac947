"""The sessions of one worker to one datacenter."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable
from typing import Final

from streaming.telegram.faults import ConnectionLost, KeyUnknown, RpcFault, WrongAnswer
from streaming.telegram.session import Session

log = logging.getLogger(__name__)

_FIRST_BACKOFF_SECONDS: Final = 0.25
_LONGEST_BACKOFF_SECONDS: Final = 5.0


class Pool:
    """Up to `size` sessions that share the datacenter's authorisation key.

    `connect` opens one authorised session. Sessions are opened by one task at a time; a lost one is replaced in the
    background, after a growing rest where that fails.
    """

    def __init__(self, name: str, size: int, connect: Callable[[], Awaitable[Session]]) -> None:
        self._name = name
        self._size = size
        self._connect = connect
        self._sessions: list[Session] = []
        self._filling: asyncio.Task[None] | None = None
        self._backoff_seconds = 0.0
        self._resume_at = 0.0
        self._trouble: Exception | None = None
        self._closed = False
        self.lost = 0

    @property
    def open_sessions(self) -> int:
        return sum(session.alive for session in self._sessions)

    @property
    def in_flight(self) -> int:
        return sum(session.in_flight for session in self._sessions)

    async def session(self) -> Session:
        """The session with the fewest calls under way.

        Raises ConnectionLost or RpcFault when none can be had; at once where that was just found.
        """
        alive = self._alive()
        if len(alive) < self._size:
            filling = self._fill_soon()
            if not alive:
                if filling is None:
                    raise ConnectionLost(str(self._trouble or f"{self._name} cannot be reached"))
                await asyncio.shield(filling)
                alive = self._alive()
        if not alive:
            raise self._trouble or ConnectionLost(f"{self._name} cannot be reached")
        return min(alive, key=lambda session: session.in_flight)

    async def drop(self) -> None:
        """End all sessions; the next call opens new ones, at once."""
        sessions, self._sessions = self._sessions, []
        self._resume_at = 0.0
        for session in sessions:
            await session.close()

    async def close(self) -> None:
        self._closed = True
        if self._filling is not None:
            self._filling.cancel()
            await asyncio.gather(self._filling, return_exceptions=True)
        await self.drop()

    def _alive(self) -> list[Session]:
        dead = [session for session in self._sessions if not session.alive]
        if dead:
            self.lost += len(dead)
            self._sessions = [session for session in self._sessions if session.alive]
            log.info("%s lost %d of its connections: %s", self._name, len(dead), dead[0].lost)
        return self._sessions

    def _fill_soon(self) -> asyncio.Task[None] | None:
        if self._filling is None or self._filling.done():
            if self._closed or asyncio.get_running_loop().time() < self._resume_at:
                return None
            self._filling = asyncio.create_task(self._fill(), name=f"{self._name} pool")
        return self._filling

    async def _fill(self) -> None:
        """Open what is missing, the first alone: it makes the key and the authorisation that the others share."""
        try:
            if not self._alive():
                await self._open_one()
            missing = self._size - len(self._alive())
            outcomes = await asyncio.gather(*(self._open_one() for _ in range(missing)), return_exceptions=True)
            for failure in filter(None, outcomes):
                raise failure
        except (ConnectionLost, RpcFault, WrongAnswer) as error:
            self._rest(error)
        else:
            self._backoff_seconds, self._trouble = 0.0, None

    async def _open_one(self) -> None:
        self._sessions.append(await self._connect())

    def _rest(self, error: Exception) -> None:
        # a key that turned out unknown has been forgotten: the next try makes another, at once
        wait = 0.0 if isinstance(error, KeyUnknown) else self._backoff_seconds
        self._backoff_seconds = min(max(self._backoff_seconds * 2, _FIRST_BACKOFF_SECONDS), _LONGEST_BACKOFF_SECONDS)
        self._resume_at = asyncio.get_running_loop().time() + wait
        self._trouble = error
        log.info("%s: %s", self._name, error)
