"""Viewers of the sites: they buy premium, give it away, leave, want their money back; operators get their part."""

from __future__ import annotations

import random
from datetime import timedelta
from typing import Any, Final

from accounts.model import Profile, SignUp
from accounts.repository import ViewerRepository
from billing.memberships.buying import Bought, buy
from billing.memberships.desk import Desk
from billing.memberships.ending import cancel, refund_purchase
from billing.memberships.gifts import redeem
from billing.memberships.model import Plan, Purchase
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.money import shown
from billing.payments.repository import PaymentRepository
from billing.settlements.paying_out import payout_paid
from billing.settlements.repository import PayoutRepository
from runtime.memberships import membership_desk, settlement_desk
from runtime.simulation.deeds import pay_by
from runtime.simulation.tenants import Member
from runtime.simulation.world import ACTOR, World
from sandbox.stripe.connect import create_account
from sandbox.stripe.params import Params
from storage.scope import TenantScope
from tenancy.desk import change_tenant

_FIRST_ID: Final = 700_001
_MOST: Final = 1_000
_MONTH_DAYS: Final = 30
_YEAR_DAYS: Final = 365
_ONE_IN_BY_YEAR: Final = 6
_ONE_IN_WITH_3DS: Final = 9
_PAID_OUT_AFTER: Final = timedelta(days=2)


async def open_shop(world: World, member: Member) -> None:
    """The site sells premium, and says where its part of that goes."""
    sold = member.audience
    if sold is None:
        return
    settings: dict[str, Any] = {
        "membership.enabled": True,
        "membership.monthly": sold.monthly,
        "membership.yearly": sold.yearly,
        "membership.tax_bps": sold.tax_bps,
        "membership.tax_name": sold.tax_name,
    }
    if sold.payouts == "stripe":
        account = create_account(world.sandbox.world, Params({"type": "express", "country": "US"}))
        world.sandbox.desk.onboard(account["id"])
        settings["payouts.stripe_account"] = account["id"]
    else:
        settings["payouts.to"] = sold.payouts
    await change_tenant(world.stores.desk, member.id, settings, actor=ACTOR)


async def come(world: World, member: Member) -> None:
    """Perhaps somebody new buys premium today; more of them as the year goes on."""
    sold, today = member.audience, world.clock.now.date()
    if sold is None:
        return
    chance = random.Random(f"{world.seed}:{member.id}:viewers:{today}")  # noqa: S311 - a story, and no secret
    rate = sold.new_a_month / _MONTH_DAYS * sold.growth ** ((today - member.begins).days / _YEAR_DAYS)
    if chance.random() >= rate:
        return
    number = await _new_viewer(world, world.scopes[member.id])
    plan: Plan = "yearly" if number % _ONE_IN_BY_YEAR == 0 else "monthly"
    card = "authenticationRequired" if number % _ONE_IN_WITH_3DS == 0 else "visa"
    await _buy(world, member.id, number, plan, card)


async def give(world: World, tenant: str) -> None:
    """A viewer buys a year for somebody else, who redeems it."""
    scope = world.scopes[tenant]
    giver, receiver = await _new_viewer(world, scope), await _new_viewer(world, scope)
    bought = await _buy(world, tenant, giver, "yearly", "visa", gift=True)
    gift = await PurchaseRepository(world.stores.database, scope).get(bought.purchase.id)
    if gift is not None and gift.code is not None:
        await redeem(_desk(world), scope, await world.stores.viewers.get(scope, receiver), gift.code)
    world.note(tenant, "a viewer gives a year of premium away, and it is redeemed")


async def leave(world: World, tenant: str) -> None:
    """The viewer who has been there longest cancels."""
    scope = world.scopes[tenant]
    for purchase in await _paid(world, scope):
        membership = await MembershipRepository(world.stores.database, scope).get(purchase.buyer or 0)
        if membership is not None and membership.renews and purchase.buyer is not None:
            await cancel(_desk(world), scope, purchase.buyer, actor=ACTOR)
            world.note(tenant, "a viewer cancels; what was paid for stays until its end")
            return


async def want_back(world: World, tenant: str) -> None:
    """The latest buyer of a month is refunded."""
    scope = world.scopes[tenant]
    found = [each for each in await _paid(world, scope) if each.plan == "monthly"]
    if found:
        await refund_purchase(_desk(world), scope, found[-1].id, actor=ACTOR, reason="did not like it")
        world.note(tenant, f"a viewer gets {shown(found[-1].amount, found[-1].currency)} back")
        await world.settle()


async def charge_back(world: World, tenant: str) -> str | None:
    """The bank of a viewer who bought a month takes the money back; gives the dispute."""
    scope = world.scopes[tenant]
    found = [each for each in await _paid(world, scope) if each.plan == "monthly"]
    if not found:
        return None
    payments = await PaymentRepository(world.stores.database, scope).about("membership", found[-1].id)
    dispute = world.sandbox.desk.dispute(world.charge_of(payments[-1]))
    world.note(tenant, f"a viewer's bank takes {shown(found[-1].amount, found[-1].currency)} back")
    await world.settle()
    return str(dispute["id"])


async def pay_operators(world: World, member: Member) -> None:
    """Staff transfer by hand what statements owe to operators without an account at Stripe."""
    if member.audience is None or member.audience.payouts == "stripe":
        return
    desk, scope = settlement_desk(world.stores, world.services.cashier), world.scopes[member.id]
    async for payout in PayoutRepository(world.stores.database, scope).all():
        if payout.state == "due" and world.clock.now - payout.created_at >= _PAID_OUT_AFTER:
            await payout_paid(desk, scope, payout.id, reference=f"TRF-{payout.id}", actor=ACTOR)
            world.note(member.id, f"is paid out {shown(payout.amount, payout.currency)}")


async def _buy(world: World, tenant: str, viewer_id: int, plan: Plan, card: str, *, gift: bool = False) -> Bought:
    scope = world.scopes[tenant]
    document = await world.stores.tenants.get(tenant)
    assert document is not None
    viewer = await world.stores.viewers.get(scope, viewer_id)
    back = f"https://{document.domain}/premium/return/{{id}}"
    bought = await buy(_desk(world), scope, document, viewer, plan, gift=gift, back=back)
    if bought.payment.reference is not None:
        pay_by(world, bought.payment.reference, card)
    await world.settle()
    return bought


async def _new_viewer(world: World, scope: TenantScope) -> int:
    world.viewers += 1
    viewer_id = _FIRST_ID + world.viewers
    profile = Profile(f"Viewer {world.viewers}")
    await ViewerRepository(world.stores.database, scope).add_telegram(viewer_id, profile, SignUp(), world.clock.now)
    return viewer_id


async def _paid(world: World, scope: TenantScope) -> list[Purchase]:
    """What was bought and kept, without gifts, oldest first."""
    found = await PurchaseRepository(world.stores.database, scope).newest(limit=_MOST)
    paid = [each for each in found if each.state == "paid" and not each.gift]
    return sorted(paid, key=lambda each: (each.created_at, str(each.buyer)))


def _desk(world: World) -> Desk:
    return membership_desk(world.stores, world.services.cashier)
