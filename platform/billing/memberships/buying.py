"""Buying: what was chosen is written down with its price, and the viewer goes to the gateway's page."""

from __future__ import annotations

import secrets
from typing import Final

from msgspec import Struct

from accounts.model import Viewer
from billing.contracts.repository import ContractRepository
from billing.gateways.protocol import GatewayError, Order
from billing.memberships.desk import Desk
from billing.memberships.model import (
    AlreadyMember,
    IdentityNeeded,
    NoSuchPurchase,
    NotSold,
    Plan,
    Purchase,
)
from billing.memberships.offers import Offer, offer_of, pages_of
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.memberships.settling import booked
from billing.payments.applying import apply_to
from billing.payments.charging import begin, resume
from billing.payments.errors import TooSmall
from billing.payments.model import Payment
from billing.payments.repository import PaymentRepository
from storage.errors import Conflict
from storage.scope import TenantScope
from tenancy.mail.letters import plain_line
from tenancy.model import Tenant

_LETTERS: Final = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_GROUPS: Final = 4
_LETTERS_A_GROUP: Final = 5
_TRIES: Final = 5
NAMES: Final[dict[Plan, str]] = {"monthly": "one month", "yearly": "one year"}


class Bought(Struct, frozen=True):
    """A purchase, and the payment whose `url` the viewer goes on to."""

    purchase: Purchase
    payment: Payment


async def buy(
    desk: Desk,
    scope: TenantScope,
    tenant: Tenant,
    buyer: Viewer,
    plan: Plan,
    *,
    gift: bool = False,
    gateway: str | None = None,
    back: str,
) -> Bought:
    """Begins a purchase, or goes on with the one that was begun; the price is the present one.

    `back` is where the viewer comes back to, with `{id}` for the purchase's id. Raises NotSold, IdentityNeeded,
    AlreadyMember, and as `billing.payments.charging.begin`.
    """
    offer = offer_of(tenant, plan, gift=gift)
    name = _gateway(desk, offer, gateway)
    await require_identity(desk, scope, buyer)
    if not gift:
        membership = await MembershipRepository(desk.database, scope).get(buyer.id)
        if membership is not None and membership.renews and membership.is_live(desk.now()):
            raise AlreadyMember("Your membership goes on by itself.")
    purchase = await _purchase(desk, scope, offer, buyer, gift=gift, gateway=name)
    return await pay(desk, scope, tenant, purchase, back=back.replace("{id}", purchase.id), gateway=name)


async def pay(
    desk: Desk, scope: TenantScope, tenant: Tenant, purchase: Purchase, *, back: str, gateway: str | None = None
) -> Bought:
    """The page where a purchase is paid. Raises NotSold, and as `billing.payments.charging.begin`."""
    order = order_of(scope, tenant, purchase)
    try:
        payment = await begin(desk.cashier, scope, order, gateway=gateway or purchase.gateway, back=back)
    except TooSmall:
        raise NotSold("Nobody can pay so little here.") from None
    return Bought(purchase, payment)


async def present(desk: Desk, scope: TenantScope, buyer: Viewer, purchase_id: str) -> tuple[Purchase, Payment | None]:
    """A purchase of the viewer and its latest payment, as the gateway says now. Raises NoSuchPurchase."""
    purchase = await bought_by(desk, scope, buyer, purchase_id)
    payments = await PaymentRepository(desk.database, scope).about("membership", purchase.id)
    latest = payments[-1] if payments else None
    if latest is not None and latest.is_open:
        latest = await resume(desk.cashier, scope, latest)
        purchase = await booked(desk.members, scope, purchase.id) or purchase
    return purchase, latest


async def bought_by(desk: Desk, scope: TenantScope, buyer: Viewer, purchase_id: str) -> Purchase:
    """A purchase that is this viewer's. Raises NoSuchPurchase."""
    found = await PurchaseRepository(desk.database, scope).get(purchase_id)
    if found is None or buyer.id not in (found.buyer, found.holder):
        raise NoSuchPurchase("You have bought nothing of this id here.")
    return found


