"""What is billed is what the viewer's kernel acknowledged, over real sockets."""

import asyncio
import contextlib
import random
import socket
import time
from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import pytest

from streaming.meter.meter import Meter
from streaming.meter.segments import SegmentLog
from streaming.meter.tcp import tune_listener
from streaming.protocol import ConnectionLimits
from tenancy.headers import SECURITY_HEADERS
from tests.streaming.delivery.serving import SLICE, Client, film, served

pytestmark = pytest.mark.anyio
MIB = 1 << 20


class Billed:
    """A meter whose counts are summed by owner."""

    def __init__(self, directory: Path) -> None:
        self.log = SegmentLog(directory, "n-0")
        self.meter = Meter(self.log, clock=time.time)

    async def total(self, owner: str = "tenant:a") -> int:
        await self.meter.flush()
        self.log.seal()
        records = [record for seq in self.log.sealed() for record in self.log.read(seq)]
        return sum(record.size_bytes for record in records if record.owner == owner)

    async def settled(self, owner: str = "tenant:a") -> int:
        """The total once nothing is under way any more."""
        await until(lambda: self._is_idle())
        return await self.total(owner)

    def _is_idle(self) -> bool:
        self.meter.settle()
        return self.meter.under_way == 0


async def until(condition: Callable[[], bool], seconds: float = 5) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "waited in vain"
        await asyncio.sleep(0.005)


@pytest.fixture
async def billed(tmp_path: Path) -> AsyncIterator[Billed]:
    billed = Billed(tmp_path)
    yield billed
    billed.meter.end()


async def test_a_film_that_was_taken_whole_is_billed_to_the_byte(billed: Billed) -> None:
    async with served(film, billed.meter) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask(f"/tenant:a/{3 * MIB + 7}")
        await client.head()
        assert len(await client.read(3 * MIB + 7)) == 3 * MIB + 7
        assert await billed.settled() == 3 * MIB + 7
        client.close()


async def test_pages_on_the_same_connection_are_not_billed_and_films_go_to_their_owners(billed: Billed) -> None:
    async with served(film, billed.meter) as server:
        client = Client()
        await client.connect(server.address)
        for path, size in [
            ("/50000", 50000),
            ("/tenant:a/70001", 70001),
            ("/9", 9),
            ("/tenant:b/300000", 300000),
            ("/tenant:a/1", 1),
        ]:
            await client.ask(path)
            await client.head()
            await client.read(size)
        assert (await billed.settled("tenant:a"), await billed.settled("tenant:b")) == (70002, 300000)
        client.close()


async def test_pipelined_requests_are_told_apart(billed: Billed) -> None:
    async with served(film, billed.meter) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask("/tenant:a/200001")
        await client.ask("/tenant:b/100003")
        await client.ask("/77")
        for size in (200001, 100003, 77):
            await client.head()
            await client.read(size)
        assert (await billed.settled("tenant:a"), await billed.settled("tenant:b")) == (200001, 100003)
        client.close()


async def test_the_rest_that_our_kernel_delivers_after_the_close_is_billed(billed: Billed) -> None:
    async with served(film, billed.meter) as server:
        client = Client(window_bytes=4096)
        await client.connect(server.address)
        await client.ask("/tenant:a/120000", headers="Connection: close\r\n")
        await client.head()
        # Everything is in the kernels' buffers and our side is closed before most of it was taken.
        await until(lambda: server.connections == 0)
        assert await billed.total() < 120000
        assert len(await client.read(120001)) == 120000
        assert await billed.settled() == 120000
        client.close()


async def test_a_long_film_is_billed_while_it_runs(billed: Billed) -> None:
    async with served(film, billed.meter) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask(f"/tenant:a/{64 * MIB}")
        head = len(await client.head())
        await client.read(2 * MIB)
        received = client.received() - head
        billed_so_far = await billed.total()
        assert billed_so_far >= 2 * MIB
        assert received - 64 * 1024 <= billed_so_far <= client.received() - head
        client.close(reset=True)
        await billed.settled()


async def test_half_of_120_downloads_are_aborted_and_the_bill_is_within_six_per_mille_and_not_over(
    billed: Billed,
) -> None:
    chance = random.Random(3)
    received = handed = 0

    async def download(number: int) -> None:
        nonlocal received, handed
        size = chance.randrange(2 * MIB, 4 * MIB)
        client = Client(window_bytes=16 << 10)
        await client.connect(server.address)
        await client.ask(f"/tenant:a/{size}")
        head = len(await client.head())
        wanted = size if number % 2 else chance.randrange(size)
        await client.read(wanted)
        received += client.received() - head
        client.close(reset=number % 4 == 0)

    async with served(film, billed.meter) as server:
        for start in range(0, 120, 12):
            await asyncio.gather(*(download(start + offset) for offset in range(12)))
        total = await billed.settled()
    assert received * 0.994 <= total <= received


async def test_a_client_that_sends_nothing_is_closed(billed: Billed) -> None:
    async with served(film, billed.meter, ConnectionLimits(head_seconds=0.1)) as server:
        client = Client()
        await client.connect(server.address)
        assert await asyncio.wait_for(client.read(1), 3) == b""
        client.close()


