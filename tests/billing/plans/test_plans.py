"""Plans are published in versions that never change, and a plan that cannot be sold is refused by its field's name."""

import asyncio
from typing import Any

import msgspec
import pytest

from billing.plans.checking import check
from billing.plans.defaults import DEFAULTS, default_plan, publish_defaults
from billing.plans.model import BadPlan, Band, Plan, Tier
from billing.plans.repository import INDEXES, Plans
from storage.indexes import build_indexes
from storage.mongo import Database
from tests.billing.rating.samples import PARTNER, STARTER


@pytest.fixture
async def plans(database: Database) -> Plans:
    await build_indexes(database, INDEXES)
    return Plans(database)


def newer(plan: Plan, **fields: Any) -> Plan:
    return msgspec.structs.replace(plan, version=plan.version + 1, **fields)


async def test_a_published_plan_comes_back_as_it_was(plans: Plans) -> None:
    for plan in (STARTER, PARTNER):
        assert await plans.publish(plan)
        assert await plans.get(plan.ref) == plan
    assert await plans.get("starter@9") is None
    assert await plans.every() == {"starter@1": STARTER, "partner@1": PARTNER}


async def test_the_latest_version_is_what_is_sold(plans: Plans) -> None:
    versions = [msgspec.structs.replace(STARTER, version=version, base=version) for version in range(1, 12)]
    for plan in versions:
        await plans.publish(plan)
    await plans.publish(PARTNER)
    assert await plans.latest("starter") == versions[-1]
    assert await plans.latest("nothing") is None
    assert await plans.prices_of("EUR") == [PARTNER, versions[-1]]
    assert await plans.prices_of("USD") == []


async def test_a_version_never_changes(plans: Plans) -> None:
    await plans.publish(STARTER)
    assert not await plans.publish(STARTER)
    with pytest.raises(BadPlan, match="starter@1 is published"):
        await plans.publish(msgspec.structs.replace(STARTER, base=1))
    assert await plans.get("starter@1") == STARTER


async def test_a_plan_keeps_its_currency_and_kind(plans: Plans) -> None:
    await plans.publish(STARTER)
    with pytest.raises(BadPlan, match="another id"):
        await plans.publish(newer(STARTER, currency="USD"))
    with pytest.raises(BadPlan, match="another id"):
        await plans.publish(newer(PARTNER, id="starter"))


async def test_one_of_two_who_publish_different_prices_at_once_is_told(plans: Plans) -> None:
    rivals = [plans.publish(msgspec.structs.replace(STARTER, base=base)) for base in range(8)]
    outcomes = await asyncio.gather(*rivals, return_exceptions=True)
    assert outcomes.count(True) == 1
    assert sum(isinstance(outcome, BadPlan) for outcome in outcomes) == 7


async def test_the_first_plans_are_published_once_in_two_currencies(plans: Plans) -> None:
    assert await publish_defaults(plans) == len(DEFAULTS) == 6
    assert await publish_defaults(plans) == 0
    assert [plan.id for plan in await plans.prices_of("EUR")] == ["partner-eur", "starter-eur", "starter-yearly-eur"]
    found = {
        (kind, currency): await default_plan(plans, kind, currency)
        for kind in ("fixed_fee", "rev_share")
        for currency in ("USD", "EUR", "JPY")
    }
    named = {key: None if plan is None else plan.id for key, plan in found.items()}
    assert named == {
        ("fixed_fee", "USD"): "starter",
        ("fixed_fee", "EUR"): "starter-eur",
        ("fixed_fee", "JPY"): None,
        ("rev_share", "USD"): "partner",
        ("rev_share", "EUR"): "partner-eur",
        ("rev_share", "JPY"): None,
    }


async def test_a_currency_of_the_owners_own_plans_has_a_default_too(plans: Plans) -> None:
    yen = msgspec.structs.replace(STARTER, id="nippon", currency="JPY")
    await plans.publish(yen)
    assert await default_plan(plans, "fixed_fee", "JPY") == yen


@pytest.mark.parametrize("plan", DEFAULTS, ids=lambda plan: str(plan.ref))
def test_the_first_plans_can_be_sold(plan: Plan) -> None:
    check(plan)


@pytest.mark.parametrize(
    ("plan", "wrong", "named"),
    [
        (STARTER, {"id": "Starter"}, "id"),
        (STARTER, {"id": "a@b"}, "id"),
        (STARTER, {"id": "a" * 41}, "id"),
        (STARTER, {"name": " "}, "name"),
        (STARTER, {"currency": "XYZ"}, "currency"),
        (STARTER, {"unit": "decade"}, "unit"),
        (STARTER, {"every": 0}, "every"),
        (STARTER, {"version": 0}, "version"),
        (STARTER, {"base": -1}, "base"),
        (STARTER, {"base": 10**13}, "base"),
        (STARTER, {"addons": {"Android App": 1}}, "addons"),
        (STARTER, {"addons": {"app": -1}}, "addons app"),
        (STARTER, {"included_gb": -1}, "included_gb"),
        (STARTER, {"overage_per_gb": -1}, "overage_per_gb"),
        (STARTER, {"trial_days": -1}, "trial_days"),
        (STARTER, {"capacity": (Tier(2, 1), Tier(1, 1))}, "capacity"),
        (STARTER, {"capacity": (Tier(0, 1),)}, "capacity"),
        (STARTER, {"capacity": (Tier(1, 1), Tier(1, 1))}, "capacity"),
        (STARTER, {"capacity": (Tier(1, -1),)}, "capacity 1"),
        (STARTER, {"kind": "barter"}, "kind"),
        (STARTER, {"minimum_fee": 1}, "minimum_fee"),
        (STARTER, {"bands": PARTNER.bands}, "bands"),
        (PARTNER, {"bands": ()}, "bands"),
        (PARTNER, {"bands": (Band(5, 1),)}, "bands"),
        (PARTNER, {"bands": (Band(None, 1), Band(None, 1))}, "bands"),
        (PARTNER, {"bands": (Band(5, 1), Band(5, 1), Band(None, 1))}, "bands"),
        (PARTNER, {"bands": (Band(0, 1), Band(None, 1))}, "bands"),
        (PARTNER, {"bands": (Band(None, 10_001),)}, "share_bps"),
        (PARTNER, {"minimum_fee": -1}, "minimum_fee"),
    ],
)
def test_what_cannot_be_sold_is_refused_by_name(plan: Plan, wrong: dict[str, Any], named: str) -> None:
    with pytest.raises(BadPlan, match=named):
        check(msgspec.structs.replace(plan, **wrong))
