"""`marquee billing`: what tenants owe, and whether the books are right."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
import msgspec

from billing.checking.model import Finding
from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from billing.money import shown
from billing.periods.cycle import run_cycle
from billing.periods.desk import CycleReport
from billing.periods.previewing import Preview, preview_of
from runtime.cli.billing_contract import contract
from runtime.cli.billing_documents import document, export
from runtime.cli.billing_dunning import dunning
from runtime.cli.billing_invoices import credit, invoice, invoices, void
from runtime.cli.billing_payments import link, pay, payments, reconcile, refund
from runtime.cli.billing_settlements import COMMANDS as SETTLEMENTS
from runtime.cli.lookup import tenant_of
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output, progress
from runtime.cli.session import with_stores
from runtime.cycle import billing_desk
from runtime.errors import Refused
from runtime.stores import Stores
from storage.moments import moment

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
    void,
):
    billing.add_command(command)


@billing.command()
@click.option(
    "--as-of",
    metavar="ISO8601",
    help="Bill what was due at this moment (UTC if it names no zone); not a later one than now.",
)
@click.option("--limit", type=click.IntRange(min=1), help="Draft at most so many periods.")
@click.option("--force", is_flag=True, help="Catch up tenants that are too far behind, too.")
@home_option
@json_option
def run(as_of: str | None, limit: int | None, home: Path | None, *, force: bool, as_json: bool) -> None:
    """Draft every period that is over, and issue what is ready. It may be interrupted and run again at any time."""

    async def verb(stores: Stores) -> CycleReport:
        now = moment(stores.clock())
        until = now if as_of is None else _past(as_of, now)
        with progress("periods") as display:
            task = display.add_task("billing", total=None)

            def show(report: CycleReport) -> None:
                display.update(task, completed=report.drafted + report.issued, total=max(report.due, 1) * 2)

            return await run_cycle(billing_desk(stores), until, limit=limit, force=force, on_progress=show)

    report = with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).answer(report, _told(report))
    if report.failed:
        raise Refused(f"{len(report.failed)} tenants could not be billed: {', '.join(sorted(report.failed))}")


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

    async def verb(stores: Stores) -> dict[str, Any]:
        return await _checked(stores, tenant_id)

    found = with_stores(settings_for(home, existing=True), verb)
    findings: list[Finding] = found["findings"]
    counted = f"{found['tenants']:,} tenants, {found['entries']:,} entries, {found['invoices']:,} invoices"
    said = "\n".join(f"{each.tenant}: {each.what}" for each in findings)
    Output(as_json=as_json).answer(found, said or f"the books are right: {counted}, {found['periods']:,} periods")
    if findings:
        raise Refused(f"{len(findings)} things are not as they should be in {counted}")


async def _checked(stores: Stores, tenant_id: str | None) -> dict[str, Any]:
    now = moment(stores.clock())
    found: dict[str, Any] = {"tenants": 0, "entries": 0, "invoices": 0, "periods": 0, "findings": []}
    scopes = (
        [scope async for scope in stores.system.tenant_scopes()]
        if tenant_id is None
        else [(await tenant_of(stores, tenant_id)).scope]
    )
    with progress("tenants") as display:
        for scope in display.track(scopes, description="checking"):
            checked = await check_tenant(stores.database, scope, now)
            found["tenants"] += 1
            for name in ("entries", "invoices", "periods"):
                found[name] += getattr(checked, name)
            found["findings"] += checked.findings
    if tenant_id is None:
        found["findings"] += await check_numbers(stores.database, stores.system.platform_scope())
    return found


def _past(text: str, now: datetime) -> datetime:
    try:
        asked = datetime.fromisoformat(text)
    except ValueError:
        raise Refused(f"--as-of {text!r} is no moment of ISO 8601, such as 2026-11-30T12:00:00Z") from None
    asked = asked if asked.tzinfo is None else asked.astimezone(UTC).replace(tzinfo=None)
    if asked > now:
        raise Refused(f"--as-of {text} is to come: periods are billed when they are over")
    return asked


def _told(report: CycleReport) -> str:
    said = [f"{report.drafted:,} periods drafted, {report.issued:,} invoices issued"]
    if report.begun:
        said.append(f"{report.begun:,} contracts begun")
    if report.empty:
        said.append(f"{report.empty:,} periods had nothing to be billed")
    said += [f"{tenant} is {behind:,} periods behind: --force catches up" for tenant, behind in report.stopped.items()]
    said += [f"{tenant}: {reason}" for tenant, reason in report.failed.items()]
    return "\n".join(said)


def _line(line: Any, currency: str) -> Mapping[str, object]:
    fields = msgspec.structs.asdict(line)
    named = line.params.get("name") or line.params.get("key") or line.params.get("code")
    fields["what"] = f"{line.kind} ({named})" if named else line.kind
    fields["amount"] = shown(line.amount, currency)
    return fields
