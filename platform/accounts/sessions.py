"""Sessions: a cookie with 256 random bits, of which the database knows the hash alone.

A session belongs to one site. It ends `ttl_seconds` after it was last used; using it moves its end at most some thirty
times in that span, so that a page view is rarely a write.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Final, NamedTuple, final

from litestar.datastructures import Cookie

from accounts.errors import ViewerBanned
from accounts.model import Viewer, ViewerId
from accounts.repository import Session, SessionRepository, ViewerRepository
from storage.events import Events
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

COOKIE: Final = "__Host-session"
TTL_SECONDS: Final = 30 * 24 * 3_600
TOPIC: Final = "viewers"

# Longer than any session: when a session ends is the server's to say, and browsers allow no more.
_COOKIE_SECONDS: Final = 400 * 24 * 3_600
_VALUE: Final = re.compile(r"[A-Za-z0-9_-]{43}", re.ASCII)


class Opened(NamedTuple):
    """A new session: whose, and the value of its cookie, which is never to be had again."""

    viewer: Viewer
    cookie: str


def session_id(cookie: str) -> str:
    """What the database calls the session of this cookie: its SHA-256 in hex."""
    return hashlib.sha256(cookie.encode()).hexdigest()


def session_cookie(cookie: str) -> Cookie:
    """What gives the session to the browser, on this host alone and out of reach of scripts."""
    return Cookie(
        key=COOKIE, value=cookie, path="/", max_age=_COOKIE_SECONDS, secure=True, httponly=True, samesite="lax"
    )


def no_session_cookie() -> Cookie:
    """What takes it away again."""
    return Cookie(key=COOKIE, value="", path="/", max_age=0, secure=True, httponly=True, samesite="lax")


@final
class Sessions:
    """The sessions of every site. Each verb raises StorageUnavailable."""

    def __init__(self, database: Database, events: Events, clock: Clock, *, ttl_seconds: float = TTL_SECONDS) -> None:
        self._database = database
        self._events = events
        self._clock = clock
        self._ttl = timedelta(seconds=ttl_seconds)

    async def current_viewer(self, scope: TenantScope, cookie: str | None) -> Viewer | None:
        """Whose cookie it is on this site, without the history. None: nobody's. Raises ViewerBanned."""
        if cookie is None or _VALUE.fullmatch(cookie) is None:
            return None
        return await self.viewer_of_session(scope, session_id(cookie))

    async def viewer_of_session(self, scope: TenantScope, session: str) -> Viewer | None:
        """The same by the session's id. Raises ViewerBanned."""
        repository = SessionRepository(self._database, scope)
        now = moment(self._clock())
        found = await repository.get(session, now)
        if found is None:
            return None
        viewer = await ViewerRepository(self._database, scope).identity(found.viewer)
        if viewer is None:
            return None
        if viewer.ours.ban is not None:
            raise ViewerBanned(viewer.ours.ban.reason)
        if found.expires_at - now < self._ttl * 29 / 30:
            await repository.extend(session, now + self._ttl)
        return viewer

    async def open_guest_session(self, scope: TenantScope, user_agent: str) -> Opened:
        """Makes a guest and its session: at the first play, never for a page view."""
        guest = secrets.token_hex(16)
        viewers = ViewerRepository(self._database, scope)
        await viewers.add_guest(guest, moment(self._clock()))
        viewer = await viewers.identity(guest)
        if viewer is None:
            raise LookupError("the guest just made is gone")
        return Opened(viewer, await self.open_session(scope, guest, user_agent))

    async def open_session(self, scope: TenantScope, viewer_id: ViewerId, user_agent: str) -> str:
        """A session of a viewer who has proven who they are; gives the value of its cookie."""
        cookie = secrets.token_urlsafe(32)
        now = moment(self._clock())
        session = Session(
            id=session_id(cookie),
            viewer=viewer_id,
            agent=hashlib.sha256(user_agent.encode()).hexdigest(),
            created_at=now,
            expires_at=now + self._ttl,
        )
        await SessionRepository(self._database, scope).add(session)
        return cookie

    async def end_session(self, scope: TenantScope, cookie: str) -> None:
        """Signs out; what plays under the session ends. A session that is gone already is no error."""
        repository = SessionRepository(self._database, scope)
        found = await repository.get(session_id(cookie), moment(self._clock()))
        if found is not None and await repository.end(found.id):
            await self._tell(scope, found.viewer)

    async def end_all_sessions(self, scope: TenantScope, viewer_id: ViewerId) -> int:
        """Signs the viewer out everywhere on this site; how many sessions there were."""
        ended = await SessionRepository(self._database, scope).end_all_of(viewer_id)
        await self._tell(scope, viewer_id)
        return ended

    async def _tell(self, scope: TenantScope, viewer_id: ViewerId) -> None:
        await self._events.publish(TOPIC, {"tenant": scope.tenant_id, "viewer": viewer_id})
