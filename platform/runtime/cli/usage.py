"""`marquee usage`: what a tenant's site has sent, by day."""

from __future__ import annotations

import asyncio
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

import click
import msgspec

from runtime.cli.lookup import tenant_of
from runtime.cli.options import home_option, json_option, run_async, settings_for
from runtime.cli.output import Output
from runtime.cli.session import stores_for
from runtime.errors import Refused
from runtime.stores import Stores
from streaming.meter.ledger import TenantLedger
from streaming.meter.producers import claim_abandoned
from streaming.meter.segments import SegmentLog
from streaming.meter.shipper import ship

DAY = click.DateTime(["%Y-%m-%d"])


@click.command()
@click.argument("tenant_id", metavar="TENANT")
@click.option("--from", "first", type=DAY, help="First UTC day; the first of this month if left out.")
@click.option("--to", "last", type=DAY, help="Last UTC day; today if left out.")
@home_option
@json_option
def usage(tenant_id: str, first: datetime | None, last: datetime | None, home: Path | None, *, as_json: bool) -> None:
    """Show the bytes and streams that a tenant's viewers received, by UTC day."""
    today = datetime.now(UTC).date()
    start = first.date() if first else today.replace(day=1)
    end = last.date() if last else today
    if end < start:
        raise Refused(f"--to {end} is before --from {start}")
    settings = settings_for(home, existing=True)

    async def ask() -> dict[str, Any]:
        async with stores_for(settings) as stores:
            return await _usage(stores, tenant_id, start, end)

    _print(Output(as_json=as_json), run_async(ask()))


async def _usage(stores: Stores, tenant_id: str, start: date, end: date) -> dict[str, Any]:
    tenant = await tenant_of(stores, tenant_id)
    await _book_leftovers(stores)
    days = await stores.usage.usage(tenant.scope, start, end + timedelta(days=1))
    return {
        "tenant": tenant.id,
        "from": start,
        "to": end,
        "bytes": sum(day.bytes for day in days),
        "streams": sum(day.streams for day in days),
        "days": [msgspec.structs.asdict(day) for day in days],
    }


async def _book_leftovers(stores: Stores) -> None:
    """Segments that a killed process of this home left behind count too."""
    ledger = TenantLedger(stores.database, stores.system.owner_scope)
    for slot in await asyncio.to_thread(claim_abandoned, stores.home.segments):
        with slot:
            await ship(SegmentLog(stores.home.segments, slot.producer), ledger)


def _print(output: Output, found: dict[str, Any]) -> None:
    if output.as_json:
        output.answer(found, "")
        return
    output.rows(found["days"], ["day", "bytes", "streams"], empty="nothing was sent on these days")
    if len(found["days"]) > 1:
        click.echo(f"{found['from']} to {found['to']}: {found['bytes']:,} bytes in {found['streams']:,} streams")
