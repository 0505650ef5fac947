"""One fetch for all who want the same thing at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Hashable
from typing import Generic, TypeVar

K = TypeVar("K", bound=Hashable)
V = TypeVar("V")


class FlightEnded(Exception):
    """The fetch was ended by `close` under those who waited for it."""


class Flight(Generic[V]):
    """A fetch under way and the number of those who wait for it."""

    __slots__ = ("task", "waiters")

    def __init__(self, task: asyncio.Task[V]) -> None:
        self.task = task
        self.waiters = 0


class SingleFlight(Generic[K, V]):
    """Joins callers by key.

    Cancelling one waiter leaves the fetch to the others; when the last one leaves, the fetch is cancelled. A failure
    reaches every waiter and is not remembered.
    """

    def __init__(self) -> None:
        self._flights: dict[K, Flight[V]] = {}
        self.started = 0
        self.joined = 0

    def __len__(self) -> int:
        return len(self._flights)

    def flying(self, key: K) -> bool:
        return key in self._flights

    async def run(self, key: K, fetch: Callable[[], Awaitable[V]]) -> V:
        """The result of `fetch` for `key`: the one under way, or a new one. Raises what it raises, or FlightEnded."""
        flight = self._flights.get(key)
        if flight is None:
            flight = self._launch(key, fetch)
        else:
            self.joined += 1
        flight.waiters += 1
        try:
            return await asyncio.shield(flight.task)
        except asyncio.CancelledError:
            if flight.task.cancelled() and not _is_being_cancelled():
                raise FlightEnded from None
            raise
        finally:
            flight.waiters -= 1
            if flight.waiters == 0 and not flight.task.done():
                self._forget(key, flight)
                flight.task.cancel()

    def _launch(self, key: K, fetch: Callable[[], Awaitable[V]]) -> Flight[V]:
        async def fly() -> V:
            return await fetch()

        flight = Flight(asyncio.create_task(fly(), name=f"fetch {key}"))
        self._flights[key] = flight
        self.started += 1
        flight.task.add_done_callback(lambda task: self._landed(key, flight, task))
        return flight

    def _landed(self, key: K, flight: Flight[V], task: asyncio.Task[V]) -> None:
        self._forget(key, flight)
        if not task.cancelled():
            task.exception()  # retrieved, so that a failure nobody waits for any more is not reported as lost

    def _forget(self, key: K, flight: Flight[V]) -> None:
        if self._flights.get(key) is flight:
            del self._flights[key]

    async def close(self) -> None:
        """Cancel what is under way and wait until it has ended."""
        tasks = [flight.task for flight in self._flights.values()]
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


def _is_being_cancelled() -> bool:
    task = asyncio.current_task()
    return task is not None and task.cancelling() > 0
