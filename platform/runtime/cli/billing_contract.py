"""`marquee billing contract TENANT`: the terms that a tenant is billed by."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from billing.contracts.beginning import Opening
from billing.contracts.desk import Contracts
from billing.contracts.holding import hold_ended
from billing.contracts.model import Contract, Coupon, NoContract, Tax
from billing.money import minor_of
from billing.plans.defaults import publish_defaults
from billing.plans.repository import Plans
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.errors import Refused
from runtime.stores import Stores
from storage.moments import moment
from storage.scope import TenantScope

Verb = Callable[[Contracts, TenantScope], Awaitable[Contract]]


class _OptionsAnywhere(click.Group):
    """--json and --home may stand behind the tenant and behind what is to be done."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Brings them to the front."""
        front: list[str] = []
        rest: list[str] = []
        left = iter(args)
        for each in left:
            if each == "--home":
                front += [each, *(value for value in [next(left, None)] if value is not None)]
            elif each == "--json" or each.startswith("--home="):
                front.append(each)
            else:
                rest.append(each)
        return super().parse_args(ctx, [*front, *rest])


@click.group(cls=_OptionsAnywhere, invoke_without_command=True)
@click.argument("tenant_id", metavar="TENANT")
@home_option
@json_option
@click.pass_context
def contract(ctx: click.Context, tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """Show a tenant's contract, or change it by one of the commands."""
    ctx.obj = _Asked(tenant_id, home, Output(as_json=as_json))
    if ctx.invoked_subcommand is None:
        _shown(ctx.obj, _held)


class _Asked(msgspec.Struct, frozen=True):
    tenant_id: str
    home: Path | None
    output: Output


asked = click.make_pass_decorator(_Asked)


@contract.command()
@click.argument("plan_ref", metavar="[PLAN]", required=False)
@click.option(
    "--anchor", metavar="ISO8601", help="When it begins; if left out what the tenant's document says, or now."
)
@click.option("--zone", help="The time zone of the periods; UTC if left out. One that begins again keeps its own.")
@click.option("--trial-days", type=click.IntRange(min=0), help="Days that cost nothing; the plan's if left out.")
@asked
def begin(asked: _Asked, plan_ref: str | None, anchor: str | None, zone: str | None, trial_days: int | None) -> None:
    """Begin the contract on PLAN, such as starter@1, or again if it has ended; one that runs stays as it is."""
    opening = Opening(anchor=None if anchor is None else _moment(anchor), zone=zone, trial_days=trial_days)

    async def verb(stores: Stores) -> Contract:
        found = await tenant_of(stores, asked.tenant_id)
        tenant = await stores.tenants.get(found.id)
        assert tenant is not None
        await publish_defaults(Plans(stores.database))
        contracts = Contracts(stores.database, stores.clock, stores.audit)
        begun = await contracts.begin(found.scope, tenant, plan_ref, opening, actor=who_asks())
        await hold_ended(stores.database, stores.desk, moment(stores.clock()))
        return begun

    _print(asked, with_stores(settings_for(asked.home, existing=True), verb))


@contract.command()
@click.argument("plan_ref", metavar="PLAN")
@click.option("--at", metavar="ISO8601", help="From when on; now if left out.")
@asked
def plan(asked: _Asked, plan_ref: str, at: str | None) -> None:
    """Change to PLAN, such as partner@1. One of another kind or length begins with the next period."""
    since = None if at is None else _moment(at)
    _shown(asked, lambda contracts, scope: contracts.change(scope, plan=plan_ref, at=since, actor=who_asks()))


@contract.command()
@click.argument("assignments", metavar="[NAME=COUNT]…", nargs=-1)
@asked
def addons(asked: _Asked, assignments: tuple[str, ...]) -> None:
    """Set which add-ons there are, and how many; without any, none."""
    wanted = {name: _count(each) for each in assignments for name in [each.partition("=")[0]]}
    _shown(asked, lambda contracts, scope: contracts.change(scope, addons=wanted, actor=who_asks()))


@contract.command()
@click.argument("tier", type=click.IntRange(min=0))
@asked
def capacity(asked: _Asked, tier: int) -> None:
    """Set the capacity tier; 0 is none."""
    _shown(asked, lambda contracts, scope: contracts.change(scope, capacity=tier, actor=who_asks()))


@contract.command()
@click.argument("code")
@click.option("--percent", type=click.IntRange(1, 100), help="Less by so many hundredths.")
@click.option("--amount", help="Less by so much each period.")
@click.option("--periods", type=click.IntRange(min=1), help="For so many periods; for all if left out.")
@asked
def coupon(asked: _Asked, code: str, percent: int | None, amount: str | None, periods: int | None) -> None:
    """Give the coupon CODE from the open period on."""

    async def verb(contracts: Contracts, scope: TenantScope) -> Contract:
        held = await _held(contracts, scope)
        less = None if amount is None else minor_of(amount, held.currency)
        bps = None if percent is None else percent * 100
        given = Coupon(code=code, percent_bps=bps, amount=less, periods=periods)
        return await contracts.set_coupon(scope, given, actor=who_asks())

    _shown(asked, verb)


@contract.command()
@click.option("--rate", required=True, help="In per cent, such as 19 or 8.1.")
@click.option("--name", default="VAT", show_default=True, help="What it is called on invoices.")
@click.option("--inclusive", is_flag=True, help="Prices hold the tax already.")
@click.option("--reverse-charge", is_flag=True, help="The tenant owes it to its own state.")
@click.option("--country", default="", help="The tenant's country, as two letters.")
@click.option("--tax-id", default="", help="The tenant's tax number.")
@asked
def tax(
    asked: _Asked, rate: str, name: str, country: str, tax_id: str, *, inclusive: bool, reverse_charge: bool
) -> None:
    """Set the tax of every bill that is drafted from now on."""
    given = Tax(
        rate_bps=minor_of(rate, "EUR"),  # per cent with two places are basis points
        name=name,
        inclusive=inclusive,
        reverse_charge=reverse_charge,
        country=country,
        tax_id=tax_id,
    )
    _shown(asked, lambda contracts, scope: contracts.set_tax(scope, given, actor=who_asks()))


@contract.command("bill-to")
@click.option("--name", help="Whose name stands on the invoices.")
@click.option("--address", help="The address, its lines parted by line breaks.")
@click.option("--email", help="Where invoices and reminders go.")
@click.option("--locale", help="The language of both, such as de or es-MX; English where we have no other.")
@asked
def bill_to(asked: _Asked, name: str | None, address: str | None, email: str | None, locale: str | None) -> None:
    """Set whom the bills are written to; what is left out stays. It holds for drafts from now on."""
    given = {"name": name, "address": address, "email": email, "locale": locale}
    named = {field: value for field, value in given.items() if value is not None}

    async def verb(contracts: Contracts, scope: TenantScope) -> Contract:
        held = await _held(contracts, scope)
        changed = msgspec.structs.replace(held.bill_to, **named)
        return await contracts.set_bill_to(scope, changed, actor=who_asks())

    _shown(asked, verb)


@contract.command()
@click.option("--now", is_flag=True, help="End it now and not with the open period.")
@asked
def cancel(asked: _Asked, *, now: bool) -> None:
    """End the contract with the open period."""
    _shown(asked, lambda contracts, scope: contracts.cancel(scope, at_period_end=not now, actor=who_asks()))


@contract.command()
@asked
def keep(asked: _Asked) -> None:
    """Take a cancellation back before it comes into force."""
    _shown(asked, lambda contracts, scope: contracts.keep_on(scope, actor=who_asks()))


async def _held(contracts: Contracts, scope: TenantScope) -> Contract:
    found = await contracts.get(scope)
    if found is None:
        raise NoContract(f"{scope.tenant_id} has no contract; marquee billing run begins it")
    return found


def _shown(asked: _Asked, verb: Verb) -> None:
    """Does it to the tenant's contract, and prints what that is afterwards."""

    async def done(stores: Stores) -> Contract:
        tenant = await tenant_of(stores, asked.tenant_id)
        return await verb(Contracts(stores.database, stores.clock, stores.audit), tenant.scope)

    _print(asked, with_stores(settings_for(asked.home, existing=True), done))


def _print(asked: _Asked, held: Contract) -> None:
    fields: dict[str, Any] = msgspec.to_builtins(held, builtin_types=(datetime,))
    if not asked.output.as_json:
        fields = {
            "tenant": asked.tenant_id,
            "plan": held.phases[-1].plan,
            "addons": held.phases[-1].addons,
            "capacity": held.phases[-1].capacity,
            "currency": held.currency,
            "state": _state(held, datetime.now(UTC).replace(tzinfo=None)),
            "open_period": None if held.next_due is None else _period(held),
            "next_bill": held.next_due,
            "zone": held.zone,
            "trial_until": held.trial_until,
            "ends_at": held.ends_at,
            "coupon": None if held.coupon is None else held.coupon.code,
            "tax": f"{held.tax.name} {held.tax.rate_bps / 100:g} %" if held.tax.rate_bps else None,
            "gateway": held.gateway,
            "terms_days": held.terms_days,
            "bill_to": ", ".join(each for each in (held.bill_to.name, held.bill_to.email) if each),
            "locale": held.bill_to.locale,
        }
    asked.output.record(fields)


def _state(held: Contract, now: datetime) -> str:
    if held.has_ended(now):
        return f"ended {held.ends_at:%Y-%m-%d %H:%M} UTC; `begin PLAN` begins it again"
    return "runs" if held.ends_at is None else f"ends {held.ends_at:%Y-%m-%d %H:%M} UTC; `keep` takes that back"


def _period(held: Contract) -> str:
    period = held.period(held.next_n)
    away = " (away)" if held.absence(period.n) else ""
    return f"{period.n}: {period.start:%Y-%m-%d %H:%M} to {period.end:%Y-%m-%d %H:%M} UTC{away}"


def _moment(text: str) -> datetime:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"{text!r} is no moment of ISO 8601, such as 2026-11-30T12:00:00Z") from None
    return found if found.tzinfo is None else found.astimezone(UTC).replace(tzinfo=None)


def _count(text: str) -> int:
    _, found, count = text.partition("=")
    if not found:
        return 1
    if not count.isdecimal():
        raise Refused(f"{text}: an add-on's name and how many, such as android_app=1")
    return int(count)
