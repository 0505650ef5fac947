"""What the world around does, for tests: payers and the network."""

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from sandbox.http.store import Document

from . import payments, refunds
from .world import World, shown


class Desk:
    """Deeds by the ids of invoices; amounts as texts in the invoice's currency. What cannot be done raises Problem."""

    def __init__(self, world: World) -> None:
        self._world = world

    def pay(self, invoice: str, amount: str | None = None, method: str = "BTC-CHAIN") -> Document:
        """Pay what is left, or so much, on the chain or over Lightning ("BTC-LN", settled at once)."""
        document = self._world.get("invoice", invoice)
        left = Decimal(document["amount"]) - payments.paid(document)
        payments.received(self._world, document, left if amount is None else Decimal(amount), method)
        return shown(document)

    def confirm(self, invoice: str) -> Document:
        """Let the network confirm all payments of an invoice now."""
        document = self._world.get("invoice", invoice)
        for payment in list(document["_payments"]):
            payments.confirmed(self._world, invoice, payment["id"])
        return shown(document)

    def lose(self, invoice: str) -> Document:
        """Let its unconfirmed payments never confirm: spent twice."""
        payments.lost(self._world, invoice)
        return shown(self._world.get("invoice", invoice))

    def claim(self, pull_payment: str, amount: str | None = None) -> Document:
        """Let the payer claim a refund, or a part of it, and be paid."""
        return refunds.claim(self._world, pull_payment, None if amount is None else Decimal(amount))

    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """The deeds by name."""
        return {"pay": self.pay, "confirm": self.confirm, "lose": self.lose, "claim": self.claim}
