"""The ledger's entries of a payment: pure, and under ids that say what happened, so that each is made once."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from billing.gateways.protocol import Dispute, Part, Refund
from billing.ledger.accounts import (
    CASH_BANK,
    CASH_BTCPAY,
    CASH_STRIPE,
    DISPUTES,
    FEES_GATEWAY,
    MEMBERSHIPS,
    TAX,
)
from billing.ledger.model import Entry, Leg, entry
from billing.money import share
from billing.payments.model import Payment

CASH: Final = {"stripe": CASH_STRIPE, "btcpay": CASH_BTCPAY, "manual": CASH_BANK}


def ref_of(payment: Payment) -> str:
    """What the entries are about: `invoice:3`, `membership:<purchase>`."""
    return f"{payment.purpose}:{payment.subject}"


def came_in(payment: Payment, part: Part, counter: Iterable[Leg], at: datetime) -> Entry:
    """Money that came in; `counter` says for what (credits)."""
    return _entry(payment, f"payment:{payment.gateway}:{part.id}", [Leg(_cash(payment), part.amount), *counter], at)


def fee(payment: Payment, subject: str, amount: int, at: datetime) -> Entry:
    """What the gateway kept of a payment or asked for a dispute."""
    legs = [Leg(FEES_GATEWAY, amount), Leg(_cash(payment), -amount)]
    return _entry(payment, f"fee:{payment.gateway}:{subject}", legs, at)


def refunded(payment: Payment, refund: Refund, counter: Iterable[Leg], at: datetime) -> Entry:
    """Money that went back; `counter` says of what (debits)."""
    legs = [*counter, Leg(_cash(payment), -refund.amount)]
    return _entry(payment, refund_id(payment, refund), legs, at)


def came_back(payment: Payment, refund: Refund, legs: Iterable[Leg], at: datetime) -> Entry:
    """A refund that failed: its entry the other way round, for what needs it now."""
    return _entry(payment, f"refund-failed:{payment.gateway}:{refund.id}", legs, at)


def refund_id(payment: Payment, refund: Refund) -> str:
    """The id of a refund's entry."""
    return f"refund:{payment.gateway}:{refund.id}"


def withheld(payment: Payment, dispute: Dispute, at: datetime) -> Entry:
    """The bank took the money until it is decided."""
    legs = [Leg(DISPUTES, dispute.amount), Leg(_cash(payment), -dispute.amount)]
    return _entry(payment, f"dispute:{payment.gateway}:{dispute.id}", legs, at)


def won(payment: Payment, dispute: Dispute, at: datetime) -> Entry:
    """The bank gave it back."""
    legs = [Leg(_cash(payment), dispute.amount), Leg(DISPUTES, -dispute.amount)]
    return _entry(payment, f"dispute-won:{payment.gateway}:{dispute.id}", legs, at)


def lost(payment: Payment, dispute: Dispute, counter: Iterable[Leg], at: datetime) -> Entry:
    """It is gone; `counter` says who bears it (debits)."""
    legs = [*counter, Leg(DISPUTES, -dispute.amount)]
    return _entry(payment, f"dispute-lost:{payment.gateway}:{dispute.id}", legs, at)


def viewers_legs(payment: Payment, before: int, amount: int) -> list[Leg]:
    """What came of a viewer (credits), the tax in proportion; `before` came already. Parts are rounded as one sum."""
    tax = tax_of(payment, before + amount) - tax_of(payment, before)
    return [Leg(MEMBERSHIPS, tax - amount), Leg(TAX, -tax)]


def viewers_reversal(payment: Payment, before: int, amount: int) -> list[Leg]:
    """What goes back to a viewer (debits), of which `before` went already."""
    return [Leg(leg.account, -leg.amount) for leg in viewers_legs(payment, before, amount)]


def tax_of(payment: Payment, amount: int) -> int:
    """The tax in so much of what a viewer pays."""
    return share(payment.tax, amount, payment.amount) if payment.tax else 0


def _cash(payment: Payment) -> str:
    return CASH[payment.gateway]


def _entry(payment: Payment, entry_id: str, legs: Iterable[Leg], at: datetime) -> Entry:
    return entry(entry_id, at=at, ref=ref_of(payment), currency=payment.currency, legs=legs)
