"""A transfer that came back: it is booked back once, and the operator is still to be paid, by hand.

It is not sent again by itself: whoever reversed it, a person or Stripe, had a reason.
"""

from __future__ import annotations

import logging
from typing import Final

from billing.gateways.protocol import Outcome
from billing.ledger.ledger import Ledger
from billing.payments.applying import Mismatch
from billing.payments.cashier import Cashier
from billing.settlements.reckoning import reversed_entry
from billing.settlements.repository import PayoutRepository
from storage.audit import Actor
from storage.errors import Conflict
from storage.moments import moment
from storage.scope import TenantScope
from storage.system import SystemStore
from storage.transactions import all_or_none

PAYOUT: Final = "payout"
"""The purpose of a transfer."""
_ACTOR: Final = Actor("job", "payments")
log = logging.getLogger("marquee.billing")


async def transfer_changed(cashier: Cashier, outcome: Outcome) -> bool:
    """Books what came back of a payout since it was heard of last; whether anything had.

    Raises Mismatch where the transfer is of no payout of ours. One that is not in our books as sent is left to whoever
    sends it, who is told the same.
    """
    scope = await SystemStore(cashier.database).tenant_scope(outcome.tenant_id) if outcome.tenant_id else None
    payout_id = outcome.key.removeprefix(f"{outcome.tenant_id}:payout:")
    payout = None if scope is None else await PayoutRepository(cashier.database, scope).get(payout_id)
    if scope is None or payout is None or outcome.currency != payout.currency:
        raise Mismatch(f"{outcome.gateway} {outcome.reference} is no payout of ours")
    if payout.state == "due":
        return False
    if payout.reference != outcome.reference:
        raise Mismatch(f"{outcome.gateway} {outcome.reference} is not what payout {payout_id} was sent by")
    return await book_reversal(cashier, scope, payout_id, sum(each.amount for each in outcome.refunds))


async def book_reversal(cashier: Cashier, scope: TenantScope, payout_id: str, reversed_amount: int) -> bool:
    """Books that so much has come back of a payout in all; False where that is known, or another was first."""
    now = moment(cashier.clock())

    async def work() -> bool:
        payouts = PayoutRepository(cashier.database, scope)
        payout = await payouts.get(payout_id)
        if payout is None or payout.state == "due" or reversed_amount <= payout.reversed_amount:
            return False
        fields = {"state": "reversed", "reversed_amount": reversed_amount, "reason": "the transfer was reversed"}
        if not await payouts.after_sending(payout, **fields):
            raise Conflict("the payout changed meanwhile")
        return await Ledger(cashier.database).post(scope, reversed_entry(payout, reversed_amount, now))

    try:
        booked = await all_or_none(cashier.database, work)
    except Conflict:
        return False
    if booked:
        log.error("payout %s of %s came back: it is to be paid by hand", payout_id, scope.tenant_id)
        await cashier.audit.record(scope, _ACTOR, "payout.reversed", payout_id, {"amount": reversed_amount})
    return booked
