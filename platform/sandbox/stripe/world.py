"""All objects of the account, and the events that tell of their changes."""

import secrets
import string
from typing import Any

from sandbox.http.clock import Clock
from sandbox.http.store import Document, Store
from sandbox.http.timers import Timers
from sandbox.http.webhooks import Outbox

from .errors import missing
from .events import announced
from .model import KINDS, StripeOptions

_ALPHABET = string.ascii_letters + string.digits


class World:
    """Objects by kind and id. Entries whose names begin with `_` are the sandbox's own and never shown.

    `request`: id and idempotency key of the request that is being answered, as events tell it.
    """

    def __init__(self, options: StripeOptions, store: Store, clock: Clock, timers: Timers, outbox: Outbox) -> None:
        self.options = options
        self.store = store
        self.clock = clock
        self.timers = timers
        self.outbox = outbox
        self.url = ""
        self.request: Document = {"id": None, "idempotency_key": None}

    def now(self) -> int:
        """Whole epoch seconds."""
        return int(self.clock())

    def make(self, prefix: str, **values: Any) -> Document:
        """Keep a new object, and give it."""
        kind = KINDS[prefix]
        code = "".join(secrets.choice(_ALPHABET) for _ in range(24))
        document = {"id": f"{prefix}_{code}", "object": kind, "created": self.now(), "livemode": False, **values}
        self.save(document)
        return document

    def save(self, document: Document) -> None:
        """Keep a changed object."""
        self.store.put(document["object"], document["id"], document)

    def change(self, document: Document, **values: Any) -> Document:
        """Change an object; gives the former values, as events tell them."""
        former = {name: document.get(name) for name, value in values.items() if document.get(name) != value}
        document.update(values)
        self.save(document)
        return {name: value for name, value in former.items() if not name.startswith("_")}

    def get(self, kind: str, key: str, param: str = "id") -> Document:
        """The object of that id. Raises StripeError where there is none."""
        found = self.store.get(kind, key)
        if found is None:
            raise missing(kind, key, param)
        return found

    def all(self, kind: str) -> list[Document]:
        """All objects of a kind, oldest first."""
        return self.store.all(kind)

    def tell(self, kind: str, subject: Document, former: Document | None = None) -> None:
        """Make an event of it and post it to whoever listens."""
        announced(self, kind, subject, former)
