"""Memberships go on: what is due is a query, and each period is one purchase that is charged once.

The purchase of period n is `{series}.{n}` and its charge's key follows from it, so that whoever comes second, or again
after a kill, finds what is there. When the next attempt is made follows from those that were made.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta
from typing import Final

import msgspec

from billing.gateways.protocol import GatewayError
from billing.memberships.buying import order_of
from billing.memberships.desk import Desk
from billing.memberships.model import Membership, MembershipError, Purchase, Stopped
from billing.memberships.offers import offer_of
from billing.memberships.repository import MembershipRepository, Place, PurchaseRepository, due
from billing.memberships.settling import booked, entitle_waiting
from billing.memberships.stopping import give_up_next, stop_renewing
from billing.money import shown
from billing.payments.applying import Mismatch
from billing.payments.charging import charge_order, resume
from billing.payments.lanes import in_lanes
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from storage.errors import Conflict, StorageUnavailable
from storage.scope import TenantScope
from storage.transactions import all_or_none
from tenancy.model import Tenant

MOST: Final = 500
RETRIES: Final = (timedelta(days=1), timedelta(days=2), timedelta(days=3))
"""How long after each attempt that failed the next one is made."""
PATIENCE: Final = timedelta(days=7)
"""So long after its end a membership may still be paid for; then it is over."""
SOON: Final = timedelta(hours=1)
LATER: Final = timedelta(days=1)
log = logging.getLogger("marquee.billing")


async def renew_due(desk: Desk, *, limit: int = MOST) -> int:
    """Goes on with every membership whose time has come; how many there were."""
    await entitle_waiting(desk.members)
    found = await due(desk.database, desk.now(), limit=limit)
    await in_lanes(found, lambda place: _one(desk, place), lane=lambda place: place)
    return len(found)


async def _one(desk: Desk, place: Place) -> None:
    owner, viewer_id = place
    scope = desk.system.owner_scope(owner)
    if not isinstance(scope, TenantScope):
        return
    try:
        await renew(desk, scope, viewer_id)
    except (GatewayError, Mismatch, Conflict) as why:
        log.warning("a membership of %s does not go on yet: %s", owner, why)
        await _put_off(desk, scope, viewer_id, SOON)
    except StorageUnavailable:
        raise
    except Exception:
        log.exception("a membership of %s does not go on", owner)
        # Or those that fail for ever would one day be all that is looked at.
        await _put_off(desk, scope, viewer_id, LATER)


async def renew(desk: Desk, scope: TenantScope, viewer_id: int | str) -> Membership | None:
    """Goes on with one membership as far as it goes now; None where there is none."""
    memberships = MembershipRepository(desk.database, scope)
    membership = await memberships.get(viewer_id)
    now = desk.now()
    if membership is None or not membership.renews or membership.renew_at is None or membership.renew_at > now:
        return membership
    tenant = await desk.tenants.get(scope.tenant_id)
    if tenant is None:
        return membership
    end = _over(membership, tenant, now)
    if end:
        await stop(desk, scope, membership, end)
    elif tenant.holds:
        # A site that is closed charges nobody.
        await memberships.replace(membership, renew_at=now + LATER)
    else:
        await _go_on(desk, scope, tenant, membership)
    return await memberships.get(viewer_id)


async def renewal_of(desk: Desk, scope: TenantScope, tenant: Tenant, membership: Membership) -> Purchase:
    """The purchase of the period that comes next, written down if it is not yet. Raises NotSold."""
    assert membership.plan is not None
    assert membership.series is not None
    purchases = PurchaseRepository(desk.database, scope)
    purchase_id = f"{membership.series}.{membership.n + 1}"
    there = await purchases.get(purchase_id)
    if there is not None:
        return there
    offer = offer_of(tenant, membership.plan, gift=False)
    first = await purchases.get(membership.series)
    # Nobody pays more than they agreed to; a price that fell is everybody's.
    is_cheaper = offer.amount < membership.amount
    made = Purchase(
        id=purchase_id,
        plan=membership.plan,
        buyer=membership.id,
        holder=membership.id,
        renewal=True,
        series=membership.series,
        n=membership.n + 1,
        amount=offer.amount if is_cheaper else membership.amount,
        tax=offer.tax if is_cheaper else membership.tax,
        currency=membership.currency,
        zone="UTC" if first is None else first.zone,
        gateway=membership.gateway,
        created_at=desk.now(),
    )
    try:
        await purchases.add(made)
    except Conflict:
        return await purchases.get(purchase_id) or made
    return made


async def stop(desk: Desk, scope: TenantScope, membership: Membership, why: Stopped) -> None:
    """It ends with what was paid for."""
    if not await stop_renewing(desk.database, scope, membership, why, desk.now()):
        return
    purchase_id = f"{membership.series}.{membership.n + 1}"
    words = {"unpaid": "Your premium has ended: it could not be paid.", "closed": "Premium is not sold here any more."}
    if why in words:
        await desk.remind(scope, membership.id, f"{purchase_id}:{why}", words[why])


def _over(membership: Membership, tenant: Tenant, now: datetime) -> Stopped:
    """Why it cannot go on at all."""
    assert membership.plan is not None
    try:
        offer = offer_of(tenant, membership.plan, gift=False)
    except MembershipError:
        return "closed"
    if offer.currency != membership.currency:
        return "closed"
    until = membership.paid_until
    return "unpaid" if until is None or now > until + PATIENCE else ""


async def _go_on(desk: Desk, scope: TenantScope, tenant: Tenant, membership: Membership) -> None:
    purchase = await renewal_of(desk, scope, tenant, membership)
    if purchase.paid_at is not None:
        # Paid, and whoever was to say so died.
        await booked(desk.members, scope, purchase.id)
        return
    made = await PaymentRepository(desk.database, scope).about("membership", purchase.id)
    gateway = desk.cashier.gateways.get(membership.gateway)
    can_charge = gateway is not None and gateway.charges and membership.can_be_charged
    for each in made:
        if each.is_open and (now := await resume(desk.cashier, scope, each)).is_open:
            await _wait(desk, scope, membership, purchase, now)
            return
    made = await PaymentRepository(desk.database, scope).about("membership", purchase.id)
    if any(each.is_paid for each in made):
        await booked(desk.members, scope, purchase.id)
    elif not can_charge:
        await _ask_to_pay(desk, scope, membership, purchase)
        await _put_off(desk, scope, membership.id, LATER)
    else:
        await _charge(desk, scope, tenant, membership, purchase, made)


async def _charge(
    desk: Desk, scope: TenantScope, tenant: Tenant, membership: Membership, purchase: Purchase, made: list[Payment]
) -> None:
    tried = [each for each in made if each.by == "charge"]
    following = _next_attempt(tried)
    if following is None or following > desk.now():
        at = desk.now() + LATER if following is None else following
        await MembershipRepository(desk.database, scope).replace(membership, renew_at=at)
        return
    # By its method of now: the viewer may have paid with another card meanwhile.
    order = msgspec.structs.replace(
        order_of(scope, tenant, purchase), customer=membership.customer, method=membership.method, keep=False
    )
    attempt = max((each.attempt for each in made), default=0) + 1
    soon = desk.now() + SOON
    if not await MembershipRepository(desk.database, scope).replace(membership, renew_at=soon):
        # Cancelled, or gone, since it was read.
        return
    membership = msgspec.structs.replace(membership, renew_at=soon, revision=membership.revision + 1)
    payment = await charge_order(desk.cashier, scope, order, gateway=membership.gateway, attempt=attempt)
    if payment.is_paid:
        await booked(desk.members, scope, purchase.id)
    elif await _has_stopped(desk, scope, membership):
        log.info("a membership of %s was ended while it was charged", scope.tenant_id)
    elif payment.is_open:
        await _wait(desk, scope, membership, purchase, payment)
    else:
        await _failed(desk, scope, membership, purchase, [*tried, payment])


async def _has_stopped(desk: Desk, scope: TenantScope, membership: Membership) -> bool:
    """Whether nobody is to pay the next period any more; then what whoever ended it did not find yet is closed, too."""
    now = await MembershipRepository(desk.database, scope).get(membership.id)
    if now is not None and (now.renews, now.series, now.n) == (True, membership.series, membership.n):
        return False
    await all_or_none(desk.database, lambda: give_up_next(desk.database, scope, membership, desk.now()))
    return True


async def _failed(
    desk: Desk, scope: TenantScope, membership: Membership, purchase: Purchase, tried: list[Payment]
) -> None:
    at = _next_attempt(tried) or desk.now() + LATER
    refusal = tried[-1].reason or "refused"
    if await MembershipRepository(desk.database, scope).replace(membership, renew_at=at, refusal=refusal):
        await _ask_to_pay(desk, scope, membership, purchase)


async def _wait(desk: Desk, scope: TenantScope, membership: Membership, purchase: Purchase, payment: Payment) -> None:
    """The gateway, or the viewer, has still to do something."""
    if payment.state == "action" and payment.by == "charge":
        refusal = payment.reason or "authentication_required"
        at = desk.now() + LATER
        if await MembershipRepository(desk.database, scope).replace(membership, renew_at=at, refusal=refusal):
            await _ask_to_pay(desk, scope, membership, purchase)
        return
    await _put_off(desk, scope, membership.id, SOON)


async def _ask_to_pay(desk: Desk, scope: TenantScope, membership: Membership, purchase: Purchase) -> None:
    assert membership.paid_until is not None
    price = shown(purchase.amount, purchase.currency)
    day = f"{membership.paid_until.day} {membership.paid_until:%B %Y}"
    if membership.can_be_charged:
        text = f"Your card could not be charged {price} for premium. Pay it at your account to keep it after {day}."
    else:
        text = f"Your premium ends on {day}. Pay {price} at your account to go on with it."
    await desk.remind(scope, membership.id, purchase.id, text)


async def _put_off(desk: Desk, scope: TenantScope, viewer_id: int | str, by: timedelta) -> None:
    now = desk.now()
    await MembershipRepository(desk.database, scope).put_off(viewer_id, now, until=now + by)


def _next_attempt(tried: list[Payment]) -> datetime | None:
    """When the saved way to pay is charged again; None when it is not any more."""
    if not tried:
        return datetime.min  # noqa: DTZ901 - naive datetimes mean UTC here
    if len(tried) > len(RETRIES):
        return None
    return max(each.created_at for each in tried) + RETRIES[len(tried) - 1]
