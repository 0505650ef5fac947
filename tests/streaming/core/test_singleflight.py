"""One fetch for all who want the same."""

import asyncio

import pytest

from streaming.singleflight import FlightEnded, SingleFlight
from tests.streaming.core.doubles import until

pytestmark = pytest.mark.anyio


class Fetch:
    def __init__(self) -> None:
        self.calls = 0
        self.cancelled = 0
        self.gate = asyncio.Event()

    async def __call__(self) -> int:
        self.calls += 1
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.cancelled += 1
            raise
        return self.calls


async def test_ten_callers_of_one_key_share_one_fetch() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    fetch = Fetch()
    waiting = [asyncio.create_task(flights.run("k", fetch)) for _ in range(10)]
    await until(lambda: flights.joined == 9)
    fetch.gate.set()
    assert await asyncio.gather(*waiting) == [1] * 10
    assert len(flights) == 0


async def test_cancelling_one_waiter_leaves_the_fetch_to_the_others() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    fetch = Fetch()
    leaver, stayer = (asyncio.create_task(flights.run("k", fetch)) for _ in range(2))
    await until(lambda: flights.joined == 1)
    leaver.cancel()
    await asyncio.gather(leaver, return_exceptions=True)
    fetch.gate.set()
    assert await stayer == 1
    assert fetch.cancelled == 0


async def test_the_last_one_to_leave_cancels_the_fetch_and_the_next_caller_starts_anew() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    fetch = Fetch()
    waiting = [asyncio.create_task(flights.run("k", fetch)) for _ in range(3)]
    await until(lambda: fetch.calls == 1)
    for task in waiting:
        task.cancel()
    await asyncio.gather(*waiting, return_exceptions=True)
    assert len(flights) == 0
    again = asyncio.create_task(flights.run("k", fetch))
    fetch.gate.set()
    assert await again == 2
    assert fetch.cancelled == 1


async def test_a_failure_reaches_every_waiter_and_is_not_remembered() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    attempts = 0

    async def fail_once() -> int:
        nonlocal attempts
        attempts += 1
        await asyncio.sleep(0)
        if attempts == 1:
            raise LookupError("gone")
        return attempts

    results = await asyncio.gather(*(flights.run("k", fail_once) for _ in range(3)), return_exceptions=True)
    assert [type(result) for result in results] == [LookupError] * 3
    assert await flights.run("k", fail_once) == 2


async def test_closing_ends_what_is_under_way() -> None:
    flights: SingleFlight[str, int] = SingleFlight()
    fetch = Fetch()
    waiting = asyncio.create_task(flights.run("k", fetch))
    await until(lambda: fetch.calls == 1)
    await flights.close()
    with pytest.raises(FlightEnded):
        await waiting
    assert fetch.cancelled == 1
