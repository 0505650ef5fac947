"""How a membership ends, and goes on after all: the viewer's own deeds, and the refunds of the site's people."""

from __future__ import annotations

from typing import Final

from accounts.model import Viewer, ViewerId
from billing.memberships.buying import Bought, pay
from billing.memberships.desk import Desk
from billing.memberships.model import Membership, NoSuchPurchase, NothingToRenew, Purchase
from billing.memberships.renewing import renewal_of
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.memberships.settling import booked, entitle, go_on_renewing
from billing.memberships.stopping import stop_renewing
from billing.money import share
from billing.payments.errors import BadAmount
from billing.payments.refunding import refund
from billing.payments.repository import PaymentRepository
from storage.audit import Actor
from storage.scope import TenantScope
from tenancy.model import Tenant

_TRIES: Final = 5


async def cancel(desk: Desk, scope: TenantScope, viewer_id: ViewerId, *, actor: Actor) -> Membership:
    """Nothing is charged any more, and what was paid for stays until its end. Said again, it stays so.

    Raises NothingToRenew where there is no membership.
    """
    memberships = MembershipRepository(desk.database, scope)
    for _ in range(_TRIES):
        membership = await memberships.get(viewer_id)
        if membership is None or membership.plan is None:
            raise NothingToRenew("You have no membership that could be cancelled.")
        if not membership.renews:
            return membership
        if await stop_renewing(desk.database, scope, membership, "viewer", desk.now()):
            await desk.members.audit.record(scope, actor, "viewer.cancel-membership", str(viewer_id))
    return await _of(memberships, viewer_id)


async def resume_membership(desk: Desk, scope: TenantScope, viewer_id: ViewerId, *, actor: Actor) -> Membership:
    """What the viewer cancelled goes on, as long as it has not ended. Raises NothingToRenew."""
    memberships = MembershipRepository(desk.database, scope)
    membership = await memberships.get(viewer_id)
    if membership is not None and membership.renews:
        return membership
    if membership is None or membership.stopped != "viewer" or not membership.is_live(desk.now()):
        raise NothingToRenew("There is no membership that could go on: buy a new one.")
    if not await go_on_renewing(desk.members, scope, membership):
        return await resume_membership(desk, scope, viewer_id, actor=actor)
    await desk.members.audit.record(scope, actor, "viewer.resume-membership", str(viewer_id))
    await entitle(desk.members, scope, viewer_id)
    return await _of(memberships, viewer_id)


async def pay_renewal(desk: Desk, scope: TenantScope, tenant: Tenant, viewer: Viewer, *, back: str) -> Bought:
    """The page where the viewer pays the next period by hand. Raises NothingToRenew, and as `buying.pay`."""
    membership = await MembershipRepository(desk.database, scope).get(viewer.id)
    if membership is None or not membership.renews:
        raise NothingToRenew("There is no membership that is to be paid.")
    purchase = await renewal_of(desk, scope, tenant, membership)
    return await pay(desk, scope, tenant, purchase, back=back.replace("{id}", purchase.id))


async def refund_purchase(
    desk: Desk,
    scope: TenantScope,
    purchase_id: str,
    *,
    amount: int | None = None,
    pro_rata: bool = False,
    actor: Actor,
    reason: str = "",
) -> Purchase:
    """Gives back all that is kept of a purchase, an `amount`, or `pro_rata` what its time to come is worth.

    The time ends with the money: whoever is refunded half of it has half of the time. Nothing is charged any more where
    all of it went back or `pro_rata`. Raises NoSuchPurchase, BadAmount, and as `billing.payments.refunding.refund`.
    """
    purchase = await PurchaseRepository(desk.database, scope).get(purchase_id)
    if purchase is None:
        raise NoSuchPurchase(f"{scope.tenant_id} has sold no {purchase_id}")
    if pro_rata:
        amount = unused_of(purchase, desk)
        await _end_renewal(desk, scope, purchase, actor)
    payments = await PaymentRepository(desk.database, scope).about("membership", purchase_id)
    wanted = sum(each.kept for each in payments) if amount is None else amount
    if wanted <= 0 or wanted > sum(each.kept for each in payments):
        raise BadAmount(f"{wanted} cannot be refunded of {purchase_id}")
    # What came twice goes back first.
    for payment in reversed(payments):
        part = min(wanted, payment.kept)
        if part > 0:
            await refund(desk.cashier, scope, payment.id, part, actor=actor, reason=reason)
            wanted -= part
    return await booked(desk.members, scope, purchase_id) or purchase


def unused_of(purchase: Purchase, desk: Desk) -> int:
    """What the part of its time that is still to come was paid with."""
    if purchase.start is None or purchase.end is None:
        return purchase.kept
    whole = round((purchase.end - purchase.start).total_seconds())
    left = round((purchase.end - max(desk.now(), purchase.start)).total_seconds())
    return share(purchase.kept, max(0, left), whole) if whole > 0 else 0


async def _end_renewal(desk: Desk, scope: TenantScope, purchase: Purchase, actor: Actor) -> None:
    if purchase.holder is None or purchase.gift:
        return
    membership = await MembershipRepository(desk.database, scope).get(purchase.holder)
    if membership is None or membership.series != purchase.series or not membership.renews:
        return
    if await stop_renewing(desk.database, scope, membership, "refund", desk.now()):
        await desk.members.audit.record(scope, actor, "viewer.cancel-membership", str(purchase.holder))


async def _of(memberships: MembershipRepository, viewer_id: ViewerId) -> Membership:
    found = await memberships.get(viewer_id)
    if found is None:
        raise NothingToRenew("You have no membership.")
    return found
