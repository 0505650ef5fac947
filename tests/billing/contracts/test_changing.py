"""What changes of a contract come to: pure decisions."""

from datetime import datetime, timedelta
from typing import Any

import msgspec
import pytest

from billing.contracts.beginning import Opening, begun, quarter_of
from billing.contracts.changing import Change, cancelled, changed, kept_on, with_coupon, with_trial
from billing.contracts.checking import check_coupon
from billing.contracts.model import BadTerms, Contract, Coupon, Phase
from billing.plans.model import Plan
from tenancy.model import Tenant
from tests.billing.rating.samples import GROWTH, JANUARY, PARTNER, PLANS, STARTER, YEARLY, contract

NOW = datetime(2026, 3, 10, 12, 34, 56)
MARCH, APRIL = datetime(2026, 3, 1), datetime(2026, 4, 1)


def amended(terms: Contract, at: datetime | None = None, now: datetime = NOW, **change: Any) -> Contract:
    return changed(terms, PLANS, Change(**change), at=at, now=now)


def test_other_terms_hold_from_the_second_on() -> None:
    after = amended(contract(addons={"dmca_shield": 1}), plan="growth@1")
    assert after.phases[1:] == (Phase(since=NOW, plan="growth@1", addons={"dmca_shield": 1}),)
    assert amended(after, now=NOW + timedelta(hours=1), addons={}).phases[2].plan == "growth@1"


def test_the_last_word_counts() -> None:
    planned = amended(contract(), at=APRIL, plan="growth@1")
    assert [phase.plan for phase in planned.phases] == ["starter@1", "growth@1"]
    after = amended(planned, capacity=2)
    assert after.phases[1:] == (Phase(since=NOW, plan="starter@1", capacity=2),)


def test_a_change_to_what_is_changes_nothing() -> None:
    terms = contract(capacity=2, next_due=datetime(2026, 2, 1))
    assert amended(terms, plan="starter@1", capacity=2) == terms


def test_nothing_before_the_open_period_changes() -> None:
    with pytest.raises(BadTerms, match="before the open period"):
        amended(contract(), at=MARCH - timedelta(seconds=1), capacity=2)
    assert amended(contract(), at=MARCH, capacity=2).phases[1].since == MARCH


def test_a_change_before_the_contract_begins_holds_from_its_beginning() -> None:
    early = datetime(2025, 12, 24)
    assert amended(contract(), now=early, plan="growth@1").phases == (Phase(since=JANUARY, plan="growth@1"),)


@pytest.mark.parametrize("plan", [PARTNER, YEARLY])
def test_another_kind_or_rhythm_begins_with_the_next_period(plan: Plan) -> None:
    after = amended(contract(), plan=plan.ref)
    assert after.phases[-1].since == APRIL
    assert after.period(2).end == after.period(3).start == APRIL
    assert after.period(3).end == (datetime(2027, 4, 1) if plan is YEARLY else datetime(2026, 5, 1))


def test_a_change_of_rhythm_that_is_withdrawn_leaves_no_trace() -> None:
    yearly = amended(contract(), plan="yearly@1")
    assert yearly.rhythms
    back = amended(yearly, now=NOW + timedelta(days=1), plan="starter@1")
    assert msgspec.structs.replace(back, next_due=None) == contract()


def test_a_rhythm_keeps_the_day_of_the_month_that_the_first_had() -> None:
    anchor = datetime(2026, 1, 31)
    terms = contract(anchor=anchor, phases=(Phase(since=anchor, plan="starter@1"),))
    after = amended(terms, now=datetime(2026, 2, 10), plan="yearly@1")
    assert [after.period(n).start for n in (1, 2, 3)] == [
        datetime(2026, 2, 28),
        datetime(2027, 2, 28),
        datetime(2028, 2, 29),
    ]
    monthly = amended(after, now=datetime(2026, 6, 1), plan="starter@1")
    assert [monthly.period(n).start for n in (2, 3, 4)] == [
        datetime(2027, 2, 28),
        datetime(2027, 3, 31),
        datetime(2027, 4, 30),
    ]


