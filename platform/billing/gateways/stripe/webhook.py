"""Stripe's webhooks: who signed them, when, and what they are about. https://docs.stripe.com/webhooks"""

from __future__ import annotations

import hmac
from collections.abc import Mapping, Sequence
from hashlib import sha256
from typing import Any, Final

import msgspec

from billing.gateways.protocol import BadWebhook, GatewayEvent
from storage.moments import moment

OLDEST_SECONDS: Final = 300
EARLIEST_SECONDS: Final = 60
_MOST_SIGNATURES: Final = 16
_LONGEST_HEADER: Final = 4_096
_LONGEST_STAMP: Final = 12
# Where the payment stands in the object of an event.
_PAYMENT_IN: Final = {"payment_intent": "id", "charge": "payment_intent", "dispute": "payment_intent"} | {
    "refund": "payment_intent",
    "checkout.session": "id",
    "transfer": "id",
}


class _Event(msgspec.Struct):
    id: str
    type: str
    created: int
    data: dict[str, Any]
    object: str = ""
    account: str | None = None


def stripe_event(body: bytes, headers: Mapping[str, str], now: float, secrets: Sequence[str]) -> GatewayEvent:
    """The news of a webhook that one of the secrets signed, at most 300 s old and 60 s ahead. Raises BadWebhook."""
    _verify(body, headers.get("stripe-signature", ""), now, secrets)
    try:
        event = msgspec.json.decode(body, type=_Event)
        at = moment(event.created)
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError, OSError) as error:
        raise BadWebhook("the body is no event") from error
    if event.object != "event":
        raise BadWebhook("the body is no event")
    # What an account of a payee does is not ours to follow.
    reference = None if event.account else _reference(event.data.get("object"))
    return GatewayEvent(event.id, event.type, reference, at)


def _reference(subject: object) -> str | None:
    if not isinstance(subject, dict):
        return None
    field = _PAYMENT_IN.get(str(subject.get("object")))
    found = None if field is None else subject.get(field)
    return found if isinstance(found, str) and found else None


def _verify(body: bytes, header: str, now: float, secrets: Sequence[str]) -> None:
    if not secrets:
        raise BadWebhook("no webhook secret is set (setting stripe.webhook_secrets)")
    stamp, signatures = _parts(header)
    payload = stamp.encode() + b"." + body
    expected = [hmac.new(secret.encode(), payload, sha256).hexdigest().encode() for secret in secrets]
    matches = [hmac.compare_digest(one, given) for one in expected for given in signatures]
    if not any(matches):
        raise BadWebhook("the signature is not Stripe's")
    age = now - int(stamp)
    if age > OLDEST_SECONDS or age < -EARLIEST_SECONDS:
        raise BadWebhook("the webhook is too old or from the future")


def _parts(header: str) -> tuple[str, list[bytes]]:
    """The timestamp, as it was signed, and the signatures of scheme v1."""
    if not header.isascii() or len(header) > _LONGEST_HEADER:
        raise BadWebhook("the signature's header cannot be read")
    pairs = [part.strip().partition("=") for part in header.split(",")]
    stamps = [value for name, _, value in pairs if name == "t"]
    signatures = [value.encode() for name, _, value in pairs if name == "v1"]
    if len(stamps) != 1 or not stamps[0].isdigit() or len(stamps[0]) > _LONGEST_STAMP or not signatures:
        raise BadWebhook("the signature's header cannot be read")
    return stamps[0], signatures[:_MOST_SIGNATURES]
