"""`marquee takedown`: the platform's side of the takedown desk."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click
import msgspec

from content.takedowns.deciding import Outcome, Ruling, Verdict, decide, notice_for_staff
from content.takedowns.errors import NoSuchNotice
from content.takedowns.model import STATUSES, BanTarget, Notice, Status
from content.takedowns.repository import NoticeRepository, Place
from content.takedowns.work import KINDS, work
from content.targets import BadTarget, parse_target
from runtime.cli.lookup import tenant_of, who_asks
from runtime.cli.options import home_option, json_option, settings_for
from runtime.cli.output import Output
from runtime.cli.session import with_stores
from runtime.errors import Refused
from runtime.stores import Stores

COLUMNS = ("tenant", "id", "status", "kind", "received_at", "sender", "titles")
PAGE = 500


@click.group()
def takedown() -> None:
    """Decide notices that sites escalated, for all sites at once."""


@takedown.command("list")
@click.option("--tenant", "tenant_id", metavar="ID", help="One site's alone.")
@click.option("--status", type=click.Choice(STATUSES), default="escalated", show_default=True, help="How they stand.")
@home_option
@json_option
def list_(tenant_id: str | None, status: Status, home: Path | None, *, as_json: bool) -> None:
    """List notices of one site or of all."""

    async def verb(stores: Stores) -> list[dict[str, Any]]:
        if tenant_id is not None:
            return await _notices(stores, tenant_id, status)
        rows: list[dict[str, Any]] = []
        async for scope in stores.system.tenant_scopes():
            rows += await _notices(stores, scope.tenant_id, status)
        return rows

    rows = with_stores(settings_for(home, existing=True), verb)
    Output(as_json=as_json).rows(rows, COLUMNS, empty=f"no notice is {status}")


@takedown.command()
@click.argument("tenant_id", metavar="TENANT")
@click.argument("receipt")
@home_option
@json_option
def show(tenant_id: str, receipt: str, home: Path | None, *, as_json: bool) -> None:
    """Show one notice with everything in it, personal data too."""

    async def verb(stores: Stores) -> Notice:
        return await _one(stores, tenant_id, receipt)

    Output(as_json=as_json).record(_plain(with_stores(settings_for(home, existing=True), verb)))


@takedown.command("decide")
@click.argument("tenant_id", metavar="TENANT")
@click.argument("receipt")
@click.argument("verdict", type=click.Choice(["upheld", "rejected", "restored"]))
@click.option("--reason", default="", help="Told to everybody who asks for the title.")
@click.option("--note", default="", help="For the record alone.")
@click.option("--target", "targets", multiple=True, metavar="ID", help="A title, or <id>#s1e2, <id>#c12.5; repeatable.")
@home_option
@json_option
def decide_(
    tenant_id: str,
    receipt: str,
    verdict: Verdict,
    reason: str,
    note: str,
    targets: tuple[str, ...],
    home: Path | None,
    *,
    as_json: bool,
) -> None:
    """Decide a notice for the whole platform: what is upheld is gone from every site, by its files too."""
    named = [_target(each) for each in targets]
    ruling = Ruling(verdict=verdict, public_reason=reason, note=note, targets=named, by_platform=True)

    async def verb(stores: Stores) -> Outcome:
        tenant = await tenant_of(stores, tenant_id)
        await _one(stores, tenant_id, receipt)
        outcome = await decide(stores.takedowns, tenant, receipt, ruling, actor=who_asks())
        await _work(stores)
        return outcome

    outcome = with_stores(settings_for(home, existing=True), verb)
    output = Output(as_json=as_json)
    output.record({**_plain(outcome.notice), "also_in": outcome.also_in})
    for name in outcome.also_in:
        output.note(f"{name} holds the same files and was left alone; name it with --target to take it down")


async def _work(stores: Stores) -> None:
    """What follows from a decision is done here where no process does jobs, and found done by one that does."""
    for kind in KINDS:
        while (job := await stores.jobs.claim(kind, lease_seconds=600)) is not None:
            await work(stores.takedowns, stores.system, job)
            await stores.jobs.complete(job)


async def _notices(stores: Stores, tenant_id: str, status: Status) -> list[dict[str, Any]]:
    tenant = await tenant_of(stores, tenant_id)
    repository = NoticeRepository(stores.database, tenant.scope)
    rows: list[dict[str, Any]] = []
    place: Place | None = None
    while found := await repository.page(status=status, after=place, limit=PAGE):
        rows += [_row(tenant_id, notice) for notice in found]
        place = Place(found[-1].received_at, found[-1].id)
    return rows


async def _one(stores: Stores, tenant_id: str, receipt: str) -> Notice:
    tenant = await tenant_of(stores, tenant_id)
    try:
        return await notice_for_staff(stores.takedowns, tenant, receipt)
    except NoSuchNotice:
        raise Refused(f"{tenant_id} has no notice {receipt}; marquee takedown list shows them") from None


def _row(tenant_id: str, notice: Notice) -> dict[str, Any]:
    return {
        "tenant": tenant_id,
        "id": notice.id,
        "status": notice.status,
        "kind": notice.kind,
        "received_at": notice.received_at,
        "sender": notice.party.organisation or notice.party.name,
        "titles": list(dict.fromkeys(each.name for each in notice.material if each.name)),
    }


def _plain(notice: Notice) -> dict[str, Any]:
    record: dict[str, Any] = msgspec.to_builtins(notice)
    del record["secret"]
    return record


def _target(text: str) -> BanTarget:
    try:
        target = parse_target(text)
    except BadTarget as error:
        raise click.UsageError(f"--target {text!r}: {error}") from None
    return BanTarget(title_id=target.title_id, unit=target.unit or None)
