"""The plans that are there from the first start on, in US dollars and in euros; an owner publishes newer versions."""

from __future__ import annotations

from typing import Final

import msgspec

from billing.plans.model import Band, Plan, Tier
from billing.plans.repository import Plans

_STARTER: Final = Plan(
    id="starter",
    version=1,
    kind="fixed_fee",
    name="Starter",
    currency="USD",
    base=4_900,
    capacity=(Tier(1, 0), Tier(2, 3_900), Tier(3, 9_900)),
    addons={"android_app": 1_900, "dmca_shield": 900},
    included_gb=500,
    overage_per_gb=4,
    trial_days=14,
)
_YEARLY: Final = msgspec.structs.replace(
    _STARTER,
    id="starter-yearly",
    name="Starter, yearly",
    unit="year",
    advance=True,
    base=49_000,
    capacity=(Tier(1, 0), Tier(2, 39_000), Tier(3, 99_000)),
    addons={"android_app": 19_000, "dmca_shield": 9_000},
    included_gb=6_000,
)
_PARTNER: Final = Plan(
    id="partner",
    version=1,
    kind="rev_share",
    name="Partner",
    currency="USD",
    capacity=(Tier(1, 0), Tier(2, 2_900), Tier(3, 7_900)),
    addons={"android_app": 1_900, "dmca_shield": 900},
    included_gb=1_000,
    overage_per_gb=3,
    bands=(Band(100_000, 3_000), Band(1_000_000, 2_500), Band(None, 2_000)),
    minimum_fee=2_500,
    trial_days=14,
)
_IN_USD: Final = (_STARTER, _YEARLY, _PARTNER)
DEFAULTS: Final = (
    *_IN_USD,
    *(msgspec.structs.replace(plan, id=f"{plan.id}-eur", currency="EUR") for plan in _IN_USD),
)
_FIRST: Final[dict[tuple[str, str], str]] = {(plan.kind, plan.currency): plan.id for plan in reversed(DEFAULTS)}


async def publish_defaults(plans: Plans) -> int:
    """Publishes the plans that are not there yet; how many there were. A second time there are none."""
    held = await plans.every()
    missing = [plan for plan in DEFAULTS if plan.ref not in held]
    for plan in missing:
        await plans.publish(plan)
    return len(missing)


async def default_plan(plans: Plans, kind: str, currency: str) -> Plan | None:
    """What a tenant is put on that names only a kind: ours of the currency, or else the first that is sold there."""
    sold = [plan for plan in await plans.prices_of(currency) if plan.kind == kind]
    ours = _FIRST.get((kind, currency))
    return next((plan for plan in sold if plan.id == ours), sold[0] if sold else None)
