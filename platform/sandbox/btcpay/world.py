"""All objects of the server, and the webhooks that tell of their changes."""

import hashlib
import hmac
import secrets
import string
from decimal import Decimal
from typing import Any, Final

import msgspec

from sandbox.http.clock import Clock
from sandbox.http.store import Document, Store
from sandbox.http.timers import Timers
from sandbox.http.webhooks import Outbox

from .errors import not_found
from .model import BtcpayOptions

_ALPHABET: Final = "".join(each for each in string.ascii_letters + string.digits if each not in "0OIl")
ANY_STORE: Final = "*"


class World:
    """Invoices, webhooks and pull payments. Entries whose names begin with `_` are the sandbox's own."""

    def __init__(self, options: BtcpayOptions, store: Store, clock: Clock, timers: Timers, outbox: Outbox) -> None:
        self.options = options
        self.store = store
        self.clock = clock
        self.timers = timers
        self.outbox = outbox
        self.url = ""

    def now(self) -> int:
        """Whole epoch seconds."""
        return int(self.clock())

    @property
    def rate(self) -> Decimal:
        """What one bitcoin costs."""
        return Decimal(self.options.rate)

    def save(self, kind: str, document: Document) -> Document:
        """Keep an object, new or changed."""
        self.store.put(kind, document["id"], document)
        return document

    def get(self, kind: str, key: str, store_id: str | None = None) -> Document:
        """The object of that id in that store. Raises Problem."""
        found = self.store.get(kind, key)
        if found is None or (store_id is not None and found["storeId"] not in {store_id, ANY_STORE}):
            raise not_found(kind)
        return found

    def tell(self, kind: str, invoice: Document, **about: Any) -> None:
        """Post an event about an invoice to whoever listens in its store."""
        for webhook in self.store.all("webhook"):
            if _hears(webhook, kind, invoice["storeId"]):
                self._post(kind, invoice, webhook, about)

    def _post(self, kind: str, invoice: Document, webhook: Document, about: Document) -> None:
        delivery_id = new_id()
        event = {
            "deliveryId": delivery_id,
            "webhookId": webhook["id"],
            "originalDeliveryId": delivery_id,
            "isRedelivery": False,
            "type": kind,
            "timestamp": self.now() + int(self.outbox.faults.timestamp_offset_seconds),
            "storeId": invoice["storeId"],
            "invoiceId": invoice["id"],
            "metadata": invoice["metadata"],
            **about,
        }
        self.post(webhook, event)

    def post(self, webhook: Document, event: Document) -> None:
        """Put an event on its way."""
        body = msgspec.json.encode(event)
        about = {"webhook": webhook["id"], "event": event["deliveryId"], "retried": webhook["automaticRedelivery"]}
        self.outbox.put(webhook["url"], webhook["_secret"], body, **about)


def new_id() -> str:
    """22 letters and digits, as BTCPay's ids are."""
    return "".join(secrets.choice(_ALPHABET) for _ in range(22))


def shown(document: Document) -> Document:
    """What of it goes out."""
    return {name: value for name, value in document.items() if not name.startswith("_")}


def redelivered(event: Document, now: int) -> Document:
    """The same event under another delivery id."""
    return {**event, "deliveryId": new_id(), "isRedelivery": True, "timestamp": now}


def signed(delivery: Document, body: bytes, secret: str, at: float) -> dict[str, str]:
    """The header that proves where a webhook comes from: HMAC-SHA256 of the body."""
    return {"btcpay-sig": f"sha256={hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()}"}


def _hears(webhook: Document, kind: str, store_id: str) -> bool:
    wanted = webhook["authorizedEvents"]
    mine = webhook["storeId"] in {store_id, ANY_STORE}
    return mine and webhook["enabled"] and (wanted["everything"] or kind in wanted["specificEvents"])