@pytest.mark.parametrize(
    "change",
    [{"plan": "gone@1"}, {"plan": "dollars@1"}, {"addons": {"no": 1}}, {"capacity": 7}, {"override": {"x": 1}}],
)
def test_terms_that_cannot_be_had_are_refused(change: dict[str, Any]) -> None:
    sold = {**PLANS, "dollars@1": msgspec.structs.replace(STARTER, id="dollars", currency="USD")}
    with pytest.raises(BadTerms):
        changed(contract(), sold, Change(**change), at=None, now=NOW)


def test_leaving_at_the_periods_end_or_with_the_quarter_of_an_hour() -> None:
    terms = contract(next_n=2, next_due=APRIL)
    assert cancelled(terms, at_period_end=True, now=NOW).ends_at == APRIL
    at_once = cancelled(terms, at_period_end=False, now=NOW)
    assert at_once.ends_at == at_once.next_due == datetime(2026, 3, 10, 12, 45)
    assert [at_once.closing_of(n) for n in (1, 2, 3, 4)] == [MARCH, at_once.ends_at, datetime(2026, 4, 9, 12, 45), None]


def test_an_earlier_end_stands_and_a_later_one_gives_way() -> None:
    later = cancelled(contract(next_n=2), at_period_end=True, now=NOW)
    now = cancelled(later, at_period_end=False, now=NOW)
    assert now.ends_at is not None
    assert now.ends_at < APRIL
    assert cancelled(now, at_period_end=True, now=NOW) == now


def test_what_was_never_begun_has_nothing_to_close() -> None:
    for plan, next_n in ((STARTER, 0), (YEARLY, -1)):
        before = contract(plan, next_n=next_n, next_due=JANUARY)
        left = cancelled(before, at_period_end=False, now=datetime(2025, 12, 1))
        assert (left.ends_at, left.next_due) == (JANUARY, None)


def test_a_cancellation_can_be_taken_back_until_it_is_in_force() -> None:
    terms = contract(next_n=2, next_due=APRIL)
    leaving = cancelled(terms, at_period_end=True, now=NOW)
    assert kept_on(leaving, now=NOW) == terms
    with pytest.raises(BadTerms):
        kept_on(leaving, now=APRIL)
    with pytest.raises(BadTerms):
        amended(leaving, at=APRIL, capacity=2)


def test_a_coupon_counts_from_the_open_period_on() -> None:
    given = with_coupon(contract(next_n=1), Coupon(code="TEN", amount=1_000, periods=2), now=NOW).coupon
    assert given is not None
    assert [given.applies_to(n) for n in range(1, 6)] == [False, True, True, False, False]
    assert with_coupon(contract(coupon=given), None, now=NOW).coupon is None


@pytest.mark.parametrize(
    "coupon",
    [
        Coupon(code="NONE"),
        Coupon(code="BOTH", amount=1, percent_bps=1),
        Coupon(code="MUCH", percent_bps=10_001),
        Coupon(code="LESS", percent_bps=0),
        Coupon(code="ZERO", amount=0),
        Coupon(code="NEVER", amount=1, periods=0),
    ],
)
def test_a_coupon_of_no_use_is_refused(coupon: Coupon) -> None:
    with pytest.raises(BadTerms):
        check_coupon(coupon)


def test_a_trial_is_made_longer_only_over_what_cannot_be_billed_yet() -> None:
    fresh = contract(trial_until=datetime(2026, 1, 15))
    longer = with_trial(fresh, PLANS, datetime(2026, 2, 3, 10, 7), now=datetime(2026, 1, 10))
    assert longer.trial_until == datetime(2026, 2, 3, 10)
    for terms, until in ((fresh, APRIL), (contract(), APRIL), (longer, APRIL), (contract(YEARLY), APRIL)):
        with pytest.raises(BadTerms):
            with_trial(terms, PLANS, until, now=NOW)
    with pytest.raises(BadTerms):
        with_trial(contract(trial_until=APRIL), PLANS, JANUARY, now=NOW)


TENANT = Tenant(id="site", domain="site.example", currency="EUR", created_at=datetime(2026, 3, 10, 12, 40))


def test_a_contract_begins_with_the_site_on_a_quarter_of_an_hour() -> None:
    terms = begun(TENANT, STARTER, Opening(), NOW + timedelta(minutes=30))
    assert terms.anchor == terms.phases[0].since == datetime(2026, 3, 10, 12, 30)
    assert (terms.next_n, terms.next_due) == (0, datetime(2026, 4, 10, 12, 30))
    assert (terms.bill_to.name, terms.trial_until, terms.gateway) == ("site.example", None, "manual")


