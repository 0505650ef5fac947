"""Viewers that pull films at a player's pace, leave half of them early, and know every byte that reached them."""

from __future__ import annotations

import asyncio
import contextlib
import random
from collections import Counter
from typing import Final
from urllib.parse import urlsplit

from msgspec import Struct, field

from sandbox.telegram.content import content
from tests.drills.stage import COOKIE, Ticket
from tests.drills.verdict import MIB
from tests.streaming.delivery.kill_rounds import Tally
from tests.streaming.delivery.serving import Client

WINDOW_BYTES: Final = 64 << 10
PIECE_BYTES: Final = 32 << 10
SLOWEST, FASTEST = 1 * MIB, 8 * MIB
LONGEST_BYTES: Final = 12 * MIB


class Viewer(Struct, frozen=True):
    """Somebody on a site with a link to a film."""

    tenant: str
    ticket: Ticket
    media_id: int
    film_bytes: int


class Seen(Struct):
    """What all viewers saw over all rounds."""

    whole: int = 0
    left_early: int = 0
    cut: int = 0
    wrong_bytes: int = 0
    refused: Counter[bytes] = field(default_factory=Counter[bytes])


class Request(Struct, frozen=True):
    """One range: `wanted` bytes from `start` at a pace; who leaves early asked for all of the rest."""

    start: int
    wanted: int
    leaves: bool
    pause_seconds: float

    def headers(self, viewer: Viewer) -> str:
        last = "" if self.leaves else self.start + self.wanted - 1
        return f"Cookie: {COOKIE}={viewer.ticket.cookie}\r\nRange: bytes={self.start}-{last}\r\n"


def next_request(chance: random.Random, film_bytes: int) -> Request:
    """Half of the downloads are left early."""
    return Request(
        start=chance.randrange(film_bytes - 2 * LONGEST_BYTES),
        wanted=chance.randrange(MIB // 4, LONGEST_BYTES),
        leaves=chance.random() < 0.5,
        pause_seconds=PIECE_BYTES / chance.uniform(SLOWEST, FASTEST),
    )


async def watch(viewer: Viewer, address: str, tally: Tally, seen: Seen, chance: random.Random) -> None:
    """Pull range after range until the process is gone, and what its kernel still delivers then."""
    where = urlsplit(address)
    is_there = True
    while is_there:
        client = Client(WINDOW_BYTES)
        request = next_request(chance, viewer.film_bytes)
        try:
            await client.connect((str(where.hostname), where.port or 0))
            await client.ask(viewer.ticket.url, host=viewer.ticket.host, headers=request.headers(viewer))
            head = await client.head()
        except OSError:
            client.close()
            return
        status = head.split(b" ", 2)[1]
        if status == b"206":
            is_there = await _pull(viewer, client, request, len(head), tally, seen)
        else:
            seen.refused[status] += 1
            client.close()
            await asyncio.sleep(0.2)


async def _pull(viewer: Viewer, client: Client, request: Request, head_bytes: int, tally: Tally, seen: Seen) -> bool:
    """Take what the request wants; False when the process ended under it."""
    entry = client, head_bytes
    tally.clients.append(entry)
    at, end = request.start, request.start + request.wanted
    with contextlib.suppress(OSError):
        while at < end:
            piece = await client.read(min(PIECE_BYTES, end - at))
            if not piece:
                break
            if piece != content(viewer.media_id, at, at + len(piece)):
                seen.wrong_bytes += len(piece)
            at += len(piece)
            await asyncio.sleep(request.pause_seconds)
    tally.clients.remove(entry)
    tally.finished += max(0, client.received() - head_bytes)
    client.close(reset=request.leaves)
    seen.whole += at == end and not request.leaves
    seen.left_early += at == end and request.leaves
    seen.cut += at < end
    return at == end
