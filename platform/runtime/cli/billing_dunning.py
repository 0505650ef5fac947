"""`marquee billing dunning`: invoices that are not paid, and what the owner does about them."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from billing.dunning import owning
from billing.dunning.collecting import Collections, due_of
from billing.dunning.model import DEFAULT, BadSchedule, Step, dunning_of
from billing.dunning.repository import DunnedRepository
from billing.dunning.stepping import Stepped, dun
from billing.invoices.model import Invoice
from billing.money import shown
from runtime.billing import taking_payments
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output, progress
from runtime.cli.session import with_stores
from runtime.cycle import invoice_office
from runtime.dunning import collections_of
from runtime.errors import Refused
from runtime.stores import Stores
from storage.scope import TenantScope

COLUMNS = ("invoice", "number", "open", "due", "steps_taken", "next_step", "next_at", "site", "paused")
STEPS = ("day", "deed", "letter")
Deed = Callable[[Stores, Collections, TenantScope], Awaitable[Invoice]]


@click.group()
def dunning() -> None:
    """See what is not paid, give time, waive, write off, and set when somebody is reminded."""


def _on_invoice(command: Callable[..., Any]) -> Callable[..., Any]:
    command = json_option(home_option(command))
    command = click.argument("invoice_id", metavar="INVOICE")(command)
    return click.argument("tenant_id", metavar="TENANT")(command)


@dunning.command("list")
@click.argument("tenant_id", metavar="TENANT")
@home_option
@json_option
def list_(tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """List what is open of a tenant, and where each invoice is in its schedule."""

    async def verb(stores: Stores) -> list[Invoice]:
        tenant = await tenant_of(stores, tenant_id)
        return await DunnedRepository(stores.database, tenant.scope).open_invoices()

    found = sorted(with_stores(settings_for(home, existing=True), verb), key=lambda each: each.number or "")
    rows = [_row(each) for each in found]
    Output(as_json=as_json).rows(rows, COLUMNS, empty="nothing is open")


@dunning.command()
@home_option
@json_option
def run(home: Path | None, *, as_json: bool) -> None:
    """Take every step that is due now, for all tenants; the server does so each minute."""

    async def verb(stores: Stores) -> Stepped:
        async with taking_payments(stores) as cashier:
            with progress("steps") as display:
                task = display.add_task("dunning", total=None)

                def show(stepped: Stepped) -> None:
                    display.update(task, completed=stepped.enrolled + stepped.taken + stepped.done)

                return await dun(collections_of(stores), cashier, on_progress=show)

    done = with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).answer(done, f"{done.enrolled:,} invoices are new, {done.taken:,} steps were taken")


@dunning.command()
@_on_invoice
@click.option("--until", required=True, metavar="DAY", help="The new due date, such as 2026-12-24 (UTC).")
@click.option("--reason", default="", help="Why, for the record.")
def extend(tenant_id: str, invoice_id: str, until: str, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Give more time: the schedule begins anew from the new due date, and the site is open until then."""
    due_at = _moment(until)

    async def deed(stores: Stores, collections: Collections, scope: TenantScope) -> Invoice:
        return await owning.extend(collections, scope, invoice_id, due_at, actor=who_asks(), reason=reason)

    _do(tenant_id, deed, home, Output(as_json=as_json), f"{invoice_id} is due on {due_at:%Y-%m-%d %H:%M} UTC")