@pytest.mark.parametrize("start", ["2024-01-31T00:00:00+00:00", "2024-01-31", datetime(2024, 1, 31)])
def test_what_was_before_a_start_that_is_brought_along_was_billed_elsewhere(start: object) -> None:
    brought = msgspec.structs.replace(TENANT, subscription={"start_date": start})
    brought = msgspec.structs.replace(brought, created_at=datetime(2026, 3, 10))
    # Also when nobody looks before years have passed.
    terms = begun(brought, STARTER, Opening(), datetime(2029, 1, 1))
    assert terms.anchor == datetime(2024, 1, 31)
    assert (terms.next_n, terms.phases[0].since) == (25, datetime(2026, 2, 28))
    assert terms.next_due == datetime(2026, 3, 31)
    caught_up = begun(brought, STARTER, Opening(from_n=0), NOW)
    assert (caught_up.next_n, caught_up.next_due) == (0, datetime(2024, 2, 29))


@pytest.mark.parametrize("odd", ["ISODate", 17, None, {"$date": 1}])
def test_an_odd_start_is_passed_over(odd: object) -> None:
    terms = begun(msgspec.structs.replace(TENANT, subscription={"start_date": odd}), STARTER, Opening(), NOW)
    assert terms.anchor == datetime(2026, 3, 10, 12, 30)


def test_add_ons_and_tier_are_those_of_the_site_that_the_plan_sells() -> None:
    addons = {
        "android_app": {"active": True},
        "dmca_shield": {"active": False},
        "jukebox": {"active": True},
        "capacity": {"tier": 2},
        "odd": "yes",
    }
    phase = begun(msgspec.structs.replace(TENANT, addons=addons), STARTER, Opening(), NOW).phases[0]
    assert (phase.addons, phase.capacity) == ({"android_app": 1}, 2)
    for tier in (9, "2", None, [2]):
        odd = msgspec.structs.replace(TENANT, addons={"capacity": {"tier": tier}})
        assert begun(odd, STARTER, Opening(), NOW).phases[0].capacity == 0


def test_a_trial_ends_at_the_same_wall_time() -> None:
    plan = msgspec.structs.replace(STARTER, trial_days=14)
    anchor = datetime(2026, 3, 20, 9)
    terms = begun(TENANT, plan, Opening(anchor=anchor, zone="Europe/Berlin"), anchor)
    assert terms.trial_until == datetime(2026, 4, 3, 8)
    assert begun(TENANT, plan, Opening(anchor=anchor, trial_days=0), anchor).trial_until is None


def test_a_plan_in_advance_begins_after_its_trial_with_a_bill_of_the_first_period() -> None:
    plan = msgspec.structs.replace(YEARLY, trial_days=14)
    terms = begun(TENANT, plan, Opening(anchor=JANUARY), JANUARY)
    assert (terms.anchor, terms.next_n) == (datetime(2026, 1, 15), -1)
    assert terms.next_due == terms.phases[0].since == datetime(2026, 1, 15)


def test_a_contract_is_in_the_sites_currency_and_on_terms_that_are_sold() -> None:
    dollars = msgspec.structs.replace(TENANT, currency="USD")
    for tenant, opening in (
        (dollars, Opening()),
        (TENANT, Opening(capacity=9)),
        (TENANT, Opening(from_n=-1)),
        (TENANT, Opening(trial_days=-1)),
        (TENANT, Opening(addons={"no": 1})),
    ):
        with pytest.raises(BadTerms):
            begun(tenant, GROWTH, opening, NOW)
    with pytest.raises(ValueError, match="zone"):
        begun(TENANT, GROWTH, Opening(zone="Mars/Olympus"), NOW)


def test_quarters_of_an_hour() -> None:
    assert quarter_of(datetime(2026, 3, 10, 12, 44, 59, 999_000)) == datetime(2026, 3, 10, 12, 30)
    assert quarter_of(datetime(2026, 3, 10, 12, 45)) == datetime(2026, 3, 10, 12, 45)
