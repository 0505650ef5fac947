"""`make bench`: run the benchmarks, print their ratios, write benchmarks/results.json."""

import argparse
import asyncio
import sys
from collections.abc import Awaitable, Callable
from pathlib import Path

import msgspec
from rich.console import Console
from rich.table import Table

from benchmarks import streaming_cpu, tenancy_cpu
from benchmarks.figures import Figure

RESULTS = Path(__file__).with_name("results.json")
BENCHMARKS: dict[str, Callable[[], Awaitable[list[Figure]]]] = {
    "tenancy": tenancy_cpu.run,
    "streaming": streaming_cpu.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("only", nargs="*", choices=[[], *BENCHMARKS], help="run these alone (results.json stays)")
    chosen: list[str] = parser.parse_args().only or list(BENCHMARKS)
    figures = [figure for name in chosen for figure in asyncio.run(_run(BENCHMARKS[name]))]
    Console().print(_table(figures))
    if len(chosen) == len(BENCHMARKS):
        RESULTS.write_bytes(msgspec.json.format(msgspec.json.encode(figures), indent=2) + b"\n")
    return 0 if all(figure.holds for figure in figures) else 1


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
