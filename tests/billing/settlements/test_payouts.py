"""Payouts: each is sent or paid once, by Stripe or by hand."""

from __future__ import annotations

import asyncio
from datetime import datetime

import pytest
from msgspec import structs

from billing.checking.tenant import check_tenant
from billing.ledger.model import Entry
from billing.payments.lanes import AT_ONCE
from billing.payments.reconciling import reconcile
from billing.settlements import paying_out
from billing.settlements.model import NoSuchPayout, Payout, PayoutUnderWay
from billing.settlements.paying_out import pay_out, payout_paid
from billing.settlements.reckoning import sent_entry
from billing.webhooks.work import work
from storage.scope import TenantScope
from tests.billing.payments.turnstile import Turnstile, slowed
from tests.billing.settlements.conftest import House
from tests.billing.stage import ACTOR

REST = 1_000 - 65


async def owed(house: House, account: str = "", tenant_id: str = "north") -> TenantScope:
    """A site with a payout that is due."""
    scope = await house.site(tenant_id, stripe_account=account)
    await house.club.buy(scope, await house.club.viewer(scope))
    await house.month("2026-02-02")
    return scope


async def account_of(house: House) -> str:
    """An operator's account at Stripe that can take money."""
    made = await house.club.till.stripe.v1.accounts.create_async(
        {"type": "express", "country": "US", "capabilities": {"transfers": {"requested": True}}}
    )
    house.club.till.sandbox.desk.onboard(made.id)
    return made.id


async def sent(house: House) -> tuple[TenantScope, str]:
    """A payout that Stripe has sent, and the transfer."""
    scope = await owed(house, await account_of(house))
    house.club.till.sandbox.desk.top_up(100_000)
    await pay_out(house.desk)
    return scope, (await house.payouts(scope))[0].reference or ""


async def proven(house: House, scope: TenantScope) -> None:
    findings = (await check_tenant(house.desk.database, scope, house.desk.now())).findings
    assert [each.what for each in findings if not each.what.startswith("stats")] == []


async def back(house: House, transfer: str, amount: int | None = None) -> None:
    """Somebody reverses it in Stripe's dashboard."""
    await house.club.till.stripe.v1.transfers.reversals.create_async(
        transfer, {} if amount is None else {"amount": amount}
    )


async def told(house: House, transfer: str) -> str:
    """The webhook of it is worked."""
    payload = {"gateway": "stripe", "event": "stripe:evt_1", "reference": transfer}
    return await work(house.desk.cashier, payload)


async def test_a_transfer_that_came_back_is_booked_back_once_and_paid_by_hand(house: House) -> None:
    scope, transfer = await sent(house)
    cash = (await house.held(scope, "cash.stripe"))[0]
    await back(house, transfer)
    assert [await told(house, transfer) for _ in range(3)] == ["applied"] * 3
    await reconcile(house.desk.cashier)
    (payout,) = await house.payouts(scope)
    assert (payout.state, payout.open, payout.reversed_amount) == ("reversed", REST, REST)
    assert await house.held(scope, "payouts", "cash.stripe", "payable") == [-REST, cash + REST, 0]
    await proven(house, scope)
    house.club.stage.clock.advance(26 * 3_600)
    await pay_out(house.desk)
    assert len(house.club.till.sandbox.objects("transfer")) == 1, "it is not sent again by itself"
    for _ in range(2):
        paid = await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
        assert (paid.state, paid.open, paid.reference) == ("paid", 0, transfer)
    with pytest.raises(PayoutUnderWay):
        await payout_paid(house.desk, scope, "0", reference="SEPA-2", actor=ACTOR)
    assert await house.held(scope, "payouts", "cash.bank") == [0, -REST]
    await proven(house, scope)


async def test_parts_come_back_one_by_one_also_after_the_first_was_paid_by_hand(house: House) -> None:
    scope, transfer = await sent(house)
    await back(house, transfer, 100)
    await back(house, transfer, 35)
    await told(house, transfer)
    await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
    await back(house, transfer, 300)
    await reconcile(house.desk.cashier)
    (payout,) = await house.payouts(scope)
    assert (payout.state, payout.open, payout.reversed_amount) == ("reversed", 300, 435)
    await proven(house, scope)
    await payout_paid(house.desk, scope, "0", reference="SEPA-2", actor=ACTOR)
    assert await house.held(scope, "payouts", "cash.bank") == [0, -435]
    await proven(house, scope)


