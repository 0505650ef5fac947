"""Whether a plan can be sold: what `Plans.publish` refuses."""

from __future__ import annotations

import re
from typing import Final

from billing.calendar import UNITS
from billing.money import BadMoney, exponent
from billing.plans.model import BadPlan, Band, Plan

_ID: Final = re.compile(r"[a-z][a-z0-9-]{0,39}", re.ASCII)
_ADDON: Final = re.compile(r"[a-z][a-z0-9_]{0,39}", re.ASCII)
_MOST: Final = 10**12
_LONGEST_TRIAL: Final = 3_650


def check(plan: Plan) -> None:
    """Raises BadPlan, naming the field."""
    _check_names(plan)
    _check_amounts(plan)
    if plan.kind == "rev_share":
        _check_bands(plan.bands)
    elif plan.kind != "fixed_fee":
        raise BadPlan(f"kind {plan.kind!r}: fixed_fee or rev_share")
    elif plan.bands or plan.minimum_fee:
        raise BadPlan("bands, minimum_fee: only a plan of kind rev_share has them")


def _check_names(plan: Plan) -> None:
    if _ID.fullmatch(plan.id) is None:
        raise BadPlan(f"id {plan.id!r}: 1 to 40 of a-z, 0-9 and '-', first a letter")
    if not plan.name.strip() or len(plan.name) > 200:
        raise BadPlan("name: 1 to 200 characters")
    for addon in plan.addons:
        if _ADDON.fullmatch(addon) is None:
            raise BadPlan(f"addons {addon!r}: 1 to 40 of a-z, 0-9 and '_', first a letter")
    try:
        exponent(plan.currency)
    except BadMoney as error:
        raise BadPlan(f"currency: {error}") from error
    if plan.unit not in UNITS:
        raise BadPlan(f"unit {plan.unit!r}: one of {', '.join(UNITS)}")


def _check_amounts(plan: Plan) -> None:
    figures = {
        "base": plan.base,
        "included_gb": plan.included_gb,
        "overage_per_gb": plan.overage_per_gb,
        "minimum_fee": plan.minimum_fee,
        **{f"addons {name}": price for name, price in plan.addons.items()},
        **{f"capacity {tier.tier}": tier.price for tier in plan.capacity},
    }
    for name, figure in figures.items():
        _check_range(name, figure, 0, _MOST)
    _check_range("version", plan.version, 1, 1_000_000)
    _check_range("every", plan.every, 1, 1_000)
    _check_range("trial_days", plan.trial_days, 0, _LONGEST_TRIAL)
    tiers = [tier.tier for tier in plan.capacity]
    if tiers != sorted(set(tiers)) or any(tier < 1 for tier in tiers):
        raise BadPlan("capacity: tiers from 1 on, each once, in order")


def _check_bands(bands: tuple[Band, ...]) -> None:
    if not bands or bands[-1].up_to is not None:
        raise BadPlan("bands: the last one has no end (up_to null)")
    ends = [band.up_to for band in bands[:-1]]
    known = [end for end in ends if end is not None]
    if len(known) != len(ends) or known != sorted(set(known)) or any(end < 1 for end in known):
        raise BadPlan("bands: each ends above the one before")
    for band in bands:
        _check_range("bands share_bps", band.share_bps, 0, 10_000)


def _check_range(name: str, figure: int, least: int, most: int) -> None:
    if not least <= figure <= most:
        raise BadPlan(f"{name} {figure}: {least} to {most}")
