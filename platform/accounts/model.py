"""What a viewer is: one person on one tenant's site. On another site the same person is another viewer."""

from datetime import datetime
from typing import Any, Literal

import msgspec

from storage.repository import TenantDocument

ViewerId = int | str
"""A Telegram id (int), or a guest's hash (str). 42 and "42" are two viewers."""
ViewerType = Literal["telegram", "guest"]
Role = Literal["free", "premium", "admin"]


class Ban(msgspec.Struct, frozen=True):
    """Why and since when (naive UTC) a viewer may not use the site, and who said so."""

    reason: str
    since: datetime
    by: str


class Grant(msgspec.Struct, frozen=True, kw_only=True):
    """A role given on top of the viewer's own, until a moment (naive UTC) or for good."""

    id: str
    role: Role
    until: datetime | None = None
    reason: str = ""
    since: datetime
    by: str


class Profile(msgspec.Struct, frozen=True):
    """What Telegram calls the person. For the person alone: nobody else on the site sees it."""

    name: str
    username: str | None = None


class SignUp(msgspec.Struct, frozen=True):
    """A first sign-up that not everybody has been told of yet."""

    referral_code: str | None = None


class ViewerOurs(msgspec.Struct, frozen=True):
    """What the platform keeps beside a user's document.

    `confirmed_age`: at which age the viewer passed a gate. `merging_into`: whose a guest's things are becoming.
    """

    ban: Ban | None = None
    confirmed_age: int | None = None
    created_at: datetime | None = None
    grants: tuple[Grant, ...] = ()
    profile: Profile | None = None
    merging_into: ViewerId | None = None
    sign_up: SignUp | None = None


class Viewer(TenantDocument):
    """A user's document. `history` is empty where the viewer was read for a request and not for its progress.

    `role` is the document's own; `accounts.grants.with_grants` gives the viewer the best role that holds now.
    """

    id: ViewerId
    type: ViewerType = "guest"
    role: Role = "free"
    security: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    history: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    referral: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    ours: ViewerOurs = msgspec.field(name="_marquee", default=ViewerOurs())
