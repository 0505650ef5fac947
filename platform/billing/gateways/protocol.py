"""What a gateway is: it moves money and says what became of it. The books are ours, never the gateway's.

Amounts are integers in minor units of an ISO 4217 currency; moments are naive UTC.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from datetime import datetime
from typing import Literal, Protocol

from msgspec import Struct

from billing.gateways.remarks import Remark

Purpose = Literal["invoice", "membership"]
State = Literal["pending", "action", "succeeded", "failed"]
DisputeState = Literal["open", "won", "lost"]


class GatewayError(Exception):
    """What a gateway did not do."""


class GatewayUnavailable(GatewayError):
    """No answer, or none that says what happened: what was asked may or may not have been done. Look it up."""


class GatewayRefused(GatewayError):
    """The gateway understood the request and did not do it. Nothing was moved."""


class AmountTooSmall(GatewayRefused):
    """Less than the gateway's minimum, converted into the currency in which it settles."""


class UnknownObject(GatewayRefused):
    """The gateway has no such object."""


class Unsupported(GatewayRefused):
    """This gateway has no such thing: a bank by hand charges nobody."""


class BadWebhook(GatewayError):
    """What was posted is not from the gateway, too old, from the future, or cannot be read."""


class Order(Struct, frozen=True, kw_only=True):
    """What somebody is to pay.

    `key` is the idempotency key and the id of our own payment document; `subject` is the id of the invoice or of the
    purchase; `tax` the part of the amount that is tax (memberships). `customer` and `method` are the gateway's ids.
    `keep`: who pays on the gateway's page agrees to be charged again, so the way to pay is saved where it can be.
    """

    key: str
    tenant_id: str
    purpose: Purpose
    subject: str
    amount: int
    currency: str
    description: str
    tax: int = 0
    customer: str | None = None
    method: str | None = None
    email: str | None = None
    keep: bool = False


class Part(Struct, frozen=True):
    """Money that came in, once, under the gateway's own id for it."""

    id: str
    amount: int


class Refund(Struct, frozen=True):
    """Money that went back; `state` failed means that it came back to us. `key` is the one that we asked under."""

    id: str
    amount: int
    state: Literal["pending", "succeeded", "failed"] = "succeeded"
    key: str | None = None


class Dispute(Struct, frozen=True):
    """A payment that the payer's bank takes back. While `open` the amount is withheld. `fee` is what it cost us."""

    id: str
    amount: int
    state: DisputeState
    fee: int = 0


class Outcome(Struct, frozen=True, kw_only=True):
    """The present state of a payment at its gateway; all lists are cumulative.

    `reference` is the gateway's id for it. `amount` and `currency` are what really came, in `parts`; before anything
    came, the amount that was asked. `fee` is None until the gateway has told it. `url` is where the payer goes on when
    the state is `action` (or `pending` with a page to pay on). `tenant_id`, `purpose`, `subject` and `key` are what the
    object at the gateway says of itself: empty where it is none of ours. Of a transfer to an operator the purpose is
    `payout`, and what was reversed of it stands in `refunds`. `customer` and `method` were saved for later.
    """

    gateway: str
    reference: str
    state: State
    amount: int
    currency: str
    parts: tuple[Part, ...] = ()
    fee: int | None = None
    refunds: tuple[Refund, ...] = ()
    disputes: tuple[Dispute, ...] = ()
    purpose: str = ""
    tenant_id: str = ""
    subject: str = ""
    key: str = ""
    url: str | None = None
    reason: str | None = None
    customer: str | None = None
    method: str | None = None


class Payer(Struct, frozen=True, kw_only=True):
    """Whose way to pay is to be saved: a tenant (its invoices are charged by it), by our name and e-mail for it."""

    key: str
    tenant_id: str
    name: str = ""
    email: str | None = None
    customer: str | None = None


class Saving(Struct, frozen=True, kw_only=True):
    """The saving of a way to pay: the payer goes to `url`; once it succeeded there is a customer and a method."""

    reference: str
    tenant_id: str
    state: State
    url: str | None = None
    customer: str | None = None
    method: str | None = None


class Transfer(Struct, frozen=True, kw_only=True):
    """A payout: `account` is the receiver's at the gateway, `key` the idempotency key and our payout's id."""

    key: str
    tenant_id: str
    account: str
    amount: int
    currency: str
    description: str = ""


class Transferred(Struct, frozen=True):
    """A payout that the gateway has taken. `reversed_amount` has come back since."""

    reference: str
    amount: int
    currency: str
    reversed_amount: int = 0


class GatewayEvent(Struct, frozen=True):
    """News of a verified webhook: about which object, never what it says of it. None: about nothing that we follow."""

    id: str
    kind: str
    reference: str | None
    at: datetime


class Gateway(Protocol):
    """One service. Every verb but `event` may raise GatewayUnavailable; asking again under the same key is safe."""

    @property
    def name(self) -> str:
        """As in settings, ledger accounts (`cash.<name>`) and addresses: stripe, btcpay, manual."""
        ...

    @property
    def charges(self) -> bool:
        """Whether `charge` can take money from a saved method without the payer."""
        ...

    @property
    def pages(self) -> bool:
        """Whether `checkout` can open a page to pay on."""
        ...

    async def charge(self, order: Order) -> Outcome:
        """Takes the money from the saved method. A decline is an Outcome `failed`, authentication is `action`.

        Raises GatewayRefused, AmountTooSmall, Unsupported.
        """
        ...

    async def checkout(self, order: Order, *, back: str) -> Outcome:
        """Opens the gateway's own page to pay on (`url`); the payer comes back to `back`.

        Raises GatewayRefused, AmountTooSmall.
        """
        ...

    async def look_up(self, reference: str) -> Outcome:
        """The present state. Raises UnknownObject."""
        ...

    async def find(self, order: Order) -> Outcome | None:
        """The payment made under the order's key, found by what it says of itself; None where there is none."""
        ...

    async def cancel(self, reference: str) -> Outcome:
        """Lets nobody pay it any more, and gives what became of it: it may have been paid just before."""
        ...

    async def refund(self, reference: str, amount: int, key: str) -> Refund:
        """Gives back so much of a payment. Raises GatewayRefused (more than there is), Unsupported."""
        ...

    async def save_method(self, payer: Payer, *, back: str) -> Saving:
        """Opens the gateway's page that saves a way to pay. Raises GatewayRefused, Unsupported."""
        ...

    async def saved(self, reference: str) -> Saving:
        """What became of a saving. Raises UnknownObject, Unsupported."""
        ...

    async def transfer(self, transfer: Transfer) -> Transferred:
        """Pays out. Raises GatewayRefused, Unsupported."""
        ...

    def event(self, body: bytes, headers: Mapping[str, str], now: float) -> GatewayEvent:
        """The news in a webhook's raw body; header names are lower case. Raises BadWebhook."""
        ...

    def recent(self, since: datetime) -> AsyncIterator[Outcome]:
        """The present state of every payment that was begun there since, ours or not."""
        ...

    async def examine(self, webhook: str) -> tuple[Remark, ...]:
        """Looks, without changing anything, at the key, what it may do, and whether news is posted to `webhook`.

        Never raises: no answer is a remark, too.
        """
        ...

    async def close(self) -> None:
        """Ends its connections."""
        ...
