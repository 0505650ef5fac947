"""Fairness of chunk requests over tenants."""

import asyncio
from collections import Counter

import pytest

from streaming.scheduler import FairQueue, Lanes

pytestmark = pytest.mark.anyio


async def _serve(queue: FairQueue, tenant: str, weight: int, served: list[str]) -> None:
    async with queue.slot(queue.ticket(tenant, weight)):
        served.append(tenant)
        await asyncio.sleep(0)


async def _run(requests: list[tuple[str, int]], slots: int) -> list[str]:
    queue = FairQueue(slots)
    served: list[str] = []
    async with asyncio.TaskGroup() as group:
        for tenant, weight in requests:
            group.create_task(_serve(queue, tenant, weight, served))
    assert (queue.busy, queue.waiting) == (0, 0)
    return served


async def test_two_requests_are_not_starved_by_two_hundred_that_came_first() -> None:
    served = await _run([("crowd", 1)] * 200 + [("pair", 1)] * 2, slots=4)
    assert max(n for n, tenant in enumerate(served) if tenant == "pair") < 10
    assert len(served) == 202


async def test_a_tier_of_three_is_served_three_times_as_often_while_both_wait() -> None:
    served = await _run([("small", 1)] * 100 + [("large", 3)] * 100, slots=1)
    share = Counter(served[:80])
    assert share["large"] == pytest.approx(60, abs=2)


async def test_a_lone_tenant_gets_every_slot() -> None:
    queue = FairQueue(8)
    tickets = [queue.ticket("alone") for _ in range(20)]
    assert sum(ticket.granted.done() for ticket in tickets) == 8
    assert (queue.busy, queue.waiting) == (8, 12)


async def test_a_tenant_who_comes_back_has_neither_credit_nor_debt() -> None:
    queue = FairQueue(1)
    served: list[str] = []
    async with asyncio.TaskGroup() as group:
        for _ in range(50):
            group.create_task(_serve(queue, "busy", 1, served))
        while len(served) < 30:
            await asyncio.sleep(0)
        for _ in range(10):
            group.create_task(_serve(queue, "late", 1, served))
    tail = served[served.index("late") :][:16]
    assert Counter(tail)["late"] == pytest.approx(8, abs=1)


async def test_a_cancelled_request_gives_its_place_and_its_slot_back() -> None:
    queue = FairQueue(1)
    served: list[str] = []
    async with queue.slot(queue.ticket("a")):
        gone = asyncio.create_task(_serve(queue, "b", 1, served))
        kept = asyncio.create_task(_serve(queue, "c", 1, served))
        await asyncio.sleep(0)
        gone.cancel()
    await asyncio.gather(gone, kept, return_exceptions=True)
    assert served == ["c"]
    assert (queue.busy, queue.waiting) == (0, 0)


async def test_a_request_cancelled_at_the_moment_of_its_grant_leaks_no_slot() -> None:
    queue = FairQueue(1)
    served: list[str] = []
    task = asyncio.create_task(_serve(queue, "b", 1, served))
    async with queue.slot(queue.ticket("a")):
        await asyncio.sleep(0)
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    assert (served, queue.busy) == ([], 0)


async def test_a_shared_chunk_comes_with_the_turn_of_whoever_is_next() -> None:
    queue = FairQueue(1)
    async with queue.slot(queue.ticket("first")):
        crowd = [queue.ticket("crowd") for _ in range(50)]
        shared = crowd[-1]
        shared.join("pair", 1)
        assert not shared.granted.done()
    await asyncio.sleep(0)
    queue_order = [ticket for ticket in crowd if ticket.granted.done()]
    assert len(queue_order) == 1
    async with queue.slot(queue_order[0]):
        pass
    assert shared.granted.done()


async def test_lanes_do_not_hold_each_other_up() -> None:
    lanes = Lanes(1)
    slow, quick = lanes.queue("slow"), lanes.queue("quick")
    async with asyncio.timeout(1), slow.slot(slow.ticket("a")), quick.slot(quick.ticket("a")):
        assert lanes.busy == 2
    assert (lanes.busy, lanes.waiting) == (0, 0)


def test_a_queue_without_slots_is_refused() -> None:
    with pytest.raises(ValueError, match="slot"):
        FairQueue(0)
