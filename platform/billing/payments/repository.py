"""Every query over payments."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final

import msgspec

from billing.gateways.protocol import Purpose
from billing.payments.model import OPEN, Payment, PaymentState
from storage.across import Across
from storage.documents import decoded
from storage.indexes import Index
from storage.mongo import Database, Stored
from storage.repository import TenantRepository

_MOST: Final = 1_000
INDEXES: Final = (
    Index("payments", (("_id.owner", 1), ("purpose", 1), ("subject", 1)), "payments_of_subject"),
    # Across all owners, for the platform's own work.
    Index("payments", (("gateway", 1), ("reference", 1)), "payments_by_reference"),
    Index("payments", (("state", 1), ("look_at", 1)), "payments_to_look_at"),
    Index("payments", (("untold", 1), ("told_at", 1)), "payments_untold", partial={"untold": True}),
)


class PaymentRepository(TenantRepository[Payment]):
    """One tenant's payments, those of its viewers too."""

    collection = "payments"
    document = Payment

    async def get(self, payment_id: str) -> Payment | None:
        """The payment of this key."""
        return await self._get(payment_id)

    async def add(self, payment: Payment) -> None:
        """Raises Conflict where there is one of this key."""
        await self._insert(payment.id, fields_of(payment))

    async def about(self, purpose: Purpose, subject: str) -> list[Payment]:
        """All attempts for one invoice or purchase, the first one first."""
        found = await self._list({"purpose": purpose, "subject": subject}, limit=_MOST)
        return sorted(found, key=lambda each: (each.attempt, each.created_at))

    def all(self) -> AsyncIterator[Payment]:
        """Every one."""
        return self._find()

    async def newest(self, *, limit: int = 100) -> list[Payment]:
        """The latest first."""
        return await self._list(sort=[("created_at", -1)], limit=limit)

    async def replace(self, before: Payment, after: Payment) -> bool:
        """Writes the payment if it is still as it was read."""
        fields = fields_of(msgspec.structs.replace(after, changes=before.changes + 1))
        return await self._update(before.id, {"$set": fields}, where={"changes": before.changes}) == 1

    async def set(self, payment_id: str, **fields: Any) -> None:
        """Sets when it was asked, told of, or is to be looked at, which is no news to anybody."""
        await self._update(payment_id, {"$set": fields})

    async def forget_payer(self, purpose: Purpose, subject: str, now: datetime) -> None:
        """Takes out who paid: the gateway's reference stays, by which money can go back. What is open is abandoned."""
        await self._abandon(purpose, subject, OPEN, now)
        gone = {"email": None, "customer": None, "method": None}
        await self._update_where({"purpose": purpose, "subject": subject}, {"$set": gone, "$inc": {"changes": 1}})

    async def give_up(self, purpose: Purpose, subject: str, now: datetime) -> None:
        """Abandons what is in doubt or waits for its payer to do something; what is on its way comes in."""
        await self._abandon(purpose, subject, ("created", "action"), now)

    async def take_up(self, purpose: Purpose, subject: str) -> None:
        """What was given up and is still open may be paid after all."""
        these = {"purpose": purpose, "subject": subject, "state": {"$in": list(OPEN)}, "abandoned": True}
        await self._update_where(these, {"$set": {"abandoned": False}, "$inc": {"changes": 1}})

    async def _abandon(self, purpose: Purpose, subject: str, states: Sequence[PaymentState], now: datetime) -> None:
        these = {"purpose": purpose, "subject": subject, "state": {"$in": list(states)}}
        await self._update_where(these, {"$set": {"abandoned": True, "look_at": now}, "$inc": {"changes": 1}})

    async def told(self, payment: Payment) -> None:
        """Everybody has heard of this state."""
        await self._update(payment.id, {"$set": {"untold": False}}, where={"changes": payment.changes})


class Place(msgspec.Struct, frozen=True):
    """Where a payment is, and what it is for."""

    owner: str
    id: str
    purpose: Purpose
    subject: str

    @property
    def lane(self) -> tuple[str, str]:
        """Those of different lanes share nothing: a tenant's invoices share its credit, viewers' purchases do not."""
        return self.owner, self.subject if self.purpose == "membership" else ""


class Payments:
    """All owners' payments, for the platform's own work."""

    def __init__(self, database: Database) -> None:
        self._all = Across(database, PaymentRepository.collection)

    async def holders(self, gateway: str, reference: str) -> list[tuple[str, str]]:
        """Whose payment a gateway's object is: (owner, payment's id)."""
        found = await self._places({"gateway": gateway, "reference": reference}, limit=10)
        return [(each.owner, each.id) for each in found]

    async def these(self, places: Sequence[tuple[str, str]]) -> dict[tuple[str, str], Payment]:
        """The payments at these places (owner, id), of which some may not be there."""
        if not places:
            return {}
        wanted = {"_id": {"$in": [{"owner": owner, "id": payment_id} for owner, payment_id in places]}}
        found = await self._all.find(wanted)
        return {(each["_id"]["owner"], each["_id"]["id"]): _payment(each) for each in found}

    async def to_look_at(self, now: datetime, *, limit: int) -> list[Place]:
        """Open ones whose time has come, the longest due first."""
        wanted = {"state": {"$in": list(OPEN)}, "look_at": {"$lte": now}}
        return await self._places(wanted, sort=[("look_at", 1)], limit=limit)

    async def unfinished(self, now: datetime, *, limit: int) -> list[Place]:
        """Closed ones of which something is still awaited: a fee, an answer to a refund, the end of a dispute."""
        wanted = {"state": {"$in": ["succeeded", "failed"]}, "look_at": {"$lte": now}}
        return await self._places(wanted, sort=[("look_at", 1)], limit=limit)

    async def untold(self, *, limit: int) -> list[Place]:
        """Those whose last state not everybody has heard of; first those that nobody has tried to tell of."""
        return await self._places({"untold": True}, sort=[("told_at", 1)], limit=limit)

    async def _places(
        self, wanted: dict[str, Any], *, limit: int, sort: list[tuple[str, int]] | None = None
    ) -> list[Place]:
        found = await self._all.find(wanted, fields=["_id", "purpose", "subject"], sort=sort, limit=limit)
        return [Place(each["_id"]["owner"], each["_id"]["id"], each["purpose"], each["subject"]) for each in found]


def _payment(stored: Stored) -> Payment:
    return decoded({**stored, "id": stored["_id"]["id"]}, Payment, PaymentRepository.collection)


def fields_of(payment: Payment) -> dict[str, Any]:
    """As stored, without the id."""
    fields: dict[str, Any] = msgspec.to_builtins(payment, builtin_types=(datetime,))
    del fields["id"]
    return fields
