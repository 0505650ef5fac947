"""`marquee staff`: tokens of the people who run a site, or the platform."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import Any, TypeVar

import click
import msgspec

from accounts.staff import Minted
from accounts.staff_repository import ROLES, StaffMember
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, run_async, settings_for
from runtime.cli.output import Output
from runtime.cli.session import stores_for
from runtime.stores import Stores
from storage.scope import PlatformScope, TenantScope

T = TypeVar("T")
Scope = TenantScope | PlatformScope
COLUMNS = ("id", "name", "role", "created_at", "revoked_at")


@click.group()
def staff() -> None:
    """Mint and revoke the tokens of those who moderate and run sites."""


def whose_option(command: Callable[..., Any]) -> Callable[..., Any]:
    """--tenant ID or --platform."""
    command = click.option("--platform", is_flag=True, help="Staff of the platform itself.")(command)
    return click.option("--tenant", "tenant_id", metavar="ID", help="Staff of this tenant.")(command)


@staff.command()
@click.argument("name")
@click.option("--role", type=click.Choice(ROLES), default="moderator", show_default=True, help="What they may do.")
@whose_option
@home_option
@json_option
def create(name: str, role: str, tenant_id: str | None, home: Path | None, *, platform: bool, as_json: bool) -> None:
    """Mint a token for NAME. It is shown once."""

    async def verb(stores: Stores, scope: Scope) -> Minted:
        return await stores.staff.create(scope, name, role, actor=who_asks())

    minted = _with_scope(tenant_id, home, verb, platform=platform)
    output = Output(as_json=as_json)
    output.record({**_shown(minted.member), "token": minted.token})
    output.note("Keep the token now: it is not stored and cannot be shown again.")


@staff.command("list")
@whose_option
@home_option
@json_option
def list_(tenant_id: str | None, home: Path | None, *, platform: bool, as_json: bool) -> None:
    """List who has and had a token."""

    async def verb(stores: Stores, scope: Scope) -> list[StaffMember]:
        return await stores.staff.everybody(scope)

    found = _with_scope(tenant_id, home, verb, platform=platform)
    empty = "there is no staff; marquee staff create mints a token"
    Output(as_json=as_json).rows([_shown(each) for each in found], COLUMNS, empty=empty)


@staff.command()
@click.argument("member_id", metavar="STAFF_ID")
@whose_option
@home_option
@json_option
def revoke(member_id: str, tenant_id: str | None, home: Path | None, *, platform: bool, as_json: bool) -> None:
    """Make a token worthless at once."""

    async def verb(stores: Stores, scope: Scope) -> None:
        await stores.staff.revoke(scope, member_id, actor=who_asks())

    _with_scope(tenant_id, home, verb, platform=platform)
    Output(as_json=as_json).answer({"id": member_id, "revoked": True}, f"{member_id} is revoked")


def _with_scope(
    tenant_id: str | None, home: Path | None, verb: Callable[[Stores, Scope], Awaitable[T]], *, platform: bool
) -> T:
    if (tenant_id is None) == (not platform):
        raise click.UsageError("name either --tenant ID or --platform")

    async def run() -> T:
        async with stores_for(settings_for(home, existing=True)) as stores:
            scope: Scope = stores.system.platform_scope()
            if tenant_id is not None:
                scope = (await tenant_of(stores, tenant_id)).scope
            return await verb(stores, scope)

    return run_async(run())


def _shown(member: StaffMember) -> dict[str, Any]:
    fields = msgspec.structs.asdict(member)
    del fields["secret_hash"]
    return fields
