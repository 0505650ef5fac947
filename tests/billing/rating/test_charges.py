"""Bills as somebody would reckon them by hand. January 2026 has 31 days: so do the prices."""

from datetime import datetime, timedelta
from typing import Any

import pytest

from billing.contracts.model import BadTerms, Contract, Coupon, Phase, Rhythm, Tax
from billing.rating import Late, Rated, Span, charges, metered
from tests.billing.rating.samples import GB, JANUARY, PARTNER, PLANS, YEARLY, contract


def day(number: int) -> datetime:
    return JANUARY + timedelta(days=number - 1)


def rated(terms: Contract, n: int = 0, **given: Any) -> Rated:
    return charges(terms, PLANS, terms.period(n), **given)


def amounts(bill: Rated) -> list[tuple[str, int]]:
    return [(line.kind, line.amount) for line in bill.lines]


def test_a_whole_month_costs_the_base_the_add_ons_and_the_tier() -> None:
    bill = rated(contract(addons={"android_app": 1, "dmca_shield": 2}, capacity=2))
    assert amounts(bill) == [("base", 3_100), ("addon", 930), ("addon", 620), ("capacity", 6_200)]
    assert (bill.subtotal, bill.discount, bill.tax, bill.total) == (10_850, 0, 0, 10_850)
    assert bill.counted_seconds == bill.period_seconds == 31 * 86_400
    assert [line.params["key"] for line in bill.lines] == ["starter@1", "android_app", "dmca_shield", "2"]
    assert [(line.quantity, line.unit_amount) for line in bill.lines] == [(1, 3_100), (1, 930), (2, 310), (1, 6_200)]


def test_a_tier_that_costs_nothing_makes_no_line() -> None:
    assert amounts(rated(contract(capacity=1))) == [("base", 3_100)]


def test_what_is_changed_within_the_month_is_charged_by_the_second() -> None:
    bill = rated(
        contract(
            phases=(
                Phase(since=JANUARY, plan="starter@1", addons={"dmca_shield": 1}),
                Phase(since=day(11), plan="growth@1", addons={"dmca_shield": 1, "android_app": 1}),
            )
        )
    )
    # 10 days of 100, 21 of 300; the shield throughout; the app for 21 days of 30
    assert amounts(bill) == [("base", 1_000), ("base", 6_300), ("addon", 630), ("addon", 310)]
    assert [(line.start, line.end) for line in bill.lines[:2]] == [(JANUARY, day(11)), (day(11), day(32))]
    assert bill.lines[1].params == {
        "key": "growth@1",
        "name": "Growth",
        "seconds": 21 * 86_400,
        "of_seconds": 31 * 86_400,
    }


def test_a_month_with_a_change_of_the_clocks_has_an_hour_less_and_costs_the_same() -> None:
    march = contract(
        anchor=datetime(2026, 2, 28, 23), zone="Europe/Berlin", phases=(Phase(since=JANUARY, plan="starter@1"),)
    )
    bill = rated(march)
    assert bill.period_seconds == 31 * 86_400 - 3_600
    assert bill.total == 3_100


def test_time_under_a_hold_costs_nothing_and_overlapping_holds_count_once() -> None:
    holds = [Span(day(11), day(21)), Span(day(16), day(26)), Span(day(31), day(90))]
    bill = rated(contract(), holds=holds)
    assert amounts(bill) == [("base", 1_500)]
    assert bill.counted_seconds == 15 * 86_400


def test_a_month_wholly_under_a_hold_costs_nothing_whatever_was_used() -> None:
    hold = [Span(datetime(2020, 1, 1), datetime(2030, 1, 1))]
    assert rated(contract(capacity=2), holds=hold, usage_bytes=9_000 * GB).total == 0
    bill = rated(contract(PARTNER), holds=hold, usage_bytes=9_000 * GB, revenue=50_000)
    assert (bill.total, bill.share, bill.lines) == (0, (), ())


def test_a_trial_costs_nothing_and_neither_does_what_was_sent_in_it() -> None:
    trial = contract(trial_until=day(15))
    assert rated(trial).total == 1_700
    assert metered(trial, trial.period(0)) == Span(day(15), day(32))
    whole = contract(trial_until=day(60))
    assert rated(whole, usage_bytes=5_000 * GB).total == 0
    assert metered(whole, whole.period(0)) is None


def test_a_contract_that_ends_now_is_charged_up_to_then() -> None:
    ended = contract(ends_at=day(11))
    assert rated(ended).total == 1_000
    assert rated(ended, 1).total == 0
    assert metered(ended, ended.period(0)) == Span(JANUARY, day(11))
    assert (ended.closing_of(0), ended.closing_of(1), ended.closing_of(2)) == (day(11), day(41), None)


