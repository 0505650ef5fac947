"""The responses that run in this process, and what ends them: a lost lease, a sign-out, a ban, a suspension."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from collections.abc import Awaitable, Callable, Generator, Iterable, Mapping
from contextlib import contextmanager
from typing import Any, Final

from storage.errors import StorageUnavailable
from storage.scope import TenantScope
from streaming.links import user_claim

ASK_AGAIN_SECONDS: Final = 300.0
"""How long a response runs before it is asked again whether it may: a role can run out without anybody saying so."""
MOST_PER_LEASE: Final = 8
"""Connections that one lease may use at once; players open a second one while they seek."""

Readmission = Callable[[], Awaitable[bool]]
Renewal = Callable[[TenantScope, str, str], Awaitable[bool]]

_log = logging.getLogger(__name__)


class TooManyConnections(Exception):
    """One lease is used by more connections than a player needs."""

    retry_after_seconds = 5.0


class StreamEnded(Exception):
    """The stream was ended before its first byte."""


class RunningStream:
    """One response under way.

    `readmit` asks again, from the start, whether the request would be let in now, and takes the lease anew. `as_of` is
    what `RunningStreams.news` was before the request was let in.
    """

    def __init__(
        self, scope: TenantScope, user: str, lease_id: str, readmit: Readmission, *, as_of: int | None = None
    ) -> None:
        self.scope = scope
        self.user = user
        self.lease_id = lease_id
        self.readmit = readmit
        self.as_of = as_of
        self.asked_at = time.monotonic()
        self.is_in_doubt = False
        """Whether something changed, and it could not be asked yet what that means for the stream."""
        self.is_ended = False
        self.when_ended: Callable[[], None] | None = None
        """Called once when the response has to end."""

    @property
    def is_due(self) -> bool:
        """Whether it was last asked so long ago that it is to be asked again."""
        return time.monotonic() - self.asked_at >= ASK_AGAIN_SECONDS

    def end(self) -> None:
        """End the response; again does nothing."""
        if not self.is_ended:
            self.is_ended = True
            if self.when_ended is not None:
                self.when_ended()


class RunningStreams:
    """All running responses of the process; keeps their leases alive while there are any."""

    def __init__(self, renew: Renewal, *, check_seconds: float) -> None:
        self._renew = renew
        self._check_seconds = check_seconds
        self._streams: set[RunningStream] = set()
        self._keeping: asyncio.Task[None] | None = None
        self._checks: set[asyncio.Task[None]] = set()
        self.news = 0
        """How many events were heard: what one of them changed may have been seen as it was before."""

    def __len__(self) -> int:
        return len(self._streams)

    @contextmanager
    def entered(self, stream: RunningStream) -> Generator[None]:
        """Count the response as running until the block ends. Raises TooManyConnections."""
        if sum(self._is_lease(other, stream) for other in self._streams) >= MOST_PER_LEASE:
            raise TooManyConnections("Too many connections for one video.")
        self._streams.add(stream)
        if self._keeping is None or self._keeping.done():
            self._keeping = asyncio.create_task(self._keep(), name="running leases")
        if stream.as_of not in (None, self.news):
            self._check([stream])
        try:
            yield
        finally:
            self._leave(stream)

    def _leave(self, stream: RunningStream) -> None:
        self._streams.discard(stream)
        if not self._streams and self._keeping is not None:
            self._keeping.cancel()
            self._keeping = None

    async def on_viewers(self, payload: Mapping[str, Any]) -> None:
        """A viewer signed out or was banned: that viewer's streams are let in again or end."""
        self.news += 1
        viewer: int | str | None = payload.get("viewer")
        self._check(
            stream for stream in self._of_tenant(payload) if viewer is None or stream.user == user_claim(viewer)
        )

    async def on_tenants(self, payload: Mapping[str, Any]) -> None:
        """A tenant changed, maybe was suspended: its streams are let in again or end."""
        self.news += 1
        self._check(self._of_tenant(payload))

    async def on_leases(self, payload: Mapping[str, Any]) -> None:
        """Leases were released or revoked: what runs on them ends."""
        self.news += 1
        if not payload:
            self._check(self._streams)
            return
        for stream in self._of_tenant(payload):
            if stream.user == payload.get("viewer") and payload.get("lease") in (None, stream.lease_id):
                stream.end()

    def _of_tenant(self, payload: Mapping[str, Any]) -> list[RunningStream]:
        tenant = payload.get("tenant")
        return [stream for stream in self._streams if tenant is None or stream.scope.tenant_id == tenant]

    def _check(self, streams: Iterable[RunningStream]) -> None:
        # In a task of its own: other readers of the event, the resolver among them, get it first.
        for stream in list(streams):
            task = asyncio.create_task(self._readmit(stream), name="readmit stream")
            self._checks.add(task)
            task.add_done_callback(self._checks.discard)

    async def _readmit(self, stream: RunningStream) -> None:
        stream.asked_at = time.monotonic()
        try:
            if not await stream.readmit():
                stream.end()
            stream.is_in_doubt = False
        except StorageUnavailable:
            stream.is_in_doubt = True
            _log.info("a running stream could not be checked: it goes on until it can be")

    async def _keep(self) -> None:
        """Renew the leases of what runs. One that is gone may only have been lost with Redis: it is asked for anew."""
        # A driver may swallow the cancellation: who is not the keeper any more ends by itself.
        while self._keeping is asyncio.current_task():
            await asyncio.sleep(self._check_seconds)
            self._check(stream for stream in self._streams if stream.is_in_doubt or stream.is_due)
            leases = {(stream.user, stream.lease_id, stream.scope): stream for stream in self._streams}
            for (user, lease_id, scope), stream in leases.items():
                with contextlib.suppress(StorageUnavailable):
                    if not await self._renew(scope, user, lease_id):
                        self._check(other for other in self._streams if self._is_lease(other, stream))

    @staticmethod
    def _is_lease(one: RunningStream, other: RunningStream) -> bool:
        return one.lease_id == other.lease_id and one.user == other.user and one.scope == other.scope
