"""Who may use a signed link: its signature says what it was made for, this says whether it still stands."""

from __future__ import annotations

from typing import Protocol

from msgspec import Struct

from streaming.links import Claims
from tenancy.resolver import ResolvedTenant


class NotAdmitted(Exception):
    """The link is good and may not be used: see the subclasses."""


class LinkNotYours(NotAdmitted):
    """The request does not show the session that the link was made for, or that session is over."""


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
