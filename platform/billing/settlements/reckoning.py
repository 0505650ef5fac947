"""What a statement says, from what the ledger says: pure."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec

from billing.calendar import Period
from billing.contracts.model import Contract
from billing.invoices.model import Issuer
from billing.ledger.accounts import CASH_BANK, CASH_STRIPE, FEES_GATEWAY, INCOME_SHARE, MEMBERSHIPS, PAYABLE, PAYOUTS
from billing.ledger.model import Entry, Leg, entry
from billing.plans.model import Plan
from billing.rating import Line, Span, charges, share_after
from billing.settlements.model import Payout, Statement, Totals


def share_lines(
    contract: Contract, plans: Mapping[str, Plan], period: Period, holds: Sequence[Span], revenue: int
) -> tuple[Line, ...]:
    """The platform's share by the bands of the plan. Raises BadTerms.

    Where more went back than came in, the share of it is turned back by the same bands. What moves while the contract
    has ended is shared as when it ended.
    """
    if contract.absence(period.n) is None:
        lines = charges(contract, plans, period, holds=holds, revenue=abs(revenue)).share
    else:
        lines = share_after(contract, plans, period, abs(revenue))
    return lines if revenue >= 0 else tuple(_turned(line) for line in lines)


def _turned(line: Line) -> Line:
    revenue = line.params.get("revenue")
    params = {**line.params, "revenue": -revenue} if isinstance(revenue, int) else line.params
    return msgspec.structs.replace(line, params=params, amount=-line.amount)


def statement_of(
    contract: Contract,
    period: Period,
    plan: Plan | None,
    *,
    tenant_id: str,
    until: Totals,
    previous: Statement | None,
    shares: tuple[Line, ...],
    least: int,
    payout_to: str,
    issuer: Issuer,
    now: datetime,
) -> Statement:
    """The statement of the period. Who shares revenue bears no fees: the platform's share pays them."""
    figures = until if previous is None else until.since(previous.until)
    share = sum(line.amount for line in shares)
    fees = 0 if plan is not None and plan.kind == "rev_share" else figures.fees
    result = figures.revenue - share - fees
    carried = 0 if previous is None else previous.carry
    balance = carried + result
    return Statement(
        id=period.n,
        number=f"{issuer.id}-S-{tenant_id}-{period.n}",
        start=period.start,
        end=contract.closing_of(period.n) or period.end,
        made_at=now,
        currency=contract.currency,
        plan="" if plan is None else plan.ref,
        figures=figures,
        until=until,
        shares=shares,
        share=share,
        fees=fees,
        result=result,
        carried=carried,
        balance=balance,
        paid_out=str(period.n) if balance >= max(least, 1) else None,
        payout_to=payout_to,
        bill_to=contract.bill_to,
        issuer=issuer,
    )


def statement_entry(statement: Statement) -> Entry | None:
    """What is settled of viewers' money: the platform's share, the fees that it laid out, and the operator's rest."""
    legs = [
        Leg(MEMBERSHIPS, statement.figures.revenue),
        Leg(INCOME_SHARE, -statement.share),
        Leg(FEES_GATEWAY, -statement.fees),
        Leg(PAYABLE, -statement.result),
    ]
    if not any(leg.amount for leg in legs):
        return None
    name = f"statement:{statement.id}"
    return entry(name, at=statement.made_at, ref=name, currency=statement.currency, legs=legs)


def payout_of(statement: Statement) -> Payout | None:
    """The payout of a statement, if it has one."""
    if statement.paid_out is None:
        return None
    return Payout(
        id=statement.paid_out,
        amount=statement.balance,
        currency=statement.currency,
        to=statement.payout_to,
        created_at=statement.made_at,
        try_at=statement.made_at,
    )


def payout_entry(payout: Payout) -> Entry:
    """It is on its way."""
    name = f"payout:{payout.id}"
    legs = [Leg(PAYABLE, payout.amount), Leg(PAYOUTS, -payout.amount)]
    return entry(name, at=payout.created_at, ref=name, currency=payout.currency, legs=legs)


def sent_entry(payout: Payout, cash: str, at: datetime) -> Entry:
    """It has left."""
    legs = [Leg(PAYOUTS, payout.amount), Leg(cash, -payout.amount)]
    return entry(f"payout-sent:{payout.id}", at=at, ref=f"payout:{payout.id}", currency=payout.currency, legs=legs)


def reversed_entry(payout: Payout, reversed_amount: int, at: datetime) -> Entry:
    """It came back: named by how much has in all, so that each time has an entry of its own."""
    back = reversed_amount - payout.reversed_amount
    legs = [Leg(CASH_STRIPE, back), Leg(PAYOUTS, -back)]
    name = f"payout-reversed:{payout.id}:{reversed_amount}"
    return entry(name, at=at, ref=f"payout:{payout.id}", currency=payout.currency, legs=legs)


def repaid_entry(payout: Payout, at: datetime) -> Entry:
    """What came back was paid by hand."""
    legs = [Leg(PAYOUTS, payout.open), Leg(CASH_BANK, -payout.open)]
    name = f"payout-repaid:{payout.id}:{payout.reversed_amount}"
    return entry(name, at=at, ref=f"payout:{payout.id}", currency=payout.currency, legs=legs)
