"""A payment as we keep it: one attempt to be paid for one invoice or purchase, written down before anybody is asked."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

import msgspec

from billing.gateways.protocol import Dispute, Order, Part, Purpose, Refund
from storage.repository import TenantDocument

PaymentState = Literal["created", "pending", "action", "succeeded", "failed"]
By = Literal["charge", "checkout", "hand"]
"""How it was begun: by a saved method, on the gateway's page, or by what staff say that the bank did."""
OPEN: Final = ("created", "pending", "action")
"""In these a payment may still bring money: no other is begun for the same thing."""


class AskedRefund(msgspec.Struct, frozen=True, kw_only=True):
    """A refund that staff asked for; `key` is its idempotency key, and `refused` what the gateway said against it.

    With a `reference` it was sent already, under that: the gateway is not asked.
    """

    key: str
    amount: int
    reason: str = ""
    by: str = ""
    at: datetime
    reference: str | None = None
    refused: str | None = None


class Payment(TenantDocument, kw_only=True):
    """One attempt, its id the idempotency key: `{tenant}:{n}` for period n's invoice, `{tenant}:{n}:2` the second.

    `created` is in doubt: the gateway may have been asked or not. `parts`, `refunds` and `disputes` are what has been
    booked. `amount` and `tax` are what was asked. `flags` say what a person should look at: `amount` and `currency`
    came other than asked, `late` after it was given up, `twice` for what was paid already, `owed` is to be sent back by
    hand. `changes` counts the writes; while `untold` not all have heard of the last, which was last tried at `told_at`.
    `customer` and `method` are what is charged and, of a payment that was asked to `keep` them, what was saved once it
    succeeded. `abandoned`: given up while it was open, so its page is closed, and what comes all the same goes back,
    or is `owed` where the gateway refuses. Amounts are minor units of `currency`, moments naive UTC.
    """

    id: str
    gateway: str
    purpose: Purpose
    subject: str
    attempt: int = 1
    by: By = "charge"
    amount: int
    tax: int = 0
    currency: str
    description: str = ""
    customer: str | None = None
    method: str | None = None
    email: str | None = None
    keep: bool = False

    state: PaymentState = "created"
    reference: str | None = None
    url: str | None = None
    reason: str | None = None
    parts: tuple[Part, ...] = ()
    fee: int | None = None
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    asked_refunds: tuple[AskedRefund, ...] = ()
    flags: tuple[str, ...] = ()
    changes: int = 0
    untold: bool = False
    abandoned: bool = False
    back: str | None = None
    created_at: datetime
    asked_at: datetime | None = None
    look_at: datetime | None = None
    told_at: datetime | None = None
    settled_at: datetime | None = None

    @property
    def is_open(self) -> bool:
        """Whether it may still be paid in the ordinary way."""
        return self.state in OPEN

    @property
    def is_underway(self) -> bool:
        """Whether money is on its way; or may be, where a gateway gave no answer about a charge."""
        return self.state == "pending" or (self.state == "created" and self.by == "charge")

    @property
    def was_refused(self) -> bool:
        """Whether what was charged by itself did not go through, or needs its payer."""
        return self.by == "charge" and self.state in {"failed", "action"}

    @property
    def received(self) -> int:
        """What came in."""
        return sum(part.amount for part in self.parts)

    @property
    def refunded(self) -> int:
        """What went back, or is on its way."""
        return sum(refund.amount for refund in self.refunds if refund.state != "failed")

    @property
    def withheld(self) -> int:
        """What disputes took, open ones and lost ones."""
        return sum(dispute.amount for dispute in self.disputes if dispute.state != "won")

    @property
    def is_paid(self) -> bool:
        """Whether all of it came in, as the gateway sees it."""
        return self.state == "succeeded" and self.received > 0

    @property
    def unanswered_refunds(self) -> list[AskedRefund]:
        """Refunds that were asked for and of which the gateway has said nothing yet."""
        keys, ids = {refund.key for refund in self.refunds}, {refund.id for refund in self.refunds}
        asked = (each for each in self.asked_refunds if each.refused is None)
        return [each for each in asked if each.key not in keys and each.reference not in ids]

    @property
    def kept(self) -> int:
        """What we have of it now."""
        return self.received - self.refunded - self.withheld

    @property
    def is_nobodys(self) -> bool:
        """Whether it brought money after its payer left, of which nothing was given back yet."""
        return self.abandoned and self.kept > 0 and not self.asked_refunds

    def order(self, tenant_id: str) -> Order:
        """What the gateway is asked, the same each time."""
        return Order(
            key=self.id,
            tenant_id=tenant_id,
            purpose=self.purpose,
            subject=self.subject,
            amount=self.amount,
            tax=self.tax,
            currency=self.currency,
            description=self.description,
            customer=self.customer,
            method=self.method,
            email=self.email,
            keep=self.keep,
        )


def payment_of(
    order: Order, *, gateway: str, by: By, now: datetime, attempt: int = 1, back: str | None = None
) -> Payment:
    """A new payment for an order."""
    fields = msgspec.structs.asdict(order)
    key = fields.pop("key")
    del fields["tenant_id"]
    return Payment(id=key, gateway=gateway, by=by, attempt=attempt, back=back, created_at=now, look_at=now, **fields)
