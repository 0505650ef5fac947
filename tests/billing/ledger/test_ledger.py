"""Double entry: balanced or not at all, once or not at all."""

from __future__ import annotations

import asyncio

import pytest
from hypothesis import given
from hypothesis import strategies as st

from billing.ledger.accounts import ACCOUNTS
from billing.ledger.credit import take_hold
from billing.ledger.ledger import Ledger
from billing.ledger.model import Entry, LedgerConflict, Leg, Unbalanced, entry
from billing.ledger.revenue import revenue_in_all, revenue_of, revenues
from billing.money import BadMoney
from storage.mongo import Database
from storage.scope import TenantScope
from storage.transactions import all_or_none
from tests.billing.stage import at

JANUARY, FEBRUARY = at("2026-01-15"), at("2026-02-15")
amounts = st.integers(-(10**12), 10**12)
legs = st.lists(st.builds(Leg, st.sampled_from(sorted(ACCOUNTS)), amounts), max_size=6)


def paid(reference: str, amount: int, when: str = "2026-01-15") -> Entry:
    moved = [Leg("cash.stripe", amount), Leg("receivable", -amount)]
    return entry(f"payment:stripe:{reference}", at=at(when), ref="invoice:0", currency="USD", legs=moved)


@given(legs)
def test_an_entry_balances_or_there_is_none(given_legs: list[Leg]) -> None:
    try:
        made = entry("x:1", at=JANUARY, ref="invoice:0", currency="USD", legs=given_legs)
    except Unbalanced:
        moved: dict[str, int] = {}
        for leg in given_legs:
            moved[leg.account] = moved.get(leg.account, 0) + leg.amount
        assert sum(moved.values()) != 0 or not any(moved.values())
    else:
        assert sum(leg.amount for leg in made.legs) == 0
        assert len({leg.account for leg in made.legs}) == len(made.legs) > 0


def test_no_account_and_no_currency_is_made_up() -> None:
    with pytest.raises(Unbalanced, match="petty"):
        entry("x:1", at=JANUARY, ref="", currency="USD", legs=[Leg("petty", 1), Leg("tax", -1)])
    with pytest.raises(BadMoney):
        entry("x:1", at=JANUARY, ref="", currency="DUB", legs=[Leg("credit", 1), Leg("tax", -1)])


async def test_an_entry_is_posted_once_and_never_with_other_legs(
    database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    ledger = Ledger(database)
    assert await ledger.post(scope_a, paid("a", 100))
    assert not await ledger.post(scope_a, paid("a", 100, "2026-01-16"))
    with pytest.raises(LedgerConflict):
        await ledger.post(scope_a, paid("a", 101))
    lame = Entry(id="x:2", at=JANUARY, kind="x", ref="", currency="USD", legs=(Leg("tax", 1),))
    with pytest.raises(Unbalanced):
        await ledger.post(scope_a, lame)
    assert await ledger.post(scope_b, paid("a", 7))
    assert await ledger.balances(scope_a) == {"cash.stripe": 100, "receivable": -100}


async def test_many_are_posted_at_once_and_what_was_there_stays(
    database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    ledger = Ledger(database)
    await ledger.post(scope_a, paid("a", 100))
    assert await ledger.post_many([(scope_a, paid("a", 100)), (scope_a, paid("b", 5)), (scope_b, paid("a", 7))]) == 2
    with pytest.raises(LedgerConflict):
        await ledger.post_many([(scope_a, paid("b", 6)), (scope_a, paid("c", 1))])
    assert (await ledger.balances(scope_a))["cash.stripe"] == 106
    assert [each.id for each in await ledger.about(scope_a, "invoice:0")] == [
        f"payment:stripe:{reference}" for reference in "abc"
    ]


async def test_two_who_post_the_same_at_once_have_posted_it_once(database: Database, scope_a: TenantScope) -> None:
    ledger = Ledger(database)
    done = await asyncio.gather(*(ledger.post(scope_a, paid("a", 100)) for _ in range(8)))
    assert sorted(done) == [False] * 7 + [True]


async def test_sums_are_of_half_open_spans_and_of_kinds(database: Database, scope_a: TenantScope) -> None:
    ledger = Ledger(database)
    await ledger.post(scope_a, paid("a", 1, "2026-01-15"))
    await ledger.post(scope_a, paid("b", 20, "2026-02-15"))
    assert await ledger.sum(scope_a, "cash.stripe", JANUARY, FEBRUARY) == 1
    assert await ledger.sum(scope_a, "cash.stripe", None, None) == 21
    assert await ledger.sum(scope_a, "cash.stripe", None, None, kinds=["refund"]) == 0
    assert await ledger.balances(scope_a, until=FEBRUARY) == {"cash.stripe": 1, "receivable": -1}


async def test_revenue_is_what_viewers_paid_and_no_statement_changes_it(
    database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    ledger = Ledger(database)
    moves = [
        ("payment:stripe:1", [Leg("cash.stripe", 119), Leg("memberships", -100), Leg("tax", -19)], JANUARY),
        ("refund:stripe:1", [Leg("cash.stripe", -30), Leg("memberships", 30)], FEBRUARY),
        ("statement:0", [Leg("memberships", 70), Leg("income.share", -20), Leg("payable", -50)], FEBRUARY),
    ]
    for name, moved, when in moves:
        await ledger.post(scope_a, entry(name, at=when, ref="membership:p", currency="USD", legs=moved))
    assert await revenue_of(database, scope_a) == 70
    assert await revenue_of(database, scope_a, end=FEBRUARY) == 100
    assert str(await revenue_in_all(database, scope_a, "USD")) == "0.70"
    assert await revenues(database, [scope_a.owner, scope_b.owner], JANUARY, FEBRUARY) == {scope_a.owner: 100}


async def test_credit_is_spent_by_one_at_a_time(database: Database, scope_a: TenantScope) -> None:
    ledger = Ledger(database)
    granted = [Leg("cash.bank", 100), Leg("credit", -100)]
    await ledger.post(scope_a, entry("payment:manual:1", at=JANUARY, ref="", currency="USD", legs=granted))

    async def spend(name: str) -> int:
        async def work() -> int:
            there = await take_hold(database, scope_a)
            if there:
                moved = [Leg("credit", there), Leg("receivable", -there)]
                spent = entry(f"credit_used:{name}", at=JANUARY, ref="", currency="USD", legs=moved)
                await ledger.post(scope_a, spent)
            return there

        return await all_or_none(database, work)

    assert sorted(await asyncio.gather(*(spend(str(n)) for n in range(4)))) == [0, 0, 0, 100]
    assert await ledger.credit(scope_a) == 0
