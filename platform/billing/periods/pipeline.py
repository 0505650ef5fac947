"""Writing one batch while the next is read and reckoned: the database works on one, this process on the other."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Iterable
from contextlib import aclosing
from typing import Final, TypeVar

T = TypeVar("T")
_TOGETHER: Final = 25


async def written_in_turn(prepared: AsyncGenerator[T], write: Callable[[T], Awaitable[int]]) -> int:
    """Writes each, one after another, while the one behind it is prepared; the sum of what the writes gave.

    Whatever is raised on either side ends both.
    """
    written, writing = 0, None
    try:
        async with aclosing(prepared):
            async for each in prepared:
                written += 0 if writing is None else await writing
                writing = asyncio.ensure_future(write(each))
        return written + (0 if writing is None else await writing)
    finally:
        if writing is not None:
            writing.cancel()
            await asyncio.gather(writing, return_exceptions=True)


async def few_at_once(items: Iterable[T]) -> AsyncIterator[T]:
    """The items; between a few and the next whatever else this process does has its turn."""
    for place, item in enumerate(items):
        if place % _TOGETHER == 0:
            await asyncio.sleep(0)
        yield item
