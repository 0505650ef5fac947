"""A film goes out exact, or the connection ends where the good bytes do."""

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from pathlib import Path
from typing import Any

import pytest

from storage.scope import TenantScope
from streaming.heads import head_of
from streaming.meter.meter import Meter
from streaming.meter.segments import SegmentLog
from streaming.ranges import Part
from streaming.response import FilmResponse, Patience
from streaming.running import RunningStream, RunningStreams, StreamEnded
from streaming.source import SourceUnavailable
from tests.streaming.delivery.films import Film, bucket, content
from tests.streaming.delivery.serving import Client, served
from tests.support.wire import until

pytestmark = pytest.mark.anyio
MIB = 1 << 20


async def always() -> bool:
    return True


async def renewed(*_: object) -> bool:
    return True


@pytest.fixture
async def meter(tmp_path: Path) -> AsyncIterator[Meter]:
    meter = Meter(SegmentLog(tmp_path, "n-0"), clock=time.time)
    yield meter
    meter.end()


class Site:
    """An application that answers every request with one film."""

    def __init__(self, scope: TenantScope, film: Film, size: int, patience: Patience | None = None) -> None:
        self.streams = RunningStreams(renewed, check_seconds=60)
        self.running = RunningStream(scope, "42", "lease", always)
        self.film = film
        self.size = size
        self.patience = patience
        self.errors: list[Exception] = []

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def opened() -> Film:
            return self.film

        part = Part(0, self.size)
        head = head_of(bucket(self.size), part, "film")
        try:
            await FilmResponse(head, part, opened, self.running, self.streams, self.patience)(scope, receive, send)
        except (SourceUnavailable, StreamEnded) as error:
            self.errors.append(error)
            await send({"type": "http.response.start", "status": 503, "headers": [(b"content-length", b"0")]})
            await send({"type": "http.response.body", "body": b""})


def counted(meter: Meter) -> int:
    meter.settle()
    return sum(size for size, _ in meter.unwritten.values())


async def asked(address: tuple[str, int], *, window_bytes: int = 1 << 20) -> tuple[Client, bytes]:
    client = Client(window_bytes)
    await client.connect(address)
    await client.ask("/")
    return client, await client.head()


async def test_every_byte_arrives_and_is_billed_to_the_leases_owner(meter: Meter, scope_a: TenantScope) -> None:
    site = Site(scope_a, Film(), 5 * MIB + 3)
    async with served(site, meter) as server:
        client, _ = await asked(server.address)
        assert await client.read(site.size) == content(0, site.size)
        await until(lambda: counted(meter) == site.size)
        client.close()
    assert site.film.is_closed
    assert site.film.has_left
    assert next(iter(meter.unwritten))[:2] == (scope_a.owner, "lease")
    assert len(site.streams) == 0


async def test_a_source_that_fails_before_the_first_byte_is_an_error_of_its_own(
    meter: Meter, scope_a: TenantScope
) -> None:
    site = Site(scope_a, Film(fails_at=0), MIB)
    async with served(site, meter) as server:
        client, head = await asked(server.address)
        assert head.startswith(b"HTTP/1.1 503")
        client.close()
    (error,) = site.errors
    assert isinstance(error, SourceUnavailable)
    assert error.retry_after_seconds == 7
    assert site.film.is_closed


@pytest.mark.parametrize("film", [Film(fails_at=2 * MIB), Film(hangs_at=2 * MIB), Film(surplus=5)])
async def test_a_source_that_fails_in_the_middle_ends_the_connection_after_the_good_bytes(
    meter: Meter, scope_a: TenantScope, film: Film
) -> None:
    site = Site(scope_a, film, 4 * MIB, Patience(source_seconds=0.2))
    async with served(site, meter) as server:
        client, _ = await asked(server.address)
        taken = await client.read(site.size)
        assert 2 * MIB <= len(taken) < site.size
        assert taken == content(0, len(taken))
        await until(lambda: counted(meter) == len(taken))
        client.close()
    assert site.errors == []
    assert film.is_closed


async def test_a_source_that_never_answers_is_unavailable(meter: Meter, scope_a: TenantScope) -> None:
    site = Site(scope_a, Film(hangs_at=0), MIB, Patience(source_seconds=0.05))
    async with served(site, meter) as server:
        client, head = await asked(server.address)
        assert head.startswith(b"HTTP/1.1 503")
        client.close()
    assert isinstance(site.errors[0], SourceUnavailable)


async def test_a_client_that_leaves_stops_the_source(meter: Meter, scope_a: TenantScope) -> None:
    site = Site(scope_a, Film(), 512 * MIB)
    async with served(site, meter) as server:
        client, _ = await asked(server.address, window_bytes=16384)
        await client.read(MIB)
        client.close()
        await until(lambda: site.film.is_closed)
    assert site.film.given < 32 * MIB
    assert site.errors == []


async def test_a_client_that_leaves_while_the_source_is_slow_frees_it_at_once(
    meter: Meter, scope_a: TenantScope
) -> None:
    site = Site(scope_a, Film(hangs_at=MIB), 4 * MIB)
    async with served(site, meter) as server:
        client, _ = await asked(server.address)
        await client.read(MIB - 128 * 1024)
        client.close(reset=True)
        await until(lambda: site.film.is_closed)


async def test_a_client_that_takes_nothing_is_dropped(meter: Meter, scope_a: TenantScope) -> None:
    site = Site(scope_a, Film(), 512 * MIB, Patience(send_seconds=0.2))
    async with served(site, meter) as server:
        client, head = await asked(server.address, window_bytes=16384)
        await until(lambda: site.film.is_closed and server.connections == 0)
        received = client.received() - len(head)
        assert counted(meter) <= received
        client.close()


@pytest.mark.parametrize("film", [Film(), Film(hangs_at=2 * MIB)])
async def test_an_ended_lease_ends_the_response(meter: Meter, scope_a: TenantScope, film: Film) -> None:
    site = Site(scope_a, film, 512 * MIB)
    async with served(site, meter) as server:
        client, _ = await asked(server.address, window_bytes=16384)
        await client.read(MIB)
        site.running.end()
        with pytest.raises(ConnectionResetError):
            await client.read(site.size)
        await until(lambda: film.is_closed and len(site.streams) == 0)
        client.close()


async def test_a_lease_that_ended_before_the_first_byte_sends_none(meter: Meter, scope_a: TenantScope) -> None:
    site = Site(scope_a, Film(hangs_at=0), MIB)
    async with served(site, meter) as server:
        client = Client()
        await client.connect(server.address)
        await client.ask("/")
        await until(lambda: len(site.streams) == 1)
        site.running.end()
        assert (await client.head()).startswith(b"HTTP/1.1 503")
        client.close()


async def test_without_a_connection_of_ours_a_broken_film_is_an_error_for_the_caller(scope_a: TenantScope) -> None:
    film = Film(fails_at=MIB)

    async def opened() -> Film:
        return film

    async def send(message: Any) -> None:
        await asyncio.sleep(0)

    streams = RunningStreams(renewed, check_seconds=60)
    part = Part(0, 2 * MIB)
    head = head_of(bucket(2 * MIB), part, "film")
    running = RunningStream(scope_a, "42", "lease", always)
    receive: Callable[[], Awaitable[Any]] = asyncio.Event().wait
    with pytest.raises(ConnectionAbortedError):
        await FilmResponse(head, part, opened, running, streams)({"type": "http"}, receive, send)  # type: ignore[arg-type]  # reason: the least of a scope
    assert film.is_closed