async def test_operators_are_paid_some_at_a_time_and_what_breaks_for_one_is_no_others(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    account, many = await account_of(house), AT_ONCE + 2
    for number in range(many):
        scope = await house.site(f"site{number}", stripe_account=account)
        await house.club.buy(scope, await house.club.viewer(scope))
    await house.month("2026-02-02")
    house.club.till.sandbox.desk.top_up(100_000)
    turnstile, odd = Turnstile(AT_ONCE), iter([RuntimeError("odd")])

    def breaks_once(payout: Payout, cash: str, at: datetime) -> Entry:
        for error in odd:
            raise error
        return sent_entry(payout, cash, at)

    with monkeypatch.context() as patched:
        patched.setattr(paying_out, "sent_entry", breaks_once)
        sent = await pay_out(structs.replace(house.desk, cashier=slowed(house.desk.cashier, "transfer", turnstile)))
    assert (turnstile.most, sent) == (AT_ONCE, many - 1)
    house.club.stage.clock.advance(3_700)
    assert await pay_out(house.desk) == 1
    assert len(house.club.till.sandbox.objects("transfer")) == many


async def dies_behind_the_transfer(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.club.till.sandbox.desk.top_up(100_000)

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(paying_out, "_book", dies)
        with pytest.raises(KeyboardInterrupt):
            await pay_out(house.desk)


async def test_a_reversal_that_no_webhook_told_of_is_found(house: House) -> None:
    scope, transfer = await sent(house)
    await back(house, transfer)
    await asyncio.gather(*(reconcile(house.desk.cashier) for _ in range(3)))
    assert (await house.held(scope, "payouts"))[0] == -REST
    await proven(house, scope)


async def test_one_that_came_back_before_we_knew_that_it_had_left_is_booked_both_ways(
    house: House, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await owed(house, await account_of(house))
    await dies_behind_the_transfer(house, monkeypatch)
    (transfer,) = house.club.till.sandbox.objects("transfer")
    await back(house, transfer["id"])
    assert await told(house, transfer["id"]) == "applied"
    assert (await house.payouts(scope))[0].state == "due"
    house.club.stage.clock.advance(3_700)
    await pay_out(house.desk)
    assert (await house.payouts(scope))[0].state == "reversed"
    assert (await house.held(scope, "payouts"))[0] == -REST
    await proven(house, scope)


async def test_a_transfer_of_somebody_else_or_in_anothers_name_moves_nothing(house: House) -> None:
    scope, transfer = await sent(house)
    stripe = house.club.till.stripe
    account = (await house.payouts(scope))[0].account or ""
    about: dict[str, str]
    for about in ({}, {"tenant": "north", "purpose": "payout", "key": "north:payout:0"}, {"purpose": "payout"}):
        made = await stripe.v1.transfers.create_async(
            {"amount": 100, "currency": "usd", "destination": account, "metadata": about}
        )
        await back(house, made.id)
        assert await told(house, made.id) == "orphan"
    await reconcile(house.desk.cashier)
    (payout,) = await house.payouts(scope)
    assert (payout.state, payout.reference) == ("sent", transfer)
    await proven(house, scope)


async def test_what_staff_paid_is_paid_once(house: House) -> None:
    scope = await owed(house)
    with pytest.raises(NoSuchPayout):
        await payout_paid(house.desk, scope, "7", reference="SEPA-1", actor=ACTOR)
    assert await pay_out(house.desk) == 0
    paid = await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
    assert (paid.state, paid.reference, paid.by) == ("paid", "SEPA-1", "staff:anna")
    assert (await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)).state == "paid"
    with pytest.raises(PayoutUnderWay):
        await payout_paid(house.desk, scope, "0", reference="SEPA-2", actor=ACTOR)
    assert await house.held(scope, "payouts", "cash.bank", "payable") == [0, -REST, 0]


async def test_stripe_sends_it_once_however_many_ask(house: House) -> None:
    scope = await owed(house, await account_of(house))
    house.club.till.sandbox.desk.top_up(100_000)
    await asyncio.gather(*(pay_out(house.desk) for _ in range(5)))
    house.club.stage.clock.advance(3_700)
    await pay_out(house.desk)
    assert [each["amount"] for each in house.club.till.sandbox.objects("transfer")] == [REST]
    payout = (await house.payouts(scope))[0]
    assert (payout.state, (payout.reference or "").startswith("tr_")) == ("sent", True)
    assert (await house.held(scope, "payouts"))[0] == 0
    with pytest.raises(PayoutUnderWay):
        await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)


@pytest.mark.parametrize("fate", ["drop_before", "drop_after", "error_after"])
async def test_what_is_in_doubt_is_asked_again_and_paid_by_nobody_else(house: House, fate: str) -> None:
    scope = await owed(house, await account_of(house))
    house.club.till.sandbox.desk.top_up(100_000)
    house.club.till.sandbox.faults.next(fate, method="POST", path="/v1/transfers", times=3)
    assert await pay_out(house.desk) == 0
    with pytest.raises(PayoutUnderWay):
        await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
    house.club.till.sandbox.faults.clear()
    for _ in range(2):
        house.club.stage.clock.advance(26 * 3_600)
        await pay_out(house.desk)
    assert [each["amount"] for each in house.club.till.sandbox.objects("transfer")] == [REST]
    assert (await house.payouts(scope))[0].state == "sent"


async def test_what_stripe_refuses_may_be_paid_by_hand(house: House) -> None:
    scope = await owed(house, "acct_nobody")
    assert await pay_out(house.desk) == 0
    payout = (await house.payouts(scope))[0]
    assert (payout.state, payout.account, bool(payout.reason)) == ("due", None, True)
    paid = await payout_paid(house.desk, scope, "0", reference="SEPA-1", actor=ACTOR)
    assert paid.state == "paid"


async def test_who_dies_behind_the_transfer_has_sent_it_once(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await owed(house, await account_of(house))
    await dies_behind_the_transfer(house, monkeypatch)
    house.club.stage.clock.advance(3_700)
    assert await pay_out(house.desk) == 1
    assert len(house.club.till.sandbox.objects("transfer")) == 1
    assert (await house.payouts(scope))[0].state == "sent"
    assert (await house.held(scope, "payouts"))[0] == 0
