"""What a statement and a payout are. Amounts are minor units of the tenant's currency, moments naive UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Literal

from msgspec import Struct

from billing.contracts.model import BillTo
from billing.invoices.model import Issuer
from billing.rating.model import Line
from storage.repository import TenantDocument

PayoutState = Literal["due", "sent", "paid", "reversed"]


class NoSuchStatement(LookupError):
    """The tenant has no statement of this number."""


class NoSuchPayout(LookupError):
    """The tenant has no payout of this id."""


class PayoutUnderWay(Exception):
    """The gateway was asked to send it, or it was paid: it is not to be paid a second time."""


class Totals(Struct, frozen=True, kw_only=True):
    """What the ledger says of viewers' money. `gross` is without `tax`; `refunds` and `disputes` are parts of it."""

    sales: int = 0
    gross: int = 0
    tax: int = 0
    refunds: int = 0
    disputes: int = 0
    fees: int = 0

    @property
    def revenue(self) -> int:
        """What stayed."""
        return self.gross - self.refunds - self.disputes

    def since(self, before: Totals) -> Totals:
        """What came after."""
        return Totals(**{name: getattr(self, name) - getattr(before, name) for name in self.__struct_fields__})


class Statement(TenantDocument, kw_only=True):
    """The settlement of period n, its id; there is one a period, and it is never changed.

    `figures` are those of the period, `until` all since the first day: the next statement's begin where this one's end,
    so that nothing is settled twice and nothing that was booked late is lost. `shares` are the platform's, in all
    `share`, and negative where more went back than came. `fees` are the gateway's as far as the operator bears them.
    `result` is the period's, `balance` that with what was `carried` over; it is in the payout `paid_out`, or carried
    on.
    """

    id: int
    number: str
    start: datetime
    end: datetime
    made_at: datetime
    currency: str
    plan: str
    figures: Totals
    until: Totals
    shares: tuple[Line, ...] = ()
    share: int = 0
    fees: int = 0
    result: int
    carried: int = 0
    balance: int
    paid_out: str | None = None
    payout_to: str = ""
    bill_to: BillTo = BillTo()
    issuer: Issuer = Issuer()

    @property
    def carry(self) -> int:
        """What the next one begins with."""
        return 0 if self.paid_out else self.balance


class Repaid(Struct, frozen=True):
    """What staff paid by hand of what came back, under the bank's reference."""

    reference: str
    amount: int


class Payout(TenantDocument, kw_only=True):
    """Money for the operator, by the statement's number: `due`, `sent` by a gateway, or `paid` as staff say.

    `account` is that of the gateway which was asked, from before it was asked; `reason` what it said against it.
    `reversed` is one that came back, `reversed_amount` of it in all: staff pay that by hand, which `repaid` tells.
    """

    id: str
    amount: int
    currency: str
    state: PayoutState = "due"
    to: str = ""
    account: str | None = None
    reference: str | None = None
    reason: str = ""
    created_at: datetime
    try_at: datetime | None = None
    paid_at: datetime | None = None
    by: str = ""
    reversed_amount: int = 0
    repaid: tuple[Repaid, ...] = ()

    @property
    def open(self) -> int:
        """What the operator has still to get of it."""
        back = self.reversed_amount - sum(each.amount for each in self.repaid)
        return self.amount if self.state == "due" else back
