"""/membership: what the site sells, what the viewer has of it, and what they buy, cancel and redeem."""

from __future__ import annotations

from typing import Any, Final

from litestar import Request, get, post
from litestar.di import NamedDependency
from litestar.params import FromPath, JSONBody

from accounts.model import Viewer
from billing.gateways.protocol import GatewayRefused, GatewayUnavailable
from billing.memberships.buying import buy, present
from billing.memberships.desk import Desk
from billing.memberships.ending import cancel, pay_renewal, resume_membership
from billing.memberships.gifts import redeem
from billing.memberships.model import (
    AlreadyMember,
    BadGiftCode,
    IdentityNeeded,
    NoSuchPurchase,
    NothingToRenew,
    NotSold,
)
from billing.memberships.offers import offers_of, pages_of
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.payments.errors import StillOpen
from storage.audit import Actor
from storage.errors import Conflict
from storage.limits import Limits
from storefront.api.responses import TOO_OFTEN, problems, shown
from storefront.going import site_of
from storefront.members import Member
from storefront.membership.answers import (
    MEMBERSHIP,
    PREMIUM,
    PURCHASE,
    BuyRequest,
    MembershipAnswer,
    PremiumAnswer,
    PurchaseAnswer,
    PurchasesAnswer,
    RedeemRequest,
    membership_answer,
    offer_answer,
    purchase_answer,
)
from storefront.membership.limits import allow_buying, allow_code, allow_looking
from storefront.membership.standing import Standing, standing_of
from tenancy.resolver import ResolvedTenant

TheDesk = NamedDependency[Desk]
TheTenant = NamedDependency[ResolvedTenant]
BACK: Final = "/premium/purchases/{id}"
_TAGS: Final = ["membership"]
_IDENTITY: Final = IdentityNeeded("Sign in, or make a recovery code, so that what you pay for cannot be lost.")
_PAYING: Final = (
    NotSold("This site does not sell that."),
    StillOpen("The payment is on its way."),
    GatewayRefused("The payment service opens no page."),
    GatewayUnavailable("The payment service gives no answer."),
    Conflict("begun twice at once"),
    TOO_OFTEN,
)
_NOTHING: Final = NothingToRenew("You have no membership that could be cancelled.")
_NO_PURCHASE: Final = NoSuchPurchase("You have bought nothing of this id here.")


@get(
    "/membership",
    operation_id="getMembership",
    summary="What premium costs, and the viewer's membership",
    tags=_TAGS,
    operation_class=shown(PREMIUM),
    responses=problems(),
)
async def get_membership(
    tenant: TheTenant, viewer: NamedDependency[Viewer | None], memberships: TheDesk
) -> PremiumAnswer:
    """`membership` is null for nobody, and for who never had any. Without offers nothing is sold."""
    offers = offers_of(tenant.tenant)
    standing = None if viewer is None else await standing_now(memberships, tenant, viewer)
    return PremiumAnswer(
        offers=[offer_answer(each) for each in offers],
        gifts=bool(offers) and tenant.tenant.membership.gifts,
        gateways=pages_of(memberships.cashier.gateways.values()),
        membership=membership_answer(standing),
    )


@post(
    "/membership/purchases",
    operation_id="buyMembership",
    summary="Begin to buy premium",
    tags=_TAGS,
    status_code=200,
    operation_class=shown(PURCHASE),
    responses=problems(_IDENTITY, AlreadyMember("Your membership goes on by itself."), *_PAYING),
)
async def buy_membership(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    oneself: NamedDependency[Member],
    memberships: TheDesk,
    limits: NamedDependency[Limits],
    data: JSONBody[BuyRequest],
) -> PurchaseAnswer:
    """The purchase that was begun, again as long as it is open; the viewer pays at its `url`."""
    await allow_buying(request, limits, tenant.scope, oneself.viewer)
    bought = await buy(
        memberships,
        tenant.scope,
        tenant.tenant,
        oneself.viewer,
        data.plan,
        gift=data.gift,
        gateway=data.gateway,
        back=site_of(request, tenant) + BACK,
    )
    return purchase_answer(bought.purchase, bought.payment, oneself.viewer.id)


@get(
    "/membership/purchases",
    operation_id="listPurchases",
    summary="What the viewer bought",
    tags=_TAGS,
    operation_class=shown({"purchases": [PURCHASE]}),
    responses=problems(),
)
async def list_purchases(tenant: TheTenant, oneself: NamedDependency[Member], memberships: TheDesk) -> PurchasesAnswer:
    """And what they were given. How far a payment is, is told by the purchase itself."""
    purchases = PurchaseRepository(memberships.database, tenant.scope)
    viewer_id = oneself.viewer.id
    found = {each.id: each for each in await purchases.of_buyer(viewer_id)}
    found |= {each.id: each for each in await purchases.of_holder(viewer_id)}
    newest = sorted(found.values(), key=lambda each: (each.created_at, each.id), reverse=True)
    return PurchasesAnswer(purchases=[purchase_answer(each, None, viewer_id) for each in newest])


