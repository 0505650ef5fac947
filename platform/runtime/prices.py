"""Which prices the gateways that are set up would not take: they may have been set before those were, or imported."""

from __future__ import annotations

from collections.abc import Sequence

from billing.gateways.least import least_charge
from billing.gateways.protocol import Gateway
from billing.gateways.remarks import Remark
from billing.memberships.offers import offers_of, refusal
from billing.money import shown
from billing.plans.model import Plan
from tenancy.model import Tenant


def price_remarks(gateways: Sequence[Gateway], sites: Sequence[Tenant], plans: Sequence[Plan]) -> list[Remark]:
    """What viewers of these sites cannot pay, or not everywhere, and what of plans is carried until it is enough."""
    paid_at = [each.name for each in gateways if each.pages]
    charging = [each.name for each in gateways if each.charges]
    viewers = [remark for site in sites for remark in _of_site(paid_at, site)]
    return viewers + [remark for plan in plans for remark in _of_plan(charging, plan)]


def _of_site(gateways: Sequence[str], site: Tenant) -> list[Remark]:
    found: list[Remark] = []
    for offer in offers_of(site):
        refused = {each: why for each in gateways if (why := refusal(each, offer.amount, offer.currency))}
        if refused:
            why = f"{next(iter(refused.values()))} ({', '.join(refused)})"
            said = f"{site.id}: membership.{offer.plan}: {why}"
            found.append(Remark("bad" if len(refused) == len(gateways) else "note", said))
    return found


def _of_plan(gateways: Sequence[str], plan: Plan) -> list[Remark]:
    least = max((least_charge(each, plan.currency) for each in gateways), default=0)
    if not 0 < plan.base < least:
        return []
    base, taken = shown(plan.base, plan.currency), shown(least, plan.currency)
    return [
        Remark("note", f"{plan.ref}: {base} alone is less than can be charged, {taken}: carried until it is enough")
    ]
