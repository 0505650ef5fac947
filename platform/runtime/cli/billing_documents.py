"""`marquee billing document` and `export`: invoices as files, and the books as tables."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from billing.documents.desk import Documents
from runtime.cli.lookup import tenant_of
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.dunning import documents_of
from runtime.errors import Refused
from runtime.stores import Stores
from storage.scope import TenantScope

DAY = click.DateTime(["%Y-%m-%d"])
TARGET = click.Path(path_type=Path, dir_okay=False)
Making = Callable[[Documents, TenantScope], Awaitable[bytes]]


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("invoice_id", metavar="INVOICE")
@click.option("--pdf", type=TARGET, help="Write it there as a PDF, as it was issued.")
@click.option("--html", type=TARGET, help="Write it there as a page, with how it stands now.")
@home_option
@json_option
def document(
    tenant_id: str, invoice_id: str, pdf: Path | None, html: Path | None, home: Path | None, *, as_json: bool
) -> None:
    """Write an invoice or credit note, named by its id or number, into a file."""
    if pdf is None and html is None:
        raise click.UsageError("name a file: --pdf PATH, --html PATH or both")

    async def as_pdf(documents: Documents, scope: TenantScope) -> bytes:
        return await documents.invoice_pdf(scope, invoice_id)

    async def as_html(documents: Documents, scope: TenantScope) -> bytes:
        return (await documents.invoice_html(scope, invoice_id)).encode()

    wanted = [(path, making) for path, making in ((pdf, as_pdf), (html, as_html)) if path is not None]
    _write(tenant_id, wanted, home, Output(as_json=as_json))


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.option("--ledger", type=TARGET, help="Write the entries of the ledger there, a row a leg.")
@click.option("--usage", type=TARGET, help="Write the bytes and streams of each UTC day there.")
@click.option("--from", "first", type=DAY, help="First UTC day; from the beginning if left out.")
@click.option("--to", "last", type=DAY, help="Last UTC day, that one too; today if left out.")
@home_option
@json_option
def export(
    tenant_id: str,
    ledger: Path | None,
    usage: Path | None,
    first: datetime | None,
    last: datetime | None,
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    """Write a tenant's ledger and usage as CSV."""
    if ledger is None and usage is None:
        raise click.UsageError("name a file: --ledger PATH, --usage PATH or both")
    start = first.date() if first else date(1970, 1, 1)
    end = last.date() if last else datetime.now(UTC).date()
    if end < start:
        raise Refused(f"--to {end} is before --from {start}")

    async def of_ledger(documents: Documents, scope: TenantScope) -> bytes:
        return (
            await documents.ledger_csv(scope, start=_midnight(start), end=_midnight(end + timedelta(days=1)))
        ).encode()

    async def of_usage(documents: Documents, scope: TenantScope) -> bytes:
        return (await documents.usage_csv(scope, start, end)).encode()

    wanted = [(path, making) for path, making in ((ledger, of_ledger), (usage, of_usage)) if path is not None]
    _write(tenant_id, wanted, home, Output(as_json=as_json))


def _write(tenant_id: str, wanted: Sequence[tuple[Path, Making]], home: Path | None, output: Output) -> None:
    async def verb(stores: Stores) -> list[tuple[Path, bytes]]:
        tenant = await tenant_of(stores, tenant_id)
        documents = documents_of(stores)
        return [(path, await making(documents, tenant.scope)) for path, making in wanted]

    made = with_stores(settings_for(home, existing=True), verb)
    for path, content in made:
        path.write_bytes(content)
    rows: list[dict[str, Any]] = [{"path": str(path), "bytes": len(content)} for path, content in made]
    output.answer(rows, "\n".join(f"{row['path']}: {row['bytes']:,} bytes" for row in rows))


def _midnight(day: date) -> datetime:
    return datetime(day.year, day.month, day.day)  # noqa: DTZ001 - naive datetimes mean UTC in storage
