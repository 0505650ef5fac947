"""One batch is written while the next is prepared."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator

import pytest

from billing.periods.pipeline import few_at_once, written_in_turn


class Broken(Exception):
    """What goes wrong here."""


async def test_a_batch_is_written_while_the_next_is_prepared_and_each_in_its_turn() -> None:
    told: list[str] = []

    async def prepared() -> AsyncGenerator[int]:
        for number in range(3):
            told.append(f"prepare {number}")
            await asyncio.sleep(0)
            yield number

    async def write(number: int) -> int:
        told.append(f"write {number}")
        for _ in range(3):
            await asyncio.sleep(0)
        told.append(f"wrote {number}")
        return number + 1

    assert await written_in_turn(prepared(), write) == 6
    assert told.index("prepare 1") < told.index("wrote 0") < told.index("write 1")
    assert told.index("prepare 2") < told.index("wrote 1") < told.index("write 2")
    assert told[-1] == "wrote 2"


async def test_who_prepares_nothing_writes_nothing() -> None:
    async def prepared() -> AsyncGenerator[int]:
        for number in range(0):
            yield number

    async def write(number: int) -> int:
        return number

    assert await written_in_turn(prepared(), write) == 0


@pytest.mark.parametrize("breaks", ["preparing", "writing", "waiting"])
async def test_what_is_raised_on_either_side_ends_both(breaks: str) -> None:
    running: set[str] = set()
    begun = asyncio.Event()

    async def prepared() -> AsyncGenerator[int]:
        running.add("preparing")
        try:
            yield 0
            if breaks == "preparing":
                await begun.wait()
                raise Broken
            yield 1
            yield 2
        finally:
            running.discard("preparing")

    async def write(number: int) -> int:
        running.add("writing")
        begun.set()
        try:
            if breaks == "writing" and number == 1:
                raise Broken
            if breaks in {"preparing", "waiting"}:
                await asyncio.Event().wait()
        finally:
            running.discard("writing")
        return 1

    work = asyncio.ensure_future(written_in_turn(prepared(), write))
    if breaks == "waiting":
        await begun.wait()
        work.cancel()
    with pytest.raises(asyncio.CancelledError if breaks == "waiting" else Broken):
        await work
    assert running == set()


async def test_others_have_their_turn_between_a_few() -> None:
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    beside = asyncio.ensure_future(other())
    assert [item async for item in few_at_once(range(100))] == list(range(100))
    beside.cancel()
    assert turns >= 3
