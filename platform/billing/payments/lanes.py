"""Several items at once, because a gateway takes half a second for an answer: those of a lane one after another."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Hashable, Sequence
from typing import Final, TypeVar

Item = TypeVar("Item")
Answer = TypeVar("Answer")
AT_ONCE: Final = 8
"""Of one kind of work: at half a second an answer sixteen a second. Stripe takes 25 in test mode, 100 in live mode."""
log = logging.getLogger("marquee.billing")


async def in_lanes(
    items: Sequence[Item],
    verb: Callable[[Item], Awaitable[Answer]],
    *,
    lane: Callable[[Item], Hashable],
    at_once: int = AT_ONCE,
) -> list[Answer]:
    """What the verb answered, in the order of the items, of which `at_once` are worked at a time at most.

    Those of the same lane are worked in their order, never two at once. After an error that the verb lets out, of
    whatever kind, nothing else is begun; what is under way comes to its end, and then the error is raised as it is. Who
    is cancelled cancels all of it.
    """
    lanes: dict[Hashable, list[int]] = {}
    for place, item in enumerate(items):
        lanes.setdefault(lane(item), []).append(place)
    waiting = iter(lanes.values())
    answers: dict[int, Answer] = {}
    errors: list[BaseException] = []

    async def work() -> None:
        for places in waiting:
            for place in places:
                if errors:
                    return
                try:
                    answers[place] = await verb(items[place])
                except BaseException as error:  # noqa: BLE001 - it is raised below: a task would stop the whole loop
                    errors.append(error)

    # Waits for all of them, also when it is cancelled; only then it says so.
    await asyncio.gather(*(work() for _ in range(min(at_once, len(lanes)))), return_exceptions=True)
    for other in errors[1:]:
        log.error("another item failed, too", exc_info=other)
    if errors:
        raise errors[0]
    return [answers[place] for place in range(len(items))]
