from __future__ import annotations

import asyncio
import json
import logging
import socket
from pathlib import Path
from typing import Any

import httpx
import pytest
from litestar import Litestar

from runtime.address import Address
from runtime.engines.home import Home
from runtime.errors import HomeUnusable, PortInUse, Refused
from runtime.health import Health
from runtime.internal import internal_app
from runtime.keys import link_keys
from runtime.listening import address_of, listening
from runtime.logs import JsonLines
from runtime.metrics import registry_of
from runtime.scheduler import Tick, ticking
from runtime.serving import Manners, serving
from runtime.settings import Links
from storage.errors import StorageUnavailable

ANY = Address("127.0.0.1", 0)


def test_link_keys_are_made_once_and_kept_for_their_user_alone(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    first = link_keys(Links(), home)
    assert len(first.keys) == 2
    assert all(len(key) == 32 for key in first.keys.values())
    assert link_keys(Links(), home) == first
    assert (home.keys / "links.json").stat().st_mode & 0o777 == 0o600


def test_link_keys_of_the_settings_win(tmp_path: Path) -> None:
    given = Links(keys={"a": "00" * 32, "b": "11" * 32}, current="b")
    keys = link_keys(given, Home(tmp_path / "untouched"))
    assert (keys.current, keys.keys["b"]) == ("b", b"\x11" * 32)
    assert not (tmp_path / "untouched").exists()


def test_damaged_link_keys_stop_the_start(tmp_path: Path) -> None:
    home = Home(tmp_path)
    home.prepare()
    (home.keys / "links.json").write_text('{"keys": {"a": "zz"}, "current": "a"}', encoding="utf-8")
    with pytest.raises(HomeUnusable, match="does not hold link keys"):
        link_keys(Links(), home)


def test_a_taken_port_is_refused_with_its_setting() -> None:
    with listening(ANY, "listen") as first:
        taken = address_of(first)
        line = rf"cannot listen on {taken} \(setting listen\): .* already in use"
        with pytest.raises(PortInUse, match=line), listening(taken, "listen"):
            pass


@pytest.mark.parametrize("address", [Address("203.0.113.1", 0), Address("no such host", 80)])
def test_an_address_that_is_not_ours_is_refused(address: Address) -> None:
    with pytest.raises(Refused, match="cannot listen on"), listening(address, "listen"):
        pass


def test_connections_keep_little_unsent() -> None:
    with listening(ANY, "listen") as sock:
        assert sock.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) == 128 << 10


async def test_ticks_go_on_after_an_error(caplog: pytest.LogCaptureFixture) -> None:
    calls: list[str] = []
    twice = asyncio.Event()

    async def verb() -> None:
        calls.append("called")
        if len(calls) == 2:
            twice.set()
        raise RuntimeError("once more")

    logging.getLogger("apscheduler").setLevel(logging.WARNING)
    async with ticking([Tick("verb", 1, verb)]), asyncio.timeout(10):
        await twice.wait()
    assert "tick verb failed" in caplog.text


def test_json_logs_are_one_object_a_line() -> None:
    try:
        raise ValueError("x\ny")
    except ValueError as error:
        record = logging.LogRecord("a", logging.ERROR, __file__, 1, "said %s", ("it\n",), (ValueError, error, None))
    line = JsonLines().format(record)
    assert "\n" not in line
    assert json.loads(line)["message"] == "said it\n"


def internal(*, mongodb: bool = True) -> Litestar:
    async def ping() -> None:
        if not mongodb:
            raise StorageUnavailable("gone")

    async def knows(domain: str) -> bool:
        await ping()
        return domain == "films.example"

    figures = {"stream": lambda: {"in_flight": 3.0}}
    return internal_app(Health({"mongodb": ping}), registry_of(figures), knows)


def client(app: Any) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://internal")


async def test_the_internal_listener_answers_metrics_health_and_the_tls_question() -> None:
    async with client(internal()) as http:
        metrics = await http.get("/metrics")
        assert "marquee_stream_in_flight 3.0" in metrics.text
        assert metrics.headers["content-type"].startswith("text/plain; version=0.0.4")
        assert (await http.get("/-/live")).json() == {"status": "live"}
        assert (await http.head("/-/live")).status_code == (await http.head("/-/ready")).status_code == 200
        assert (await http.get("/-/ready")).status_code == 200
        assert (await http.get("/tls/ask", params={"domain": "films.example"})).status_code == 200
        assert (await http.get("/tls/ask", params={"domain": "other.example"})).status_code == 404
        assert (await http.get("/tls/ask")).status_code == 404


async def test_a_lost_engine_makes_the_process_unready_but_alive() -> None:
    async with client(internal(mongodb=False)) as http:
        ready = await http.get("/-/ready")
        assert (ready.status_code, ready.json()) == (503, {"status": "unavailable", "failing": ["mongodb"]})
        assert (await http.get("/-/live")).status_code == 200
        assert (await http.get("/tls/ask", params={"domain": "films.example"})).status_code == 503


async def test_a_stop_lets_a_running_response_end_and_closes_what_idles() -> None:
    begun, go_on = asyncio.Event(), asyncio.Event()

    async def app(scope: Any, receive: Any, send: Any) -> None:
        begun.set()
        await go_on.wait()
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"4")]})
        await send({"type": "http.response.body", "body": b"done"})

    with listening(ANY, "listen") as sock:
        where = address_of(sock)
        async with serving(app, sock, protocol="httptools", manners=Manners(5, 5)) as server:
            _, idle = await asyncio.open_connection(where.host, where.port)
            reader, writer = await asyncio.open_connection(where.host, where.port)
            writer.write(b"GET / HTTP/1.1\r\nHost: a\r\n\r\n")
            await begun.wait()
            assert server.connections == 2
            asyncio.get_running_loop().call_later(0.3, go_on.set)
        answer = await reader.read()
        assert answer.endswith(b"done")
        for connection in (idle, writer):
            connection.close()
            await connection.wait_closed()
