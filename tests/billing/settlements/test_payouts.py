"""Payouts: each is sent or paid once, by Stripe or by hand."""

from __future__ import annotations

import asyncio

import pytest

from billing.settlements import paying_out
from billing.settlements.model import NoSuchPayout, PayoutUnderWay
from billing.settlements.paying_out import pay_out, payout_paid
from storage.scope import TenantScope
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
    house.club.till.sandbox.desk.top_up(100_000)

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(paying_out, "_book", dies)
        with pytest.raises(KeyboardInterrupt):
            await pay_out(house.desk)
    house.club.stage.clock.advance(3_700)
    assert await pay_out(house.desk) == 1
    assert len(house.club.till.sandbox.objects("transfer")) == 1
    assert (await house.payouts(scope))[0].state == "sent"
    assert (await house.held(scope, "payouts"))[0] == 0