@pytest.mark.parametrize(
    ("used", "gb"), [(0, 0), (310 * GB, 0), (310 * GB + 1, 1), (311 * GB, 1), (311 * GB + 1, 2), (410 * GB, 100)]
)
def test_each_gb_begun_beyond_the_included_ones_is_charged(used: int, gb: int) -> None:
    bill = rated(contract(), usage_bytes=used)
    lines = [line for line in bill.lines if line.kind == "bandwidth"]
    assert [(line.quantity, line.unit_amount, line.amount) for line in lines] == ([(gb, 5, gb * 5)] if gb else [])


def test_what_is_included_follows_the_time_that_counts() -> None:
    bill = rated(contract(ends_at=day(11)), usage_bytes=101 * GB)
    assert amounts(bill) == [("base", 1_000), ("bandwidth", 5)]
    assert bill.lines[1].params == {"used_bytes": 101 * GB, "included_bytes": 100 * GB}


def test_where_two_prices_of_a_gb_held_their_mean_by_time_is_charged() -> None:
    phases = (Phase(since=JANUARY, plan="starter@1"), Phase(since=day(11), plan="growth@1"))
    bill = rated(contract(phases=phases), usage_bytes=(100 + 630 + 31) * GB)
    line = bill.lines[-1]
    assert (line.kind, line.quantity, line.unit_amount, line.amount) == ("bandwidth", 31, None, 10 * 5 + 21 * 3)


