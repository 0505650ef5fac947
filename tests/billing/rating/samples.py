"""A plan, a contract and a month, to be changed by the tests."""

from datetime import datetime
from typing import Any

import msgspec

from billing.contracts.model import Contract, Phase
from billing.plans.model import Band, Plan, Tier

JANUARY = datetime(2026, 1, 1)
GB = 10**9

STARTER = Plan(
    id="starter",
    version=1,
    kind="fixed_fee",
    name="Starter",
    currency="EUR",
    base=3_100,
    capacity=(Tier(1, 0), Tier(2, 6_200)),
    addons={"android_app": 930, "dmca_shield": 310},
    included_gb=310,
    overage_per_gb=5,
)
GROWTH = msgspec.structs.replace(STARTER, id="growth", name="Growth", base=9_300, included_gb=930, overage_per_gb=3)
YEARLY = msgspec.structs.replace(STARTER, id="yearly", name="Yearly", unit="year", advance=True, base=36_500)
PARTNER = Plan(
    id="partner",
    version=1,
    kind="rev_share",
    name="Partner",
    currency="EUR",
    bands=(Band(10_000, 3_000), Band(100_000, 2_000), Band(None, 1_000)),
    minimum_fee=3_100,
    included_gb=1_000,
    overage_per_gb=2,
)
PLANS = {plan.ref: plan for plan in (STARTER, GROWTH, YEARLY, PARTNER)}


def contract(plan: Plan = STARTER, **fields: Any) -> Contract:
    """On the plan since 1 January 2026, by calendar months or years of UTC."""
    terms = {name: fields.pop(name) for name in ("addons", "capacity", "override") if name in fields}
    given: dict[str, Any] = {
        "id": "contract",
        "anchor": JANUARY,
        "zone": "UTC",
        "unit": plan.unit,
        "every": plan.every,
        "currency": plan.currency,
        "phases": (Phase(since=JANUARY, plan=plan.ref, **terms),),
        "next_n": 0,
        "next_due": None,
        **fields,
    }
    return Contract(**given)
