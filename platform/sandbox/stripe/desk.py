"""What the world around does, for tests: payers, banks, payees."""

from collections.abc import Callable, Mapping
from typing import Any

from sandbox.http.store import Document

from . import attempts, connect, disputes
from .balance import booked
from .cashier import authenticated, followed, paid
from .render import shown
from .world import World


class Desk:
    """Deeds by the ids of objects. What cannot be done raises StripeError."""

    def __init__(self, world: World) -> None:
        self._world = world

    def pay(self, session: str, card: str = "visa", email: str | None = None) -> Document:
        """Pay a Checkout session by a test card's name or "crypto", as a payer on its page would."""
        document = self._world.get("checkout.session", session)
        paid(self._world, document, card, email)
        return shown(document)

    def authenticate(self, intent: str, *, well: bool = True) -> Document:
        """Pass 3-D Secure (or send the crypto), or fail it."""
        kind = "setup_intent" if intent.startswith("seti_") else "payment_intent"
        document = self._world.get(kind, intent)
        authenticated(self._world, document, well=well)
        return shown(document)

    def settle(self, intent: str, *, well: bool = True) -> None:
        """Let a payment that is under way arrive now, or fail."""
        attempts.settled(self._world, intent, well=well)
        followed(self._world, intent)

    def dispute(self, charge: str, reason: str = "fraudulent", amount: int | None = None) -> Document:
        """Let the bank take a charge back, or a part of it."""
        return shown(disputes.opened(self._world, self._world.get("charge", charge), reason, amount))

    def disputed(self, charge_and_reason: str) -> None:
        """What the timer of a card does that is always disputed."""
        charge, _, reason = charge_and_reason.partition(" ")
        self.dispute(charge, reason)

    def decide(self, dispute: str, *, won: bool) -> Document:
        """Let the bank decide a dispute."""
        document = self._world.get("dispute", dispute)
        disputes.closed(self._world, document, won=won)
        return shown(document)

    def onboard(self, account: str) -> Document:
        """Let a payee give all details."""
        document = self._world.get("account", account)
        connect.onboarded(self._world, document)
        return shown(document)

    def top_up(self, amount: int, currency: str = "usd") -> None:
        """Put money on the balance that can be transferred at once."""
        booked(self._world, "topup", {"id": "tu_sandbox", "currency": currency}, amount)

    def verbs(self) -> Mapping[str, Callable[..., Any]]:
        """The deeds by name."""
        return {
            "pay": self.pay,
            "authenticate": self.authenticate,
            "settle": self.settle,
            "dispute": self.dispute,
            "decide": self.decide,
            "onboard": self.onboard,
            "top_up": self.top_up,
        }
