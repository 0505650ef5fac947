"""Every query over invoices that are being dunned, and over schedules."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, NamedTuple

import msgspec

from billing.dunning.model import DEFAULT, OWN, Dunning, Schedule, Step, stored_of
from billing.invoices.model import Invoice, InvoiceState
from billing.invoices.repository import InvoiceRepository
from storage.across import Across, Change
from storage.documents import decoded
from storage.indexes import Index
from storage.mongo import Database, Stored
from storage.repository import TenantRepository
from storage.scope import PlatformScope, TenantScope

_INVOICE: Final = {"kind": "invoice"}
_OLDEST: Final = datetime(1970, 1, 1)  # noqa: DTZ001 - naive datetimes mean UTC here
INDEXES: Final = (
    # Across all owners, for the tick.
    Index("invoices", (("issued_at", 1), ("_id.owner", 1)), "invoices_to_dun", partial={**_INVOICE, "dunning": None}),
    Index(
        "invoices",
        (("dunning.next_at", 1), ("_id.owner", 1)),
        "invoices_dunned",
        partial={**_INVOICE, "state": "issued"},
    ),
    Index(
        "invoices", (("dunning.pending", 1), ("_id.owner", 1)), "invoices_half_done", partial={"dunning.pending": True}
    ),
    Index("invoices", (("dunning.open", 1),), "invoices_to_settle", partial={"state": "paid", "dunning.open": True}),
    Index("dunning_schedules", (("_id.owner", 1),), "owner"),
)


class Place(NamedTuple):
    """Whose document, and which."""

    owner: str
    id: str


class DunnedRepository(InvoiceRepository):
    """One tenant's invoices, with where each is in its schedule."""

    async def write(
        self, invoice_id: str, before: Dunning | None, after: Dunning, *, states: Sequence[InvoiceState] = ()
    ) -> bool:
        """Writes it over what was read, if the invoice is in one of the states; False if either has changed since."""
        where: dict[str, Any] = {"dunning": None} if before is None else {"dunning.revision": before.revision}
        if states:
            where["state"] = {"$in": list(states)}
        revision = 1 if before is None else before.revision + 1
        fields = stored_of(msgspec.structs.replace(after, revision=revision))
        # Letters are noted by themselves, at any time.
        told = fields.pop("told")
        change = {f"dunning.{name}": value for name, value in fields.items()}
        if before is None:
            change = {"dunning": {**fields, "told": told}}
        return await self._update(invoice_id, {"$set": change}, where=where) == 1

    async def done(self, invoice_id: str, dunning: Dunning) -> bool:
        """The step that was begun is seen to its end; False if another was begun since."""
        where = {"dunning.taken": dunning.taken, "dunning.round": dunning.round}
        return await self._update(invoice_id, {"$set": {"dunning.pending": False}}, where=where) == 1

    async def note_letter(self, invoice_id: str, key: str) -> None:
        """The letter went out."""
        await self._update(invoice_id, {"$addToSet": {"dunning.told": key}}, where={"dunning": {"$ne": None}})

    async def write_off(self, invoice_id: str) -> bool:
        """Nobody expects it to be paid any more; whether it was open."""
        change: dict[str, Any] = {"$set": {"state": "uncollectible"}}
        return await self._update(invoice_id, change, where={"state": "issued", "due": {"$gt": 0}}) == 1

    async def blocking(self) -> list[Invoice]:
        """Those that keep the site past due or closed: open ones, and such as were written off while they did."""
        wanted = {**_INVOICE, "state": {"$in": ["issued", "uncollectible"]}, "dunning.past_due_at": {"$ne": None}}
        return [each async for each in self._find(wanted)]


