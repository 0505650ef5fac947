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


class ViewerOurs(msgspec.Struct, frozen=True):
    """What the platform keeps beside a user's document."""

    ban: Ban | None = None
    created_at: datetime | None = None


class Viewer(TenantDocument):
    """A user's document. `history` is empty where the viewer was read for a request and not for its progress."""

    id: ViewerId
    type: ViewerType = "guest"
    role: Role = "free"
    security: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    history: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    referral: dict[str, Any] = msgspec.field(default_factory=dict[str, Any])
    ours: ViewerOurs = msgspec.field(name="_marquee", default=ViewerOurs())
