"""What an invoice is. Amounts are minor units of its currency, moments naive UTC."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final, Literal

from msgspec import Struct

from billing.contracts.model import BillTo, Tax
from billing.rating.model import Line
from storage.repository import TenantDocument

InvoiceKind = Literal["invoice", "credit_note"]
InvoiceState = Literal["draft", "issued", "paid", "void", "uncollectible"]
ISSUED: Final[tuple[InvoiceState, ...]] = ("issued", "paid", "uncollectible")
"""States with a number, in which what the document says does not change."""


class NoSuchInvoice(LookupError):
    """The tenant has no invoice of this id."""


class Issuer(Struct, frozen=True, kw_only=True):
    """Who the invoices are from. `id` leads their numbers, whose years are those of `zone`."""

    id: str = "MQ"
    name: str = ""
    address: str = ""
    email: str = ""
    tax_id: str = ""
    country: str = ""
    bank: str = ""
    zone: str = "UTC"


class TaxAmount(Struct, frozen=True, kw_only=True):
    """One tax of an invoice: `amount` on `base`, which is without it."""

    name: str
    rate_bps: int
    base: int
    amount: int


class CreditedLine(Struct, frozen=True):
    """How much a credit note takes back of the invoice's line at `place`, with its tax and after its discount."""

    place: int
    amount: int


class Invoice(TenantDocument, kw_only=True):
    """An invoice, its id the period's number, or a credit note to one (`3-c1`).

    `lines` add up to `subtotal - discount`; `total` is that with the taxes, which inclusive prices hold already. It is
    negative where more was advanced than came due: then it became credit. `credited` is what credit paid of it, or,
    negative, what was owed from before and is asked for with it; `paid` what came in, `refunded` what went back,
    `noted` what credit notes took off it while it was open, `carried` what was too small to be charged and is asked for
    with the next one, and `due` what is open; up to `too_small` its gateway has refused to charge. A credit note's
    amounts are positive; `of` is its invoice and `credited_lines` what it takes back of which. Of what is issued only
    state and payment change.
    """

    id: str
    kind: InvoiceKind = "invoice"
    state: InvoiceState = "draft"
    number: str | None = None
    n: int
    start: datetime
    end: datetime
    currency: str
    plan: str = ""
    lines: tuple[Line, ...] = ()
    subtotal: int = 0
    discount: int = 0
    taxes: tuple[TaxAmount, ...] = ()
    total: int = 0
    credited: int = 0
    paid: int = 0
    refunded: int = 0
    noted: int = 0
    carried: int = 0
    due: int = 0
    too_small: int = 0
    drafted_at: datetime
    issue_at: datetime
    issued_at: datetime | None = None
    due_at: datetime | None = None
    paid_at: datetime | None = None
    bill_to: BillTo = BillTo()
    issuer: Issuer = Issuer()
    tax: Tax = Tax()
    gateway: str = "manual"
    terms_days: int = 14
    of: str | None = None
    reason: str = ""
    credited_lines: tuple[CreditedLine, ...] = ()
    dunning: dict[str, Any] | None = None

    @property
    def tax_amount(self) -> int:
        """All taxes."""
        return sum(tax.amount for tax in self.taxes)

    @property
    def ref(self) -> str:
        """How the ledger's entries name it."""
        return ref_of(self.id)

    @property
    def is_issued(self) -> bool:
        """Whether it has a number."""
        return self.state in ISSUED


def ref_of(invoice_id: str) -> str:
    """How the ledger's entries name an invoice: `invoice:3`."""
    return f"invoice:{invoice_id}"
