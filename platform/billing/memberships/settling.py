"""What follows from money: a purchase counts for what came and stayed, and its holder has that much time.

Purchases, their times and the membership change in one transaction; the viewer's role follows, and is made to follow
later where a process died in between.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

import msgspec

from accounts.errors import NoSuchViewer
from accounts.model import Viewer, ViewerId
from billing.memberships.desk import ACTOR, Members
from billing.memberships.model import Membership, Purchase, Stopped
from billing.memberships.repository import MembershipRepository, PurchaseRepository, ungranted
from billing.memberships.stopping import give_up_next, take_up_next
from billing.memberships.timeline import Held, timeline
from billing.payments.cashier import PurchaseTold
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from storage.errors import StorageUnavailable
from storage.scope import TenantScope
from storage.system import SystemStore
from storage.transactions import all_or_none

BEFORE_CHARGING: Final = timedelta(days=1)
"""So long before its end a membership is charged, that nobody is without it while a card is tried again."""
BEFORE_REMINDING: Final = timedelta(days=3)
MOST: Final = 500
log = logging.getLogger("marquee.billing")


def hearing(members: Members) -> PurchaseTold:
    """The hook of payments: whatever happened to one, its purchase is reckoned anew."""

    async def hear(scope: TenantScope, payment: Payment) -> None:
        await booked(members, scope, payment.subject)

    return hear


async def booked(members: Members, scope: TenantScope, purchase_id: str) -> Purchase | None:
    """Lets a purchase say what its payments say; None where there is none. As often as anybody likes."""
    work = _Settling(members, scope)
    purchase = await all_or_none(members.database, lambda: work.book(purchase_id))
    if purchase is not None and purchase.holder is not None and purchase.paid_at is not None:
        await entitle(members, scope, purchase.holder)
    return purchase


async def lay_out(members: Members, scope: TenantScope, holder: ViewerId) -> None:
    """Lays out anew what the viewer paid for, in the caller's transaction; then `entitle`, or the next run, goes on."""
    await _Settling(members, scope).lay_out(holder, None)


async def go_on_renewing(members: Members, scope: TenantScope, membership: Membership) -> bool:
    """What `stop_renewing` ended is charged again; False where the membership has changed since it was read."""

    async def work() -> bool:
        memberships = MembershipRepository(members.database, scope)
        if not await memberships.replace(membership, renews=True, stopped=""):
            return False
        await take_up_next(members.database, scope, membership)
        await lay_out(members, scope, membership.id)
        return True

    return await all_or_none(members.database, work)


async def entitle(members: Members, scope: TenantScope, holder: ViewerId) -> None:
    """Gives the viewer the role for the time that was paid, a grant a purchase, and takes what is paid no more."""
    memberships = MembershipRepository(members.database, scope)
    while (membership := await memberships.get(holder)) is not None:
        purchases = await PurchaseRepository(members.database, scope).of_holder(holder)
        try:
            viewer = await members.viewers.get(scope, holder)
            for purchase in purchases:
                await _grant(members, scope, viewer, purchase)
        except NoSuchViewer:
            # The person has left, and nobody is left to be given anything.
            return
        if await memberships.granted(membership):
            return


async def entitle_waiting(members: Members) -> int:
    """Goes on where a process died between the books and the role; how many there were."""
    found = await ungranted(members.database, limit=MOST)
    system = SystemStore(members.database)
    for owner, viewer_id in found:
        scope = system.owner_scope(owner)
        if not isinstance(scope, TenantScope):
            continue
        try:
            await entitle(members, scope, viewer_id)
        except StorageUnavailable:
            raise
        except Exception:
            log.exception("a viewer's role of %s does not follow the membership", owner)
    return len(found)


def grant_key(purchase: Purchase) -> str:
    """The id of the grant that a purchase gives."""
    return f"purchase:{purchase.id}"


async def _grant(members: Members, scope: TenantScope, viewer: Viewer, purchase: Purchase) -> None:
    key, now = grant_key(purchase), members.now()
    held = next((each for each in viewer.ours.grants if each.id == key), None)
    if purchase.end is not None and purchase.start is not None and purchase.end > max(now, purchase.start):
        if held is None or held.until != purchase.end:
            await members.viewers.grant(scope, viewer.id, "premium", purchase.end, "membership", actor=ACTOR, key=key)
    elif held is not None:
        await members.viewers.end_grant(scope, viewer.id, key, actor=ACTOR)


