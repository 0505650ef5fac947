"""Statements: every cent that viewers paid is settled once, and what goes back turns the shares back."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
from pymongo import MongoClient

from billing.documents.letterhead import letterhead
from billing.ledger.ledger import Ledger
from billing.ledger.model import Leg, entry
from billing.memberships.ending import cancel, refund_purchase
from billing.settlements import closing
from billing.settlements.closing import settle_periods
from billing.settlements.documents import statement_html, statement_pdf
from billing.settlements.model import NoSuchStatement
from billing.settlements.repository import StatementRepository
from tests.billing.memberships.club import Fate
from tests.billing.settlements.conftest import House
from tests.billing.stage import ACTOR, at

Client = MongoClient[dict[str, Any]]
FEE = 65
"""Of a payment of 12.10: 2.9 % and 30 cents."""


async def test_who_pays_a_fixed_fee_gets_all_but_the_gateways_fees(house: House) -> None:
    scope = await house.site()
    await house.club.buy(scope, await house.club.viewer(scope))
    report = await house.month("2026-02-02")
    assert report.made == 1
    made = await house.statement(scope, 0)
    assert (made.figures.sales, made.figures.gross, made.figures.tax, made.fees) == (1, 1_000, 210, FEE)
    assert (made.share, made.result, made.balance, made.paid_out) == (0, 1_000 - FEE, 1_000 - FEE, "0")
    assert await house.held(scope, "memberships", "fees.gateway", "payable", "payouts") == [0, 0, 0, FEE - 1_000]
    assert [(each.amount, each.state) for each in await house.payouts(scope)] == [(1_000 - FEE, "due")]


async def test_who_shares_gets_the_rest_and_bears_no_fees(house: House) -> None:
    scope = await house.site(shares=True)
    for viewer_id in (1, 2, 3):
        await house.club.buy(scope, await house.club.viewer(scope, viewer_id))
    await house.month("2026-02-02")
    made = await house.statement(scope, 0)
    assert [line.amount for line in made.shares] == [600, 100]
    assert (made.share, made.fees, made.result) == (700, 0, 2_300)
    assert await house.held(scope, "memberships", "income.share", "payouts") == [0, -700, -2_300]


async def test_a_refund_after_the_payout_makes_the_next_one_negative_and_is_carried_forward(house: House) -> None:
    scope = await house.site(shares=True)
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await cancel(house.club.desk, scope, 42, actor=ACTOR)
    await house.month("2026-02-02")
    assert [each.amount for each in await house.payouts(scope)] == [700]
    await refund_purchase(house.club.desk, scope, purchase.id, actor=ACTOR)
    await house.month("2026-03-02")
    made = await house.statement(scope, 1)
    assert (made.figures.refunds, made.share, made.result, made.balance) == (1_000, -300, -700, -700)
    assert (made.paid_out, made.shares[0].params["revenue"]) == (None, -1_000)
    await house.club.buy(scope, await house.club.viewer(scope, 43))
    await house.club.buy(scope, await house.club.viewer(scope, 44))
    await house.month("2026-04-02")
    later = await house.statement(scope, 2)
    assert (later.carried, later.result, later.balance, later.paid_out) == (-700, 1_400, 700, "2")
    assert await house.held(scope, "memberships", "payable", "income.share") == [0, 0, -600]


@pytest.mark.parametrize("when", ["2026-01-20", "2026-02-10"])
async def test_what_was_sold_in_the_trial_bears_no_share_and_turns_none_back(house: House, when: str) -> None:
    scope = await house.site(shares=True)
    await house.club.stage.desk.contracts.set_trial(scope, at("2026-01-10"), actor=ACTOR)
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    house.club.stage.set_time(at("2026-01-15"))
    await house.club.buy(scope, await house.club.viewer(scope, 43))
    if when > "2026-02":
        await house.month("2026-02-02")
    house.club.stage.set_time(at(when))
    await refund_purchase(house.club.desk, scope, purchase.id, actor=ACTOR)
    await house.month("2026-03-02")
    made = [each async for each in StatementRepository(house.desk.database, scope).all()]
    assert sum(each.figures.refunds for each in made) == 1_000
    assert [each.share for each in made] == [300, 0][: len(made)]


@pytest.mark.parametrize(("fate", "balance"), [("lost", -1_000), ("won", 0)])
async def test_a_dispute_is_taken_off_once_it_is_lost(house: House, fate: Fate, balance: int) -> None:
    scope = await house.site(shares=True)
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await house.month("2026-02-02")
    await house.club.dispute(scope, purchase.id, fate)
    await house.month("2026-03-02")
    found = await StatementRepository(house.desk.database, scope).get(1)
    assert (0 if found is None else -found.figures.disputes) == balance
    assert (0 if found is None else found.result) == (-700 if fate == "lost" else 0)


async def test_a_little_is_carried_until_it_is_worth_a_payout(house: House) -> None:
    scope = await house.site()
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await refund_purchase(house.club.desk, scope, purchase.id, amount=800, actor=ACTOR)
    await cancel(house.club.desk, scope, 42, actor=ACTOR)
    await house.month("2026-02-02")
    first = await house.statement(scope, 0)
    assert (first.balance, first.paid_out) == (339 - FEE, None)
    await house.month("2026-03-02")
    second = await house.statement(scope, 1)
    assert (second.carried, second.result, second.balance) == (first.balance, 0, first.balance)
    assert await house.payouts(scope) == []


async def test_many_settle_at_once_and_each_period_has_one_statement(house: House) -> None:
    scopes = [await house.site("north"), await house.site("south", shares=True), await house.site("quiet")]
    for scope in scopes[:2]:
        await house.club.buy(scope, await house.club.viewer(scope))
    house.club.stage.set_time(at("2026-03-02"))
    await house.club.stage.run()
    await asyncio.gather(*(settle_periods(house.desk, block=1) for _ in range(5)))
    await settle_periods(house.desk)
    for scope in scopes[:2]:
        found = await StatementRepository(house.desk.database, scope).newest()
        assert [each.id for each in found] == [0]
        assert len(await house.payouts(scope)) == 1
    assert await StatementRepository(house.desk.database, scopes[2]).newest() == []
    assert (await settle_periods(house.desk)).looked == 0


SPOILT = [
    ("contracts", "contract", {"phases": "odd"}),
    ("periods", 0, {"start": "odd"}),
    ("ledger", "statement:0", {"currency": "EUR"}),
]


@pytest.mark.parametrize(("collection", "name", "spoilt"), SPOILT)
async def test_what_cannot_be_settled_is_told_of_and_in_nobodys_way(
    house: House, cleaner: Client, database_name: str, collection: str, name: object, spoilt: dict[str, str]
) -> None:
    scopes = [await house.site("north"), await house.site("south")]
    for scope in scopes:
        await house.club.buy(scope, await house.club.viewer(scope))
    house.club.stage.set_time(at("2026-02-02"))
    await house.club.stage.run()
    legs = [Leg("payable", 1), Leg("memberships", -1)]
    booked = entry("statement:0", at=house.desk.now(), ref="statement:0", currency="USD", legs=legs)
    if collection == "ledger":
        await Ledger(house.desk.database).post(scopes[0], booked)
    cleaner[database_name][collection].update_one({"_id": {"owner": "tenant:north", "id": name}}, {"$set": spoilt})
    report = await settle_periods(house.desk)
    assert (set(report.failed), report.made) == ({"north"}, 1)
    assert (await house.statement(scopes[1], 0)).paid_out == "0"


@pytest.mark.parametrize("step", ["statement_entry", "payout_of", "payout_entry", "statement_of"])
async def test_who_dies_in_between_leaves_nothing_half_done(
    house: House, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await house.site()
    await house.club.buy(scope, await house.club.viewer(scope))

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt(step)

    with monkeypatch.context() as patched:
        patched.setattr(closing, step, dies)
        with pytest.raises(KeyboardInterrupt):
            await house.month("2026-02-02")
    assert await StatementRepository(house.desk.database, scope).newest() == []
    assert await house.held(scope, "payable", "payouts") == [0, 0]
    await settle_periods(house.desk)
    assert (await house.statement(scope, 0)).paid_out == "0"
    assert await house.held(scope, "memberships", "payouts") == [0, FEE - 1_000]


async def test_a_statement_is_a_page_and_a_pdf(house: House) -> None:
    scope = await house.site(shares=True)
    await house.club.buy(scope, await house.club.viewer(scope))
    await house.month("2026-02-02")
    page = await statement_html(house.desk.database, letterhead(), scope, 0)
    assert "MQ-S-north-0" in page
    assert (await statement_pdf(house.desk.database, letterhead(), scope, 0)).startswith(b"%PDF-")
    with pytest.raises(NoSuchStatement):
        await statement_html(house.desk.database, letterhead(), scope, 7)
