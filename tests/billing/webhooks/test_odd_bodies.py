"""Whatever is signed or not: a body is taken, or it is a 400; never anything else."""

from __future__ import annotations

import hmac
import json
from hashlib import sha256

import pytest

from billing.gateways.btcpay.webhook import btcpay_event
from billing.gateways.protocol import BadWebhook
from billing.gateways.stripe.webhook import stripe_event

NOW = 1_770_000_000
SECRET = "whsec_1"
EVENT: dict[str, object] = {
    "id": "evt_1",
    "object": "event",
    "type": "charge.updated",
    "created": NOW,
    "data": {"object": {}},
}
DELIVERY: dict[str, object] = {
    "deliveryId": "d",
    "type": "InvoiceSettled",
    "timestamp": NOW,
    "storeId": "shop",
    "invoiceId": "i",
}
ODD = [
    b"",
    b"null",
    b"[]",
    b"{}",
    b'"text"',
    b"\xff\xfe{\x00}\x00",
    b"\xef\xbb\xbf{}",
    b"[" * 100_000,
    b'{"id": "\\ud800"}',
    b"1" * 5_000,
    b"\x00",
    json.dumps(EVENT).encode("utf-16"),
    json.dumps(DELIVERY).encode("utf-32"),
]


def stripes(body: bytes, stamp: str = str(NOW), secret: str = SECRET) -> dict[str, str]:
    signature = hmac.new(secret.encode(), stamp.encode() + b"." + body, sha256).hexdigest()
    return {"stripe-signature": f"t={stamp},v1={signature}"}


def btcpays(body: bytes) -> dict[str, str]:
    return {"btcpay-sig": "sha256=" + hmac.new(SECRET.encode(), body, sha256).hexdigest()}


def changed(document: dict[str, object], **fields: object) -> bytes:
    return json.dumps(document | fields).encode()


@pytest.mark.parametrize("body", ODD)
def test_a_signed_body_that_is_no_event_is_refused(body: bytes) -> None:
    with pytest.raises(BadWebhook):
        stripe_event(body, stripes(body), NOW, [SECRET])
    with pytest.raises(BadWebhook):
        btcpay_event(body, btcpays(body), NOW, secret=SECRET, store="shop")


@pytest.mark.parametrize("moment", [10**400, -(10**400), 10**18, -(10**18), 1e300, "now", None, True, [NOW]])
def test_no_number_is_too_large(moment: object) -> None:
    for body in (changed(EVENT, created=moment), changed(DELIVERY, timestamp=moment)):
        with pytest.raises(BadWebhook):
            stripe_event(body, stripes(body), NOW, [SECRET])
        with pytest.raises(BadWebhook):
            btcpay_event(body, btcpays(body), NOW, secret=SECRET, store="shop")


@pytest.mark.parametrize("missing", ["id", "object", "type", "created", "data"])
def test_an_event_that_lacks_something_is_refused(missing: str) -> None:
    body = json.dumps({name: value for name, value in EVENT.items() if name != missing}).encode()
    with pytest.raises(BadWebhook):
        stripe_event(body, stripes(body), NOW, [SECRET])


@pytest.mark.parametrize("subject", [None, 7, [], "x", {}, {"object": 7}, {"object": "charge", "payment_intent": {}}])
def test_an_event_about_nothing_that_we_know_is_about_nothing(subject: object) -> None:
    body = changed(EVENT, data={"object": subject})
    assert stripe_event(body, stripes(body), NOW, [SECRET]).reference is None


@pytest.mark.parametrize(
    "header",
    [
        "",
        "t=,v1=",
        "t=1",
        "v1=00",
        "t=1,t=2,v1=00",
        "t=\u0661,v1=00",
        "t=-1,v1=00",
        "t=1e3,v1=00",
        "," * 5_000,
        "t=1,v1=é",
    ],
)
def test_no_header_is_odd_enough(header: str) -> None:
    with pytest.raises(BadWebhook):
        stripe_event(b"{}", {"stripe-signature": header}, NOW, [SECRET])
