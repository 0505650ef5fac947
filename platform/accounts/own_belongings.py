"""What this room itself keeps of a viewer: the document, devices and tokens, the recovery code."""

from collections.abc import AsyncIterator, Mapping
from typing import Any, Final, final

import msgspec

from accounts.belongings import Belongings
from accounts.model import ViewerId
from accounts.recovery import RecoveryCodes
from accounts.repository import ViewerRepository
from accounts.sessions import Sessions
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

_MARQUEE: Final = "_marquee"


@final
class UserBelongings:
    """The viewer's document. It is merged by whoever merges the viewer, at the end; its grants and ban are here."""

    name: str = "user"

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """The document as it is, with what Telegram calls the person and the roles that were granted."""
        found = await ViewerRepository(self._database, scope).raw_one(viewer_id)
        if found is not None:
            ours = found.pop(_MARQUEE, {})
            shown = {name: ours[name] for name in ("profile", "created_at", "grants", "confirmed_age") if name in ours}
            yield {**found, **shown}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """None or one."""
        return int(await ViewerRepository(self._database, scope).delete(viewer_id))

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """What the guest was granted goes along, and a ban that overtook the sign-in."""
        viewers = ViewerRepository(self._database, scope)
        guest = await viewers.identity(guest_id)
        if guest is None:
            return
        for grant in guest.ours.grants:
            await viewers.add_grant(viewer_id, grant, moment(self._clock()))
        if guest.ours.ban is not None:
            await viewers.set_ban(viewer_id, guest.ours.ban)


@final
class SessionBelongings:
    """Browsers and tokens. A guest's end at a sign-in: they have not shown that they are this person's."""

    name: str = "devices"

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """What the list of devices shows."""
        for session in await self._sessions.of_viewer(scope, viewer_id):
            fields = msgspec.structs.asdict(session)
            yield {name: fields[name] for name in ("kind", "device", "created_at", "seen_at", "expires_at")}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Signs out everywhere; running streams end."""
        return await self._sessions.end_all_sessions(scope, viewer_id)

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """Signs the guest out everywhere."""
        await self._sessions.end_all_sessions(scope, guest_id)


@final
class RecoveryBelongings:
    """The recovery code, of which only the hash is there: nobody can take it along."""

    name: str = "recovery_code"

    def __init__(self, codes: RecoveryCodes) -> None:
        self._codes = codes

    async def export(self, scope: TenantScope, viewer_id: ViewerId) -> AsyncIterator[Mapping[str, Any]]:
        """When it was made."""
        made_at = await self._codes.made_at(scope, viewer_id)
        if made_at is not None:
            yield {"created_at": made_at}

    async def delete(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """None or one."""
        return int(await self._codes.drop(scope, viewer_id))

    async def merge(self, scope: TenantScope, guest_id: ViewerId, viewer_id: ViewerId) -> None:
        """The guest's opens nothing any more."""
        await self._codes.drop(scope, guest_id)


def own_belongings(
    database: Database, sessions: Sessions, codes: RecoveryCodes, clock: Clock
) -> tuple[Belongings, ...]:
    """In the order in which they go: the sessions at the very end, for until then a deletion can be asked for again."""
    return RecoveryBelongings(codes), UserBelongings(database, clock), SessionBelongings(sessions)
