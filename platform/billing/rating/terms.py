"""The prices that hold for a tenant: its plan's, and its own in their place.

Names of overrides: `base`, `included_gb`, `overage_per_gb`, `minimum_fee`, `share_bps` (one share of all revenue),
`addon:NAME` and `capacity:TIER`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from msgspec import Struct

from billing.contracts.model import BadTerms, Phase
from billing.plans.model import Band, Plan, PlanKind

_NAMES: Final = frozenset({"base", "included_gb", "overage_per_gb", "minimum_fee", "share_bps"})
_MOST: Final = 10**12


class Priced(Struct, frozen=True):
    """So many of a thing, at so much each."""

    key: str
    quantity: int
    price: int


class Terms(Struct, frozen=True, kw_only=True):
    """What holds in a stretch of time, with every override applied. `capacity` is None for no tier."""

    plan: str
    name: str
    kind: PlanKind
    advance: bool
    base: int
    addons: tuple[Priced, ...]
    capacity: Priced | None
    included_gb: int
    overage_per_gb: int
    bands: tuple[Band, ...]
    minimum_fee: int


def terms_of(phase: Phase, plan: Plan) -> Terms:
    """The plan's prices with the phase's own. Raises BadTerms for what the plan does not sell."""
    _check_override(phase.override, plan)
    own = phase.override
    addons = [
        Priced(name, quantity, own.get(f"addon:{name}", _addon_price(plan, name)))
        for name, quantity in sorted(phase.addons.items())
        if _is_quantity(name, quantity)
    ]
    return Terms(
        plan=plan.ref,
        name=plan.name,
        kind=plan.kind,
        advance=plan.advance,
        base=own.get("base", plan.base),
        addons=tuple(addons),
        capacity=_capacity(phase.capacity, plan, own),
        included_gb=own.get("included_gb", plan.included_gb),
        overage_per_gb=own.get("overage_per_gb", plan.overage_per_gb),
        bands=(Band(None, own["share_bps"]),) if "share_bps" in own else plan.bands,
        minimum_fee=own.get("minimum_fee", plan.minimum_fee),
    )


def _is_quantity(name: str, quantity: int) -> bool:
    if not 0 <= quantity <= 1_000_000:
        raise BadTerms(f"add-on {name}: {quantity} of it")
    return quantity > 0


def _addon_price(plan: Plan, name: str) -> int:
    if name not in plan.addons:
        raise BadTerms(f"{plan.ref} sells no add-on {name!r}; it has {', '.join(sorted(plan.addons)) or 'none'}")
    return plan.addons[name]


def _capacity(tier: int, plan: Plan, own: Mapping[str, int]) -> Priced | None:
    if tier == 0:
        return None
    prices = {each.tier: each.price for each in plan.capacity}
    if tier not in prices:
        raise BadTerms(f"{plan.ref} has no capacity tier {tier}; it has {sorted(prices) or 'none'}")
    return Priced(str(tier), 1, own.get(f"capacity:{tier}", prices[tier]))


def _check_override(own: Mapping[str, int], plan: Plan) -> None:
    sold = {*(f"addon:{name}" for name in plan.addons), *(f"capacity:{each.tier}" for each in plan.capacity)}
    for name, value in own.items():
        if name not in _NAMES and name not in sold:
            raise BadTerms(f"override {name!r}: {plan.ref} has no such price")
        if name == "share_bps" and (plan.kind != "rev_share" or value > 10_000):
            raise BadTerms(f"override share_bps {value}: 0 to 10000, on a plan that shares revenue")
        if not 0 <= value <= _MOST:
            raise BadTerms(f"override {name} {value}: not negative")
