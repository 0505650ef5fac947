"""Who may use a signed link: its signature says what it was made for, this says whether it still stands."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from accounts.access import may_download, may_stream
from accounts.model import Viewer
from accounts.sessions import Sessions
from streaming.links import Claims, device_of, user_claim
from tenancy.resolver import ResolvedTenant


class NotAdmitted(Exception):
    """The link is good and may not be used: see the subclasses."""


class LinkNotYours(NotAdmitted):
    """The request does not show the session that the link was made for, or that session is over."""


class NoLongerYours(NotAdmitted):
    """The viewer's role, or the site's rule, is another one than when the link was made."""


class SiteSuspended(NotAdmitted):
    """The site does not serve at the moment."""


class Admitted(Struct, frozen=True):
    """Whose stream it is: `user` as in the claims, and the viewer's role."""

    user: str
    role: str


class Admission(Protocol):
    """Decides on a request's link, and again while its stream runs."""

    async def __call__(self, tenant: ResolvedTenant, claims: Claims, session_cookie: str | None) -> Admitted:
        """Whose stream it is. Raises NotAdmitted, or StorageUnavailable."""
        ...


class StreamAdmission:
    """Admission by the session that the link was made for, which has to be alive whatever the purpose.

    A request that shows a session cookie has to show that session's; one that shows none is let in by an external link
    alone. So a sign-out or a ban ends the links of cookieless players too, and premium that ends takes its links along.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def __call__(self, tenant: ResolvedTenant, claims: Claims, session_cookie: str | None) -> Admitted:
        """See Admission. Raises ViewerBanned too."""
        if tenant.serving == "suspended":
            raise SiteSuspended("This site does not play videos at the moment.")
        if claims.purpose == "page":
            raise LinkNotYours("This link opens pages.")
        is_shown = session_cookie is not None and device_of(session_cookie) == claims.device
        if not is_shown and (session_cookie is not None or claims.purpose != "external"):
            raise LinkNotYours("This link was made for another session.")
        viewer = await self._sessions.viewer_of_session(tenant.scope, claims.device)
        if viewer is None or user_claim(viewer.id) != claims.user:
            raise LinkNotYours("The session of this link is over.")
        if not _is_theirs(tenant, viewer, claims):
            raise NoLongerYours("This is for premium members.")
        return Admitted(claims.user, viewer.role)


def _is_theirs(tenant: ResolvedTenant, viewer: Viewer, claims: Claims) -> bool:
    rules = tenant.tenant.access
    return may_download(rules, viewer) if claims.purpose == "download" else may_stream(rules, viewer)