@dunning.command()
@_on_invoice
@click.option("--reason", required=True, help="Why; it stands on the credit note.")
def waive(tenant_id: str, invoice_id: str, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Take back all that is open, by a credit note."""

    async def deed(stores: Stores, collections: Collections, scope: TenantScope) -> Invoice:
        office = invoice_office(stores)
        return await owning.waive(collections, office, scope, invoice_id, actor=who_asks(), reason=reason)

    _do(tenant_id, deed, home, Output(as_json=as_json), f"what was open of {invoice_id} is waived")


@dunning.command("write-off")
@_on_invoice
@click.option("--reason", required=True, help="Why, for the record.")
def write_off(tenant_id: str, invoice_id: str, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Book what is open as bad debt. The site stays as it is; a payment after all is taken and opens it."""

    async def deed(stores: Stores, collections: Collections, scope: TenantScope) -> Invoice:
        return await owning.write_off(collections, scope, invoice_id, actor=who_asks(), reason=reason)

    _do(tenant_id, deed, home, Output(as_json=as_json), f"what is open of {invoice_id} is written off")


@dunning.command()
@_on_invoice
@click.option("--reason", default="", help="Why, for the record.")
def pause(tenant_id: str, invoice_id: str, reason: str, home: Path | None, *, as_json: bool) -> None:
    """Stop reminders and steps of an invoice, until resume."""

    async def deed(stores: Stores, collections: Collections, scope: TenantScope) -> Invoice:
        return await owning.pause(collections, scope, invoice_id, actor=who_asks(), reason=reason)

    _do(tenant_id, deed, home, Output(as_json=as_json), f"{invoice_id} is paused")


@dunning.command()
@_on_invoice
def resume(tenant_id: str, invoice_id: str, home: Path | None, *, as_json: bool) -> None:
    """Go on with a paused invoice, with as long to go to the next step as there was."""

    async def deed(stores: Stores, collections: Collections, scope: TenantScope) -> Invoice:
        return await owning.go_on(collections, scope, invoice_id, actor=who_asks())

    _do(tenant_id, deed, home, Output(as_json=as_json), f"{invoice_id} goes on")


@dunning.command()
@click.option("--tenant", "tenant_id", metavar="TENANT", help="One tenant's own.")
@click.option("--plan", metavar="PLAN", help="That of a plan, such as starter; everybody's if neither is named.")
@click.option("--set", "steps", metavar="JSON", help='Set it: [{"day": 1, "deed": "past_due", "letter": "overdue"}, …]')
@click.option("--clear", is_flag=True, help="Take it away again.")
@home_option
@json_option
def schedule(
    tenant_id: str | None, plan: str | None, steps: str | None, home: Path | None, *, clear: bool, as_json: bool
) -> None:
    """Show or set when somebody is reminded, charged again, past due and closed, by days after the due date."""
    if (tenant_id and plan) or (steps and clear):
        raise click.UsageError("name a tenant or a plan, and --set or --clear")
    wanted = None if steps is None else _steps(steps)

    async def verb(stores: Stores) -> tuple[Step, ...]:
        scope = None if tenant_id is None else (await tenant_of(stores, tenant_id)).scope
        collections = collections_of(stores)
        if wanted is not None or clear:
            named = plan or DEFAULT.id
            await owning.set_schedule(collections, scope, wanted, plan=named, actor=who_asks())
        return await collections.schedules.of(scope, plan or "")

    found = with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).rows([msgspec.structs.asdict(step) for step in found], STEPS, empty="there are no steps")


def _do(tenant_id: str, deed: Deed, home: Path | None, output: Output, text: str) -> None:
    async def verb(stores: Stores) -> Invoice:
        tenant = await tenant_of(stores, tenant_id)
        return await deed(stores, collections_of(stores), tenant.scope)

    output.answer(with_stores(settings_for(home, existing=True), verb), text)


def _row(invoice: Invoice) -> dict[str, Any]:
    dunning = dunning_of(invoice.dunning)
    ahead = () if dunning is None else dunning.steps[dunning.taken :]
    return {
        "invoice": invoice.id,
        "number": invoice.number,
        "open": shown(invoice.due, invoice.currency),
        "due": due_of(invoice, dunning),
        "steps_taken": 0 if dunning is None else dunning.taken,
        "next_step": ahead[0].deed if ahead else None,
        "next_at": None if dunning is None else dunning.next_at,
        "site": _effect(invoice),
        "paused": dunning is not None and dunning.paused_at is not None,
    }


def _effect(invoice: Invoice) -> str:
    dunning = dunning_of(invoice.dunning)
    if dunning is None or dunning.past_due_at is None:
        return "open"
    return "past due" if dunning.held_at is None else "closed"


def _moment(text: str) -> datetime:
    try:
        asked = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--until {text!r} is no day of ISO 8601, such as 2026-12-24") from None
    return asked if asked.tzinfo is None else asked.astimezone(UTC).replace(tzinfo=None)


def _steps(text: str) -> tuple[Step, ...]:
    try:
        return msgspec.json.decode(text, type=tuple[Step, ...])
    except msgspec.DecodeError as error:
        raise BadSchedule(f"--set: {error}") from None
