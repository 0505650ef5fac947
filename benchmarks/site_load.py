"""Load on a site: a few connections that ask again as soon as they are answered."""

import asyncio
import statistics
import time

from msgspec import Struct

CONNECTIONS = 8


class Load(Struct):
    """What a slice of time brought: answers a second, and the p95 of their milliseconds."""

    a_second: float
    p95_ms: float


def load_of(seconds: list[float], elapsed: float) -> Load:
    """The figures of answers that took so long, all of them in `elapsed`."""
    return Load(len(seconds) / elapsed, statistics.quantiles(seconds, n=20)[-1] * 1_000)


async def load(port: int, host: str, path: str, *, lasting: float) -> Load:
    """Asks for the path on CONNECTIONS kept-alive connections for that many seconds."""
    request = f"GET {path} HTTP/1.1\r\nHost: {host}\r\nAccept: */*\r\nAccept-Encoding: identity\r\n\r\n".encode()
    seconds: list[float] = []
    connections = [await asyncio.open_connection("127.0.0.1", port) for _ in range(CONNECTIONS)]
    try:
        started = time.perf_counter()
        until = started + lasting
        await asyncio.gather(*(_ask(*each, request, until, seconds) for each in connections))
        return load_of(seconds, time.perf_counter() - started)
    finally:
        for _, writer in connections:
            writer.close()


async def _ask(
    reader: asyncio.StreamReader, writer: asyncio.StreamWriter, request: bytes, until: float, seconds: list[float]
) -> None:
    began = time.perf_counter()
    while began < until:
        writer.write(request)
        head = await reader.readuntil(b"\r\n\r\n")
        if not head.startswith(b"HTTP/1.1 200"):
            raise RuntimeError(f"{request[:80]!r} was answered with {head[:80]!r}")
        await reader.readexactly(int(head.lower().partition(b"content-length:")[2].partition(b"\r\n")[0]))
        ended = time.perf_counter()
        seconds.append(ended - began)
        began = ended
