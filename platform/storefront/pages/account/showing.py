"""What the account's pages show, as plain data for templates."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta
from typing import Any, Final

from litestar import Response
from msgspec import Struct

from accounts.grants import role_ends
from accounts.model import Viewer
from accounts.session_repository import Session
from storefront.members import Member
from storefront.pages.request import page
from tenancy.resolver import ResolvedTenant
from tenancy.themes.renderer import Themes

NO_STORE: Final = {"cache-control": "no-store"}
_ROLES: Final = {"free": "Free", "premium": "Premium", "admin": "Runs this site"}


class Shown(Struct, frozen=True):
    """What the account page shows this once, and what just happened."""

    code: str = ""
    token: str = ""
    token_name: str = ""
    done: str = ""
    problem: str = ""


def account_page(
    themes: Themes,
    tenant: ResolvedTenant,
    oneself: Member,
    sessions: list[Session],
    recovery_made: datetime | None,
    now: datetime,
    shown: Shown,
    premium: Mapping[str, Any] | None,
    *,
    status: int = 200,
) -> Response[str]:
    """The whole account. It may show a secret, so nobody keeps it."""
    rows = [_row(each, oneself.device, now) for each in sessions]
    context = {
        "me": _me(oneself.viewer, now),
        "browsers": [row for row in rows if row["kind"] == "browser"],
        "tokens": [row for row in rows if row["kind"] == "token"],
        "recovery": "" if recovery_made is None else _day(recovery_made, now),
        "shown": {name: getattr(shown, name) for name in shown.__struct_fields__},
        "premium": premium,
        "section": "account",
    }
    return answered(themes, tenant, "account.html", context, status=status)


def answered(
    themes: Themes,
    tenant: ResolvedTenant,
    template: str,
    context: Mapping[str, object],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response[str]:
    """A page that nobody keeps."""
    answer = page(themes, tenant, template, context, headers={**NO_STORE, **(headers or {})})
    answer.status_code = status
    return answer


def _me(viewer: Viewer, now: datetime) -> dict[str, Any]:
    profile, until = viewer.ours.profile, role_ends(viewer, now)
    name = profile.name if profile and profile.name else ""
    return {
        "name": name or ("Guest" if viewer.type == "guest" else "Signed in with Telegram"),
        "initial": name[:1].upper(),
        "username": (profile.username if profile else None) or "",
        "is_guest": viewer.type == "guest",
        "role": _ROLES[viewer.role],
        "is_better": viewer.role != "free",
        "until": "" if until is None else _date(until),
        "since": "" if viewer.ours.created_at is None else _date(viewer.ours.created_at),
    }


def _row(session: Session, current: str, now: datetime) -> dict[str, Any]:
    return {
        "id": session.id,
        "kind": session.kind,
        "name": session.device,
        "current": session.id == current,
        "seen": _day(session.seen_at or session.created_at, now),
        "since": _date(session.created_at),
    }


def _day(moment: datetime, now: datetime) -> str:
    """As coarse as it is kept."""
    days = (now.date() - moment.date()) // timedelta(days=1)
    return {0: "today", 1: "yesterday"}.get(days, f"on {_date(moment)}")


def _date(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
