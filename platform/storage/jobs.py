"""Durable work in MongoDB: a job is claimed with a lease and a fence, tried again when it fails, and done once.

A worker that dies lets its lease run out, and the next one claims the job; the fence tells a worker that comes back
too late that the job is no longer its own.
"""

import secrets
from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final, final

import msgspec

from storage.errors import Conflict
from storage.indexes import Index
from storage.moments import Clock, moment
from storage.mongo import Database, Stored, collection_of, edge
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope, TenantScope
from storage.system import SYSTEM, SystemStore

_KEEP_CLOSED_SECONDS: Final = 14 * 24 * 3_600


class JobLost(Exception):
    """The lease ran out and the job went to another worker, or was closed by it."""


class JobDocument(TenantDocument):
    """A job as stored. `ready_at` is when it may be claimed: at first its due time, then the end of its lease."""

    kind: str
    payload: dict[str, Any]
    ready_at: datetime
    open: bool = True
    attempts: int = 0
    fence: int = 0
    error: str | None = None
    unique_key: str | None = None
    closed_at: datetime | None = None


class Job(msgspec.Struct, frozen=True):
    """A claimed job. `scope` belongs to a tenant that was there when the job was claimed; `attempts` starts at 1."""

    id: str
    kind: str
    payload: dict[str, Any]
    scope: TenantScope | PlatformScope
    attempts: int
    fence: int


class JobRepository(TenantRepository[JobDocument]):
    """The jobs of one owner."""

    collection = "jobs"
    document = JobDocument

    async def add(self, job: JobDocument) -> None:
        """Raises Conflict when an open job of the kind has the unique key."""
        # As it is: a payload may name a document by whatever id BSON has.
        fields = msgspec.structs.asdict(job)
        del fields["id"]
        await self._insert(job.id, {key: value for key, value in fields.items() if value is not None})

    async def open_with(self, kind: str, unique_key: str) -> JobDocument | None:
        """The open job that has the unique key."""
        return await self._find_one({"kind": kind, "unique_key": unique_key, "open": True})

    async def change(self, job_id: str, fence: int, fields: Mapping[str, Any]) -> bool:
        """Sets the fields if the claim of this fence still holds the job."""
        return await self._update(job_id, {"$set": dict(fields)}, where={"fence": fence, "open": True}) == 1


@final
class Jobs:
    """The queue. Enqueueing takes a scope; claiming is the platform's, over all owners."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._system = SystemStore(database)
        self._all = collection_of(database, "jobs")

    async def enqueue(
        self,
        scope: TenantScope | PlatformScope,
        kind: str,
        payload: Mapping[str, Any],
        *,
        run_at: float | None = None,
        unique_key: str | None = None,
    ) -> str:
        """Adds a job, due at `run_at` (epoch seconds; now where it is None). Gives its id.

        While a job of this kind and `unique_key` is open for this owner, that one's id is given instead.
        """
        due = moment(self._clock() if run_at is None else run_at)
        job_id = secrets.token_hex(16)
        job = JobDocument(id=job_id, kind=kind, payload=dict(payload), ready_at=due, unique_key=unique_key)
        repository = JobRepository(self._database, scope)
        while True:
            try:
                await repository.add(job)
                return job_id
            except Conflict:
                if unique_key is None:
                    raise
            there = await repository.open_with(kind, unique_key)
            if there is not None:  # else it was closed meanwhile, and the key is free
                return str(there.id)

    async def claim(self, kind: str, *, lease_seconds: float) -> Job | None:
        """The longest due job of the kind, held for `lease_seconds`; None where none is due.

        A job whose tenant is gone is closed and passed over.
        """
        while True:
            found = await self._claim(kind, timedelta(seconds=lease_seconds))
            if found is None:
                return None
            owner = str(found["_id"]["owner"])
            scope = self._system.owner_scope(owner)
            if isinstance(scope, TenantScope) and await self._system.tenant_scope(scope.tenant_id) is None:
                await self._close(scope, str(found["_id"]["id"]), int(found["fence"]), "the tenant is gone")
                continue
            return Job(
                id=str(found["_id"]["id"]),
                kind=kind,
                payload=found["payload"],
                scope=scope,
                attempts=int(found["attempts"]),
                fence=int(found["fence"]),
            )

    async def _claim(self, kind: str, lease: timedelta) -> Stored | None:
        now = moment(self._clock())
        with edge:
            return await self._all.find_one_and_update(
                {"kind": kind, "open": True, "ready_at": {"$lte": now}},
                {"$set": {"ready_at": now + lease}, "$inc": {"attempts": 1, "fence": 1}},
                sort=[("ready_at", 1)],
                return_document=True,
                comment=SYSTEM,
            )

    async def extend(self, job: Job, *, lease_seconds: float) -> None:
        """Holds the job for another `lease_seconds`. Raises JobLost."""
        ready_at = moment(self._clock()) + timedelta(seconds=lease_seconds)
        await self._change(job, {"ready_at": ready_at})

    async def complete(self, job: Job) -> None:
        """Closes the job as done; about whom it was is forgotten. Raises JobLost."""
        await self._change(job, {"open": False, "closed_at": moment(self._clock()), "error": None, "payload": {}})

    async def fail(self, job: Job, error: str, *, retry_at: float | None) -> None:
        """Lets the job be claimed again at `retry_at` (epoch seconds), or gives it up where that is None.

        Raises JobLost.
        """
        if retry_at is None:
            await self._change(job, {"open": False, "closed_at": moment(self._clock()), "error": error})
        else:
            await self._change(job, {"ready_at": moment(retry_at), "error": error})

    async def _change(self, job: Job, fields: Mapping[str, Any]) -> None:
        if not await JobRepository(self._database, job.scope).change(job.id, job.fence, fields):
            raise JobLost(f"{job.kind} {job.id} is no longer held by this claim")

    async def _close(self, scope: TenantScope, job_id: str, fence: int, error: str) -> None:
        fields = {"open": False, "closed_at": moment(self._clock()), "error": error}
        await JobRepository(self._database, scope).change(job_id, fence, fields)


INDEXES = (
    Index("jobs", (("kind", 1), ("ready_at", 1)), "due", partial={"open": True}),
    Index(
        "jobs",
        (("_id.owner", 1), ("kind", 1), ("unique_key", 1)),
        "owner_unique_key",
        unique=True,
        partial={"open": True, "unique_key": {"$type": "string"}},
    ),
    Index("jobs", (("closed_at", 1),), "closed", options={"expireAfterSeconds": _KEEP_CLOSED_SECONDS}),
)
