"""Who has left is settled with all the same: whatever viewers' money does after the end has its statement."""

from __future__ import annotations

import asyncio

import pytest

from billing.checking.tenant import check_tenant
from billing.contracts.model import CONTRACT
from billing.contracts.repository import INDEXES
from billing.memberships.ending import refund_purchase
from billing.memberships.model import Purchase
from billing.plans.repository import Plans
from billing.settlements.leaving import follow_ended
from billing.settlements.paying_out import payout_paid
from billing.settlements.repository import StatementRepository
from storage.across import Across, New
from storage.indexes import build_indexes
from storage.scope import TenantScope
from tests.billing.settlements.conftest import House
from tests.billing.stage import ACTOR, GB, Stage, at, monthly

FEE = 65
DISPUTED = 1_500
SHARE = 300
"""Of 10.00, at 30 %."""


async def left(house: House, *, shares: bool = False) -> tuple[TenantScope, Purchase]:
    """A site that sold premium once and left with the end of January; all of that is settled and paid out."""
    await build_indexes(house.desk.database, INDEXES)
    scope = await house.site(shares=shares)
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await house.club.stage.desk.contracts.cancel(scope, at_period_end=True, actor=ACTOR)
    await house.month("2026-02-02")
    await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
    await house.month("2026-03-05")
    return scope, purchase


async def back(house: House, scope: TenantScope, purchase: Purchase, when: str, amount: int | None = None) -> None:
    """The viewer is given so much back, or all."""
    house.club.stage.set_time(at(when))
    await refund_purchase(house.club.desk, scope, purchase.id, amount=amount, actor=ACTOR)


async def settled(house: House, scope: TenantScope) -> list[tuple[int, int, int, int, str | None]]:
    """Of each statement its number, what went back, the share, the balance, and its payout; the books are right."""
    findings = (await check_tenant(house.desk.database, scope, house.desk.now())).findings
    assert [each.what for each in findings if not each.what.startswith("stats")] == []
    found = await StatementRepository(house.desk.database, scope).newest()
    return [(each.id, each.figures.refunds, each.share, each.balance, each.paid_out) for each in reversed(found)]


async def test_a_refund_long_after_the_end_has_a_statement(house: House) -> None:
    scope, purchase = await left(house)
    assert await settled(house, scope) == [(0, 0, 0, 1_000 - FEE, "0")]
    await back(house, scope, purchase, "2026-05-10T09:07")
    await house.month("2026-05-10T09:14:59")
    assert len(await settled(house, scope)) == 1
    await house.month("2026-05-10T09:15")
    assert await settled(house, scope) == [(0, 0, 0, 1_000 - FEE, "0"), (2, 1_000, 0, -1_000, None)]
    made = await house.statement(scope, 2)
    assert (made.start, made.end) == (at("2026-03-03"), at("2026-05-10T09:15"))
    assert await house.held(scope, "memberships", "payable") == [0, 1_000]


