"""What /me and /sign-in take and answer with."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from accounts.grants import role_ends
from accounts.model import Viewer
from accounts.session_repository import Session
from storage.moments import rfc3339

When = datetime | None
_DAY: Final = "%Y-%m-%d"


class ViewerAnswer(Struct, kw_only=True):
    """Who one is here. `name` and `username` are Telegram's, and nobody else sees them; times are UTC."""

    id: str
    type: Literal["telegram", "guest"]
    role: Literal["free", "premium", "admin"]
    role_until: str | None
    name: str | None
    username: str | None
    created_at: str | None


class MeAnswer(Struct, kw_only=True):
    """Who is asking; null is nobody."""

    viewer: ViewerAnswer | None


class SignedInAnswer(MeAnswer, kw_only=True):
    """Who one is now. `is_new`: this was the first time on this site."""

    is_new: bool


class DeviceAnswer(Struct, kw_only=True):
    """A browser, or an app's token. `seen` is the day of the last use."""

    id: str
    kind: Literal["browser", "token"]
    name: str
    current: bool
    seen: str | None
    created_at: str


class DevicesAnswer(Struct, kw_only=True):
    """Where one is signed in, the last used first."""

    devices: list[DeviceAnswer]


class EndedAnswer(Struct, kw_only=True):
    """How many devices were signed out."""

    ended: int


class TokenAnswer(Struct, kw_only=True):
    """A token; it is shown this once."""

    id: str
    name: str
    token: str


class RecoveryAnswer(Struct, kw_only=True):
    """Whether there is a recovery code, and since when."""

    exists: bool
    created_at: str | None


class RecoveryCodeAnswer(Struct, kw_only=True):
    """A new recovery code; it is shown this once, and the one before is worth nothing any more."""

    code: str


class WaysAnswer(Struct, kw_only=True):
    """How one can sign in here."""

    telegram: bool
    widget: str | None
    mini_app: bool
    recovery_code: bool


class BegunAnswer(Struct, kw_only=True):
    """Where the browser is to go; for the widget, what it is given as `data-auth-url`."""

    url: str


class NewToken(Struct, kw_only=True):
    """What the token is for, in the viewer's own words."""

    name: Annotated[str, Meta(min_length=1, max_length=60)]


class BeginSignIn(Struct, kw_only=True):
    """Which way, and where to afterwards: a path of this site."""

    way: Literal["oidc", "widget"] = "oidc"
    return_to: Annotated[str, Meta(max_length=2048)] = "/"
    referral_code: Annotated[str, Meta(max_length=64)] | None = None


class MiniAppSignIn(Struct, kw_only=True):
    """`Telegram.WebApp.initData`, as it is."""

    init_data: Annotated[str, Meta(max_length=4096)]
    referral_code: Annotated[str, Meta(max_length=64)] | None = None


class RecoverySignIn(Struct, kw_only=True):
    """A recovery code, in capitals or not, with hyphens or without."""

    code: Annotated[str, Meta(max_length=80)]


def viewer_answer(viewer: Viewer, now: datetime) -> ViewerAnswer:
    """The viewer as they see themselves."""
    profile, until = viewer.ours.profile, role_ends(viewer, now)
    return ViewerAnswer(
        id=str(viewer.id),
        type=viewer.type,
        role=viewer.role,
        role_until=told(until),
        name=profile.name if profile else None,
        username=profile.username if profile else None,
        created_at=told(viewer.ours.created_at),
    )


def device_answer(session: Session, current: str) -> DeviceAnswer:
    """A session in the list; `current` is the id of the one that asks."""
    seen = session.seen_at or session.created_at
    return DeviceAnswer(
        id=session.id,
        kind=session.kind,
        name=session.device,
        current=session.id == current,
        seen=seen.strftime(_DAY),
        created_at=told(session.created_at) or "",
    )


def told(moment: When) -> str | None:
    """A naive UTC moment by RFC 3339, to the second."""
    return None if moment is None else rfc3339(moment)


_ME: Final[dict[str, Any]] = {
    "id": "700000001",
    "type": "telegram",
    "role": "premium",
    "role_until": "2027-03-01T00:00:00Z",
    "name": "Ada Ferro",
    "username": "ada_f",
    "created_at": "2027-01-15T08:00:00Z",
}
_DEVICE: Final[dict[str, Any]] = {
    "id": "5e884898da28047151d0e56f8dc6292773603d0d6aabbdd62a11ef721d1542d8",
    "kind": "browser",
    "name": "Firefox on Linux",
    "current": True,
    "seen": "2027-01-15",
    "created_at": "2027-01-02T10:20:30Z",
}
ME: Final[dict[str, Any]] = {"viewer": _ME}
SIGNED_IN: Final[dict[str, Any]] = {"viewer": _ME, "is_new": False}
DEVICES: Final[dict[str, Any]] = {"devices": [_DEVICE]}
TOKENS: Final[dict[str, Any]] = {"devices": [{**_DEVICE, "kind": "token", "name": "Reader", "current": False}]}
ENDED: Final[dict[str, Any]] = {"ended": 2}
TOKEN: Final[dict[str, Any]] = {"id": _DEVICE["id"], "name": "Reader on the tablet", "token": "mqv_kq3…"}
RECOVERY: Final[dict[str, Any]] = {"exists": True, "created_at": "2027-01-15T08:00:00Z"}
RECOVERY_CODE: Final[dict[str, Any]] = {"code": "7K2QD-M0XWB-94TZR-HJ6VN"}
WAYS: Final[dict[str, Any]] = {"telegram": True, "widget": "north_login_bot", "mini_app": True, "recovery_code": True}
BEGUN: Final[dict[str, Any]] = {"url": "https://oauth.telegram.org/auth?client_id=123456&state=…"}
EXPORT: Final[dict[str, Any]] = {"user": [{"_id": 700000001, "type": "telegram", "role": "free"}], "progress": []}
