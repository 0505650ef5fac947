"""The signed link of a chapter's pages."""

from __future__ import annotations

from typing import Any, Final

from litestar.connection import ASGIConnection
from msgspec import Struct

from accounts.credentials import credential_of
from accounts.model import Viewer
from accounts.sessions import session_id
from streaming.links import Claims, LinkSigner, user_claim
from streaming.pages.admission import NOBODY
from tenancy.resolver import ResolvedTenant

WINDOW_SECONDS: Final = 6 * 3600


class Reader(Struct, frozen=True):
    """Who reads, as in signed links; nobody in particular where there is no session."""

    user: str = NOBODY
    device: str = NOBODY


class PageLinks(Struct, frozen=True):
    """Pages under `/pages/{token}/{page from 0}` until `expires_at` (epoch seconds)."""

    token: str
    expires_at: int

    def page(self, place: int) -> str:
        """The path of the page."""
        return f"/pages/{self.token}/{place}"


def reader_of(connection: ASGIConnection[Any, Any, Any, Any], viewer: Viewer | None) -> Reader:
    """Who reads, without a session being opened for it."""
    shown = credential_of(connection)
    if viewer is None or shown is None:
        return Reader()
    return Reader(user_claim(viewer.id), session_id(shown.secret))


def page_links(
    links: LinkSigner, tenant: ResolvedTenant, reader: Reader, slug: str, key: str, *, now: float
) -> PageLinks:
    """The pages of the chapter `key` for the reader, for six to twelve hours.

    The same link within a window of six hours, so that a browser knows the pages that it has.
    """
    expires_at = (int(now) // WINDOW_SECONDS + 2) * WINDOW_SECONDS
    claims = Claims(
        tenant=tenant.id,
        host=tenant.host,
        user=reader.user,
        device=reader.device,
        title=slug,
        bucket=key,
        expires_at=expires_at,
        purpose="page",
    )
    return PageLinks(links.sign(claims), expires_at)
