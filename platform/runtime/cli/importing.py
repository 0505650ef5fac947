"""`marquee import`: dumps of a user's collections into a tenant, the shared catalogue or the platform."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import get_args

import click
import msgspec
from rich.progress import TaskID

from content.importing.dump import import_dump
from content.importing.report import ImportReport, Progress
from content.importing.target import Target, check_place, collection_of, dump_files
from content.model import RightsBasis
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, run_async, settings_for
from runtime.cli.output import Output, progress
from runtime.cli.session import stores_for
from runtime.composition import import_services
from runtime.settings import Settings
from runtime.stores import Stores
from storage.audit import Actor
from tenancy.resolver import platform_scope

BASES: tuple[RightsBasis, ...] = get_args(RightsBasis)
ON_GROUNDS = {
    "own": "the declarer made it or bought its rights",
    "licensed": "a licence allows this use",
    "open_licence": "published under an open licence",
    "public_domain": "nobody's property any more",
}
SHOWN_LINES = 10


class Request(msgspec.Struct, frozen=True):
    """What the command line asks for."""

    files: list[Path]
    tenant_id: str | None
    place: str
    rights: RightsBasis | None
    declared_by: str


@click.command("import")
@click.argument("paths", nargs=-1, required=True, metavar="PATH…", type=click.Path(path_type=Path, exists=True))
@click.option(
    "--tenant", "tenant_id", metavar="ID", help="Into this tenant: library, users, comments, reports, collections."
)
@click.option("--shared", is_flag=True, help="Into the shared catalogue: library, collections.")
@click.option("--platform", "to_platform", is_flag=True, help="Into the platform: tenants, workers.")
@click.option("--rights", type=click.Choice(BASES), help="Why the titles may be shown; asked for on a terminal.")
@click.option("--declared-by", metavar="NAME", help="Who declares it; your user name if left out.")
@home_option
@json_option
def import_(
    paths: tuple[Path, ...],
    tenant_id: str | None,
    rights: RightsBasis | None,
    declared_by: str | None,
    home: Path | None,
    *,
    shared: bool,
    to_platform: bool,
    as_json: bool,
) -> int:
    """Import dumps: JSON Lines or Extended JSON, one collection a file named after it (library.jsonl), or a folder.

    The same dump again changes nothing. A bad line is reported with its number and the rest goes on; the exit code
    is 1 when there was one.
    """
    if (tenant_id is not None) + shared + to_platform != 1:
        raise click.UsageError("say where to: one of --tenant ID, --shared or --platform")
    settings = settings_for(home)
    files = [file for path in paths for file in dump_files(path)]
    place = "shared" if shared else "platform" if to_platform else "tenant"
    titles = any(collection_of(file) == "library" for file in files)
    if titles and rights is None:
        rights = _asked() if sys.stdin.isatty() and sys.stderr.isatty() else None
        if rights is None:
            click.echo("no --rights given: titles without a declared ground are kept and not shown", err=True)
    request = Request(files, tenant_id, place, rights, declared_by or who_asks().id)
    reports = run_async(_import(settings, request))
    _print(Output(as_json=as_json), reports)
    return 1 if any(report.refused for report in reports) else 0


def _asked() -> RightsBasis:
    for basis, meaning in ON_GROUNDS.items():
        click.echo(f"  {basis:<14} {meaning}", err=True)
    answer: RightsBasis = click.prompt("On what ground may these titles be shown?", type=click.Choice(BASES), err=True)
    return answer


async def _import(settings: Settings, request: Request) -> list[ImportReport]:
    async with stores_for(settings) as stores:
        target = await _target(stores, request)
        for file in request.files:
            check_place(collection_of(file), target)
        services = import_services(stores)
        actor = Actor("staff", request.declared_by)
        reports: list[ImportReport] = []
        with progress("KiB") as display:
            for file in request.files:
                bar = display.add_task(file.name, total=max(file.stat().st_size >> 10, 1))

                def show(how_far: Progress, bar: TaskID = bar) -> None:
                    display.update(bar, completed=how_far.offset_bytes >> 10, total=max(how_far.size_bytes >> 10, 1))

                collection = collection_of(file)
                reports.append(
                    await import_dump(
                        services, target, collection, file, rights=request.rights, actor=actor, progress=show
                    )
                )
        return reports


async def _target(stores: Stores, request: Request) -> Target:
    if request.place == "tenant":
        return Target.tenant((await tenant_of(stores, str(request.tenant_id))).scope)
    return Target.shared(platform_scope()) if request.place == "shared" else Target.platform(platform_scope())


def _print(output: Output, reports: list[ImportReport]) -> None:
    if output.as_json:
        output.answer(reports, "")
        return
    rows = [
        {name: getattr(report, name) for name in ("file", "inserted", "changed", "unchanged", "refused")}
        for report in reports
    ]
    output.rows(rows, list(rows[0]), empty="nothing to import")
    for report in reports:
        for bad in report.bad_lines[:SHOWN_LINES]:
            click.echo(f"{report.file} line {bad.line}: {bad.reason}", err=True)
        if report.refused > SHOWN_LINES:
            click.echo(f"{report.file}: {report.refused - SHOWN_LINES} more bad lines (--json lists them)", err=True)
        for reason, count in report.hidden.most_common():
            click.echo(f"{report.file}: {count} not shown: {reason}")
        for reason, count in report.not_playable.most_common():
            click.echo(f"{report.file}: {count} files do not play: {reason}")
