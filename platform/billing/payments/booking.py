"""Books what is new of a payment: the payment, its entries and its invoice change in one transaction or not at all."""

from __future__ import annotations

from datetime import datetime

import msgspec

from billing.gateways.protocol import Dispute, Outcome, Part, Refund
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.ledger.accounts import BAD_DEBT, CREDIT, RECEIVABLE
from billing.ledger.credit import take_hold
from billing.ledger.ledger import Ledger
from billing.ledger.model import Leg
from billing.ledger.repository import EntryRepository
from billing.payments import postings
from billing.payments.changes import News, compared
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from storage.errors import Conflict
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none

_TRIES = 5


async def book(database: Database, scope: TenantScope, payment_id: str, outcome: Outcome, now: datetime) -> Payment:
    """The payment after what the outcome brought is booked. Raises LookupError where there is no such payment."""
    before = await PaymentRepository(database, scope).get(payment_id)
    if before is not None and is_known(before, outcome, now):
        # Most of what reconciling and repeated webhooks bring: no transaction is needed to leave it as it is.
        return before
    for _ in range(_TRIES - 1):
        try:
            return await all_or_none(database, lambda: _Booking(database, scope, now).write(payment_id, outcome))
        except Conflict:
            # Another process booked the same at the same moment: what it wrote is read now.
            continue
    return await all_or_none(database, lambda: _Booking(database, scope, now).write(payment_id, outcome))


def is_known(payment: Payment, outcome: Outcome, now: datetime) -> bool:
    """Whether the outcome tells nothing that the payment does not say already."""
    return _is_same(payment, compared(payment, outcome, now)[0])


def _is_same(before: Payment, after: Payment) -> bool:
    return msgspec.structs.replace(after, look_at=before.look_at) == before


