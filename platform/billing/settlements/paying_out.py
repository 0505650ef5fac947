"""Payouts: sent to the operator's account at Stripe where there is one, or paid by hand as staff say. Each once."""

from __future__ import annotations

import logging
from datetime import timedelta
from operator import itemgetter
from typing import Final

import msgspec

from billing.gateways.protocol import Gateway, GatewayRefused, GatewayUnavailable, Transfer
from billing.ledger.accounts import CASH_BANK, CASH_STRIPE
from billing.ledger.ledger import Ledger
from billing.payments.lanes import in_lanes
from billing.settlements.desk import Desk
from billing.settlements.model import NoSuchPayout, Payout, PayoutState, PayoutUnderWay, Repaid
from billing.settlements.reckoning import repaid_entry, sent_entry
from billing.settlements.repository import PayoutRepository, due_payouts
from billing.settlements.reversing import book_reversal
from storage.audit import Actor
from storage.errors import Conflict, StorageUnavailable
from storage.scope import TenantScope
from storage.transactions import all_or_none

STRIPE: Final = "stripe"
MOST: Final = 500
# What a gateway refused it refuses again for a day under the same key.
_AFTER_REFUSAL: Final = timedelta(hours=25)
_SOON: Final = timedelta(hours=1)
log = logging.getLogger("marquee.billing")


async def pay_out(desk: Desk, *, limit: int = MOST) -> int:
    """Sends what is due to operators with an account at Stripe; how many were sent."""
    gateway = desk.cashier.gateways.get(STRIPE)
    if gateway is None:
        return 0

    async def one(place: tuple[str, str]) -> bool:
        owner, payout_id = place
        scope = desk.system.owner_scope(owner)
        try:
            return isinstance(scope, TenantScope) and await _send(desk, scope, gateway, payout_id)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("payout %s of %s is not sent", payout_id, owner)
            return False

    places = await due_payouts(desk.database, desk.now(), limit=limit)
    return sum(await in_lanes(places, one, lane=itemgetter(0)))


async def _send(desk: Desk, scope: TenantScope, gateway: Gateway, payout_id: str) -> bool:
    payouts = PayoutRepository(desk.database, scope)
    payout, tenant = await payouts.get(payout_id), await desk.tenants.get(scope.tenant_id)
    if payout is None or payout.state != "due":
        return False
    account = payout.account or ("" if tenant is None else tenant.payouts.stripe_account)
    later = desk.now() + _SOON
    if not account:
        await payouts.while_due(payout_id, None, try_at=later)
        return False
    # Written down before it is asked for: from now on nobody pays it by hand.
    if not await payouts.while_due(payout_id, payout.account, account=account, try_at=later):
        return False
    transfer = Transfer(
        key=f"{scope.tenant_id}:payout:{payout_id}",
        tenant_id=scope.tenant_id,
        account=account,
        amount=payout.amount,
        currency=payout.currency,
        description=f"Settlement {payout_id}",
    )
    try:
        done = await gateway.transfer(transfer)
    except GatewayUnavailable as error:
        log.warning("payout %s of %s is in doubt: %s", payout_id, scope.tenant_id, error)
        return False
    except GatewayRefused as error:
        # Nothing was moved: it may be paid by hand now, or is tried again.
        again = desk.now() + _AFTER_REFUSAL
        await payouts.while_due(payout_id, account, account=None, reason=str(error), try_at=again)
        return False
    await _book(desk, scope, payout, account, CASH_STRIPE, done.reference, by="", state="sent")
    if done.reversed_amount:
        await book_reversal(desk.cashier, scope, payout_id, done.reversed_amount)
    return True


async def payout_paid(desk: Desk, scope: TenantScope, payout_id: str, *, reference: str, actor: Actor) -> Payout:
    """Staff paid it, or what came back of it, under this reference; said again with the same one, nothing changes.

    Raises NoSuchPayout, PayoutUnderWay.
    """
    payouts = PayoutRepository(desk.database, scope)
    payout = await payouts.get(payout_id)
    if payout is None:
        raise NoSuchPayout(f"{scope.tenant_id} has no payout {payout_id}")
    if (payout.state == "paid" and payout.reference == reference) or reference in _repaid(payout):
        return payout
    if payout.state == "reversed":
        return await _repay(desk, scope, payout, reference, actor)
    if payout.state != "due" or payout.account is not None:
        raise PayoutUnderWay(f"payout {payout_id} is {payout.state} ({payout.reference or payout.account})")
    by = f"{actor.kind}:{actor.id}"
    if not await _book(desk, scope, payout, None, CASH_BANK, reference, by=by, state="paid"):
        raise PayoutUnderWay(f"payout {payout_id} has changed meanwhile")
    detail = {"reference": reference, "amount": payout.amount, "currency": payout.currency}
    await desk.cashier.audit.record(scope, actor, "payout.paid", payout_id, detail)
    return await payouts.get(payout_id) or payout


def _repaid(payout: Payout) -> list[str]:
    return [each.reference for each in payout.repaid]


async def _repay(desk: Desk, scope: TenantScope, payout: Payout, reference: str, actor: Actor) -> Payout:
    payouts, now = PayoutRepository(desk.database, scope), desk.now()
    repaid = (*payout.repaid, Repaid(reference, payout.open))

    async def work() -> bool:
        told = [msgspec.to_builtins(each) for each in repaid]
        if not await payouts.after_sending(payout, state="paid", repaid=told, reason=""):
            raise Conflict("the payout changed meanwhile")
        return await Ledger(desk.database).post(scope, repaid_entry(payout, now))

    try:
        await all_or_none(desk.database, work)
    except Conflict:
        raise PayoutUnderWay(f"payout {payout.id} has changed meanwhile") from None
    detail = {"reference": reference, "amount": payout.open, "currency": payout.currency}
    await desk.cashier.audit.record(scope, actor, "payout.paid", payout.id, detail)
    return await payouts.get(payout.id) or payout


async def _book(
    desk: Desk,
    scope: TenantScope,
    payout: Payout,
    account: str | None,
    cash: str,
    reference: str,
    *,
    by: str,
    state: PayoutState,
) -> bool:
    """In one transaction; False where somebody else was first."""
    now = desk.now()

    async def write() -> bool:
        payouts = PayoutRepository(desk.database, scope)
        fields = {"state": state, "reference": reference, "paid_at": now, "reason": "", "by": by}
        if not await payouts.while_due(payout.id, account, **fields):
            return False
        return await Ledger(desk.database).post(scope, sent_entry(payout, cash, now))

    try:
        return await all_or_none(desk.database, write)
    except Conflict:
        return False
