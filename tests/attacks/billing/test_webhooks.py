"""Webhooks on the whole platform: at the right host, of a decent size, signed, or nothing."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import AsyncIterator

import pytest

from tests.runtime.counter import Counter
from tests.support.gateways import BTCPAY_SECRET, STRIPE_SECRET

MEBIBYTE = 1 << 20
_PIECE = 1 << 16


def signed(counter: Counter, body: bytes) -> dict[str, str]:
    stamp = int(counter.clock())
    proof = hmac.new(STRIPE_SECRET.encode(), f"{stamp}.".encode() + body, hashlib.sha256).hexdigest()
    return {"Stripe-Signature": f"t={stamp},v1={proof}"}


def event(reference: str) -> bytes:
    said = {"object": {"id": reference, "object": "payment_intent"}}
    return json.dumps(
        {"id": "evt_1", "object": "event", "type": "payment_intent.succeeded", "created": 1, "data": said}
    ).encode()


class Pieces:
    """A body in pieces, of which it is counted how much was taken."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.taken = 0

    async def __aiter__(self) -> AsyncIterator[bytes]:
        while self.taken < self.size:
            self.taken += _PIECE
            yield b" " * _PIECE


@pytest.mark.parametrize("name", ["stripe", "btcpay"])
async def test_what_is_too_long_is_not_read_to_its_end(counter: Counter, name: str) -> None:
    announced = await counter.http.post(f"/webhooks/{name}", content=b" " * (MEBIBYTE + 1))
    assert announced.status_code == 413
    pieces = Pieces(3 * MEBIBYTE)
    in_pieces = await counter.http.post(f"/webhooks/{name}", content=pieces)
    assert in_pieces.status_code == 413
    assert pieces.taken < pieces.size
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


@pytest.mark.parametrize("path", ["/webhooks/manual", "/webhooks/..%2fstripe", "/webhooks/STRIPE"])
async def test_there_are_two_doors_and_no_more(counter: Counter, path: str) -> None:
    body = event("pi_1")
    answer = await counter.http.post(path, content=body, headers=signed(counter, body))
    assert (answer.status_code, answer.text == "taken") == (404, False)


async def test_a_slash_behind_its_name_is_the_same_door(counter: Counter) -> None:
    body = event("pi_1")
    answer = await counter.http.post("/webhooks/stripe/", content=body, headers=signed(counter, body))
    assert (answer.status_code, answer.text) == (200, "taken")


async def test_a_signature_is_for_its_gateway_alone(counter: Counter) -> None:
    body = event("pi_1")
    headers = signed(counter, body)
    assert (await counter.http.post("/webhooks/btcpay", content=body, headers=headers)).status_code == 400
    proof = hmac.new(BTCPAY_SECRET.encode(), body, hashlib.sha256).hexdigest()
    answer = await counter.http.post("/webhooks/stripe", content=body, headers={"BTCPay-Sig": f"sha256={proof}"})
    assert answer.status_code == 400
    for odd in ("t=NaN,v1=x", "t=" + "9" * 5_000 + ",v1=x", "t=-1,v1=", "t=1e9,v1=é", ",,,=,", "v1=x"):
        bent = {b"Stripe-Signature": odd.encode()}
        answer = await counter.http.post("/webhooks/stripe", content=body, headers=bent)
        assert answer.status_code == 400, odd
