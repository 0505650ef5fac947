"""Every webhook that was taken, by its gateway's id for it: what comes twice is worked once."""

from __future__ import annotations

from datetime import datetime
from typing import Final

import msgspec

from billing.gateways.protocol import GatewayEvent
from storage.errors import Conflict
from storage.indexes import Index
from storage.jobs import Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.platform_repository import PlatformRepository
from storage.system import SystemStore

GATEWAY_EVENT: Final = "gateway_event"
"""The kind of the jobs: {"gateway", "event", "reference"}, the platform's."""
KEPT_SECONDS: Final = 45 * 24 * 3_600
INDEXES: Final = (
    Index("gateway_events", (("received_at", 1),), "gateway_events_old", options={"expireAfterSeconds": KEPT_SECONDS}),
)


class ReceivedEvent(msgspec.Struct, frozen=True, kw_only=True):
    """One event; `id` is `{gateway}:{event's id}`, `reference` the object it is about, `outcome` what came of it."""

    id: str
    gateway: str
    kind: str
    reference: str | None
    at: datetime
    received_at: datetime
    done_at: datetime | None = None
    outcome: str | None = None


class EventRepository(PlatformRepository[ReceivedEvent]):
    """The platform's inbox."""

    collection = "gateway_events"
    document = ReceivedEvent

    async def get(self, event_id: str) -> ReceivedEvent | None:
        """The event of this id."""
        return await self._get(event_id)

    async def add(self, event: ReceivedEvent) -> None:
        """Raises Conflict where it was received before."""
        fields = msgspec.structs.asdict(event)
        await self._insert(fields.pop("id"), fields)

    async def done(self, event_id: str, now: datetime, outcome: str) -> None:
        """It was worked; `outcome` says in a word what came of it."""
        await self._update(event_id, {"$set": {"done_at": now, "outcome": outcome}})


class Inbox:
    """Takes verified events in."""

    def __init__(self, database: Database, jobs: Jobs, clock: Clock) -> None:
        self._events = EventRepository(database)
        self._jobs = jobs
        self._clock = clock
        self._platform = SystemStore(database).platform_scope()

    async def take(self, gateway: str, event: GatewayEvent) -> bool:
        """Writes the event down and has it worked; False for one that was worked before. Raises StorageUnavailable."""
        received = ReceivedEvent(
            id=f"{gateway}:{event.id}",
            gateway=gateway,
            kind=event.kind,
            reference=event.reference,
            at=event.at,
            received_at=moment(self._clock()),
        )
        try:
            await self._events.add(received)
        except Conflict:
            there = await self._events.get(received.id)
            if there is not None and there.done_at is not None:
                return False
        # Also for one that was written down before: whoever did may have died before this line.
        payload = {"gateway": gateway, "event": received.id, "reference": event.reference}
        await self._jobs.enqueue(self._platform, GATEWAY_EVENT, payload, unique_key=received.id)
        return True
