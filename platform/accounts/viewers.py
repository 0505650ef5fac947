"""What a site's people do to its viewers: bans and roles. Each deed is written, told to every process, and audited."""

import secrets
from datetime import datetime
from typing import Final, final

from accounts.belongings import BelongingsRegistry
from accounts.errors import NoSuchViewer
from accounts.grants import with_grants
from accounts.model import Ban, Grant, Role, Viewer, ViewerId
from accounts.repository import ViewerRepository
from storage.audit import FORGOTTEN, Actor, Audit
from storage.events import Events
from storage.jobs import Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

TOPIC: Final = "viewers"
FORGET_AGAIN: Final = "forget_again"
"""What is left of somebody who has gone, or has become somebody: payload {"viewer", "into": whom, if anybody}."""
FORGET_AGAIN_SECONDS: Final = 120.0
"""Longer than any request that writes."""


@final
class Viewers:
    """Verbs over the viewers of every site. Each raises NoSuchViewer and StorageUnavailable."""

    def __init__(self, database: Database, audit: Audit, events: Events, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._events = events
        self._clock = clock
        self._jobs = Jobs(database, clock)

    async def ban(self, scope: TenantScope, viewer_id: ViewerId, reason: str, *, actor: Actor) -> None:
        """The viewer may no longer use the site; running streams end within a second."""
        ban = Ban(reason=reason, since=moment(self._clock()), by=f"{actor.kind}:{actor.id}")
        await self._set_ban(scope, viewer_id, ban)
        await self._audit.record(scope, actor, "viewer.ban", str(viewer_id), {"reason": reason})

    async def unban(self, scope: TenantScope, viewer_id: ViewerId, *, actor: Actor) -> None:
        """The viewer may use the site again, with the sessions there were."""
        await self._set_ban(scope, viewer_id, None)
        await self._audit.record(scope, actor, "viewer.unban", str(viewer_id))

    async def grant(
        self,
        scope: TenantScope,
        viewer_id: ViewerId,
        role: Role,
        until: datetime | None,
        reason: str,
        *,
        actor: Actor,
        key: str | None = None,
    ) -> None:
        """Gives the viewer a role on top of their own, until a moment (naive UTC) or for good; it ends by itself.

        A second grant of one `key` takes the place of the first: whoever may do it twice gives one.
        """
        now = moment(self._clock())
        grant = Grant(
            id=key or secrets.token_hex(8),
            role=role,
            until=until,
            reason=reason,
            since=now,
            by=f"{actor.kind}:{actor.id}",
        )
        if not await ViewerRepository(self._database, scope).add_grant(viewer_id, grant, now):
            raise NoSuchViewer(str(viewer_id))
        detail = {"role": role, "until": until, "reason": reason}
        await self._audit.record(scope, actor, "viewer.grant", str(viewer_id), detail)

    async def end_grant(self, scope: TenantScope, viewer_id: ViewerId, key: str, *, actor: Actor) -> None:
        """Takes one grant away, if there is one of the key; others stay. Running streams are asked again."""
        if await ViewerRepository(self._database, scope).drop_grant(viewer_id, key):
            await self._tell(scope, viewer_id)
            await self._audit.record(scope, actor, "viewer.end-grant", str(viewer_id), {"key": key})

    async def revoke_grants(self, scope: TenantScope, viewer_id: ViewerId, *, actor: Actor) -> None:
        """Takes every grant away; the viewer's own role stays. Running streams are asked again."""
        if not await ViewerRepository(self._database, scope).drop_grants(viewer_id):
            raise NoSuchViewer(str(viewer_id))
        await self._tell(scope, viewer_id)
        await self._audit.record(scope, actor, "viewer.revoke-grants", str(viewer_id))

    async def get(self, scope: TenantScope, viewer_id: ViewerId) -> Viewer:
        """The viewer with the role that holds now, without the history."""
        found = await ViewerRepository(self._database, scope).identity(viewer_id)
        if found is None:
            raise NoSuchViewer(str(viewer_id))
        return with_grants(found, moment(self._clock()))

    async def some(self, scope: TenantScope, *, after: ViewerId | None = None, limit: int = 100) -> list[Viewer]:
        """A page of viewers by id, as `get` gives them; `after` is the last one of the page before."""
        now = moment(self._clock())
        found = await ViewerRepository(self._database, scope).some(after=after, limit=limit)
        return [with_grants(each, now) for each in found]

    async def forget(self, scope: TenantScope, viewer_id: ViewerId, belongings: BelongingsRegistry) -> dict[str, int]:
        """Deletes the account and everything that is the viewer's; how much of each kind there was.

        After a kill it is done again from the start: the session goes last. What requests that were under way still
        wrote goes a little later. The audit keeps that somebody left, and no longer who.
        """
        run_at = self._clock() + FORGET_AGAIN_SECONDS
        await self._jobs.enqueue(scope, FORGET_AGAIN, {"viewer": viewer_id}, run_at=run_at)
        deleted = await belongings.delete(scope, viewer_id)
        await self._audit.forget(scope, str(viewer_id))
        await self._audit.record(scope, Actor("viewer", FORGOTTEN), "viewer.delete", FORGOTTEN, deleted)
        return deleted

    async def forget_again(
        self, scope: TenantScope, viewer_id: ViewerId, belongings: BelongingsRegistry, *, into: ViewerId | None = None
    ) -> None:
        """Deletes what was written while the account went, or gives it to the one that the viewer became.

        Nothing where the person has come back meanwhile.
        """
        viewers = ViewerRepository(self._database, scope)
        if await viewers.identity(viewer_id) is not None:
            return
        if into is not None and await viewers.identity(into) is not None:
            await belongings.merge(scope, viewer_id, into)
            return
        await belongings.delete(scope, viewer_id)
        await self._audit.forget(scope, str(viewer_id))

    async def set_role(self, scope: TenantScope, viewer_id: ViewerId, role: Role, *, actor: Actor) -> None:
        """Gives the viewer a role; it holds from the next request on, and running streams are asked again."""
        if not await ViewerRepository(self._database, scope).set_role(viewer_id, role):
            raise NoSuchViewer(str(viewer_id))
        await self._tell(scope, viewer_id)
        await self._audit.record(scope, actor, "viewer.role", str(viewer_id), {"role": role})

    async def confirm_age(self, scope: TenantScope, viewer_id: ViewerId, age: int | None) -> None:
        """The viewer declared to be of that age, or takes it back: holds on every device they sign in on."""
        if not await ViewerRepository(self._database, scope).set_confirmed_age(viewer_id, age):
            raise NoSuchViewer(str(viewer_id))

    async def _set_ban(self, scope: TenantScope, viewer_id: ViewerId, ban: Ban | None) -> None:
        if not await ViewerRepository(self._database, scope).set_ban(viewer_id, ban):
            raise NoSuchViewer(str(viewer_id))
        await self._tell(scope, viewer_id)

    async def _tell(self, scope: TenantScope, viewer_id: ViewerId) -> None:
        await self._events.publish(TOPIC, {"tenant": scope.tenant_id, "viewer": viewer_id})