@get(
    "/membership/purchases/{purchase_id:str}",
    operation_id="getPurchase",
    summary="A purchase, and how far its payment is",
    tags=_TAGS,
    operation_class=shown(PURCHASE),
    responses=problems(_NO_PURCHASE, TOO_OFTEN),
)
async def get_purchase(
    tenant: TheTenant,
    oneself: NamedDependency[Member],
    memberships: TheDesk,
    limits: NamedDependency[Limits],
    purchase_id: FromPath[str],
) -> PurchaseAnswer:
    """As the payment service says now."""
    await allow_looking(limits, tenant.scope, oneself.viewer)
    purchase, payment = await present(memberships, tenant.scope, oneself.viewer, purchase_id)
    return purchase_answer(purchase, payment, oneself.viewer.id)


@post(
    "/membership/cancel",
    operation_id="cancelMembership",
    summary="End the membership with what is paid for",
    tags=_TAGS,
    status_code=200,
    operation_class=shown({**MEMBERSHIP, "state": "ending", "renews": False, "renews_at": None, "resumable": True}),
    responses=problems(_NOTHING),
)
async def cancel_membership(
    tenant: TheTenant, oneself: NamedDependency[Member], memberships: TheDesk
) -> MembershipAnswer:
    """Nothing is charged any more; what was paid for stays until `paid_until`. Again, it stays so."""
    viewer_id = oneself.viewer.id
    membership = await cancel(memberships, tenant.scope, viewer_id, actor=Actor("viewer", str(viewer_id)))
    return _answer(standing_of(membership, memberships.now()))


@post(
    "/membership/resume",
    operation_id="resumeMembership",
    summary="Let a cancelled membership go on",
    tags=_TAGS,
    status_code=200,
    operation_class=shown(MEMBERSHIP),
    responses=problems(NothingToRenew("There is no membership that could go on: buy a new one.")),
)
async def resume(tenant: TheTenant, oneself: NamedDependency[Member], memberships: TheDesk) -> MembershipAnswer:
    """As long as it has not ended."""
    viewer_id = oneself.viewer.id
    actor = Actor("viewer", str(viewer_id))
    membership = await resume_membership(memberships, tenant.scope, viewer_id, actor=actor)
    return _answer(standing_of(membership, memberships.now()))


@post(
    "/membership/renewal",
    operation_id="payRenewal",
    summary="Pay the next period by hand",
    tags=_TAGS,
    status_code=200,
    operation_class=shown({**PURCHASE, "renewal": True}),
    responses=problems(_NOTHING, *_PAYING),
)
async def renew(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    oneself: NamedDependency[Member],
    memberships: TheDesk,
    limits: NamedDependency[Limits],
) -> PurchaseAnswer:
    """Where no card is saved, or it was refused. A card that pays is charged from then on."""
    await allow_buying(request, limits, tenant.scope, oneself.viewer)
    back = site_of(request, tenant) + BACK
    bought = await pay_renewal(memberships, tenant.scope, tenant.tenant, oneself.viewer, back=back)
    return purchase_answer(bought.purchase, bought.payment, oneself.viewer.id)


@post(
    "/membership/gifts",
    operation_id="redeemGift",
    summary="Redeem a gift",
    tags=_TAGS,
    status_code=200,
    operation_class=shown({**PURCHASE, "gift": True, "state": "paid", "kept": 499, "payment": "paid", "url": None}),
    responses=problems(_IDENTITY, BadGiftCode("This code opens no gift here."), TOO_OFTEN),
)
async def redeem_gift(
    request: Request[Any, Any, Any],
    tenant: TheTenant,
    oneself: NamedDependency[Member],
    memberships: TheDesk,
    limits: NamedDependency[Limits],
    data: JSONBody[RedeemRequest],
) -> PurchaseAnswer:
    """It follows what the viewer has already."""
    await allow_code(request, limits, tenant.scope, oneself.viewer)
    gift = await redeem(memberships, tenant.scope, oneself.viewer, data.code)
    return purchase_answer(gift, None, oneself.viewer.id)


async def standing_now(memberships: Desk, tenant: ResolvedTenant, viewer: Viewer) -> Standing | None:
    """How the viewer stands."""
    found = await MembershipRepository(memberships.database, tenant.scope).get(viewer.id)
    return standing_of(found, memberships.now())


def _answer(standing: Standing | None) -> MembershipAnswer:
    answer = membership_answer(standing)
    if answer is None:
        raise _NOTHING
    return answer


MEMBERSHIP_ROUTES: Final = [
    get_membership,
    buy_membership,
    list_purchases,
    get_purchase,
    cancel_membership,
    resume,
    renew,
    redeem_gift,
]
