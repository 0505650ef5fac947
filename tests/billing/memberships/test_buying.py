"""Buying premium: what was paid for is had, exactly, and once."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from accounts.repository import ViewerRepository
from billing.memberships.buying import bought_by, present
from billing.memberships.ending import cancel, refund_purchase, resume_membership
from billing.memberships.gifts import redeem
from billing.memberships.model import (
    AlreadyMember,
    BadGiftCode,
    IdentityNeeded,
    NoSuchPurchase,
    NothingToRenew,
    NotSold,
)
from billing.payments.reconciling import reconcile
from tests.billing.memberships.club import ACTOR, MONTH, YEAR, Club, Fate
from tests.billing.stage import at


async def test_a_month_that_was_paid_is_had_to_its_end_and_booked_without_its_tax(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    bought = await club.begin(scope, viewer)
    assert bought.payment.url is not None
    assert not await club.is_premium(scope)
    purchase = await club.buy(scope, viewer)
    assert (purchase.id, purchase.state, purchase.kept, purchase.tax) == (bought.purchase.id, "paid", MONTH, 210)
    assert (purchase.start, purchase.end) == (at("2026-01-01T00:15"), at("2026-02-01T00:15"))
    assert await club.is_premium(scope)
    assert await club.revenue(scope) == {"memberships": MONTH - 210, "tax": 210}
    membership = await club.membership(scope)
    assert (membership.renews, membership.can_be_charged, membership.paid_until) == (True, True, purchase.end)
    await cancel(club.desk, scope, 42, actor=ACTOR)
    club.stage.set_time(at("2026-02-01T00:14:59"))
    assert await club.is_premium(scope)
    club.stage.set_time(at("2026-02-01T00:15"))
    assert not await club.is_premium(scope)


async def test_clicking_again_goes_to_the_same_page_and_a_new_price_to_another(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    first, second = await asyncio.gather(club.begin(scope, viewer), club.begin(scope, viewer))
    assert first.purchase.id == second.purchase.id
    assert first.payment.url == second.payment.url
    await club.set(scope, monthly=500)
    dear = first.payment
    cheap = await club.begin(scope, viewer)
    assert (cheap.purchase.amount, cheap.purchase.id != first.purchase.id) == (500, True)
    with pytest.raises(Exception, match="expired"):
        club.till.sandbox.desk.pay(dear.reference or "")


async def test_nothing_is_sold_that_is_not_for_sale_or_could_be_lost(club: Club) -> None:
    scope = await club.site(yearly=0, gifts=False)
    viewer = await club.viewer(scope)
    with pytest.raises(NotSold):
        await club.begin(scope, viewer, "yearly")
    with pytest.raises(NotSold):
        await club.begin(scope, viewer, gift=True)
    with pytest.raises(NotSold):
        await club.begin(scope, viewer, gateway="manual")
    closed = await club.site("south", enabled=False)
    with pytest.raises(NotSold):
        await club.begin(closed, await club.viewer(closed))
    await club.buy(scope, viewer)
    with pytest.raises(AlreadyMember):
        await club.begin(scope, viewer)


async def test_a_purchase_is_its_buyers_on_its_own_site_alone(club: Club) -> None:
    scope, other = await club.site(), await club.site("south")
    ann, bob = await club.viewer(scope), await club.viewer(scope, 43)
    namesake = await club.viewer(other)
    purchase = await club.buy(scope, ann)
    assert (await present(club.desk, scope, ann, purchase.id))[0].id == purchase.id
    for site, who in ((scope, bob), (other, namesake)):
        with pytest.raises(NoSuchPurchase):
            await bought_by(club.desk, site, who, purchase.id)
    assert [await club.is_premium(scope), await club.is_premium(scope, 43), await club.is_premium(other)] == [
        True,
        False,
        False,
    ]


async def test_a_second_year_follows_the_first_and_never_shortens_it(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    await club.buy(scope, viewer)
    await cancel(club.desk, scope, 42, actor=ACTOR)
    year = await club.buy(scope, viewer, "yearly")
    assert (year.start, year.end) == (at("2026-02-01T00:15"), at("2027-02-01T00:15"))
    assert (await club.membership(scope)).paid_until == year.end


async def test_a_refund_ends_exactly_what_it_paid_for(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    month = await club.buy(scope, viewer)
    await cancel(club.desk, scope, 42, actor=ACTOR)
    club.stage.set_time(at("2026-01-16T00:00"))
    year = await club.buy(scope, viewer, "yearly")
    await refund_purchase(club.desk, scope, month.id, actor=ACTOR)
    # As if the month had never been: the year began when it was bought.
    year = await club.purchase(scope, year.id)
    assert (year.start, year.end) == (at("2026-01-16T00:15"), at("2027-01-16T00:15"))
    assert (await club.purchase(scope, month.id)).state == "reversed"
    assert await club.is_premium(scope)
    await refund_purchase(club.desk, scope, year.id, actor=ACTOR)
    assert not await club.is_premium(scope)
    assert await club.revenue(scope) == {}
    membership = await club.membership(scope)
    assert (membership.renews, membership.stopped, membership.paid_until) == (False, "refund", None)


async def test_half_of_the_money_is_half_of_the_time(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    purchase = await club.buy(scope, viewer, "yearly")
    whole = (purchase.end or club.now) - (purchase.start or club.now)
    after = await refund_purchase(club.desk, scope, purchase.id, amount=YEAR // 2, actor=ACTOR)
    assert (after.state, after.kept) == ("paid", YEAR // 2)
    after = await club.purchase(scope, purchase.id)
    assert (after.end or club.now) - (after.start or club.now) == whole / 2
    assert await club.is_premium(scope)
    assert (await club.membership(scope)).renews


async def test_what_is_refunded_pro_rata_is_the_time_to_come(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    purchase = await club.buy(scope, viewer)
    club.stage.set_time(at("2026-01-16T12:15"))
    after = await refund_purchase(club.desk, scope, purchase.id, pro_rata=True, actor=ACTOR)
    assert after.kept == MONTH // 2
    assert (await club.purchase(scope, purchase.id)).end == at("2026-01-16T12:15")
    assert not await club.is_premium(scope)
    assert not (await club.membership(scope)).renews


@pytest.mark.parametrize(
    ("fate", "is_premium", "earned"), [("open", True, 1_000), ("won", True, 1_000), ("lost", False, 0)]
)
async def test_a_dispute_takes_what_it_paid_for_once_it_is_lost(
    club: Club, fate: Fate, is_premium: bool, earned: int
) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope))
    await club.dispute(scope, purchase.id, fate)
    club.stage.clock.advance(3_600)
    await reconcile(club.desk.cashier)
    assert await club.is_premium(scope) is is_premium
    assert (await club.revenue(scope)).get("memberships", 0) == earned
    assert (await club.membership(scope)).renews is (fate == "won")


async def test_a_card_that_asks_for_its_owner_is_paid_on_the_page(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    bought = await club.begin(scope, viewer)
    club.till.sandbox.desk.pay(bought.payment.reference or "", "authenticationRequired")
    purchase, payment = await present(club.desk, scope, viewer, bought.purchase.id)
    assert payment is not None
    assert (purchase.state, payment.state) == ("open", "action")
    club.till.sandbox.desk.authenticate(club.till.sandbox.objects("payment_intent")[-1]["id"])
    purchase, payment = await present(club.desk, scope, viewer, bought.purchase.id)
    assert purchase.state == "paid"
    assert await club.is_premium(scope)


async def test_a_declined_card_buys_nothing(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    bought = await club.begin(scope, viewer)
    with pytest.raises(Exception, match="declined"):
        club.till.sandbox.desk.pay(bought.payment.reference or "", "chargeDeclined")
    purchase, _ = await present(club.desk, scope, viewer, bought.purchase.id)
    assert purchase.state == "open"
    assert not await club.is_premium(scope)


async def test_a_gift_is_redeemed_once_also_in_a_race(club: Club) -> None:
    scope, other = await club.site(), await club.site("south")
    ann = await club.viewer(scope)
    gift = await club.buy(scope, ann, "yearly", gift=True)
    assert not await club.is_premium(scope)
    assert gift.code is not None
    racers = [await club.viewer(scope, number) for number in range(50, 56)]
    with pytest.raises(BadGiftCode):
        await redeem(club.desk, other, await club.viewer(other), gift.code)
    done = await asyncio.gather(
        *(redeem(club.desk, scope, each, gift.code.lower()) for each in racers), return_exceptions=True
    )
    assert sum(isinstance(each, BadGiftCode) for each in done) == len(racers) - 1
    holders = [each.id for each in racers if await club.is_premium(scope, each.id)]
    assert len(holders) == 1
    again = await redeem(club.desk, scope, await club.role(scope, holders[0]), gift.code)
    assert again.end == club.now.replace(year=2027)
    await refund_purchase(club.desk, scope, gift.id, actor=ACTOR)
    assert not await club.is_premium(scope, holders[0])


async def test_a_gift_that_was_given_back_opens_nothing(club: Club) -> None:
    scope = await club.site()
    gift = await club.buy(scope, await club.viewer(scope), gift=True)
    await refund_purchase(club.desk, scope, gift.id, actor=ACTOR)
    with pytest.raises(BadGiftCode):
        await redeem(club.desk, scope, await club.viewer(scope, 43), gift.code or "")
    for nonsense in ("", "x", "0" * 20, "é" * 20):
        with pytest.raises(BadGiftCode):
            await redeem(club.desk, scope, await club.role(scope, 43), nonsense)


async def test_a_guest_buys_once_they_can_come_back(club: Club) -> None:
    scope = await club.site()
    await ViewerRepository(club.stage.database, scope).add_guest("guest", club.now)
    guest = await club.role(scope, "guest")
    with pytest.raises(IdentityNeeded):
        await club.begin(scope, guest)
    await club.desk.recovery.make(scope, guest)
    await club.buy(scope, guest)
    assert await club.is_premium(scope, "guest")


async def test_who_cancels_may_go_on_until_it_has_ended(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    with pytest.raises(NothingToRenew):
        await cancel(club.desk, scope, 42, actor=ACTOR)
    purchase = await club.buy(scope, viewer)
    assert purchase.end is not None
    first = await cancel(club.desk, scope, 42, actor=ACTOR)
    assert (first.renews, first.stopped) == (False, "viewer")
    assert (await cancel(club.desk, scope, 42, actor=ACTOR)).renews is False
    again = await resume_membership(club.desk, scope, 42, actor=ACTOR)
    assert (again.renews, again.renew_at) == (True, purchase.end - timedelta(days=1))
    await cancel(club.desk, scope, 42, actor=ACTOR)
    await club.at(purchase.end)
    with pytest.raises(NothingToRenew):
        await resume_membership(club.desk, scope, 42, actor=ACTOR)
    assert club.charged == [MONTH]
