"""`marquee tenant`: the franchise sites of the platform."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, get_args

import click
import msgspec

from runtime.cli.looks import choices_not_taken, refuse_missing_theme
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.errors import Refused
from runtime.settings import Settings
from runtime.stores import Stores
from tenancy.desk import change_tenant, create_tenant
from tenancy.errors import BadDomain
from tenancy.holds import resume as lift_hold
from tenancy.holds import suspend as set_hold
from tenancy.host import canonical_domain
from tenancy.model import HoldKind, Tenant
from tenancy.settings import setting_names

# That of the contract comes and goes with it: marquee billing contract.
HOLDS: tuple[HoldKind, ...] = tuple(kind for kind in get_args(HoldKind) if kind != "contract")
COLUMNS = ("id", "domain", "name", "status", "plan", "theme")
PAGE = 500


@click.group()
def tenant() -> None:
    """Create and change the sites of the platform."""


@tenant.command()
@click.argument("tenant_id", metavar="ID")
@click.option("--domain", required=True, help="The domain that the site is served under.")
@click.option("--name", help="The site's name; the domain if left out.")
@click.option("--theme", help="The theme's name.")
@click.option("--plan", help="rev_share or fixed_fee.")
@click.option("--owner-email", help="Whom the platform writes to.")
@click.argument("assignments", metavar="[NAME=VALUE]…", nargs=-1)
@home_option
@json_option
def create(
    tenant_id: str,
    domain: str,
    name: str | None,
    theme: str | None,
    plan: str | None,
    owner_email: str | None,
    assignments: tuple[str, ...],
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    """Create the tenant ID. NAME=VALUE are settings as in `tenant set`."""
    given = {"brand.name": name, "theme": theme, "plan": plan, "owner_email": owner_email}
    chosen = {key: value for key, value in given.items() if value is not None} | _settings_of(assignments)
    settings = settings_for(home)
    _refuse_platform_host(settings, domain)
    refuse_missing_theme(chosen)

    async def verb(stores: Stores) -> Tenant:
        return await create_tenant(stores.desk, tenant_id, domain, chosen, actor=who_asks())

    _show(Output(as_json=as_json), with_stores(settings, verb))


@tenant.command("list")
@home_option
@json_option
def list_(home: Path | None, *, as_json: bool) -> None:
    """List all tenants."""

    async def verb(stores: Stores) -> list[Tenant]:
        found: list[Tenant] = []
        while page := await stores.tenants.list(after=found[-1].id if found else "", limit=PAGE):
            found.extend(page)
        return found

    tenants = with_stores(settings_for(home, existing=True), verb)
    rows = [{**msgspec.to_builtins(each), "name": each.brand.name} for each in tenants]
    Output(as_json=as_json).rows(rows, COLUMNS, empty="there are no tenants; marquee tenant create makes one")


@tenant.command()
@click.argument("tenant_id", metavar="ID")
@home_option
@json_option
def show(tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """Show one tenant."""

    async def verb(stores: Stores) -> Tenant:
        return (await tenant_of(stores, tenant_id)).tenant

    _show(Output(as_json=as_json), with_stores(settings_for(home, existing=True), verb))


@tenant.command("set", epilog=", ".join([*setting_names(), "addons.NAME.FIELD"]))
@click.argument("tenant_id", metavar="ID")
@click.argument("assignments", metavar="NAME=VALUE…", nargs=-1, required=True)
@home_option
@json_option
def set_(tenant_id: str, assignments: tuple[str, ...], home: Path | None, *, as_json: bool) -> None:
    """Change settings of a tenant, all or none.

    Lists are parted by commas; all names are below.
    """
    changes = _settings_of(assignments)
    settings = settings_for(home, existing=True)
    for name in ("domain", "domains"):
        for domain in str(changes.get(name, "")).split(","):
            _refuse_platform_host(settings, domain)
    refuse_missing_theme(changes)

    async def verb(stores: Stores) -> Tenant:
        await tenant_of(stores, tenant_id)
        return await change_tenant(stores.desk, tenant_id, changes, actor=who_asks())

    _show(Output(as_json=as_json), with_stores(settings, verb))


@tenant.command()
@click.argument("tenant_id", metavar="ID")
@click.option("--hold", type=click.Choice(HOLDS), default="operator", show_default=True, help="Why it may not serve.")
@click.option("--reason", default="", help="For the record; an operator's reason is shown on the site.")
@home_option
@json_option
def suspend(tenant_id: str, hold: HoldKind, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Set a hold: the site shows its notice and streams end, on every node within a second."""

    async def verb(stores: Stores) -> Tenant:
        await tenant_of(stores, tenant_id)
        return await set_hold(stores.desk, tenant_id, hold, reason, actor=who_asks())

    _show(Output(as_json=as_json), with_stores(settings_for(home, existing=True), verb))


@tenant.command()
@click.argument("tenant_id", metavar="ID")
@click.option("--hold", type=click.Choice(HOLDS), default="operator", show_default=True, help="The hold to lift.")
@home_option
@json_option
def resume(tenant_id: str, hold: HoldKind, home: Path | None, *, as_json: bool) -> None:
    """Lift a hold; the site serves again once none is left."""

    async def verb(stores: Stores) -> Tenant:
        await tenant_of(stores, tenant_id)
        return await lift_hold(stores.desk, tenant_id, hold, actor=who_asks())

    _show(Output(as_json=as_json), with_stores(settings_for(home, existing=True), verb))


def _settings_of(assignments: tuple[str, ...]) -> dict[str, object]:
    settings: dict[str, object] = {}
    for assignment in assignments:
        name, equals, value = assignment.partition("=")
        if not equals or not name:
            raise click.UsageError(f"{assignment!r} is not NAME=VALUE")
        settings[name] = _plain(value) if name.startswith("addons.") else value
    return settings


def _plain(value: str) -> object:
    """An add-on's fields have the types that JSON gives them."""
    try:
        return msgspec.json.decode(value)
    except msgspec.DecodeError:
        return value


def _refuse_platform_host(settings: Settings, domain: str) -> None:
    try:
        taken = canonical_domain(domain) == canonical_domain(settings.platform.host)
    except BadDomain:
        return  # refused by its own name later on
    if taken:
        raise Refused(f"{settings.platform.host} is the platform's own host (setting platform.host)")


def _show(output: Output, found: Tenant) -> None:
    record: Mapping[str, Any] = msgspec.to_builtins(found)
    if output.as_json:
        output.answer(record, "")
        return
    shown = {name: record[name] for name in ("id", "domains", "status", "plan", "theme", "owner_email", "currency")}
    colours = {name: value for name, value in record["brand"]["colours"].items() if value}
    brand = {name: value for name, value in (record["brand"] | {"colours": colours}).items() if value}
    policy = {name: value for name, value in record["policy"].items() if value}
    holds = [f"{hold.kind} since {hold.since:%Y-%m-%d} by {hold.by}: {hold.reason}" for hold in found.holds]
    output.record({**shown, "brand": brand, "policy": policy, "addons": record["addons"], "holds": holds})
    for line in choices_not_taken(found):
        output.note(line)
