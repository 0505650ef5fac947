"""Fair queueing of chunk requests over tenants."""

from __future__ import annotations

import asyncio
from collections import deque
from collections.abc import AsyncGenerator, Callable, Hashable
from contextlib import asynccontextmanager


class Ticket:
    """A place in the queue for one chunk; may stand in the lines of several tenants who wait for the same chunk."""

    __slots__ = ("_enlist", "granted", "tenants")

    def __init__(self, granted: asyncio.Future[None], enlist: Callable[[Ticket, str, int], None]) -> None:
        self.granted = granted
        self.tenants: set[str] = set()
        self._enlist = enlist

    def join(self, tenant: str, weight: int) -> None:
        """Let another tenant's turn grant this ticket too."""
        if tenant not in self.tenants and not self.granted.done():
            self._enlist(self, tenant, weight)


class _Line:
    __slots__ = ("position", "tickets", "weight")

    def __init__(self, position: float, weight: int) -> None:
        self.tickets: deque[Ticket] = deque()
        self.position = position
        self.weight = weight


class FairQueue:
    """Grants `slots` at a time, round-robin over tenants, each weighted by its capacity tier.

    Work-conserving: a free slot goes to whoever waits. Within a tenant first come, first served. A tenant's share does
    not depend on how many requests it has in line (stride scheduling: each grant moves the tenant on by 1 / weight,
    the tenant furthest behind is next, and one who comes back starts at the present position).
    """

    def __init__(self, slots: int) -> None:
        if slots < 1:
            raise ValueError("a queue needs at least one slot")
        self.slots = slots
        self.busy = 0
        self._lines: dict[str, _Line] = {}
        self._position = 0.0

    @property
    def waiting(self) -> int:
        return sum(not ticket.granted.done() for line in self._lines.values() for ticket in line.tickets)

    def ticket(self, tenant: str, weight: int = 1) -> Ticket:
        """Take a place; wait for it with `slot`."""
        ticket = Ticket(asyncio.get_running_loop().create_future(), self._enlist)
        self._enlist(ticket, tenant, weight)
        return ticket

    @asynccontextmanager
    async def slot(self, ticket: Ticket) -> AsyncGenerator[None]:
        """Wait for the ticket's turn and hold the slot for the block."""
        try:
            await ticket.granted
        except asyncio.CancelledError:
            if ticket.granted.done() and not ticket.granted.cancelled():
                self._release()
            raise
        try:
            yield
        finally:
            self._release()

    def _enlist(self, ticket: Ticket, tenant: str, weight: int) -> None:
        line = self._lines.get(tenant)
        if line is None:
            line = self._lines[tenant] = _Line(self._position, max(1, weight))
        line.weight = max(1, weight)
        line.tickets.append(ticket)
        ticket.tenants.add(tenant)
        self._grant()

    def _release(self) -> None:
        self.busy -= 1
        self._grant()

    def _grant(self) -> None:
        while self.busy < self.slots and (ticket := self._next()) is not None:
            ticket.granted.set_result(None)
            self.busy += 1

    def _next(self) -> Ticket | None:
        while self._lines:
            tenant, line = min(self._lines.items(), key=lambda item: item[1].position)
            while line.tickets:
                ticket = line.tickets.popleft()
                if not ticket.granted.done():
                    self._position = line.position
                    line.position += 1 / line.weight
                    return ticket
            del self._lines[tenant]
        return None


class Lanes:
    """A fair queue for each thing that chunks compete for, so that a slow one holds up nobody else."""

    def __init__(self, slots: int) -> None:
        self._slots = slots
        self._queues: dict[Hashable, FairQueue] = {}

    def queue(self, lane: Hashable) -> FairQueue:
        queue = self._queues.get(lane)
        if queue is None:
            queue = self._queues[lane] = FairQueue(self._slots)
        return queue

    @property
    def busy(self) -> int:
        return sum(queue.busy for queue in self._queues.values())

    @property
    def waiting(self) -> int:
        return sum(queue.waiting for queue in self._queues.values())
