"""What a site sells, for how much, and by which gateways."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from msgspec import Struct

from billing.gateways.least import chargeable, least_charge
from billing.gateways.protocol import Gateway
from billing.memberships.model import PLANS, NotSold, Plan
from billing.money import share, shown
from storage.mongo import Stored
from tenancy.desk import TenantCheck
from tenancy.errors import BadTenant
from tenancy.model import Tenant

_WHOLE: Final = 10_000
_UNSAID: Final = "USD"
"""The currency of a tenant that says none."""


class Offer(Struct, frozen=True, kw_only=True):
    """A plan for `amount` minor units, of which `tax` is tax."""

    plan: Plan
    amount: int
    tax: int
    currency: str


def offers_of(tenant: Tenant) -> list[Offer]:
    """What the site sells, the shortest first; nothing where membership is not enabled."""
    rules = tenant.membership
    if not rules.enabled:
        return []
    prices: dict[Plan, int] = {"monthly": rules.monthly, "yearly": rules.yearly}
    return [
        Offer(plan=plan, amount=amount, tax=tax_within(amount, rules.tax_bps), currency=tenant.currency)
        for plan in PLANS
        if (amount := prices[plan]) > 0
    ]


def offer_of(tenant: Tenant, plan: Plan, *, gift: bool) -> Offer:
    """One of them. Raises NotSold."""
    found = next((each for each in offers_of(tenant) if each.plan == plan), None)
    if found is None or (gift and not tenant.membership.gifts):
        raise NotSold("This site does not sell that.")
    return found


def price_check(gateways: Collection[str]) -> TenantCheck:
    """What refuses prices that one of these gateways does not take."""

    def check(ours: Stored) -> None:
        currency = str(ours.get("currency", _UNSAID))
        for plan in PLANS:
            price = ours.get("membership", {}).get(plan, 0)
            for why in (refusal(each, price, currency) for each in gateways if price > 0):
                if why:
                    raise BadTenant(f"membership.{plan}: {why}; 0 sells none")

    return check


def refusal(gateway: str, price: int, currency: str) -> str:
    """Why the gateway does not take the price; empty where it does."""
    least = least_charge(gateway, currency)
    if price < least:
        return f"{shown(price, currency)} is less than can be charged, {shown(least, currency)}"
    if chargeable(gateway, price, currency) != price:
        return f"{shown(price, currency)} is finer than can be charged"
    return ""


def tax_within(amount: int, tax_bps: int) -> int:
    """The tax that a price holds."""
    return share(amount, tax_bps, _WHOLE + tax_bps)


def pages_of(gateways: Iterable[Gateway], offer: Offer | None = None) -> list[str]:
    """Where viewers can pay, by name; for an offer those that take as little as it costs."""
    there = [each.name for each in gateways if each.pages]
    return [each for each in there if offer is None or not refusal(each, offer.amount, offer.currency)]
