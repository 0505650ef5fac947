"""What follows when Telegram has vouched for somebody: the viewer, what was a guest's until now, and a new session.

Every step can be done again. What a kill leaves undone is written down in the documents themselves, and done at the
person's next sign-in: a guest's `merging_into`, a viewer's `sign_up`.
"""

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final, NamedTuple, final

from accounts.belongings import BelongingsRegistry
from accounts.errors import ViewerBanned
from accounts.grants import with_grants
from accounts.model import SignUp, Viewer, ViewerId
from accounts.repository import ViewerRepository
from accounts.sessions import Sessions
from accounts.sign_in.attempts import Attempts
from accounts.sign_in.identity import TelegramIdentity
from accounts.viewers import FORGET_AGAIN, FORGET_AGAIN_SECONDS
from storage.errors import Conflict
from storage.jobs import Jobs
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

SignedUp = Callable[[TenantScope, Viewer, str | None], Awaitable[None]]
"""Hears once (again only after a fault) of each first sign-up: the scope, the viewer, and the referral's code."""
_LOG: Final = logging.getLogger(__name__)


class Here(NamedTuple):
    """Who asks, before they are signed in: the viewer and the session of this browser, if any, and its User-Agent."""

    viewer: Viewer | None
    session: str | None
    user_agent: str


class Arrived(NamedTuple):
    """Who has signed in, the new session's cookie, and whether this is the first time."""

    viewer: Viewer
    cookie: str
    is_new: bool


@final
class Arrivals:
    """Signing in on every site. Each verb raises StorageUnavailable."""

    def __init__(
        self,
        database: Database,
        sessions: Sessions,
        attempts: Attempts,
        belongings: BelongingsRegistry,
        signed_up: Sequence[SignedUp],
        clock: Clock,
    ) -> None:
        self._database = database
        self._sessions = sessions
        self._attempts = attempts
        self._belongings = belongings
        self._signed_up = signed_up
        self._clock = clock
        self._jobs = Jobs(database, clock)

    async def by_telegram(
        self, scope: TenantScope, identity: TelegramIdentity, here: Here, *, referral_code: str | None
    ) -> Arrived:
        """Signs in whom Telegram vouches for. Raises SignInReplayed, ViewerBanned."""
        await self._attempts.use(scope, identity.proof, kept_seconds=identity.kept_seconds)
        viewer, is_new = await self._viewer(scope, identity, referral_code)
        return Arrived(*await self._arrive(scope, viewer, here), is_new)

    async def by_recovery_code(self, scope: TenantScope, guest: Viewer, here: Here) -> Arrived:
        """Brings a guest, whose code was good, into this browser, together with what is another guest's in it.

        Whoever is signed in with Telegram stays so, and takes the guest's things over.
        """
        if here.viewer is not None and here.viewer.type == "telegram":
            await ViewerRepository(self._database, scope).begin_merge(guest.id, here.viewer.id)
            guest = here.viewer
        return Arrived(*await self._arrive(scope, guest, here), is_new=False)

    async def _viewer(
        self, scope: TenantScope, identity: TelegramIdentity, referral_code: str | None
    ) -> tuple[Viewer, bool]:
        viewers = ViewerRepository(self._database, scope)
        try:
            now = moment(self._clock())
            await viewers.add_telegram(identity.id, identity.profile, SignUp(referral_code), now)
            is_new = True
        except Conflict:
            is_new = False
        viewer = await viewers.identity(identity.id)
        if viewer is None:
            raise Conflict("the account was deleted in this moment")
        if viewer.ours.ban is not None:
            raise ViewerBanned(viewer.ours.ban.reason)
        if not is_new and viewer.ours.profile != identity.profile:
            await viewers.set_profile(viewer.id, identity.profile)
        return viewer, is_new

    async def _arrive(self, scope: TenantScope, viewer: Viewer, here: Here) -> tuple[Viewer, str]:
        viewers = ViewerRepository(self._database, scope)
        before = here.viewer
        if before is not None and before.type == "guest" and before.id != viewer.id:
            await viewers.begin_merge(before.id, viewer.id)
        if await self._finish_merges(scope, viewer.id):
            await self._refuse_banned(scope, viewer.id)
        await self._welcome(scope, viewer)
        cookie = await self._sessions.open_session(scope, viewer.id, here.user_agent)
        if before is not None and here.session is not None:
            # The browser's former session is worth nothing from now on, nor are its links.
            await self._sessions.end_one(scope, before.id, here.session)
        arrived = await viewers.identity(viewer.id)
        return with_grants(arrived or viewer, moment(self._clock())), cookie

    async def _finish_merges(self, scope: TenantScope, viewer_id: ViewerId) -> bool:
        """Whether there was one to finish."""
        viewers = ViewerRepository(self._database, scope)
        guests = await viewers.merging_into(viewer_id)
        for guest_id in guests:
            # Ended and not handed over: another device of the guest has not shown that it is this person's.
            await self._sessions.end_all_sessions(scope, guest_id)
            await self._belongings.merge(scope, guest_id, viewer_id)
            # The guest's other tabs may be saying something in this moment.
            left = {"viewer": guest_id, "into": viewer_id}
            await self._jobs.enqueue(scope, FORGET_AGAIN, left, run_at=self._clock() + FORGET_AGAIN_SECONDS)
            await viewers.delete(guest_id)
        return bool(guests)

    async def _refuse_banned(self, scope: TenantScope, viewer_id: ViewerId) -> None:
        """A guest may have been banned while it became the viewer, who is that from then on."""
        viewer = await ViewerRepository(self._database, scope).identity(viewer_id)
        if viewer is not None and viewer.ours.ban is not None:
            raise ViewerBanned(viewer.ours.ban.reason)

    async def _welcome(self, scope: TenantScope, viewer: Viewer) -> None:
        if viewer.ours.sign_up is None:
            return
        try:
            for hear in self._signed_up:
                await hear(scope, viewer, viewer.ours.sign_up.referral_code)
        except Exception:  # noqa: BLE001 - nobody is kept out by a fault of those who are told; they are told next time
            _LOG.exception("a first sign-up could not be told")
            return
        await ViewerRepository(self._database, scope).welcomed(viewer.id)
