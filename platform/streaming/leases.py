"""Leases: a viewer's right to one running stream, at most so many at once.

A lease belongs to a viewer, a device and a title, and its id follows from them: playing again on the same device
renews it. Requests for bytes and the player's heartbeats keep it; so do responses that run. A lease that ran out is
taken anew by the next request for bytes, if there is a place and the link's session still stands.
"""

from __future__ import annotations

import hashlib
from typing import Final

from msgspec import Struct

from storage.events import Events
from storage.leases import LeaseStore
from storage.scope import TenantScope
from streaming.running import RunningStreams

TTL_SECONDS: Final = 90.0


class StreamLimitReached(Exception):
    """The viewer has as many running streams as the role allows."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"Only {limit} videos can play at once. Stop another one first.")
        self.limit = limit


class LeaseGone(Exception):
    """The lease ran out, was released or revoked; a late heartbeat does not bring it back."""


class Lease(Struct, frozen=True):
    """A held lease; it ends `ttl_seconds` after the last sign of life."""

    id: str
    ttl_seconds: float


class StreamLimits(Struct, frozen=True):
    """How many streams a viewer may run at once, by role."""

    free: int = 2
    premium: int = 4
    admin: int = 8

    def of(self, role: str) -> int:
        """The limit of a role; an unknown one is treated as free."""
        return {"premium": self.premium, "admin": self.admin}.get(role, self.free)


class Leases:
    """Leases over Redis, and the running responses that end with them. Every verb raises StorageUnavailable."""

    def __init__(
        self,
        store: LeaseStore,
        events: Events,
        *,
        limits: StreamLimits | None = None,
        ttl_seconds: float = TTL_SECONDS,
    ) -> None:
        self._store = store
        self._events = events
        self._limits = limits or StreamLimits()
        self._ttl_seconds = ttl_seconds
        self.running = RunningStreams(self._renew, check_seconds=min(5.0, ttl_seconds / 3))
        events.subscribe("viewers", self.running.on_viewers)
        events.subscribe("tenants", self.running.on_tenants)
        events.subscribe("leases", self.running.on_leases)

    async def acquire(self, scope: TenantScope, *, user: str, role: str, device: str, title: str) -> Lease:
        """Take or renew the lease of this viewer, device and title. Raises StreamLimitReached."""
        lease_id = lease_id_of(user, device, title)
        limit = self._limits.of(role)
        taken = await self._store.acquire(scope, _subject(user), lease_id, limit=limit, ttl_seconds=self._ttl_seconds)
        if not taken:
            raise StreamLimitReached(limit)
        return Lease(lease_id, self._ttl_seconds)

    async def heartbeat(self, scope: TenantScope, user: str, lease_id: str) -> Lease:
        """Keep the lease. Raises LeaseGone for one that is no longer, or never was, this viewer's."""
        if not await self._renew(scope, user, lease_id):
            raise LeaseGone("This stream has ended. Press play again.")
        return Lease(lease_id, self._ttl_seconds)

    async def release(self, scope: TenantScope, user: str, lease_id: str) -> None:
        """Give the lease back and end what runs on it; again does nothing."""
        await self._store.release(scope, _subject(user), lease_id)
        await self._events.publish("leases", {"tenant": scope.tenant_id, "viewer": user, "lease": lease_id})

    async def revoke(self, scope: TenantScope, user: str) -> None:
        """End every lease of the viewer and what runs on them, on every node."""
        await self._store.revoke(scope, _subject(user))
        await self._events.publish("leases", {"tenant": scope.tenant_id, "viewer": user})

    async def _renew(self, scope: TenantScope, user: str, lease_id: str) -> bool:
        return await self._store.heartbeat(scope, _subject(user), lease_id, ttl_seconds=self._ttl_seconds)


def lease_id_of(user: str, device: str, title: str) -> str:
    """The id of a lease; says nothing about its parts."""
    parts = (part.encode() for part in (user, device, title))
    return hashlib.sha256(b"".join(len(part).to_bytes(4, "big") + part for part in parts)).hexdigest()[:32]


def _subject(user: str) -> str:
    return f"viewer:{user}"
