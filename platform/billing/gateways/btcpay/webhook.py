"""BTCPay's webhooks: HMAC-SHA256 over the raw body, under a secret of the store's webhook."""

from __future__ import annotations

import hmac
from collections.abc import Mapping
from hashlib import sha256
from typing import Final

import msgspec

from billing.gateways.protocol import BadWebhook, GatewayEvent
from storage.moments import moment

EARLIEST_SECONDS: Final = 60
_SCHEME: Final = "sha256="


class _Delivery(msgspec.Struct, rename="camel"):
    delivery_id: str
    type: str
    timestamp: int
    store_id: str = ""
    invoice_id: str = ""


def btcpay_event(body: bytes, headers: Mapping[str, str], now: float, *, secret: str, store: str) -> GatewayEvent:
    """The news of a delivery that the secret signed. Raises BadWebhook.

    An old one is taken: the server delivers again for days under the first time, and only the id of the invoice is
    believed anyhow.
    """
    given = headers.get("btcpay-sig", "")
    expected = _SCHEME + hmac.new(secret.encode(), body, sha256).hexdigest()
    if not secret or not given.isascii() or not hmac.compare_digest(expected.encode(), given.encode()):
        raise BadWebhook("the signature is not BTCPay's")
    try:
        delivery = msgspec.json.decode(body, type=_Delivery)
        at = moment(delivery.timestamp)
    except (msgspec.DecodeError, RecursionError, ValueError, OverflowError, OSError) as error:
        raise BadWebhook("the body is no delivery") from error
    if delivery.timestamp > now + EARLIEST_SECONDS:
        raise BadWebhook("the webhook is from the future")
    ours = delivery.store_id == store and delivery.invoice_id
    return GatewayEvent(delivery.delivery_id, delivery.type, delivery.invoice_id if ours else None, at)
