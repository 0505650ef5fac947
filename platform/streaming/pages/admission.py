"""Who may use a page link: it needs no session, and the one that it was made for, if any, has to stand."""

from __future__ import annotations

from accounts.sessions import Sessions
from streaming.admission import LinkNotYours, SiteSuspended
from streaming.links import Claims, device_of, user_claim
from tenancy.resolver import ResolvedTenant

NOBODY = ""
"""`user` and `device` of a link for somebody without a session: reading opens none."""


class PageAdmission:
    """Asked anew for every page, so that a ban, a sign-out or a suspension holds from the next page on.

    A link of a session counts beside that session's cookie or token or, for readers that show none with pictures,
    beside none at all. A link of nobody counts for whoever has it: people begin to read without a session, and get one
    while they read. `secret` is what the request shows.
    """

    def __init__(self, sessions: Sessions) -> None:
        self._sessions = sessions

    async def __call__(self, tenant: ResolvedTenant, claims: Claims, secret: str | None) -> None:
        """Raises NotAdmitted, ViewerBanned, StorageUnavailable."""
        if tenant.serving == "suspended":
            raise SiteSuspended("This site shows no pages at the moment.")
        if claims.purpose != "page":
            raise LinkNotYours("This link was made for something else.")
        if claims.device == NOBODY:
            await self._sessions.current_viewer(tenant.scope, secret)
            return
        if secret is not None and device_of(secret) != claims.device:
            raise LinkNotYours("This link was made for another session.")
        viewer = await self._sessions.viewer_of_session(tenant.scope, claims.device)
        if viewer is None or user_claim(viewer.id) != claims.user:
            raise LinkNotYours("The session of this link is over.")