class _Settling:
    """One transaction's work."""

    def __init__(self, members: Members, scope: TenantScope) -> None:
        self._purchases = PurchaseRepository(members.database, scope)
        self._payments = PaymentRepository(members.database, scope)
        self._memberships = MembershipRepository(members.database, scope)
        self._database, self._scope = members.database, scope
        self._now = members.now()

    async def book(self, purchase_id: str) -> Purchase | None:
        before = await self._purchases.get(purchase_id)
        if before is None:
            return None
        payments = await self._payments.about("membership", purchase_id)
        after = _paid(before, payments, self._now)
        # Who writes what is there already stands in the way of all who look at the same moment.
        if after != before:
            await self._purchases.set(
                after.id, state=after.state, kept=after.kept, paid_at=after.paid_at, counts_from=after.counts_from
            )
        is_new = before.paid_at is None and after.paid_at is not None
        if after.paid_at is not None and after.holder is not None:
            await self.lay_out(after.holder, _News(after, payments, is_new=is_new))
        return after

    async def lay_out(self, holder: ViewerId, news: _News | None) -> None:
        purchases = await self._purchases.of_holder(holder)
        held = timeline(purchases)
        moved = [
            (each.id, now)
            for each in purchases
            if (now := held.get(each.id)) is not None and (each.start, each.end) != (now.start, now.end)
        ]
        for purchase_id, now in moved:
            await self._purchases.set(purchase_id, start=now.start, end=now.end)
        before = await self._memberships.get(holder)
        membership = before or Membership(id=holder)
        if news is not None:
            membership = _heard(membership, news)
        after = _until(membership, held)
        if before is None or moved or msgspec.structs.replace(after, ungranted=before.ungranted) != before:
            await self._memberships.put(after)
        if before is not None and before.renews and (membership.stopped or membership.series != before.series):
            await give_up_next(self._database, self._scope, before, self._now)


class _News(msgspec.Struct, frozen=True):
    """A purchase and all that was paid for it; `is_new`: the first money has come."""

    purchase: Purchase
    payments: Sequence[Payment]
    is_new: bool


def _paid(purchase: Purchase, payments: Sequence[Payment], now: datetime) -> Purchase:
    received = sum(each.received for each in payments)
    lost = sum(dispute.amount for each in payments for dispute in each.disputes if dispute.state == "lost")
    kept = max(0, min(purchase.amount, received - sum(each.refunded for each in payments) - lost))
    paid_at = purchase.paid_at or (now if received else None)
    state = purchase.state if paid_at is None else "paid" if kept else "reversed"
    counts_from = purchase.counts_from if purchase.gift else paid_at
    return msgspec.structs.replace(purchase, state=state, kept=kept, paid_at=paid_at, counts_from=counts_from)


def _heard(membership: Membership, news: _News) -> Membership:
    """What a payment changes about how the membership goes on."""
    purchase = news.purchase
    if purchase.gift:
        return membership
    if news.is_new and not purchase.renewal:
        membership = _begun(membership, purchase, news.payments)
    elif news.is_new and purchase.series == membership.series:
        membership = _gone_on(membership, purchase, news.payments)
    why = _taken_back(purchase, news.payments)
    if why and purchase.series == membership.series and membership.renews:
        return msgspec.structs.replace(membership, renews=False, stopped=why)
    return membership


def _begun(membership: Membership, purchase: Purchase, payments: Sequence[Payment]) -> Membership:
    paid = next(each for each in payments if each.received)
    return msgspec.structs.replace(
        membership,
        plan=purchase.plan,
        series=purchase.series,
        n=0,
        amount=purchase.amount,
        tax=purchase.tax,
        currency=purchase.currency,
        gateway=paid.gateway,
        customer=paid.customer,
        method=paid.method,
        renews=True,
        stopped="",
        refusal="",
    )


def _gone_on(membership: Membership, purchase: Purchase, payments: Sequence[Payment]) -> Membership:
    paid = next(each for each in payments if each.received)
    saved = paid.keep and paid.method is not None
    return msgspec.structs.replace(
        membership,
        n=max(membership.n, purchase.n),
        gateway=paid.gateway if saved else membership.gateway,
        customer=paid.customer if saved else membership.customer,
        method=paid.method if saved else membership.method,
        refusal="",
    )


def _taken_back(purchase: Purchase, payments: Sequence[Payment]) -> Stopped:
    if any(dispute.state != "won" for each in payments for dispute in each.disputes):
        return "dispute"
    return "refund" if purchase.kept == 0 else ""


def _until(membership: Membership, held: dict[str, Held]) -> Membership:
    until = max((each.end for each in held.values() if each.end > each.start), default=None)
    due = None
    if membership.renews and until is not None:
        due = until - (BEFORE_CHARGING if membership.can_be_charged else BEFORE_REMINDING)
    return msgspec.structs.replace(membership, paid_until=until, renew_at=due, ungranted=True)
