"""What a viewer buys, and what a membership is. Every datetime is naive and means UTC; amounts are minor units."""

from __future__ import annotations

from datetime import datetime
from typing import Final, Literal

from accounts.model import ViewerId
from billing.calendar import Unit
from storage.repository import TenantDocument

Plan = Literal["monthly", "yearly"]
PLANS: Final[dict[Plan, Unit]] = {"monthly": "month", "yearly": "year"}
PurchaseState = Literal["open", "paid", "reversed", "dropped"]
Stopped = Literal["", "viewer", "refund", "dispute", "unpaid", "closed"]


class MembershipError(Exception):
    """What cannot be bought, redeemed or changed; the message is for the viewer."""


class NotSold(MembershipError):
    """The site does not sell this, or nobody can be paid here."""


class IdentityNeeded(MembershipError):
    """A guest who could not come back would lose what they paid for."""


class AlreadyMember(MembershipError):
    """The membership goes on by itself, so that it is not bought a second time."""


class NothingToRenew(MembershipError):
    """There is no membership that could go on."""


class BadGiftCode(MembershipError):
    """No gift of this site has the code, or it was redeemed by somebody else, or given back."""


class NoSuchPurchase(LookupError):
    """The viewer bought nothing of this id."""


class Purchase(TenantDocument, kw_only=True):
    """A month or a year of premium that somebody pays for once; every renewal is a purchase of its own.

    `buyer` pays and `holder` has it: of a gift nobody until it is redeemed by its `code`. Both are None once the person
    has left. `series` is the purchase that began a membership, of which this is period `n`. `kept` is how much of the
    `amount` (with its `tax`) has come and stayed; it buys that part of the time. `counts_from` is when it began to
    count, `[start, end)` the time that it gave its holder. `zone` is where its months end.
    """

    id: str
    plan: Plan
    gift: bool = False
    buyer: ViewerId | None
    holder: ViewerId | None
    renewal: bool = False
    series: str
    n: int = 0
    amount: int
    tax: int
    currency: str
    zone: str = "UTC"
    gateway: str
    state: PurchaseState = "open"
    kept: int = 0
    code: str | None = None
    created_at: datetime
    paid_at: datetime | None = None
    redeemed_at: datetime | None = None
    counts_from: datetime | None = None
    start: datetime | None = None
    end: datetime | None = None

    @property
    def ref(self) -> str:
        """What the ledger calls it."""
        return f"membership:{self.id}"


class Membership(TenantDocument, kw_only=True):
    """What a viewer has of all their purchases, under the viewer's id.

    While it `renews`, `amount` is charged by the saved way to pay once `renew_at` has come, or the viewer is reminded.
    `stopped` says why it does not any more. `refusal` is what the gateway said to the last attempt. While `ungranted`
    the viewer's role does not yet say what `paid_until` says. `revision` counts the writes.
    """

    id: ViewerId
    plan: Plan | None = None
    series: str | None = None
    n: int = 0
    amount: int = 0
    tax: int = 0
    currency: str = ""
    gateway: str = ""
    customer: str | None = None
    method: str | None = None
    renews: bool = False
    renew_at: datetime | None = None
    stopped: Stopped = ""
    refusal: str = ""
    paid_until: datetime | None = None
    ungranted: bool = False
    revision: int = 0

    @property
    def can_be_charged(self) -> bool:
        """Whether it goes on without the viewer."""
        return self.customer is not None and self.method is not None

    def is_live(self, now: datetime) -> bool:
        """Whether something that was paid for still holds."""
        return self.paid_until is not None and self.paid_until > now
