"""`marquee billing`: what tenants owe, and whether the books are right."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from billing.money import shown
from billing.periods.desk import CycleReport
from billing.periods.previewing import Preview, preview_of
from runtime.billing import taking_payments
from runtime.checking import Checked, check_books_of, check_everything
from runtime.cli.billing_contract import contract
from runtime.cli.billing_documents import document, export
from runtime.cli.billing_dunning import dunning
from runtime.cli.billing_invoices import credit, invoice, invoices, void
from runtime.cli.billing_payments import link, pay, payments, reconcile, refund
from runtime.cli.billing_settlements import COMMANDS as SETTLEMENTS
from runtime.cli.billing_simulate import simulate
from runtime.cli.lookup import tenant_of
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output, progress
from runtime.cli.session import with_stores
from runtime.cycle import Billed, bill, billing_desk
from runtime.errors import Refused
from runtime.stores import Stores
from storage.moments import moment
from storage.scope import TenantScope

LINES = ("what", "quantity", "amount", "start", "end")


@click.group()
def billing() -> None:
    """Bill the tenants, look at what they owe, and prove the books."""


for command in (
    *SETTLEMENTS,
    contract,
    credit,
    document,
    dunning,
    export,
    invoice,
    invoices,
    link,
    pay,
    payments,
    reconcile,
    refund,
    simulate,
    void,
):
    billing.add_command(command)


@billing.command()
@click.option(
    "--as-of",
    metavar="ISO8601",
    help="Bill as if it were this moment (UTC if it names no zone). One to come ends periods before their time.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Draft at most so many periods.")
@click.option("--force", is_flag=True, help="Catch up tenants that are too far behind, too.")
@home_option
@json_option
def run(as_of: str | None, limit: int | None, home: Path | None, *, force: bool, as_json: bool) -> None:
    """Draft every period that is over, issue what is ready, and settle what viewers paid with operators.

    It may be interrupted and run again at any time.
    """

    async def verb(stores: Stores) -> Billed:
        now = moment(stores.clock())
        until = now if as_of is None else _moment(as_of)
        if until > now:
            click.echo(f"{as_of} is to come: what is billed for the time until then has the usage of now", err=True)
        with progress("periods") as display:
            task = display.add_task("billing", total=None)

            def show(report: CycleReport) -> None:
                display.update(task, completed=report.drafted + report.issued, total=max(report.due, 1) * 2)

            async with taking_payments(stores) as cashier:
                return await bill(stores, cashier, until, limit=limit, force=force, on_progress=show)

    done = with_stores(settings_for(home, existing=True), verb)
    fields = msgspec.structs.asdict(done.cycle) | {"statements": done.settled.made, "failed": done.failed}
    Output(as_json=as_json).answer(fields, _told(done))
    if done.failed:
        raise Refused(f"{len(done.failed)} tenants could not be billed: {', '.join(sorted(done.failed))}")


@billing.command()
@click.argument("tenant_id", metavar="TENANT")
@home_option
@json_option
def preview(tenant_id: str, home: Path | None, *, as_json: bool) -> None:
    """Show what the open period would come to with the usage so far. Nothing is written."""

    async def verb(stores: Stores) -> Preview:
        tenant = await tenant_of(stores, tenant_id)
        return await preview_of(billing_desk(stores), tenant.scope)

    found = with_stores(settings_for(home, existing=True), verb)
    output = Output(as_json=as_json)
    if as_json:
        output.answer(found, "")
        return
    output.rows([_line(line, found.currency) for line in found.rated.lines], LINES, empty="nothing is to be billed")
    total, tax = shown(found.rated.total, found.currency), shown(found.rated.tax, found.currency)
    click.echo(f"{total} with {tax} of tax for {found.start:%Y-%m-%d %H:%M} to {found.end:%Y-%m-%d %H:%M} UTC")


@billing.command()
@click.argument("tenant_id", metavar="[TENANT]", required=False)
@home_option
@json_option
def check(tenant_id: str | None, home: Path | None, *, as_json: bool) -> None:
    """Prove the books of a tenant, or of all: the ledger, invoices, payments, periods, numbers and figures."""

    async def verb(stores: Stores) -> Checked:
        with progress("tenants") as display:

            def track(scopes: Sequence[TenantScope]) -> Iterable[TenantScope]:
                return display.track(scopes, description="checking")

            if tenant_id is None:
                return await check_everything(stores, track)
            tenant = await tenant_of(stores, tenant_id)
            return await check_books_of(stores, [tenant.scope], track)

    found = with_stores(settings_for(home, existing=True), verb)
    said = "\n".join(f"{each.tenant}: {each.what}" for each in found.findings)
    Output(as_json=as_json).answer(found, said or f"the books are right: {found.counted}")
    if found.findings:
        raise Refused(f"{len(found.findings)} things are not as they should be in {found.counted}")


def _moment(text: str) -> datetime:
    try:
        asked = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--as-of {text!r} is no moment of ISO 8601, such as 2026-11-30T12:00:00Z") from None
    return asked if asked.tzinfo is None else asked.astimezone(UTC).replace(tzinfo=None)


def _told(done: Billed) -> str:
    report = done.cycle
    said = [f"{report.drafted:,} periods drafted, {report.issued:,} invoices issued"]
    if report.begun:
        said.append(f"{report.begun:,} contracts begun")
    if report.empty:
        said.append(f"{report.empty:,} periods had nothing to be billed")
    if done.settled.made:
        said.append(f"{done.settled.made:,} statements made")
    said += [f"{tenant} is {behind:,} periods behind: --force catches up" for tenant, behind in report.stopped.items()]
    said += [f"{tenant}: {reason}" for tenant, reason in done.failed.items()]
    return "\n".join(said)


def _line(line: Any, currency: str) -> Mapping[str, object]:
    fields = msgspec.structs.asdict(line)
    named = line.params.get("name") or line.params.get("key") or line.params.get("code")
    fields["what"] = f"{line.kind} ({named})" if named else line.kind
    fields["amount"] = shown(line.amount, currency)
    return fields
