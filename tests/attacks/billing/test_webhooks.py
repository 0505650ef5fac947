"""Webhooks on the whole platform: at the right host, of a decent size, signed, or nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest

from tests.runtime.counter import Counter

MEBIBYTE = 1 << 20


def signed(counter: Counter, body: bytes) -> dict[str, str]:
    stamp = int(counter.clock())
    proof = hmac.new(b"whsec_here", f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={proof}"}


def event(reference: str) -> bytes:
    said = {"object": {"id": reference, "object": "payment_intent"}}
    return json.dumps(
        {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1, "data": said}
    ).encode()


async def in_pieces(size: int) -> AsyncIterator[bytes]:
    for _ in range(size // 65_536 + 1):
        yield b" " * 65_536


@pytest.mark.parametrize("name", ["stripe", "btcpay"])
async def test_what_is_too_long_is_not_read_to_its_end(counter: Counter, name: str) -> None:
    announced = await counter.http.post(f"/webhooks/{name}", content=b" " * (MEBIBYTE + 1))
    assert announced.status_code == 413
    in_chunks = await counter.http.post(f"/webhooks/{name}", content=in_pieces(3 * MEBIBYTE))
    assert in_chunks.status_code == 413
    nearly = await counter.http.post(f"/webhooks/{name}", content=b" " * (MEBIBYTE - 1))
    assert nearly.status_code == 400


async def test_a_sites_host_takes_no_webhook(counter: Counter) -> None:
    await counter.tenant("north")
    body = event("pi_1")
    for host in ("north.localhost", "nobody.localhost"):
        async with counter.platform.client(host) as site:
            answer = await site.post("/webhooks/stripe", content=body, headers=signed(counter, body))
            assert answer.status_code == 404
    assert (await counter.http.post("/webhooks/stripe", content=body, headers=signed(counter, body))).text == "taken"


@pytest.mark.parametrize("path", ["/webhooks/manual", "/webhooks/stripe/", "/webhooks/..%2fstripe", "/webhooks/STRIPE"])
async def test_there_are_two_doors_and_no_more(counter: Counter, path: str) -> None:
    body = event("pi_1")
    answer = await counter.http.post(path, content=body, headers=signed(counter, body))
    assert (answer.status_code, answer.text == "taken") in {(404, False), (200, True)}
    assert (answer.status_code == 200) == (path == "/webhooks/stripe/")


async def test_a_signature_is_for_its_gateway_alone(counter: Counter) -> None:
    body = event("pi_1")
    headers = signed(counter, body)
    assert (await counter.http.post("/webhooks/btcpay", content=body, headers=headers)).status_code == 400
    proof = hmac.new(b"hush", body, hashlib.sha256).hexdigest()
    answer = await counter.http.post("/webhooks/stripe", content=body, headers={"BTCPay-Sig": f"sha256={proof}"})
    assert answer.status_code == 400
    for odd in ("t=NaN,v1=x", "t=" + "9" * 5_000 + ",v1=x", "t=-1,v1=", "t=1e9,v1=é", ",,,=,", "v1=x"):
        bent = {b"Stripe-Signature": odd.encode()}
        answer = await counter.http.post("/webhooks/stripe", content=body, headers=bent)
        assert answer.status_code == 400, odd