class _Booking:
    """One transaction's work."""

    def __init__(self, database: Database, scope: TenantScope, now: datetime) -> None:
        self._database = database
        self._scope = scope
        self._now = now
        self._ledger = Ledger(database)
        self._invoices = InvoiceRepository(database, scope)
        self._invoice: Invoice | None = None

    async def write(self, payment_id: str, outcome: Outcome) -> Payment:
        payments = PaymentRepository(self._database, self._scope)
        before = await payments.get(payment_id)
        if before is None:
            raise LookupError(payment_id)
        after, news = compared(before, outcome, self._now)
        if _is_same(before, after):
            return before
        if before.purpose == "invoice":
            self._invoice = await self._invoices.get(before.subject)
        flags = tuple(dict.fromkeys((*after.flags, *await self._book(before, news))))
        is_news = news.moves_money or (before.is_underway and after.was_refused)
        after = msgspec.structs.replace(after, untold=before.untold or is_news, flags=flags)
        if not await payments.replace(before, after):
            raise Conflict("the payment changed meanwhile")
        return msgspec.structs.replace(after, changes=before.changes + 1)

    async def _book(self, payment: Payment, news: News) -> list[str]:
        flags: list[str] = []
        received = payment.received
        for part in news.parts:
            legs, twice = self._for_what(payment, part, received)
            flags += ["twice"] if twice else []
            await self._ledger.post(self._scope, postings.came_in(payment, part, legs, self._now))
            received += part.amount
        if news.fee:
            subject = payment.reference or payment.id if not news.parts else news.parts[0].id
            await self._ledger.post(self._scope, postings.fee(payment, subject, news.fee, self._now))
        taken = payment.refunded + sum(each.amount for each in payment.disputes if each.state == "lost")
        for refund in news.refunds:
            legs = await self._of_what(payment, refund.amount, taken, credit_first=True)
            await self._ledger.post(self._scope, postings.refunded(payment, refund, legs, self._now))
            taken += refund.amount
        for refund in news.failed_refunds:
            await self._failed(payment, refund)
        for was, dispute in news.disputes:
            taken += await self._dispute(payment, was, dispute, taken)
        if self._invoice is not None and news.moves_money:
            invoice = self._invoice
            await self._invoices.book(
                invoice.id,
                paid=invoice.paid,
                refunded=invoice.refunded,
                due=invoice.due,
                state=invoice.state,
                paid_at=invoice.paid_at,
            )
        return flags

    def _for_what(self, payment: Payment, part: Part, received: int) -> tuple[list[Leg], bool]:
        """Which accounts a part is for; what the invoice does not need is the tenant's credit."""
        if payment.purpose == "membership":
            return postings.viewers_legs(payment, received, part.amount), False
        invoice = self._invoice
        if invoice is None or not invoice.is_issued:
            return [Leg(CREDIT, -part.amount)], True
        owed = min(part.amount, max(invoice.due, 0))
        due = invoice.due - owed
        paid = owed > 0 and due == 0
        self._invoice = _with(
            invoice,
            paid=invoice.paid + owed,
            due=due,
            state="paid" if paid else invoice.state,
            paid_at=self._now if paid else invoice.paid_at,
        )
        return [Leg(_owing(invoice), -owed), Leg(CREDIT, owed - part.amount)], owed == 0

    async def _of_what(self, payment: Payment, amount: int, taken: int, *, credit_first: bool) -> list[Leg]:
        """Which accounts bear what goes back: a viewer's membership; the tenant's credit, then its invoice."""
        if payment.purpose == "membership":
            return postings.viewers_reversal(payment, taken, amount)
        credit = await take_hold(self._database, self._scope)
        from_credit = min(amount, max(0, credit)) if credit_first else 0
        invoice = self._invoice
        reopened = 0 if invoice is None else min(amount - from_credit, max(0, invoice.paid - invoice.refunded))
        account = RECEIVABLE if invoice is None else _owing(invoice)
        self._reopen(reopened)
        return [Leg(account, reopened), Leg(CREDIT, amount - reopened)]

    async def _failed(self, payment: Payment, refund: Refund) -> None:
        booked = await EntryRepository(self._database, self._scope).get(postings.refund_id(payment, refund))
        if booked is None:
            return
        legs = [Leg(leg.account, -leg.amount) for leg in booked.legs]
        invoice = self._invoice
        if invoice is not None:
            # It may have been paid, credited or written off since: it takes what it still needs, credit the rest.
            reopened = booked.amount_on(RECEIVABLE) + booked.amount_on(BAD_DEBT)
            owed = min(reopened, max(invoice.due, 0))
            kept = [leg for leg in legs if leg.account not in (RECEIVABLE, BAD_DEBT)]
            legs = [*kept, Leg(_owing(invoice), -owed), Leg(CREDIT, owed - reopened)]
            self._reopen(-owed)
        await self._ledger.post(self._scope, postings.came_back(payment, refund, legs, self._now))

    async def _dispute(self, payment: Payment, was: Dispute | None, dispute: Dispute, taken: int) -> int:
        """Books a dispute's steps; gives how much of the payment is gone for good by it."""
        if was is None:
            await self._ledger.post(self._scope, postings.withheld(payment, dispute, self._now))
        if dispute.fee and (was is None or not was.fee):
            await self._ledger.post(self._scope, postings.fee(payment, dispute.id, dispute.fee, self._now))
        ended = was is None or was.state == "open"
        if dispute.state == "won" and ended:
            await self._ledger.post(self._scope, postings.won(payment, dispute, self._now))
        if dispute.state == "lost" and ended:
            legs = await self._of_what(payment, dispute.amount, taken, credit_first=False)
            await self._ledger.post(self._scope, postings.lost(payment, dispute, legs, self._now))
            return dispute.amount
        return 0

    def _reopen(self, amount: int) -> None:
        invoice = self._invoice
        if invoice is None or amount == 0:
            return
        due = invoice.due + amount
        state = invoice.state
        if due == 0 or state != "uncollectible":
            state = "issued" if due > 0 else "paid"
        self._invoice = _with(
            invoice,
            refunded=invoice.refunded + amount,
            due=due,
            state=state,
            paid_at=None if due > 0 else invoice.paid_at or self._now,
        )


def _owing(invoice: Invoice) -> str:
    """The account that what is due of it stands on."""
    return BAD_DEBT if invoice.state == "uncollectible" else RECEIVABLE


def _with(invoice: Invoice, **fields: object) -> Invoice:
    return msgspec.structs.replace(invoice, **fields)
