"""CPU time of a request with tenancy against the same application without it, from ten tenants to 100,000."""

import asyncio
import random

from benchmarks.figures import Figure, figure, interleaved
from benchmarks.processes import child
from benchmarks.tenancy_server import host

REQUESTS = 500
ROUNDS = 200
TENANTS: tuple[int, int] = (10, 100_000)
TARGET = 1.03
HOW = f"python -m benchmarks tenancy: {ROUNDS} interleaved rounds of {REQUESTS} keep-alive requests, process time"


async def run() -> list[Figure]:
    """Tenancy against none at ten tenants and at 100,000, and the two against each other."""
    counts: tuple[int, ...] = (0, *TENANTS)
    async with child("-m", "benchmarks.tenancy_server", "{ready}", *map(str, counts)) as (_, line):
        ports = dict(zip(counts, map(int, line.split()), strict=True))
        few, many = TENANTS
        return [
            await _compare(f"CPU of a request, {few} tenants / no tenancy", ports, few, 0),
            await _compare(f"CPU of a request, {many:,} tenants / no tenancy", ports, many, 0),
            await _compare(f"CPU of a request, {many:,} tenants / {few} tenants", ports, many, few),
        ]


async def _compare(name: str, ports: dict[int, int], subject: int, baseline: int) -> Figure:
    value, base, ratio = await interleaved(
        lambda: _cost(ports[subject], subject), lambda: _cost(ports[baseline], baseline or subject), rounds=ROUNDS
    )
    return figure(name, value, base, ratio, unit="µs", target=TARGET, how=HOW)


async def _cost(port: int, tenants: int) -> float:
    """Microseconds of the server's CPU a request, over one connection, for hosts picked anew from all tenants."""
    hosts = [host(number) for number in random.choices(range(tenants), k=REQUESTS)]
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    try:
        before = await _ask(reader, writer, "/cpu", hosts[0])
        for name in hosts:
            await _ask(reader, writer, "/hello", name)
        after = await _ask(reader, writer, "/cpu", hosts[0])
    finally:
        writer.close()
    return (float(after) - float(before)) / len(hosts) * 1e6


async def _ask(reader: asyncio.StreamReader, writer: asyncio.StreamWriter, path: str, name: str) -> bytes:
    writer.write(f"GET {path} HTTP/1.1\r\nHost: {name}\r\nAccept: */*\r\n\r\n".encode())
    head = await reader.readuntil(b"\r\n\r\n")
    length = int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0])
    return await reader.readexactly(length)
