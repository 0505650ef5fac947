"""Who did what to whom, and when: entries are added and never changed, but to take a person out who has left."""

import secrets
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, Final, Literal, final

import msgspec

from storage.across import Across, New
from storage.indexes import Index
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope, TenantScope

FORGOTTEN: Final = "somebody who left"
"""What stands in the place of a viewer who has left."""
ActorKind = Literal["viewer", "staff", "job", "system"]


class Actor(msgspec.Struct, frozen=True):
    """Who acts: a viewer, a member of staff, a job, or the system's own start and commands."""

    kind: ActorKind
    id: str


class AuditEntry(TenantDocument):
    """One deed. `action` is a dotted verb (`tenant.suspend`), `subject` the id of what it was done to."""

    at: datetime
    actor: Actor
    action: str
    subject: str
    detail: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])


class AuditRepository(TenantRepository[AuditEntry]):
    """The entries of one owner. There is no verb that changes what was done, or when."""

    collection = "audit"
    document = AuditEntry

    async def add(self, entry: AuditEntry) -> None:
        """Adds the entry."""
        await self._insert(entry.id, fields_of(entry))

    async def forget(self, viewer_id: str) -> None:
        """Takes a viewer's id out of every entry: who was acted upon, and who acted."""
        by_viewer = {"actor.kind": "viewer", "actor.id": viewer_id}
        await self._update_where(
            {"subject": viewer_id, "action": {"$regex": r"^viewer\."}},
            {"$set": {"subject": FORGOTTEN}, "$unset": {"detail.reason": ""}},
        )
        await self._update_where(by_viewer, {"$set": {"actor.id": FORGOTTEN}})

    async def newest(self, *, before: str | None, limit: int) -> list[AuditEntry]:
        """Entries from the newest on, older than the entry `before`."""
        older = None if before is None else {"_id.id": {"$lt": before}}
        return await self._list(older, sort=[("_id.id", -1)], limit=limit)


def fields_of(entry: AuditEntry) -> dict[str, Any]:
    """As stored, without the id."""
    fields: dict[str, Any] = msgspec.to_builtins(entry, builtin_types=(datetime,))
    del fields["id"]
    return fields


Deed = tuple[TenantScope, str, Mapping[str, Any]]
"""Whose book it belongs to, the subject, and the detail."""


@final
class Audit:
    """The book of deeds, one for every owner and one of the platform."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def record(
        self,
        scope: TenantScope | PlatformScope,
        actor: Actor,
        action: str,
        subject: str,
        detail: Mapping[str, Any] | None = None,
    ) -> None:
        """Writes one entry, durable when this returns. Raises StorageUnavailable."""
        await AuditRepository(self._database, scope).add(self._entry(actor, action, subject, detail))

    async def record_each(self, actor: Actor, action: str, deeds: Sequence[Deed]) -> None:
        """Writes an entry of one deed to each owner's book, all at once. Raises StorageUnavailable."""
        entries = [(scope, self._entry(actor, action, subject, detail)) for scope, subject, detail in deeds]
        new = [New(scope.owner, entry.id, fields_of(entry)) for scope, entry in entries]
        await Across(self._database, AuditRepository.collection).insert_new(new)

    async def forget(self, scope: TenantScope, viewer_id: str) -> None:
        """A viewer has left: their id is in no entry any more, nor a reason that somebody wrote of them."""
        await AuditRepository(self._database, scope).forget(viewer_id)

    def _entry(self, actor: Actor, action: str, subject: str, detail: Mapping[str, Any] | None) -> AuditEntry:
        now = self._clock()
        return AuditEntry(
            # Sorts by time; the rest keeps two deeds of one millisecond apart.
            id=f"{int(now * 1_000):012x}{secrets.token_hex(6)}",
            at=moment(now),
            actor=actor,
            action=action,
            subject=subject,
            detail=dict(detail or {}),
        )

    async def entries(
        self, scope: TenantScope | PlatformScope, *, before: str | None = None, limit: int = 50
    ) -> Sequence[AuditEntry]:
        """A page of the book, newest first; `before` is the id of the last entry of the page before."""
        return await AuditRepository(self._database, scope).newest(before=before, limit=limit)


INDEXES = (Index("audit", (("_id.owner", 1), ("_id.id", -1)), "owner_newest"),)
