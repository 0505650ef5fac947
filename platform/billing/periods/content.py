"""What an invoice says, from what its period came to."""

from __future__ import annotations

from datetime import datetime, timedelta

import msgspec

from billing.contracts.model import Contract
from billing.invoices.model import Invoice, Issuer, TaxAmount
from billing.periods.facts import Asking
from billing.rating import Rated


def invoice_of(asked: Asking, made: Rated, issuer: Issuer, *, drafted_at: datetime, grace: timedelta) -> Invoice:
    """The draft of the period's invoice; it may be issued once its grace is over."""
    contract = asked.contract
    period = contract.period(asked.n)
    end = contract.closing_of(asked.n) or period.end
    # The terms of the time that is billed, not those that begin with its end; an opening bill has only the latter.
    is_opening = any(away.n == asked.n for away in contract.away)
    phase = (None if is_opening else contract.last_phase(asked.n)) or contract.phase_at(end)
    invoice = Invoice(
        id=str(asked.n),
        n=asked.n,
        start=period.start,
        end=end,
        currency=contract.currency,
        plan="" if phase is None else phase.plan,
        drafted_at=drafted_at,
        issue_at=end + grace,
        issuer=issuer,
        tax=contract.tax,
    )
    return reckoned(invoice, contract, made)


def reckoned(invoice: Invoice, contract: Contract, made: Rated) -> Invoice:
    """The invoice with what its period came to, and whom and how the contract says now that it is to be paid."""
    return msgspec.structs.replace(
        invoice,
        lines=made.lines,
        subtotal=made.subtotal,
        discount=made.discount,
        taxes=_taxes(contract, made),
        total=made.total,
        due=max(0, made.total),
        bill_to=contract.bill_to,
        gateway=contract.gateway,
        terms_days=contract.terms_days,
    )


def as_drafted(contract: Contract, invoice: Invoice) -> Contract:
    """The contract with the tax that its draft was made with: a later one is for later bills."""
    return msgspec.structs.replace(contract, tax=invoice.tax)


def _taxes(contract: Contract, made: Rated) -> tuple[TaxAmount, ...]:
    tax = contract.tax
    if tax.reverse_charge or not tax.rate_bps:
        return ()
    return (TaxAmount(name=tax.name, rate_bps=tax.rate_bps, base=made.total - made.tax, amount=made.tax),)
