"""What a site sells, for how much, and by which gateways."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from msgspec import Struct

from billing.gateways.protocol import Gateway
from billing.memberships.model import PLANS, NotSold, Plan
from billing.money import share
from tenancy.model import Tenant

_WHOLE: Final = 10_000


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


def tax_within(amount: int, tax_bps: int) -> int:
    """The tax that a price holds."""
    return share(amount, tax_bps, _WHOLE + tax_bps)


def pages_of(gateways: Iterable[Gateway]) -> list[str]:
    """Where viewers can pay, by name."""
    return [each.name for each in gateways if each.pages]