def test_late_bytes_cost_what_they_would_have_cost_in_time() -> None:
    terms = contract()
    late = [Late(0, GB, 310 * GB + GB // 2)]
    bill = rated(terms, 1, late=late)
    assert amounts(bill) == [("base", 3_100), ("late", 5)]
    line = bill.lines[-1]
    assert (line.params["n"], line.quantity, line.start, line.end) == (0, 1, JANUARY, day(32))
    assert amounts(rated(terms, 1, late=[Late(0, GB // 2, 310 * GB + GB // 2)])) == [("base", 3_100)]
    assert amounts(rated(terms, 1, late=[Late(0, GB, 100)])) == [("base", 3_100)]


def test_a_share_is_taken_band_by_band_and_kept_back_by_the_statement() -> None:
    bill = rated(contract(PARTNER), revenue=150_000)
    assert [(line.params["share_bps"], line.amount) for line in bill.share] == [
        (3_000, 3_000),
        (2_000, 18_000),
        (1_000, 5_000),
    ]
    assert (bill.share_amount, bill.lines, bill.total) == (26_000, (), 0)


def test_the_minimum_fee_is_what_the_share_comes_to_at_least() -> None:
    bill = rated(contract(PARTNER), revenue=4_000)
    assert (bill.share_amount, amounts(bill)) == (1_200, [("minimum", 1_900)])
    assert amounts(rated(contract(PARTNER), revenue=-500)) == [("minimum", 3_100)]
    assert amounts(rated(contract(PARTNER, ends_at=day(11)), revenue=0)) == [("minimum", 1_000)]


def test_bands_that_changed_within_the_month_are_weighed_by_time() -> None:
    phases = (
        Phase(since=JANUARY, plan="partner@1", override={"share_bps": 1_000, "minimum_fee": 0}),
        Phase(since=day(11), plan="partner@1", override={"share_bps": 4_100, "minimum_fee": 0}),
    )
    bill = rated(contract(PARTNER, phases=phases), revenue=31_000)
    assert (bill.share_amount, len(bill.share)) == (1_000 + 21 * 410, 1)


def test_a_coupon_takes_off_its_part_for_its_periods() -> None:
    coupon = Coupon(code="HALF", percent_bps=5_000, periods=2, since_n=1)
    terms = contract(coupon=coupon, addons={"dmca_shield": 1})
    assert [rated(terms, n).total for n in range(4)] == [3_410, 1_705, 1_705, 3_410]
    bill = rated(terms, 1)
    assert (bill.subtotal, bill.discount) == (3_410, 1_705)
    assert bill.lines[-1].params == {"code": "HALF", "percent_bps": 5_000}


def test_a_coupon_of_an_amount_never_takes_off_more_than_there_is() -> None:
    assert rated(contract(coupon=Coupon(code="TEN", amount=1_000))).total == 2_100
    assert rated(contract(coupon=Coupon(code="ALL", amount=99_000))).total == 0


def test_a_tenants_own_prices_stand_in_the_place_of_the_plans() -> None:
    own = {"base": 1_000, "addon:dmca_shield": 100, "capacity:2": 0, "included_gb": 0, "overage_per_gb": 1}
    bill = rated(contract(override=own, addons={"dmca_shield": 2}, capacity=2), usage_bytes=7 * GB)
    assert amounts(bill) == [("base", 1_000), ("addon", 200), ("bandwidth", 7)]
    assert rated(contract(PARTNER, override={"share_bps": 500}), revenue=200_000).share_amount == 10_000


@pytest.mark.parametrize(
    ("tax", "expected"),
    [
        (Tax(rate_bps=1_900), (589, 3_689)),
        (Tax(rate_bps=1_900, inclusive=True), (495, 3_100)),
        (Tax(rate_bps=1_900, reverse_charge=True), (0, 3_100)),
        (Tax(rate_bps=1_900, reverse_charge=True, inclusive=True), (0, 3_100)),
        (Tax(), (0, 3_100)),
    ],
)
def test_tax_is_added_or_held_in_the_price_or_owed_by_the_tenant(tax: Tax, expected: tuple[int, int]) -> None:
    bill = rated(contract(tax=tax))
    assert (bill.tax, bill.total) == expected


def test_tax_is_on_what_is_left_after_the_coupon() -> None:
    bill = rated(contract(tax=Tax(rate_bps=1_000), coupon=Coupon(code="TEN", amount=1_000)))
    assert (bill.subtotal, bill.discount, bill.tax, bill.total) == (3_100, 1_000, 210, 2_310)


def test_a_plan_in_advance_opens_with_its_first_year_and_trues_up_each() -> None:
    terms = contract(YEARLY, tax=Tax(rate_bps=2_000))
    opening = rated(terms, -1)
    assert amounts(opening) == [("advance", 36_500)]
    assert (opening.lines[0].start, opening.lines[0].end) == (JANUARY, datetime(2027, 1, 1))
    assert (opening.advance, opening.total) == (36_500, 43_800)
    first = rated(terms, 0, advanced=opening.advance)
    assert amounts(first) == [("base", 36_500), ("advanced", -36_500), ("advance", 36_500)]


def test_a_year_partly_under_a_hold_gives_back_what_was_advanced_for_it() -> None:
    hold = [Span(day(1), day(101))]
    bill = rated(contract(YEARLY, ends_at=datetime(2027, 1, 1)), holds=hold, advanced=36_500)
    assert amounts(bill) == [("base", 26_500), ("advanced", -36_500)]
    assert (bill.total, bill.advance) == (-10_000, 0)


def test_leaving_a_year_early_gives_back_the_rest_with_its_tax_and_without_its_discount() -> None:
    coupon = Coupon(code="HALF", percent_bps=5_000, periods=1)
    terms = contract(YEARLY, coupon=coupon, tax=Tax(rate_bps=2_000))
    opening = rated(terms, -1)
    assert (opening.advance, opening.total) == (18_250, 21_900)
    left = contract(YEARLY, coupon=coupon, tax=Tax(rate_bps=2_000), ends_at=day(74))  # 73 days, a fifth of the year
    bill = rated(left, 0, advanced=opening.advance)
    assert amounts(bill) == [("base", 7_300), ("discount", -3_650), ("advanced", -18_250)]
    assert (bill.tax, bill.total) == (-2_920, -17_520)


def test_a_change_within_an_advanced_year_is_settled_at_its_end() -> None:
    dearer = PLANS["yearly@1"]
    phases = (Phase(since=JANUARY, plan=dearer.ref), Phase(since=day(74), plan=dearer.ref, override={"base": 73_000}))
    bill = rated(contract(YEARLY, phases=phases), advanced=36_500)
    assert amounts(bill) == [("base", 7_300), ("base", 58_400), ("advanced", -36_500), ("advance", 73_000)]


def test_a_month_before_a_year_in_advance_carries_it() -> None:
    february = datetime(2026, 2, 1)
    terms = contract(
        phases=(Phase(since=JANUARY, plan="starter@1"), Phase(since=february, plan="yearly@1")),
        rhythms=(Rhythm(first_n=1, anchor=february, unit="year", every=1),),
    )
    assert amounts(rated(terms)) == [("base", 3_100), ("advance", 36_500)]
    assert terms.period(1).end == datetime(2027, 2, 1)


@pytest.mark.parametrize(
    "wrong",
    [
        {"addons": {"no_such": 1}},
        {"addons": {"dmca_shield": -1}},
        {"capacity": 9},
        {"override": {"bse": 1}},
        {"override": {"base": -1}},
        {"override": {"share_bps": 1}},
        {"override": {"addon:no_such": 1}},
        {"phases": (Phase(since=JANUARY, plan="gone@1"),)},
    ],
)
def test_terms_that_the_plan_does_not_sell_are_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(BadTerms):
        rated(contract(**wrong))
