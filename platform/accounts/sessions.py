"""Sessions: a cookie or a token with 256 random bits, of which the database knows the hash alone.

A session belongs to one site. A browser's ends `ttl_seconds` after it was last used; using it moves its end at most
some thirty times in that span, so that a page view is rarely a write. An app's token lasts until it is revoked.
"""

import hashlib
import re
import secrets
from datetime import timedelta
from typing import Final, NamedTuple, final

from litestar.datastructures import Cookie

from accounts.devices import device_name
from accounts.errors import BadTokenName, TooManyTokens, ViewerBanned
from accounts.grants import with_grants
from accounts.model import Viewer, ViewerId
from accounts.repository import ViewerRepository
from accounts.session_repository import Session, SessionRepository
from storage.events import Events
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope

COOKIE: Final = "__Host-session"
TTL_SECONDS: Final = 30 * 24 * 3_600
TOPIC: Final = "viewers"

# Longer than any session: when a session ends is the server's to say, and browsers allow no more.
_COOKIE_SECONDS: Final = 400 * 24 * 3_600
_VALUE: Final = re.compile(r"(mqv_)?[A-Za-z0-9_-]{43}", re.ASCII)
TOKEN_PREFIX: Final = "mqv_"  # noqa: S105 - what every such token begins with is no secret
MOST_TOKENS: Final = 20
LONGEST_NAME: Final = 60
_MOST_LISTED: Final = 200


class Opened(NamedTuple):
    """A new session: whose, and the value of its cookie, which is never to be had again."""

    viewer: Viewer
    cookie: str


class Minted(NamedTuple):
    """A new token of an app, which is never to be had again."""

    session: Session
    token: str


def session_id(secret: str) -> str:
    """What the database calls the session of this cookie or token: its SHA-256 in hex."""
    return hashlib.sha256(secret.encode()).hexdigest()


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

    async def current_viewer(self, scope: TenantScope, secret: str | None) -> Viewer | None:
        """Whose cookie or token it is on this site, without the history. None: nobody's. Raises ViewerBanned."""
        if secret is None or _VALUE.fullmatch(secret) is None:
            return None
        return await self.viewer_of_session(scope, session_id(secret))

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
        if now - (found.seen_at or found.created_at) > self._ttl / 30:
            await repository.used(found, now, now + self._ttl)
        return with_grants(viewer, now)

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
            device=device_name(user_agent),
            seen_at=now,
        )
        await SessionRepository(self._database, scope).add(session)
        return cookie

    async def mint_token(self, scope: TenantScope, viewer_id: ViewerId, name: str) -> Minted:
        """A token for an app or a reader, by the name that the viewer gives it. Raises BadTokenName, TooManyTokens."""
        named = " ".join(name.split())
        if not named or len(named) > LONGEST_NAME or not named.isprintable():
            raise BadTokenName(f"name: 1 to {LONGEST_NAME} characters that can be seen")
        repository = SessionRepository(self._database, scope)
        if await repository.count(viewer_id, "token", limit=MOST_TOKENS) >= MOST_TOKENS:
            raise TooManyTokens(f"There are {MOST_TOKENS} tokens already. Revoke one first.")
        token = TOKEN_PREFIX + secrets.token_urlsafe(32)
        now = moment(self._clock())
        minted = Session(
            id=session_id(token), viewer=viewer_id, agent="", created_at=now, kind="token", device=named, seen_at=now
        )
        await repository.add(minted)
        return Minted(minted, token)

    async def of_viewer(self, scope: TenantScope, viewer_id: ViewerId) -> list[Session]:
        """The viewer's browsers and tokens, the last used first."""
        repository = SessionRepository(self._database, scope)
        return await repository.of_viewer(viewer_id, moment(self._clock()), limit=_MOST_LISTED)

    async def end_session(self, scope: TenantScope, cookie: str) -> None:
        """Signs out; what plays under the session ends. A session that is gone already is no error."""
        repository = SessionRepository(self._database, scope)
        found = await repository.get(session_id(cookie), moment(self._clock()))
        if found is not None and await repository.end(found.id):
            await self._tell(scope, found.viewer)

    async def end_one(self, scope: TenantScope, viewer_id: ViewerId, session: str) -> bool:
        """Signs one of the viewer's devices out, or revokes a token; whether the viewer had such a one."""
        ended = await SessionRepository(self._database, scope).end(session, viewer_id=viewer_id)
        if ended:
            await self._tell(scope, viewer_id)
        return ended

    async def end_all_sessions(self, scope: TenantScope, viewer_id: ViewerId, *, but: str | None = None) -> int:
        """Signs the viewer out everywhere on this site, or everywhere but there; how many sessions there were."""
        ended = await SessionRepository(self._database, scope).end_all_of(viewer_id, but=but)
        await self._tell(scope, viewer_id)
        return ended

    async def _tell(self, scope: TenantScope, viewer_id: ViewerId) -> None:
        await self._events.publish(TOPIC, {"tenant": scope.tenant_id, "viewer": viewer_id})