async def require_identity(desk: Desk, scope: TenantScope, viewer: Viewer) -> None:
    """Raises IdentityNeeded for a guest without a recovery code."""
    if viewer.type == "guest" and await desk.recovery.made_at(scope, viewer.id) is None:
        raise IdentityNeeded("Sign in, or make a recovery code, so that what you pay for cannot be lost.")


def order_of(scope: TenantScope, tenant: Tenant, purchase: Purchase) -> Order:
    """What the gateway is asked for a purchase; what goes on by itself keeps the way to pay."""
    site = plain_line(tenant.brand.name) or tenant.domain
    what = f"{site}: premium for {NAMES[purchase.plan]}"
    return Order(
        key=f"{scope.tenant_id}:m:{purchase.id}",
        tenant_id=scope.tenant_id,
        purpose="membership",
        subject=purchase.id,
        amount=purchase.amount,
        tax=purchase.tax,
        currency=purchase.currency,
        description=f"{what}, a gift" if purchase.gift else what,
        keep=not purchase.gift,
    )


async def _purchase(
    desk: Desk, scope: TenantScope, offer: Offer, buyer: Viewer, *, gift: bool, gateway: str
) -> Purchase:
    purchases = PurchaseRepository(desk.database, scope)
    for _ in range(_TRIES):
        there = await purchases.open_one(buyer.id, offer.plan, gift=gift)
        if there is not None and (there.amount, there.currency, there.gateway) == (
            offer.amount,
            offer.currency,
            gateway,
        ):
            return there
        if there is not None:
            await _give_up(desk, scope, there)
            continue
        made = await _new(desk, scope, offer, buyer, gift=gift, gateway=gateway)
        try:
            await purchases.add(made)
        except Conflict:
            continue
        return made
    raise Conflict("too many begin the same purchase at once")


async def _new(desk: Desk, scope: TenantScope, offer: Offer, buyer: Viewer, *, gift: bool, gateway: str) -> Purchase:
    contract = await ContractRepository(desk.database, scope).get()
    purchase_id = secrets.token_hex(10)
    return Purchase(
        id=purchase_id,
        plan=offer.plan,
        gift=gift,
        buyer=buyer.id,
        holder=None if gift else buyer.id,
        series=purchase_id,
        amount=offer.amount,
        tax=offer.tax,
        currency=offer.currency,
        zone="UTC" if contract is None else contract.zone,
        gateway=gateway,
        code=new_code() if gift else None,
        created_at=desk.now(),
    )


async def _give_up(desk: Desk, scope: TenantScope, purchase: Purchase) -> None:
    """Closes what was begun for another price; where it was paid just before, it counts."""
    for payment in await PaymentRepository(desk.database, scope).about("membership", purchase.id):
        if not payment.is_open or payment.reference is None:
            continue
        try:
            outcome = await desk.cashier.gateway(payment.gateway).cancel(payment.reference)
        except GatewayError:
            # Its page runs out by itself, and whoever pays there has what they paid for.
            continue
        await apply_to(desk.cashier, scope, payment, outcome)
    await booked(desk.members, scope, purchase.id)
    await PurchaseRepository(desk.database, scope).drop(purchase.id)


def _gateway(desk: Desk, offer: Offer, wanted: str | None) -> str:
    there = pages_of(desk.cashier.gateways.values(), offer)
    if wanted is not None and wanted not in there:
        raise NotSold("Nobody can pay like that here.")
    if not there:
        raise NotSold("Nobody can pay here yet.")
    return wanted or ("stripe" if "stripe" in there else there[0])


def new_code() -> str:
    """A gift's code: 100 random bits in Crockford's base 32, in four groups."""
    letters = [secrets.choice(_LETTERS) for _ in range(_GROUPS * _LETTERS_A_GROUP)]
    return "-".join("".join(letters[at : at + _LETTERS_A_GROUP]) for at in range(0, len(letters), _LETTERS_A_GROUP))
