"""What the pages of premium show, as plain dicts for templates."""

from __future__ import annotations

from datetime import datetime
from typing import Final

from accounts.model import Viewer
from billing.memberships.buying import NAMES
from billing.memberships.desk import Desk
from billing.memberships.model import Plan, Purchase
from billing.memberships.offers import Offer, offers_of, pages_of
from billing.memberships.repository import PurchaseRepository
from billing.money import shown
from billing.payments.model import Payment
from storefront.membership.answers import progress_of, url_of
from storefront.membership.api import standing_now
from storefront.membership.standing import Standing
from storefront.pages.views import View
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant

MOST_SHOWN: Final = 24
_A: Final[dict[Plan, str]] = {"monthly": "month", "yearly": "year"}
_WAYS: Final = {"stripe": "Card", "btcpay": "Bitcoin"}
_FULL: Final = 100
_MONTHS: Final = 12
_BPS: Final = 100


def offer_views(tenant: Tenant) -> list[View]:
    """The prices, as the site's locale writes them, and what a year saves."""
    offers = offers_of(tenant)
    month = next((each.amount for each in offers if each.plan == "monthly"), 0)
    return [_offer(each, tenant, month) for each in offers]


def _offer(offer: Offer, tenant: Tenant, month: int) -> View:
    twelve = month * _MONTHS
    # Rounded down: nobody is promised more than it is.
    saved = (twelve - offer.amount) * _FULL // twelve if offer.plan == "yearly" and month else 0
    return {
        "plan": offer.plan,
        "per": _A[offer.plan],
        "price": _price(offer.amount, offer.currency, tenant),
        "saves": max(0, saved),
    }


def tax_line(tenant: Tenant) -> str:
    """What the prices hold."""
    rules = tenant.membership
    if not rules.tax_bps:
        return ""
    rate = f"{rules.tax_bps / _BPS:g}"
    return f"Prices include {rate} % {rules.tax_name or 'tax'}."


def perks_of(tenant: Tenant) -> list[View]:
    """What premium gives on this site, and nothing that it does not."""
    perks: list[View] = []
    if tenant.access.streams == "premium":
        text = "Every film and episode in our own player, in every quality there is."
        perks.append({"icon": "play", "title": "Watch it here", "text": text})
    if tenant.access.downloads == "premium":
        text = "Keep films and chapters on your device, for where there is no network."
        perks.append({"icon": "bookmark", "title": "Take it along", "text": text})
    if not perks:
        text = "Everything here is open to everybody. What you pay keeps it going."
        perks.append({"icon": "star", "title": "Keep the lights on", "text": text})
    text = "Cancel in two clicks. What you paid for stays yours to its last day."
    return [*perks, {"icon": "check", "title": "Yours to end", "text": text}]


def ways_of(desk: Desk) -> list[View]:
    """Where it can be paid, by name; cards first."""
    names = sorted(pages_of(desk.cashier.gateways.values()), key=lambda name: name != "stripe")
    return [{"name": name, "label": _WAYS.get(name, name)} for name in names]


def standing_view(standing: Standing | None, tenant: Tenant) -> View | None:
    """What the viewer has, in a sentence, and what they may do about it."""
    if standing is None:
        return None
    membership = standing.membership
    plan = membership.plan or "monthly"
    until = "" if membership.paid_until is None else _day(membership.paid_until)
    price = _price(membership.amount, membership.currency, tenant) if membership.currency else ""
    return {
        "state": standing.state,
        "until": until,
        "price": price,
        "per": _A[plan],
        "charged": "" if membership.renew_at is None else _day(membership.renew_at),
        "is_charged": membership.can_be_charged and not membership.refusal,
        "refused": bool(membership.refusal),
        "pays": membership.renews and (bool(membership.refusal) or not membership.can_be_charged),
        "cancels": membership.renews,
        "resumes": standing.resumable,
        "stopped": membership.stopped,
    }


def purchase_view(purchase: Purchase, payment: Payment | None, tenant: Tenant, viewer: Viewer) -> View:
    """A purchase, with what is true of its payment now."""
    is_buyer = purchase.buyer == viewer.id
    what = f"Premium for {NAMES[purchase.plan]}"
    return {
        "id": purchase.id,
        "what": f"{what}, a gift" if purchase.gift else what,
        "price": _price(purchase.amount, purchase.currency, tenant),
        "tax": _price(purchase.tax, purchase.currency, tenant) if purchase.tax else "",
        "back": _price(purchase.amount - purchase.kept, purchase.currency, tenant) if _went_back(purchase) else "",
        "progress": "reversed" if purchase.state == "reversed" else progress_of(purchase, payment),
        "url": url_of(purchase, payment) or "",
        "host": "" if payment is None else _WAYS.get(payment.gateway, ""),
        "day": _day(purchase.paid_at or purchase.created_at),
        "until": "" if purchase.end is None else _day(purchase.end),
        "gift": purchase.gift,
        "renewal": purchase.renewal,
        "is_buyer": is_buyer,
        "plan": purchase.plan,
        "code": purchase.code if purchase.gift and is_buyer and purchase.state == "paid" else "",
        "redeemed": purchase.redeemed_at is not None,
    }


async def account_view(desk: Desk, tenant: ResolvedTenant, viewer: Viewer) -> View | None:
    """The account's part about premium; None where there is nothing to say of it."""
    standing = await standing_now(desk, tenant, viewer)
    purchases = PurchaseRepository(desk.database, tenant.scope)
    found = {each.id: each for each in await purchases.of_buyer(viewer.id)}
    found |= {each.id: each for each in await purchases.of_holder(viewer.id)}
    paid = [each for each in found.values() if each.paid_at is not None]
    newest = sorted(paid, key=lambda each: each.created_at, reverse=True)[:MOST_SHOWN]
    offers = offers_of(tenant.tenant)
    if standing is None and not newest and not offers:
        return None
    return {
        "standing": standing_view(standing, tenant.tenant),
        "receipts": [purchase_view(each, None, tenant.tenant, viewer) for each in newest],
        "sells": bool(offers),
    }


def _went_back(purchase: Purchase) -> bool:
    return purchase.paid_at is not None and purchase.kept < purchase.amount


def _price(amount: int, currency: str, tenant: Tenant) -> str:
    return shown(amount, currency, tenant.brand.locale or "en")


def _day(moment: datetime) -> str:
    return f"{moment.day} {moment:%B %Y}"
