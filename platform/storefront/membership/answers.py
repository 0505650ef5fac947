"""What the API says of memberships: amounts in minor units, moments in epoch seconds."""

from __future__ import annotations

from typing import Annotated, Any, Final, Literal

from msgspec import Meta, Struct

from billing.memberships.model import Plan, Purchase, PurchaseState
from billing.memberships.offers import Offer
from billing.payments.model import Payment
from storage.moments import epoch_of
from storefront.membership.standing import Standing, StandingState

Gateway = Literal["stripe", "btcpay"]


class OfferAnswer(Struct, kw_only=True):
    """A plan and its price, of which `tax` is tax."""

    plan: Plan
    amount: int
    tax: int
    currency: str


class MembershipAnswer(Struct, kw_only=True):
    """What the viewer has. `renews_at` is when the next `amount` is charged, or asked for.

    `refusal` is what the last charge was refused for; then the next purchase waits to be paid by hand.
    """

    state: StandingState
    plan: Plan | None
    paid_until: float | None
    renews: bool
    renews_at: float | None
    amount: int
    currency: str
    refusal: str
    resumable: bool


class PremiumAnswer(Struct, kw_only=True):
    """What the site sells, where it can be paid, and the asking viewer's membership."""

    offers: list[OfferAnswer]
    gifts: bool
    gateways: list[str]
    membership: MembershipAnswer | None


class PurchaseAnswer(Struct, kw_only=True):
    """A purchase. `kept` is how much of the `amount` was paid and not given back; `start` to `end` is what it gives.

    `payment` is how far paying is; while it waits for the viewer, `url` is where to go. `code` opens a gift once it is
    paid, for the one who bought it.
    """

    id: str
    plan: Plan
    gift: bool
    renewal: bool
    state: PurchaseState
    amount: int
    tax: int
    kept: int
    currency: str
    created_at: float
    paid_at: float | None
    redeemed_at: float | None
    start: float | None
    end: float | None
    payment: Literal["none", "open", "under_way", "paid", "failed"]
    url: str | None
    code: str | None


class PurchasesAnswer(Struct, kw_only=True):
    """All that the viewer bought or was given, the newest first."""

    purchases: list[PurchaseAnswer]


class BuyRequest(Struct, kw_only=True):
    """What is bought. `gift`: for somebody else, who redeems its code. `gateway` is one that the site names."""

    plan: Plan
    gift: bool = False
    gateway: Annotated[str, Meta(max_length=20)] | None = None


class RedeemRequest(Struct, kw_only=True):
    """A gift's code, as people write it."""

    code: Annotated[str, Meta(max_length=80)]


def offer_answer(offer: Offer) -> OfferAnswer:
    """An offer."""
    return OfferAnswer(plan=offer.plan, amount=offer.amount, tax=offer.tax, currency=offer.currency)


def membership_answer(standing: Standing | None) -> MembershipAnswer | None:
    """The viewer's; None for who never had any."""
    if standing is None:
        return None
    membership = standing.membership
    until, due = membership.paid_until, membership.renew_at
    return MembershipAnswer(
        state=standing.state,
        plan=membership.plan,
        paid_until=None if until is None else epoch_of(until),
        renews=membership.renews,
        renews_at=None if due is None else epoch_of(due),
        amount=membership.amount,
        currency=membership.currency,
        refusal=membership.refusal,
        resumable=standing.resumable,
    )


def purchase_answer(purchase: Purchase, payment: Payment | None, viewer_id: object) -> PurchaseAnswer:
    """A purchase of the viewer's, with what is known of its payment."""
    moments = {
        name: None if (at := getattr(purchase, name)) is None else epoch_of(at)
        for name in ("paid_at", "redeemed_at", "start", "end")
    }
    may_see = purchase.gift and purchase.buyer == viewer_id and purchase.state == "paid"
    return PurchaseAnswer(
        id=purchase.id,
        plan=purchase.plan,
        gift=purchase.gift,
        renewal=purchase.renewal,
        state=purchase.state,
        amount=purchase.amount,
        tax=purchase.tax,
        kept=purchase.kept,
        currency=purchase.currency,
        created_at=epoch_of(purchase.created_at),
        payment=progress_of(purchase, payment),
        url=url_of(purchase, payment),
        code=purchase.code if may_see else None,
        **moments,
    )


def progress_of(purchase: Purchase, payment: Payment | None) -> Literal["none", "open", "under_way", "paid", "failed"]:
    """How far paying is."""
    if purchase.paid_at is not None:
        return "paid"
    if payment is None:
        return "none"
    if payment.is_paid:
        return "under_way"
    if payment.state == "failed":
        return "failed"
    return "open" if url_of(purchase, payment) else "under_way"


def url_of(purchase: Purchase, payment: Payment | None) -> str | None:
    """Where the viewer goes on to pay."""
    waits = purchase.paid_at is None and payment is not None and payment.state == "action"
    return payment.url if waits and payment is not None else None


MEMBERSHIP: Final[dict[str, Any]] = {
    "state": "active",
    "plan": "monthly",
    "paid_until": 1798761600.0,
    "renews": True,
    "renews_at": 1798675200.0,
    "amount": 499,
    "currency": "EUR",
    "refusal": "",
    "resumable": False,
}
PREMIUM: Final[dict[str, Any]] = {
    "offers": [{"plan": "monthly", "amount": 499, "tax": 87, "currency": "EUR"}],
    "gifts": True,
    "gateways": ["stripe"],
    "membership": MEMBERSHIP,
}
PURCHASE: Final[dict[str, Any]] = {
    "id": "5f0c2f6f2a5d4b0a9f4e",
    "plan": "monthly",
    "gift": False,
    "renewal": False,
    "state": "open",
    "amount": 499,
    "tax": 87,
    "kept": 0,
    "currency": "EUR",
    "created_at": 1796083200.0,
    "paid_at": None,
    "redeemed_at": None,
    "start": None,
    "end": None,
    "payment": "open",
    "url": "https://checkout.stripe.com/c/pay/cs_live_a1",
    "code": None,
}
