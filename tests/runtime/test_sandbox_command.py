"""`marquee sandbox pay`, and what `marquee doctor` says of ports that are taken."""

from __future__ import annotations

import asyncio

import pytest

from runtime.address import Address
from runtime.cli import run
from runtime.cli.doctor import port_finding
from sandbox.stripe import StripeOptions, StripeSandbox
from tests.support.cli import Capture, refused


def test_only_a_page_of_a_stand_in_is_paid(capsys: Capture) -> None:
    assert "is no page of a stand-in" in refused(capsys, "sandbox", "pay", "https://platform.example/pay/abc")
    assert "no stand-in answers" in refused(capsys, "sandbox", "pay", "http://127.0.0.1:9/c/pay/cs_test_1")


async def test_what_the_stand_in_refuses_is_told(capsys: Capture) -> None:
    async with StripeSandbox(StripeOptions()) as sandbox:
        address = f"{sandbox.url}/c/pay/cs_test_1"
        assert await asyncio.to_thread(run, ["sandbox", "pay", address]) == 1
    assert "No such checkout.session" in capsys.readouterr().err


@pytest.mark.parametrize(("answer", "verdict"), [(b"HTTP/1.1 200 OK", "ok"), (b"HTTP/1.1 404 Not Found", "bad")])
async def test_a_port_that_marquee_serves_on_is_no_fault(answer: bytes, verdict: str) -> None:
    async def serve(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        asked = await reader.readuntil(b"\r\n\r\n")
        assert asked.startswith(b"GET /-/live")
        assert b"Host: platform.example" in asked
        writer.write(answer + b"\r\nContent-Length: 0\r\nConnection: close\r\n\r\n")
        await writer.drain()
        writer.close()

    async with await asyncio.start_server(serve, "127.0.0.1", 0) as server:
        taken = Address("127.0.0.1", server.sockets[0].getsockname()[1])
        assert (await asyncio.to_thread(port_finding, "listen", taken, "platform.example")).verdict == verdict
