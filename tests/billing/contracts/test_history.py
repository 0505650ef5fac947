"""Whatever is done to a contract, what is over by then stays as it was: it may be billed already."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from billing.contracts.beginning import Opening, begun
from billing.contracts.changing import Change, cancelled, changed, kept_on, with_coupon, with_trial
from billing.contracts.model import BadTerms, Contract, Coupon
from billing.contracts.resuming import begun_again
from billing.plans.model import Plan
from billing.rating import Line, Span, charges
from tenancy.model import Tenant
from tests.billing.rating.samples import GB, GROWTH, PARTNER, PLANS, STARTER, YEARLY

TENANT = Tenant(id="site", domain="site.example", currency="EUR")
SOLD = [STARTER, GROWTH, YEARLY, PARTNER]
STEPS = st.integers(0, 120 * 86_400)
CHANGES = st.fixed_dictionaries(
    {},
    optional={
        "plan": st.sampled_from([plan.ref for plan in SOLD]),
        "addons": st.dictionaries(st.sampled_from(["android_app", "dmca_shield"]), st.integers(0, 2)),
        "capacity": st.integers(0, 2),
    },
)
DEEDS = st.one_of(
    st.tuples(st.just("change"), CHANGES),
    st.tuples(st.just("later"), CHANGES),
    st.tuples(st.sampled_from(["cancel", "leave", "keep", "trial", "coupon", "no coupon"]), st.just(dict[str, Any]())),
    st.tuples(st.just("again"), st.fixed_dictionaries({"plan": st.sampled_from(SOLD)})),
)
ANCHORS = st.integers(0, 4 * 365 * 96).map(lambda quarter: datetime(2023, 1, 1) + timedelta(minutes=15 * quarter))
ZONES = st.sampled_from(["UTC", "Europe/Berlin", "Asia/Kathmandu", "Australia/Lord_Howe"])


def done(terms: Contract, deed: str, change: dict[str, Any], now: datetime) -> Contract:
    try:
        match deed:
            case "change" | "later":
                at = now + timedelta(days=40) if deed == "later" else None
                return changed(terms, PLANS, Change(**change), at=at, now=now)
            case "cancel" | "leave":
                return cancelled(terms, at_period_end=deed == "cancel", now=now)
            case "keep":
                return kept_on(terms, now=now)
            case "coupon" | "no coupon":
                coupon = Coupon(code=f"{now}", percent_bps=1_000, periods=2) if deed == "coupon" else None
                return with_coupon(terms, coupon, now=now)
            case "again":
                return begun_again(terms, TENANT, change["plan"], Opening(), now)
            case _:
                return with_trial(terms, PLANS, now + timedelta(days=10), now=now)
    except BadTerms:
        return terms


def owed(terms: Contract, before_n: int) -> list[tuple[datetime | None, int, list[Line]]]:
    """When each period was closed and what it came to; what it carries of the next one may yet be trued up."""
    hold = [Span(terms.anchor + timedelta(days=5), terms.anchor + timedelta(days=20))]
    found: list[tuple[datetime | None, int, list[Line]]] = []
    for n in range(-1, before_n):
        bill = charges(terms, PLANS, terms.period(n), holds=hold, usage_bytes=400 * GB, revenue=9_000)
        lines = [line for line in (*bill.lines, *bill.share) if line.kind != "advance"]
        found.append((terms.closing_of(n), bill.counted_seconds, lines))
    return found


@settings(max_examples=80, deadline=None)
@given(st.sampled_from(SOLD), ANCHORS, ZONES, st.lists(st.tuples(STEPS, DEEDS), max_size=8))
def test_what_is_over_never_changes_and_periods_tile_time(
    plan: Plan, anchor: datetime, zone: str, deeds: list[tuple[int, tuple[str, dict[str, Any]]]]
) -> None:
    terms = begun(TENANT, plan, Opening(anchor=anchor, zone=zone, trial_days=3), anchor)
    now = anchor
    for step, (deed, change) in deeds:
        now += timedelta(seconds=step)
        over = terms.index_at(now)
        before = owed(terms, over)
        terms = done(terms, deed, change, now)
        assert terms.index_at(now) == over or deed == "again"
        assert owed(terms, over) == before
        assert terms.next_due == terms.closing_of(terms.next_n)
        starts = [phase.since for phase in terms.phases]
        assert starts == sorted(set(starts))
    last = terms.index_at(now) + 3
    closed = [(terms.period(n).start, end) for n in range(-1, last) if (end := terms.closing_of(n)) is not None]
    assert all(first[1] == second[0] for first, second in pairwise(closed))
    # Who begins again at once was away for no time.
    assert all(start <= end for start, end in closed)
    closings = [terms.closing_of(n) for n in range(-1, last)]
    assert [each for each in closings if each is not None] == closings[: len(closed)]
