"""`marquee export`: a user's documents, as they were brought."""

from __future__ import annotations

from pathlib import Path

import click
import msgspec
from rich.progress import TaskID

from content.exporting import ExportReport, export_dump
from content.importing.target import COLLECTIONS, Target
from runtime.cli.lookup import tenant_of
from runtime.cli.options import home_option, json_option, run_async, settings_for
from runtime.cli.output import Output, progress
from runtime.cli.session import stores_for
from runtime.settings import Settings
from tenancy.resolver import platform_scope


@click.command()
@click.argument("folder", metavar="DIR", type=click.Path(path_type=Path, file_okay=False))
@click.option("--tenant", "tenant_id", metavar="ID", help="This tenant's library, users, comments and reports.")
@click.option("--shared", is_flag=True, help="The shared catalogue.")
@click.option("--platform", "of_platform", is_flag=True, help="The platform's tenants and workers.")
@click.option("--canonical", is_flag=True, help="Name every type (canonical Extended JSON).")
@home_option
@json_option
def export(
    folder: Path,
    tenant_id: str | None,
    home: Path | None,
    *,
    shared: bool,
    of_platform: bool,
    canonical: bool,
    as_json: bool,
) -> None:
    """Export to DIR, a file a collection: the documents that were imported, field by field, and nothing of ours."""
    if (tenant_id is not None) + shared + of_platform != 1:
        raise click.UsageError("say what: one of --tenant ID, --shared or --platform")
    settings = settings_for(home, existing=True)
    folder.mkdir(parents=True, exist_ok=True)
    reports = run_async(_export(settings, folder, tenant_id, shared=shared, canonical=canonical))
    Output(as_json=as_json).rows(
        [msgspec.structs.asdict(report) for report in reports], ["collection", "documents", "path"], empty=""
    )


async def _export(
    settings: Settings, folder: Path, tenant_id: str | None, *, shared: bool, canonical: bool
) -> list[ExportReport]:
    async with stores_for(settings) as stores:
        if tenant_id is not None:
            target = Target.tenant((await tenant_of(stores, tenant_id)).scope)
        else:
            target = Target.shared(platform_scope()) if shared else Target.platform(platform_scope())
        with progress("documents") as display:
            reports: list[ExportReport] = []
            for collection in COLLECTIONS[target.place]:
                bar = display.add_task(collection, total=None)

                def show(count: int, bar: TaskID = bar) -> None:
                    display.update(bar, completed=count)

                report = await export_dump(
                    stores.database, target, collection, folder, canonical=canonical, progress=show
                )
                display.update(bar, completed=report.documents, total=report.documents)
                reports.append(report)
            return reports
