"""`make bench`: run the benchmarks, print their ratios, write benchmarks/results.json."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks import (
    billing_charging,
    billing_cycle,
    billing_documents,
    search_latency,
    site_speed,
    streaming_cpu,
    tenancy_cpu,
)
from benchmarks.figures import Figure

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "tenancy": tenancy_cpu.run,
    "streaming": streaming_cpu.run,
    "site": site_speed.run,
}


async def _billing() -> list[Figure]:
    """The parts of billing: PDFs and charges are made apart from the tick, and measured apart."""
    return [*await billing_documents.run(), *await billing_charging.run(), *await billing_cycle.run()]


LONG: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "search": search_latency.run,
    "billing": _billing,
}
"""Run by name or with `--all` alone: a library of a million titles and a month of 100,000 sites take minutes."""


def main() -> int:
    known = BENCHMARKS | LONG
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *known], help="run these alone (results.json stays)")
    parser.add_argument("--all", action="store_true", help=f"run the long ones too: {', '.join(LONG)}")
    parser.add_argument("--write", action="store_true", help="write what was run to results.json in any case")
    given = parser.parse_args()
    chosen: list[str] = given.only or list(known if given.all else BENCHMARKS)
    figures = [figure for name in chosen for figure in asyncio.run(_run(known[name]))]
    Console().print(_table(figures))
    if given.write or not given.only:
        _write(figures)
    return 0 if all(figure.holds for figure in figures) else 1


def _write(figures: list[Figure]) -> None:
    """Replace the figures that were measured; those of benchmarks that did not run stay."""
    measured = {figure.name: figure for figure in figures}
    before = msgspec.json.decode(RESULTS.read_bytes(), type=list[Figure]) if RESULTS.exists() else []
    kept = {figure.name: figure for figure in before} | measured
    RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(list(kept.values())), indent=2) + b"\n")


async def _run(benchmark: Callable[[], Awaitable[list[Figure]]]) -> list[Figure]:
    return await benchmark()


def _table(figures: list[Figure]) -> Table:
    table = Table("figure", "value", "baseline", "ratio", "target", "holds", title="Medians of interleaved rounds")
    for figure in figures:
        value, baseline = f"{figure.value:g} {figure.unit}", f"{figure.baseline:g} {figure.unit}"
        verdict = "yes" if figure.holds else "NO"
        table.add_row(figure.name, value, baseline, f"{figure.ratio:.3f}", f"≤ {figure.target:g}", verdict)
    return table


if __name__ == "__main__":
    sys.exit(main())