class Dunned:
    """All owners' invoices, for the tick."""

    def __init__(self, database: Database) -> None:
        self._all = Across(database, InvoiceRepository.collection)

    async def fresh(self, *, limit: int) -> list[tuple[Place, Invoice]]:
        """Issued ones that nobody has looked at, the oldest first, at most `limit`."""
        wanted = {
            **_INVOICE,
            "dunning": None,
            "issued_at": {"$gte": _OLDEST},
            "state": {"$in": ["issued", "paid", "uncollectible"]},
        }
        found = await self._all.find(wanted, sort=[("issued_at", 1)], limit=limit)
        return [(_place(each), _invoice(each)) for each in found]

    async def enrol(self, dunned: Mapping[Place, Dunning]) -> int:
        """Writes where each is, unless it is in a schedule already; how many were not."""
        changes = [
            Change(place.owner, place.id, {"$set": {"dunning": stored_of(dunning)}}, {"dunning": None})
            for place, dunning in dunned.items()
        ]
        return await self._all.update_each(changes)

    async def due(self, now: datetime) -> list[Place]:
        """Open ones whose next step is due, the longest due first."""
        wanted = {
            **_INVOICE,
            "state": "issued",
            "dunning.next_at": {"$gte": _OLDEST, "$lte": now},
            "dunning.paused_at": None,
        }
        found = await self._all.find(wanted, fields=["_id"], sort=[("dunning.next_at", 1)])
        return [_place(each) for each in found]

    async def unsettled(self) -> list[Place]:
        """Paid ones that are still taken for open: who was to tell of it did not get to."""
        wanted = {"state": "paid", "dunning.open": True}
        return [_place(each) for each in await self._all.find(wanted, fields=["_id"])]

    async def half_done(self) -> list[Place]:
        """Those of which a step was begun and not seen to its end."""
        found = await self._all.find({"dunning.pending": True}, fields=["_id"])
        return [_place(each) for each in found]


class ScheduleRepository(TenantRepository[Schedule]):
    """The platform's schedules, by plan, or a tenant's own."""

    collection = "dunning_schedules"
    document = Schedule

    async def get(self, schedule_id: str) -> Schedule | None:
        """The schedule of this id."""
        return await self._get(schedule_id)

    async def put(self, schedule_id: str, steps: Sequence[Step]) -> None:
        """Writes it, new or again."""
        await self._put(schedule_id, {"steps": [msgspec.to_builtins(step) for step in steps]})

    async def remove(self, schedule_id: str) -> bool:
        """Whether there was one."""
        return await self._delete(schedule_id)


class Schedules:
    """Which steps hold for whom: the tenant's own, its plan's, the platform's default, or ours."""

    def __init__(self, database: Database, platform: PlatformScope) -> None:
        self._database = database
        self._platform = platform

    async def of(self, scope: TenantScope | None, plan_ref: str) -> tuple[Step, ...]:
        """The steps for a tenant's invoice of this plan (`starter@2`); for nobody in particular without a scope."""
        own = None if scope is None else await ScheduleRepository(self._database, scope).get(OWN)
        if own is not None:
            return own.steps
        shared = ScheduleRepository(self._database, self._platform)
        for name in (plan_ref.partition("@")[0], DEFAULT.id):
            found = await shared.get(name) if name else None
            if found is not None:
                return found.steps
        return DEFAULT.steps

    async def every(self) -> dict[Place, tuple[Step, ...]]:
        """All there are, by owner and id: few, for most tenants have none of their own."""
        found = await Across(self._database, ScheduleRepository.collection).find({})
        kept: dict[Place, tuple[Step, ...]] = {}
        for each in found:
            place = _place(each)
            kept[place] = decoded({**each, "id": place.id}, Schedule, ScheduleRepository.collection).steps
        return kept


def chosen(held: Mapping[Place, tuple[Step, ...]], platform: str, owner: str, plan_ref: str) -> tuple[Step, ...]:
    """As `Schedules.of`, out of all there are."""
    for name in ((owner, OWN), (platform, plan_ref.partition("@")[0]), (platform, DEFAULT.id)):
        if Place(*name) in held:
            return held[Place(*name)]
    return DEFAULT.steps


def _place(stored: Stored) -> Place:
    return Place(str(stored["_id"]["owner"]), str(stored["_id"]["id"]))


def _invoice(stored: Stored) -> Invoice:
    return decoded({**stored, "id": stored["_id"]["id"]}, Invoice, InvoiceRepository.collection)
