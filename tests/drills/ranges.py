"""Requests for parts of a film, at random and at every edge, and what each has to be answered with (RFC 9110)."""

from __future__ import annotations

import random
from collections import Counter
from collections.abc import Callable, Iterator

import httpx
from msgspec import Struct

from tests.drills.verdict import MIB

PREFIX_BYTES = 64 << 10
Content = Callable[[int, int], bytes]


class Ask(Struct, frozen=True):
    """One request. Where `has_film`, the body is bytes `[start, end)` of the film; of a whole one a prefix is read."""

    kind: str
    range: str = ""
    status: int = 206
    start: int = 0
    end: int = 0
    method: str = "GET"
    headers: tuple[tuple[str, str], ...] = ()

    @property
    def has_film(self) -> bool:
        return self.method == "GET" and self.status in {200, 206}


def asks(chance: random.Random, *, size: int, etag: str, number: int, longest: int = MIB) -> list[Ask]:
    """`number` requests in random order: every edge once, the rest random ranges of at most `longest` bytes."""
    edges = list(edge_cases(chance, size, etag))
    if number < len(edges):
        raise ValueError(f"{number} requests do not cover {len(edges)} edges")
    chosen = [*edges, *(_random(chance, size, longest) for _ in range(number - len(edges)))]
    chance.shuffle(chosen)
    return chosen


def edge_cases(chance: random.Random, size: int, etag: str) -> Iterator[Ask]:
    """What goes wrong first. Chunks of the source are 1 MiB."""
    at = chance.randrange(1, size // MIB - 1) * MIB
    yield _part("first byte", 0, 1)
    yield _part("last byte", size - 1, size)
    yield _part("up to an edge", at - 1000, at)
    yield _part("from an edge", at, at + 1000)
    yield _part("over an edge", at - 1, at + 1)
    yield _part("a whole chunk", at, at + MIB)
    yield _part("a chunk and its neighbours", at - 1, at + MIB + 1)
    yield _part("three chunks", at - MIB, min(at + 2 * MIB, size))
    yield Ask("suffix", "bytes=-1", start=size - 1, end=size)
    yield Ask("long suffix", "bytes=-1500000", start=size - 1_500_000, end=size)
    yield Ask("open end", f"bytes={size - 700_000}-", start=size - 700_000, end=size)
    yield Ask("beyond the end", f"bytes={size - 500}-{size + 10**6}", start=size - 500, end=size)
    yield Ask("whole film", status=200, end=size)
    yield Ask("malformed", "bytes=9-1", status=200, end=size)
    yield Ask("other unit", "chapters=1-2", status=200, end=size)
    yield Ask("suffix longer than the film", f"bytes=-{size + 1}", end=size)
    for text in (f"bytes={size}-", f"bytes={size + 5}-{size + 9}", "bytes=-0"):
        yield Ask("unsatisfiable", text, status=416)
    yield Ask("If-Range that holds", "bytes=5-104", start=5, end=105, headers=(("if-range", f'"{etag}"'),))
    yield Ask("If-Range of another", "bytes=5-104", status=200, end=size, headers=(("if-range", '"another"'),))
    yield Ask("weak If-Range", "bytes=5-104", status=200, end=size, headers=(("if-range", f'W/"{etag}"'),))
    yield Ask("If-None-Match", status=304, headers=(("if-none-match", f'"{etag}"'),))
    yield Ask("If-Match of another", "bytes=0-9", status=412, headers=(("if-match", '"another"'),))
    yield Ask("HEAD", status=200, end=size, method="HEAD")
    yield Ask("HEAD with a range", "bytes=0-9", status=200, end=size, method="HEAD")


def _random(chance: random.Random, size: int, longest: int) -> Ask:
    start = chance.randrange(size)
    return _part("random", start, min(size, start + chance.randrange(1, longest + 1)))


def _part(kind: str, start: int, end: int) -> Ask:
    return Ask(kind, f"bytes={start}-{end - 1}", start=start, end=end)


class Findings(Struct):
    """What became of the requests so far."""

    kinds: Counter[str]
    statuses: Counter[int]
    complaints: list[str]
    film_bytes: int = 0

    @classmethod
    def none_yet(cls) -> Findings:
        return cls(Counter(), Counter(), [])


async def check(
    client: httpx.AsyncClient, url: str, ask: Ask, *, size: int, content: Content, findings: Findings
) -> None:
    """Ask, and hold the answer against the source. A whole film is left after its first bytes."""
    headers = {**dict(ask.headers), **({"range": ask.range} if ask.range else {})}
    async with client.stream(ask.method, url, headers=headers) as answer:
        complaint = _head_complaint(ask, answer, size)
        wanted = min(ask.end - ask.start, PREFIX_BYTES) if ask.end - ask.start == size else ask.end - ask.start
        got = bytearray()
        if ask.has_film and complaint is None:
            async for piece in answer.aiter_raw():
                got += piece
                if len(got) >= wanted and wanted < ask.end - ask.start:
                    del got[wanted:]
                    break
    if complaint is None and ask.has_film and bytes(got) != content(ask.start, ask.start + wanted):
        complaint = f"{len(got)} bytes that are not the {wanted} of the source"
    if complaint is not None:
        findings.complaints.append(f"{ask.kind} ({ask.method} {headers}): {complaint}")
    findings.kinds[ask.kind] += 1
    findings.statuses[answer.status_code] += 1
    findings.film_bytes += len(got)


def _head_complaint(ask: Ask, answer: httpx.Response, size: int) -> str | None:
    if answer.status_code != ask.status:
        return f"status {answer.status_code}, not {ask.status}"
    headers: dict[int, dict[str, str | None]] = {
        200: {"content-length": str(size), "content-range": None, "accept-ranges": "bytes"},
        206: {
            "content-length": str(ask.end - ask.start),
            "content-range": f"bytes {ask.start}-{ask.end - 1}/{size}",
        },
        416: {"content-range": f"bytes */{size}"},
    }
    expected = headers.get(ask.status, {})
    wrong = [
        f"{name}: {answer.headers.get(name)}" for name, value in expected.items() if answer.headers.get(name) != value
    ]
    return ", ".join(wrong) or None
