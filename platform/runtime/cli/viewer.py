"""`marquee viewer`: the viewers of a site, their roles, bans and sessions."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args

import click

from accounts.model import Grant, Role, Viewer, ViewerId
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, run_async, settings_for
from runtime.cli.output import Output
from runtime.cli.session import stores_for
from runtime.stores import Stores
from storage.moments import moment
from storage.scope import TenantScope

T = TypeVar("T")
ROLES: tuple[Role, ...] = get_args(Role)
COLUMNS = ("id", "type", "role", "name", "created_at", "banned")
PAGE = 500
_DAYS = re.compile(r"([1-9][0-9]{0,4})d", re.ASCII)


@click.group()
def viewer() -> None:
    """See and change the viewers of a site. Ids that are numbers are Telegram's; write ~ID for a guest's."""


tenant_option = click.option("--tenant", "tenant_id", metavar="ID", required=True, help="The site's tenant.")


@viewer.command("list")
@tenant_option
@click.option("--limit", type=click.IntRange(1, 100_000), default=100, show_default=True, help="How many.")
@home_option
@json_option
def list_(tenant_id: str, limit: int, home: Path | None, *, as_json: bool) -> None:
    """List viewers by id."""

    async def verb(stores: Stores, scope: TenantScope) -> list[Viewer]:
        found: list[Viewer] = []
        while len(found) < limit:
            after = found[-1].id if found else None
            page = await stores.viewers.some(scope, after=after, limit=min(PAGE, limit - len(found)))
            found.extend(page)
            if not page:
                break
        return found

    found = _with_scope(tenant_id, home, verb)
    Output(as_json=as_json).rows([_row(each) for each in found], COLUMNS, empty="nobody has come yet")


@viewer.command()
@click.argument("viewer_id", metavar="VIEWER_ID")
@tenant_option
@home_option
@json_option
def show(viewer_id: str, tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """Show one viewer, with the devices."""

    async def verb(stores: Stores, scope: TenantScope) -> dict[str, Any]:
        found = await stores.viewers.get(scope, _id_of(viewer_id))
        devices = await stores.sessions.of_viewer(scope, found.id)
        ours = found.ours
        return {
            **_row(found),
            "username": ours.profile.username if ours.profile else None,
            "ban": None if ours.ban is None else f"since {ours.ban.since:%Y-%m-%d} by {ours.ban.by}: {ours.ban.reason}",
            "grants": [_told(grant) for grant in ours.grants],
            "devices": [f"{each.device} ({each.kind})" for each in devices],
        }

    Output(as_json=as_json).record(_with_scope(tenant_id, home, verb))


@viewer.command()
@click.argument("viewer_id", metavar="VIEWER_ID")
@click.argument("role", type=click.Choice(ROLES))
@tenant_option
@click.option("--until", help="A day (2027-01-31), or a number of days (30d). For good if left out.")
@click.option("--reason", default="", help="For the record.")
@home_option
@json_option
def grant(
    viewer_id: str, role: Role, tenant_id: str, until: str | None, reason: str, home: Path | None, *, as_json: bool
) -> None:
    """Give a viewer ROLE for a time; `free` takes every grant away."""

    async def verb(stores: Stores, scope: TenantScope) -> Viewer:
        who = _id_of(viewer_id)
        if role == "free":
            await stores.viewers.revoke_grants(scope, who, actor=who_asks())
        else:
            end = _end(until, moment(stores.clock()))
            await stores.viewers.grant(scope, who, role, end, reason, actor=who_asks())
        return await stores.viewers.get(scope, who)

    found = _with_scope(tenant_id, home, verb)
    Output(as_json=as_json).answer(_row(found), f"{viewer_id} is {found.role}")


@viewer.command()
@click.argument("viewer_id", metavar="VIEWER_ID")
@tenant_option
@click.option("--reason", required=True, help="For the record; the viewer does not see it.")
@home_option
@json_option
def ban(viewer_id: str, tenant_id: str, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Keep a viewer from using the site; running streams end within a second."""

    async def verb(stores: Stores, scope: TenantScope) -> None:
        await stores.viewers.ban(scope, _id_of(viewer_id), reason, actor=who_asks())

    _with_scope(tenant_id, home, verb)
    Output(as_json=as_json).answer({"id": viewer_id, "banned": True}, f"{viewer_id} is banned")


@viewer.command()
@click.argument("viewer_id", metavar="VIEWER_ID")
@tenant_option
@home_option
@json_option
def unban(viewer_id: str, tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """Let a viewer use the site again."""

    async def verb(stores: Stores, scope: TenantScope) -> None:
        await stores.viewers.unban(scope, _id_of(viewer_id), actor=who_asks())

    _with_scope(tenant_id, home, verb)
    Output(as_json=as_json).answer({"id": viewer_id, "banned": False}, f"{viewer_id} may use the site again")


@viewer.command("sign-out")
@click.argument("viewer_id", metavar="VIEWER_ID")
@tenant_option
@home_option
@json_option
def sign_out(viewer_id: str, tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """Sign a viewer out everywhere, tokens too."""

    async def verb(stores: Stores, scope: TenantScope) -> int:
        found = await stores.viewers.get(scope, _id_of(viewer_id))
        return await stores.sessions.end_all_sessions(scope, found.id)

    ended = _with_scope(tenant_id, home, verb)
    Output(as_json=as_json).answer({"id": viewer_id, "ended": ended}, f"{viewer_id} is signed out of {ended} devices")


def _with_scope(tenant_id: str, home: Path | None, verb: Callable[[Stores, TenantScope], Awaitable[T]]) -> T:
    async def run() -> T:
        async with stores_for(settings_for(home, existing=True)) as stores:
            return await verb(stores, (await tenant_of(stores, tenant_id)).scope)

    return run_async(run())


def _id_of(text: str) -> ViewerId:
    """A guest's id may be digits alone, so it can be marked."""
    if text.startswith("~"):
        return text[1:]
    return int(text) if text.isascii() and text.isdecimal() and not text.startswith("0") else text


def _end(text: str | None, now: datetime) -> datetime | None:
    if text is None:
        return None
    days = _DAYS.fullmatch(text)
    if days is not None:
        return now + timedelta(days=int(days[1]))
    try:
        end = datetime.fromisoformat(text)
    except ValueError:
        raise click.UsageError(f"--until {text}: a day such as 2027-01-31, or 30d") from None
    return end if end.tzinfo is None else end.astimezone(UTC).replace(tzinfo=None)


def _row(found: Viewer) -> dict[str, Any]:
    ours = found.ours
    return {
        "id": found.id,
        "type": found.type,
        "role": found.role,
        "name": ours.profile.name if ours.profile else "",
        "created_at": ours.created_at,
        "banned": ours.ban is not None,
    }


def _told(granted: Grant) -> str:
    until = "for good" if granted.until is None else f"until {granted.until:%Y-%m-%d %H:%M} UTC"
    return f"{granted.role} {until} by {granted.by}: {granted.reason}"
