"""`marquee billing simulate`: a year of the demo's platform in a minute, and a report to look at."""

from __future__ import annotations

import asyncio
import logging
import tempfile
import time
from pathlib import Path
from typing import Any

import click
import uvloop

from runtime.cli.options import json_option
from runtime.cli.output import Output, progress
from runtime.errors import Refused

DEFAULT_OUT = Path("marquee-simulation")


@click.command()
@click.option("--months", type=click.IntRange(1, 12), default=12, show_default=True, help="How many months.")
@click.option("--seed", type=int, default=1, show_default=True, help="The same seed gives the same invoices.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    default=DEFAULT_OUT,
    show_default=True,
    help="Where the report is written.",
)
@json_option
def simulate(months: int, seed: int, out: Path, *, as_json: bool) -> None:
    """Let the demo's tenants be billed through a year, and write a report: charts, invoices, statements, books.

    It works with engines, a database and a Stripe of its own, which are gone afterwards; nothing of yours is touched.
    """
    # What a server tells of declined cards is told by the report.
    logging.basicConfig(level=logging.ERROR, format="%(name)s: %(message)s")
    started = time.monotonic()
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        found = runner.run(_simulated(months, seed, out))
    found["seconds"] = round(time.monotonic() - started, 1)
    Output(as_json=as_json).answer(found, f"{found['said']}\n{found['index']} ({found['seconds']:.0f} s)")
    if found["findings"]:
        raise Refused(f"{len(found['findings'])} things are not as they should be")


async def _simulated(months: int, seed: int, out: Path) -> dict[str, Any]:
    # It loads all of the product, which other commands of billing need not wait for.
    from runtime.simulation.run import Asked, Progress, simulate

    asked = Asked(months=months, seed=seed, out=out)
    with tempfile.TemporaryDirectory(prefix="marquee-") as home, progress("days") as display:
        task = display.add_task("starting", total=asked.days)

        def show(so_far: Progress) -> None:
            display.update(task, description=so_far.what, completed=so_far.days)

        checked = await simulate(asked, Path(home) / "home", show)
    right = f"the books are right: {checked.counted}"
    said = "\n".join(f"{each.tenant}: {each.what}" for each in checked.findings) or right
    return {
        "index": str((out / "index.html").absolute()),
        "tenants": checked.tenants,
        "entries": checked.entries,
        "invoices": checked.invoices,
        "periods": checked.periods,
        "findings": checked.findings,
        "said": said,
    }
