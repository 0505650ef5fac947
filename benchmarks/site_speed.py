"""Throughput and p95 of pages and of the API: against a plain Litestar with the same bytes, and the queries alone.

A site with 5,000 titles of its own and 20,000 shared ones; a guest who has not been there before; eight connections
that ask again as soon as they are answered. The platform answers on one core, so that eight at a time are a queue: a
request's p95 is about eight times the work of one. BENCH_SITE_HOME names a home that is kept, to be measured again.
"""

import os
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable

import httpx
import msgspec

from benchmarks.figures import Figure, figure
from benchmarks.processes import child, cpu_seconds
from benchmarks.site_load import CONNECTIONS, Load, load
from benchmarks.site_making import HOST
from benchmarks.site_server import Measured

OWN, SHARED = 5_000, 20_000
ROUNDS = int(os.environ.get("BENCH_SITE_ROUNDS", "7"))
SLICE_SECONDS = 0.4
PLAIN_TARGET, ALONE_TARGET = 200.0, 8.0
Slice = Callable[[], Awaitable[Load]]


async def run() -> list[Figure]:
    """Four figures of each page and each answer of the API."""
    with tempfile.TemporaryDirectory(prefix="marquee-bench-site-") as folder:
        home = os.environ.get("BENCH_SITE_HOME", folder)
        arguments = ("-m", "benchmarks.site_server", "{ready}", home, str(OWN), str(SHARED))
        async with child(*arguments, start_seconds=180) as (pid, line), httpx.AsyncClient(timeout=30) as client:
            measured = msgspec.json.decode(line, type=Measured)
            figures: list[Figure] = []
            for name, path in measured.paths.items():
                figures += await _compared(measured, pid, client, name, path)
            return figures


async def _compared(measured: Measured, pid: int, client: httpx.AsyncClient, name: str, path: str) -> list[Figure]:
    cpu_ms: list[float] = []

    async def ours() -> Load:
        before = cpu_seconds(pid), time.perf_counter()
        brought = await load(measured.platform, HOST, path, lasting=SLICE_SECONDS)
        answers = brought.a_second * (time.perf_counter() - before[1])
        cpu_ms.append((cpu_seconds(pid) - before[0]) * 1_000 / answers)
        return brought

    async def plain() -> Load:
        return await load(measured.plain, HOST, path, lasting=SLICE_SECONDS)

    async def alone() -> Load:
        asked = {"name": name, "lasting": str(SLICE_SECONDS)}
        answer = await client.get(f"http://127.0.0.1:{measured.alone}/alone", params=asked)
        return msgspec.json.decode(answer.raise_for_status().content, type=Load)

    taken = time.process_time(), time.perf_counter()
    slices = await _interleaved(ours, plain, alone)
    busy = (time.process_time() - taken[0]) / (time.perf_counter() - taken[1])
    told = (
        f"{measured.sizes[name]:,} bytes, {measured.commands[name]} commands to MongoDB, "
        f"{statistics.median(cpu_ms):.1f} ms of CPU each; the load itself took {busy:.0%} of a core"
    )
    return [
        each
        for other, place, target in (("plain Litestar", 1, PLAIN_TARGET), ("its queries alone", 2, ALONE_TARGET))
        for each in _figures(name, other, [(turn[0], turn[place]) for turn in slices], target, told)
    ]


async def _interleaved(*subjects: Slice) -> list[list[Load]]:
    """Slices of all subjects in turn, each round beginning with another; each is warmed up once."""
    for subject in subjects:
        await subject()
    rounds: list[list[Load]] = []
    for turn in range(ROUNDS):
        order = [(turn + place) % len(subjects) for place in range(len(subjects))]
        taken = {place: await subjects[place]() for place in order}
        rounds.append([taken[place] for place in range(len(subjects))])
    return rounds


def _figures(name: str, other: str, pairs: list[tuple[Load, Load]], target: float, told: str) -> list[Figure]:
    ours, theirs = (statistics.median(each[side].a_second for each in pairs) for side in (0, 1))
    how = (
        f"python -m benchmarks site: {ROUNDS} interleaved rounds of {SLICE_SECONDS} s, {CONNECTIONS} connections, one "
        f"core, {OWN:,} own and {SHARED:,} shared titles; {ours:,.0f} a second against {theirs:,.0f}; {told}"
    )
    each_ms = [(1_000 / mine.a_second, 1_000 / other.a_second) for mine, other in pairs]
    p95_ms = [(mine.p95_ms, other.p95_ms) for mine, other in pairs]
    return [
        _figure(f"{name}: time of an answer / {other}", each_ms, target, how),
        _figure(f"{name}: p95 at {CONNECTIONS} connections / {other}", p95_ms, target, how),
    ]


def _figure(name: str, pairs: list[tuple[float, float]], target: float, how: str) -> Figure:
    value, baseline = (statistics.median(each[side] for each in pairs) for side in (0, 1))
    ratio = statistics.median(mine / other for mine, other in pairs)
    return figure(name, value, baseline, ratio, unit="ms", target=target, how=how)