@pytest.mark.parametrize("first", ["GET /9 HTTP/1.1\r\nHost: x\r\n", "\r\n"])
async def test_a_slow_loris_is_closed_however_regularly_it_sends(billed: Billed, first: str) -> None:
    async with served(film, billed.meter, ConnectionLimits(head_seconds=0.3)) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        started = time.monotonic()
        writer.write(first.encode())
        ended = asyncio.create_task(reader.read())
        while not ended.done():
            assert time.monotonic() < started + 3, "the server waits on"
            writer.write(b"x-a: b\r\n" if len(first) > 2 else b"\r\n")
            await asyncio.sleep(0.02)
        ended.exception()
        writer.close()


async def test_a_body_that_stops_coming_is_closed(billed: Billed) -> None:
    async def reads_all(scope: dict[str, Any], receive: Any, send: Any) -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    async with served(reads_all, billed.meter, ConnectionLimits(body_seconds=0.1)) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask("/", headers="Content-Length: 100\r\n", method="POST")
        assert await asyncio.wait_for(client.read(1), 3) == b""
        client.close()


async def test_a_response_that_takes_longer_than_the_time_for_heads_goes_on(billed: Billed) -> None:
    async def slow(scope: dict[str, Any], receive: Any, send: Any) -> None:
        await asyncio.sleep(0.3)
        await film(scope, receive, send)

    async with served(slow, billed.meter, ConnectionLimits(head_seconds=0.1, body_seconds=0.1)) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask("/tenant:a/1000")
        await client.head()
        assert len(await client.read(1000)) == 1000
        client.close()


@pytest.mark.parametrize(
    "request_text",
    [
        "GET /" + "x" * 40_000 + " HTTP/1.1\r\n\r\n",
        "GET / HTTP/1.1\r\n" + "".join(f"x-{n}: {'y' * 1000}\r\n" for n in range(40)) + "\r\n",
        "GET / HTTP/1.1\r\nx: " + "y" * 600_000,
        "GET http://other.example/9 HTTP/1.1\r\nHost: films.example\r\n\r\n",
        "GET ftp:/9 HTTP/1.1\r\nHost: films.example\r\n\r\n",
        "GET /9 HTTP/1.1\r\nHost: films.example\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\n",
        "GET /9 HTTP/1.1\r\nHost: films.example\r\nTransfer-Encoding: chunked\r\nContent-Length: 5\r\n\r\n0\r\n\r\n",
        "POST /9 HTTP/1.1\r\nHost: films.example\r\nTransfer-Encoding: chunked\r\n\r\nZZ\r\n\r\n",
        "CONNECT films.example:443 HTTP/1.1\r\nHost: films.example\r\n\r\n",
    ],
)
async def test_what_cannot_be_read_is_answered_400_with_the_headers_of_every_answer(
    billed: Billed, request_text: str
) -> None:
    async with served(film, billed.meter) as server:
        reader, writer = await asyncio.open_connection(*server.address)
        writer.write(request_text.encode())
        head = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 3)
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert all(b"\r\n%s: %s\r\n" % header in head for header in SECURITY_HEADERS)
        with contextlib.suppress(ConnectionResetError):
            # The refusal is the last thing said, whatever the request was on its way to.
            assert b"HTTP/1.1" not in await asyncio.wait_for(reader.read(), 3)
        writer.close()


@pytest.mark.parametrize(
    "garbage", ["GARBAGE\r\n\r\n", "GET /1 HTTP/1.1\r\nHost: x\r\n\r\n" * 200, "GET http://x/1 HTTP/1.1\r\n\r\n"]
)
async def test_nonsense_sent_ahead_never_gets_into_the_running_film(billed: Billed, garbage: str) -> None:
    async with served(film, billed.meter) as server:
        client = Client(window_bytes=16 << 10)
        await client.connect(server.address)
        await client.ask(f"/tenant:a/{64 * MIB}")
        await client.head()
        await asyncio.get_running_loop().sock_sendall(client.socket, garbage.encode())
        try:
            taken = await client.read(64 * MIB)
        except ConnectionResetError:
            taken = b""
        assert taken == (SLICE * (len(taken) // len(SLICE) + 1))[: len(taken)]
        assert len(taken) < 64 * MIB
        client.close()


async def test_accepted_connections_inherit_what_the_listener_was_tuned_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        tune_listener(listener, unsent_bytes=100_000, stalled_seconds=77)
        with socket.create_connection(listener.getsockname()), listener.accept()[0] as accepted:
            options = [(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT), (socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT)]
            assert [accepted.getsockopt(*option) for option in options] == [100_000, 77_000]
            assert accepted.getsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE)


async def test_without_tcp_info_what_our_kernel_took_over_is_billed(
    billed: Billed, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("streaming.meter.tcp.sys.platform", "elsewhere")
    async with served(film, billed.meter) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask("/tenant:a/300001")
        await client.head()
        await client.read(300001)
        assert await billed.settled() == 300001
        client.close()
        client = Client(window_bytes=16 << 10)
        await client.connect(server.address)
        await client.ask(f"/tenant:b/{64 * MIB}")
        await client.head()
        await client.read(MIB)
        client.close(reset=True)
        assert MIB <= await billed.settled("tenant:b") < 32 * MIB


async def test_a_socket_that_cannot_be_asked_does_not_keep_others_from_being_billed(billed: Billed) -> None:
    class Broken:
        def settle(self) -> None:
            raise OSError("bad file descriptor")

        end = settle

    billed.meter.watch(Broken())
    billed.meter.add("tenant:a", "s", 5)
    assert await billed.total() == 5
    assert billed.meter.under_way == 0