async def test_the_share_of_what_went_back_after_the_end_is_turned_back(house: House) -> None:
    scope, purchase = await left(house, shares=True)
    await back(house, scope, purchase, "2026-03-20", amount=605)
    await house.month("2026-04-10")
    await back(house, scope, purchase, "2026-08-01", amount=605)
    await house.month("2026-08-02")
    assert await settled(house, scope) == [
        (0, 0, SHARE, 1_000 - SHARE, "0"),
        (2, 500, -SHARE // 2, -350, None),
        (3, 500, -SHARE // 2, -700, None),
    ]
    assert await house.held(scope, "memberships", "income.share", "payable") == [0, 0, 700]


async def test_what_was_sold_in_the_trial_turns_no_share_back_after_the_end(house: House) -> None:
    scope = await house.site(shares=True)
    contracts = house.club.stage.desk.contracts
    await contracts.set_trial(scope, at("2026-01-15"), actor=ACTOR)
    house.club.stage.set_time(at("2026-01-03"))
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    house.club.stage.set_time(at("2026-01-05"))
    await contracts.cancel(scope, at_period_end=False, actor=ACTOR)
    await house.month("2026-01-06")
    await back(house, scope, purchase, "2026-01-20", amount=605)
    await house.month("2026-02-05")
    await back(house, scope, purchase, "2026-03-20", amount=605)
    await house.month("2026-04-20")
    assert await settled(house, scope) == [
        (0, 0, 0, 1_000, "0"),
        (1, 500, 0, -500, None),
        (2, 500, 0, -1_000, None),
    ]


async def test_a_plan_that_was_to_come_after_the_end_turns_nothing_back(house: House) -> None:
    scope = await house.site(shares=True)
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    stage = house.club.stage
    await Plans(stage.database).publish(monthly())
    await stage.desk.contracts.change(scope, plan="monthly@1", actor=ACTOR)
    await stage.desk.contracts.cancel(scope, at_period_end=True, actor=ACTOR)
    await house.month("2026-03-05")
    await back(house, scope, purchase, "2026-03-20")
    await house.month("2026-04-10")
    assert (await settled(house, scope))[-1] == (2, 1_000, -SHARE, -700, None)
    assert [(await house.statement(scope, n)).plan for n in (0, 2)] == ["partner@1"] * 2
    assert (await stage.invoice(scope, "2")).plan == "partner@1"


async def test_within_the_thirty_days_the_share_is_turned_back_too(house: House) -> None:
    scope = await house.site(shares=True)
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await house.club.stage.desk.contracts.cancel(scope, at_period_end=True, actor=ACTOR)
    await house.month("2026-02-02")
    await back(house, scope, purchase, "2026-02-10")
    await house.month("2026-03-05")
    assert (await settled(house, scope))[1:] == [(1, 1_000, -SHARE, -700, None)]


async def test_a_dispute_is_settled_as_it_goes_on(house: House) -> None:
    scope, purchase = await left(house)
    house.club.stage.set_time(at("2026-04-01"))
    charge = house.club.charge_of(await house.club.payment(scope, purchase.id))
    dispute = house.club.till.sandbox.desk.dispute(charge)
    await house.month("2026-06-10")
    assert (await house.statement(scope, 2)).result == -DISPUTED, "the bank's fee, before anything is decided"
    house.club.till.sandbox.desk.decide(dispute["id"], won=False)
    await house.month("2026-06-11")
    made = await house.statement(scope, 3)
    assert (made.end, made.figures.disputes, made.balance) == (at("2026-06-10T00:15"), 1_000, -1_000 - DISPUTED)
    await settled(house, scope)


async def test_what_was_too_little_to_be_paid_out_is_paid_with_the_end(house: House) -> None:
    scope = await house.site()
    purchase = await house.club.buy(scope, await house.club.viewer(scope))
    await refund_purchase(house.club.desk, scope, purchase.id, amount=800, actor=ACTOR)
    await house.club.stage.desk.contracts.cancel(scope, at_period_end=True, actor=ACTOR)
    await house.month("2026-02-02")
    assert await house.payouts(scope) == []
    await house.month("2026-03-05")
    assert [each.amount for each in await house.payouts(scope)] == [339 - FEE]
    assert (await settled(house, scope))[1][4] == "1"


async def test_whoever_is_left_alone_has_nothing_written(house: House) -> None:
    scope, _ = await left(house)
    before = await house.club.stage.contract(scope)
    for when in ("2026-06-01", "2027-06-01"):
        house.club.stage.set_time(at(when))
        assert await follow_ended(house.desk.database, at(when)) == 0
    assert await house.club.stage.contract(scope) == before


async def test_a_contract_that_cannot_be_read_is_in_nobodys_way(house: House, caplog: pytest.LogCaptureFixture) -> None:
    scope, purchase = await left(house)
    broken = {"ends_at": at("2026-01-01"), "next_due": None}
    await Across(house.desk.database, "contracts").insert_new([New("tenant:a", CONTRACT, broken)])
    await back(house, scope, purchase, "2026-05-10T09:07")
    await house.month("2026-05-11")
    assert len(await settled(house, scope)) == 2
    assert "the contract of tenant:a cannot be read" in caplog.text


async def test_several_that_look_at_once_close_it_once(house: House) -> None:
    scope, purchase = await left(house)
    await back(house, scope, purchase, "2026-05-10")
    now = at("2026-05-11")
    house.club.stage.set_time(now)
    assert sum(await asyncio.gather(*(follow_ended(house.desk.database, now, block=1) for _ in range(5)))) == 1
    assert [each.n for each in (await house.club.stage.contract(scope)).afterwards] == [2]
    # Until that is closed, no other is begun.
    assert await follow_ended(house.desk.database, at("2026-12-01")) == 0


async def test_who_comes_back_after_it_is_numbered_on(house: House) -> None:
    scope, purchase = await left(house)
    await back(house, scope, purchase, "2026-05-10")
    await house.month("2026-05-11")
    house.club.stage.set_time(at("2026-06-01"))
    contract = await house.club.stage.begin(scope, monthly())
    assert ([each.n for each in contract.absences], contract.afterwards) == ([1, 2, 3], ())
    await house.club.buy(scope, await house.club.viewer(scope, 43))
    await house.month("2026-07-02")
    assert (await settled(house, scope))[-1] == (4, 0, 0, -FEE, None)
    assert (await house.club.stage.states(scope))[4] == "issued"


async def test_bytes_that_were_booked_as_late_are_billed_with_it(house: House) -> None:
    scope, purchase = await left(house)
    stage = house.club.stage
    await stage.use(scope, "2026-01-15", 120 * GB)
    await house.month("2026-05-01")
    assert set(await stage.states(scope)) == {0, 1}, "bytes alone bring no bill"
    await back(house, scope, purchase, "2026-05-10")
    await house.month("2026-05-12")
    late = await stage.invoice(scope, "2")
    assert [(line.kind, line.amount) for line in late.lines] == [("late", 20 * 5)]
    await settled(house, scope)


async def test_who_dies_with_the_period_begun_has_it_closed_by_the_next(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, purchase = await left(house)
    await back(house, scope, purchase, "2026-05-10")

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(Stage, "run", dies)
        with pytest.raises(KeyboardInterrupt):
            await house.month("2026-05-11")
    assert (await house.club.stage.contract(scope)).next_due == at("2026-05-10T00:15")
    await house.month("2026-05-11")
    assert (await settled(house, scope))[-1] == (2, 1_000, 0, -1_000, None)
