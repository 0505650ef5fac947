"""Laws of every bill, over plans, changes, holds, trials, coupons, taxes and usage that nobody chose."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from fractions import Fraction

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from billing.contracts.model import Contract, Coupon, Phase, Tax
from billing.plans.model import Band, Plan, Tier
from billing.rating import Late, Rated, Span, charges, share_of
from tests.billing.rating.samples import GB, JANUARY, contract

MANY = settings(max_examples=40, deadline=None)
PRICES = st.integers(0, 99_999)
SECONDS = st.integers(-5 * 86_400, 70 * 86_400)
BANDS = st.lists(st.tuples(st.integers(1, 500_000), st.integers(0, 10_000)), max_size=3)


def _bands(drawn: list[tuple[int, int]], last_bps: int) -> tuple[Band, ...]:
    ends = sorted({end for end, _ in drawn})
    return (*(Band(end, bps) for end, (_, bps) in zip(ends, drawn, strict=False)), Band(None, last_bps))


@st.composite
def plans(draw: st.DrawFn, name: str, *, advance: bool = False) -> Plan:
    return Plan(
        id=name,
        version=1,
        kind="rev_share",
        name=name,
        currency="EUR",
        advance=advance,
        base=draw(PRICES),
        capacity=(Tier(1, draw(PRICES)), Tier(2, draw(PRICES))),
        addons={"app": draw(PRICES), "shield": draw(PRICES)},
        included_gb=draw(st.integers(0, 50)),
        overage_per_gb=draw(st.integers(0, 50)),
        bands=_bands(draw(BANDS), draw(st.integers(0, 10_000))),
        minimum_fee=draw(PRICES),
    )


@st.composite
def worlds(draw: st.DrawFn, *, advance: bool = False) -> tuple[Contract, dict[str, Plan]]:
    sold = [draw(plans("one", advance=advance)), draw(plans("two", advance=advance))]
    changes = sorted(set(draw(st.lists(st.integers(1, 59 * 86_400), max_size=4))))
    phases = tuple(
        Phase(
            since=JANUARY + timedelta(seconds=since),
            plan=draw(st.sampled_from(sold)).ref,
            addons=draw(st.dictionaries(st.sampled_from(["app", "shield"]), st.integers(0, 3))),
            capacity=draw(st.integers(0, 2)),
        )
        for since in (0, *changes)
    )
    terms = contract(
        sold[0],
        phases=phases,
        coupon=draw(st.one_of(st.none(), coupons())),
        tax=draw(taxes()),
        ends_at=draw(st.one_of(st.none(), SECONDS.map(_moment))),
        trial_until=None if advance else draw(st.one_of(st.none(), SECONDS.map(_moment))),
    )
    return terms, {plan.ref: plan for plan in sold}


def _moment(seconds: int) -> datetime:
    return JANUARY + timedelta(seconds=seconds)


def coupons() -> st.SearchStrategy[Coupon]:
    periods = st.one_of(st.none(), st.integers(1, 3))
    percent = st.builds(Coupon, code=st.just("P"), percent_bps=st.integers(1, 10_000), periods=periods)
    return st.one_of(percent, st.builds(Coupon, code=st.just("A"), amount=st.integers(1, 90_000), periods=periods))


def taxes() -> st.SearchStrategy[Tax]:
    return st.builds(Tax, rate_bps=st.integers(0, 3_000), inclusive=st.booleans(), reverse_charge=st.booleans())


def _span(start: int, length: int) -> Span:
    return Span(_moment(start), _moment(start + length))


HOLDS = st.lists(st.builds(_span, SECONDS, st.integers(0, 40 * 86_400)), max_size=4)
BYTES = st.integers(0, 200 * GB)
REVENUES = st.integers(-100_000, 2_000_000)
NS = st.integers(-1, 3)
World = tuple[Contract, dict[str, Plan]]


def bill(
    world: World, n: int, holds: Sequence[Span] = (), used: int = 0, revenue: int = 0, late: Sequence[Late] = ()
) -> Rated:
    terms, sold = world
    return charges(terms, sold, terms.period(n), holds=holds, usage_bytes=used, revenue=revenue, late=late)


@MANY
@given(worlds(), NS, HOLDS, BYTES, REVENUES, BYTES)
def test_lines_add_up_to_the_total_and_nothing_is_negative(
    world: World, n: int, holds: list[Span], used: int, revenue: int, late: int
) -> None:
    rated = bill(world, n, holds, used, revenue, [Late(n - 1, late, used)])
    assert sum(line.amount for line in rated.lines) == rated.subtotal - rated.discount
    added = 0 if world[0].tax.inclusive else rated.tax
    assert rated.total == rated.subtotal - rated.discount + added
    assert 0 <= rated.discount <= rated.subtotal
    assert 0 <= rated.tax <= rated.total
    assert all((line.amount < 0) == (line.kind == "discount") for line in (*rated.lines, *rated.share))
    assert all(line.amount for line in rated.lines)
    assert 0 <= rated.counted_seconds <= rated.period_seconds
    assert rated.share_amount <= max(0, revenue)


@MANY
@given(worlds(), NS, HOLDS, BYTES, REVENUES, st.lists(st.integers(0, 65 * 86_400), min_size=1, max_size=3))
def test_a_change_that_changes_nothing_leaves_the_bill_as_it_is(
    world: World, n: int, holds: list[Span], used: int, revenue: int, cuts: list[int]
) -> None:
    terms, sold = world
    again = list(terms.phases)
    for cut in cuts:
        present = [phase for phase in again if phase.since <= _moment(cut)][-1]
        if present.since != _moment(cut):
            again.insert(again.index(present) + 1, msgspec.structs.replace(present, since=_moment(cut)))
    split = msgspec.structs.replace(terms, phases=tuple(again))
    assert bill((split, sold), n, holds, used, revenue) == bill(world, n, holds, used, revenue)


@MANY
@given(worlds(), NS, HOLDS, BYTES, REVENUES)
def test_a_version_with_the_same_prices_costs_the_same(
    world: World, n: int, holds: list[Span], used: int, revenue: int
) -> None:
    terms, sold = world
    newer = {f"{plan.id}@2": msgspec.structs.replace(plan, version=2) for plan in sold.values()}
    phases = tuple(
        msgspec.structs.replace(phase, plan=phase.plan.replace("@1", "@2")) if place % 2 else phase
        for place, phase in enumerate(terms.phases)
    )
    renewed = (msgspec.structs.replace(terms, phases=phases), {**sold, **newer})
    assert bill(renewed, n, holds, used, revenue).total == bill(world, n, holds, used, revenue).total


@MANY
@given(worlds(), st.integers(0, 3), HOLDS, BYTES, REVENUES)
def test_a_period_wholly_under_a_hold_costs_nothing(
    world: World, n: int, holds: list[Span], used: int, revenue: int
) -> None:
    period = world[0].period(n)
    middle = period.start + (period.end - period.start) / 3
    whole = [*holds, Span(period.start - timedelta(days=1), middle), Span(middle, period.end)]
    rated = bill(world, n, whole, used, revenue)
    assert (rated.total, rated.lines, rated.share, rated.counted_seconds) == (0, (), (), 0)


@MANY
@given(worlds(), NS, HOLDS, BYTES, BYTES, REVENUES, REVENUES)
def test_who_uses_or_earns_more_never_pays_less(
    world: World, n: int, holds: list[Span], used: int, more: int, revenue: int, earned: int
) -> None:
    before = bill(world, n, holds, used, revenue)
    assert bill(world, n, holds, used + more, revenue).total >= before.total
    richer = bill(world, n, holds, used, max(revenue, earned))
    assert richer.share_amount >= before.share_amount
    assert richer.share_amount + richer.subtotal >= before.share_amount + before.subtotal


@MANY
@given(worlds(), st.integers(0, 3), HOLDS, st.builds(_span, SECONDS, st.integers(0, 40 * 86_400)))
def test_a_further_hold_never_makes_time_dearer(world: World, n: int, holds: list[Span], hold: Span) -> None:
    assert bill(world, n, [*holds, hold]).subtotal <= bill(world, n, holds).subtotal


@MANY
@given(worlds(), HOLDS, st.lists(BYTES, min_size=1, max_size=5))
def test_late_bytes_cost_in_all_what_they_would_have_cost_in_time(
    world: World, holds: list[Span], parts: list[int]
) -> None:
    in_time = sum(line.amount for line in bill(world, 0, holds, sum(parts)).lines if line.kind == "bandwidth")
    billed, piecemeal = 0, 0
    for n, part in enumerate(parts, start=1):
        late = bill(world, n, holds, late=[Late(0, part, billed)])
        piecemeal += sum(line.amount for line in late.lines if line.kind == "late")
        billed += part
    assert piecemeal == in_time


@MANY
@given(worlds(advance=True), HOLDS, BYTES)
def test_what_is_paid_in_advance_comes_to_what_is_owed(world: World, holds: list[Span], used: int) -> None:
    terms, sold = world
    left = msgspec.structs.replace(terms, ends_at=min(terms.ends_at or _moment(50 * 86_400), _moment(58 * 86_400)))
    arrears = {ref: msgspec.structs.replace(plan, advance=False) for ref, plan in sold.items()}
    advanced = paid = owed = 0
    for n in range(-1, 3):
        period = terms.period(n)
        # Whoever leaves is not known to before they do.
        known = terms if period.end < (left.ends_at or period.end) else left
        rated = charges(known, sold, period, holds=holds, usage_bytes=used, advanced=advanced)
        advanced = rated.advance
        paid += rated.subtotal - rated.discount
        plain = charges(left, arrears, period, holds=holds, usage_bytes=used)
        owed += plain.subtotal - plain.discount
    assert (paid, advanced) == (owed, 0)


@MANY
@given(st.integers(-1_000, 3_000_000), BANDS, st.integers(0, 10_000))
def test_a_share_is_each_bands_part_rounded_once(revenue: int, drawn: list[tuple[int, int]], last: int) -> None:
    bands = _bands(drawn, last)
    exact, below = Fraction(0), 0
    for band in bands:
        top = max(0, revenue) if band.up_to is None else min(max(0, revenue), band.up_to)
        exact += Fraction(max(0, top - below) * band.share_bps, 10_000)
        below = max(below, top)
    assert share_of(revenue, bands) == round(exact)
