"""What a site's people do to its viewers: bans and roles. Each deed is written, told to every process, and audited."""

from typing import Final, final

from accounts.errors import NoSuchViewer
from accounts.model import Ban, Role, ViewerId
from accounts.repository import ViewerRepository
from storage.audit import Actor, Audit
from storage.events import Events
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

TOPIC: Final = "viewers"


@final
class Viewers:
    """Verbs over the viewers of every site. Each raises NoSuchViewer and StorageUnavailable."""

    def __init__(self, database: Database, audit: Audit, events: Events, clock: Clock) -> None:
        self._database = database
        self._audit = audit
        self._events = events
        self._clock = clock

    async def ban(self, scope: TenantScope, viewer_id: ViewerId, reason: str, *, actor: Actor) -> None:
        """The viewer may no longer use the site; running streams end within a second."""
        ban = Ban(reason=reason, since=moment(self._clock()), by=f"{actor.kind}:{actor.id}")
        await self._set_ban(scope, viewer_id, ban)
        await self._audit.record(scope, actor, "viewer.ban", str(viewer_id), {"reason": reason})

    async def unban(self, scope: TenantScope, viewer_id: ViewerId, *, actor: Actor) -> None:
        """The viewer may use the site again, with the sessions there were."""
        await self._set_ban(scope, viewer_id, None)
        await self._audit.record(scope, actor, "viewer.unban", str(viewer_id))

    async def set_role(self, scope: TenantScope, viewer_id: ViewerId, role: Role, *, actor: Actor) -> None:
        """Gives the viewer a role; it holds from the next request on."""
        if not await ViewerRepository(self._database, scope).set_role(viewer_id, role):
            raise NoSuchViewer(str(viewer_id))
        await self._audit.record(scope, actor, "viewer.role", str(viewer_id), {"role": role})

    async def confirm_age(self, scope: TenantScope, viewer_id: ViewerId, age: int | None) -> None:
        """The viewer declared to be of that age, or takes it back: holds on every device they sign in on."""
        if not await ViewerRepository(self._database, scope).set_confirmed_age(viewer_id, age):
            raise NoSuchViewer(str(viewer_id))

    async def _set_ban(self, scope: TenantScope, viewer_id: ViewerId, ban: Ban | None) -> None:
        if not await ViewerRepository(self._database, scope).set_ban(viewer_id, ban):
            raise NoSuchViewer(str(viewer_id))
        await self._events.publish(TOPIC, {"tenant": scope.tenant_id, "viewer": viewer_id})
