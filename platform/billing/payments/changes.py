"""What an outcome tells that a payment does not know yet: a pure decision, made before anything is written."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Final, TypeVar

import msgspec

from billing.gateways.protocol import Dispute, Outcome, Part, Refund
from billing.payments.model import Payment, PaymentState

Kept = TypeVar("Kept", Refund, Dispute)
IN_DOUBT: Final = timedelta(minutes=1)
UNDER_WAY: Final = timedelta(minutes=15)
AWAITED: Final = timedelta(hours=1)


class News(msgspec.Struct, frozen=True, kw_only=True):
    """What is to be booked. `disputes` are (as it was, as it is); the first is None for a new one."""

    parts: tuple[Part, ...] = ()
    fee: int = 0
    refunds: tuple[Refund, ...] = ()
    failed_refunds: tuple[Refund, ...] = ()
    disputes: tuple[tuple[Dispute | None, Dispute], ...] = ()

    @property
    def moves_money(self) -> bool:
        """Whether anything is to be booked that others have to hear of."""
        return bool(self.parts or self.refunds or self.failed_refunds or self.disputes)


def compared(payment: Payment, outcome: Outcome, now: datetime) -> tuple[Payment, News]:
    """The payment as it is afterwards, and what is to be booked. The same outcome a second time brings nothing."""
    if outcome.parts and outcome.currency != payment.currency:
        # Money of another currency is in none of the tenant's accounts: a person has to look at it.
        return flagged(_moved_on(payment, outcome, now), ("currency",)), News()
    news = News(
        parts=tuple(part for part in outcome.parts if part.id not in {each.id for each in payment.parts}),
        fee=outcome.fee or 0 if payment.fee is None else 0,
        refunds=_new_refunds(payment, outcome),
        failed_refunds=_failed_refunds(payment, outcome),
        disputes=_new_disputes(payment, outcome),
    )
    flags = ["late"] if news.parts and payment.state == "failed" else []
    after = msgspec.structs.replace(
        _moved_on(payment, outcome, now),
        parts=(*payment.parts, *news.parts),
        fee=outcome.fee if payment.fee is None else payment.fee,
        refunds=_merged(payment.refunds, tuple(_failed_stays(payment, each) for each in outcome.refunds)),
        disputes=_merged(payment.disputes, tuple(_settled(payment, each) for each in outcome.disputes)),
    )
    if after.is_paid and after.received != after.amount:
        flags.append("amount")
    after = flagged(after, flags)
    return msgspec.structs.replace(after, look_at=next_look(after, now)), news


def next_look(payment: Payment, now: datetime) -> datetime | None:
    """When to ask the gateway again by ourselves; None when nothing is awaited any more."""
    if payment.state == "created" or payment.unanswered_refunds or payment.is_nobodys:
        return now + IN_DOUBT
    if payment.is_open:
        return now + UNDER_WAY
    awaited = payment.parts and payment.fee is None
    awaited = awaited or any(refund.state == "pending" for refund in payment.refunds)
    return now + AWAITED if awaited or any(each.state == "open" for each in payment.disputes) else None


def _moved_on(payment: Payment, outcome: Outcome, now: datetime) -> Payment:
    state = _next_state(payment.state, outcome)
    settled = now if state == "succeeded" and payment.settled_at is None else payment.settled_at
    open_now = state in {"pending", "action"}
    has_saved = payment.keep and state == "succeeded" and outcome.method is not None
    return msgspec.structs.replace(
        payment,
        state=state,
        reference=outcome.reference or payment.reference,
        url=outcome.url if open_now else None,
        reason=outcome.reason if state != "succeeded" else None,
        settled_at=settled,
        # Needed for asking alone, and no one's business afterwards.
        email=payment.email if open_now else None,
        customer=outcome.customer if has_saved else payment.customer,
        method=outcome.method if has_saved else payment.method,
    )


def _next_state(before: PaymentState, outcome: Outcome) -> PaymentState:
    """What is closed stays so, whatever an older answer says; only money that came after all opens its eyes."""
    if before == "succeeded" or (before == "failed" and outcome.state != "succeeded"):
        return before
    return outcome.state


def _new_refunds(payment: Payment, outcome: Outcome) -> tuple[Refund, ...]:
    known = {refund.id for refund in payment.refunds if refund.state != "failed"}
    failed = {refund.id for refund in payment.refunds if refund.state == "failed"}
    return tuple(each for each in outcome.refunds if each.state != "failed" and each.id not in known | failed)


def _failed_refunds(payment: Payment, outcome: Outcome) -> tuple[Refund, ...]:
    booked = {refund.id for refund in payment.refunds if refund.state != "failed"}
    return tuple(each for each in outcome.refunds if each.state == "failed" and each.id in booked)


def _failed_stays(payment: Payment, refund: Refund) -> Refund:
    """An answer that was given before a refund failed, and arrives after, does not make it good again."""
    was = next((each for each in payment.refunds if each.id == refund.id), None)
    return was if was is not None and was.state == "failed" else refund


def _new_disputes(payment: Payment, outcome: Outcome) -> tuple[tuple[Dispute | None, Dispute], ...]:
    known = {dispute.id: dispute for dispute in payment.disputes}
    changed = [(known.get(each.id), _settled(payment, each)) for each in outcome.disputes]
    return tuple((was, now) for was, now in changed if was != now)


def _settled(payment: Payment, dispute: Dispute) -> Dispute:
    """A dispute that ended stays ended, its amount and the fee that was booked stay what they were."""
    was = next((each for each in payment.disputes if each.id == dispute.id), None)
    if was is None:
        return dispute
    state = was.state if was.state != "open" else dispute.state
    return Dispute(dispute.id, was.amount, state, was.fee or dispute.fee)


def _merged(known: Iterable[Kept], told: Iterable[Kept]) -> tuple[Kept, ...]:
    return tuple(({each.id: each for each in known} | {each.id: each for each in told}).values())


def flagged(payment: Payment, flags: Iterable[str]) -> Payment:
    """The payment with these flags, too."""
    return msgspec.structs.replace(payment, flags=tuple(dict.fromkeys((*payment.flags, *flags))))
