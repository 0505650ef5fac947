"""Memberships go on: one charge a period, whatever fails or dies, and an end where nobody pays."""

from __future__ import annotations

import asyncio
from contextlib import suppress
from datetime import timedelta

import pytest
from msgspec import structs

from accounts.repository import ViewerRepository
from billing.memberships import renewing, settling
from billing.memberships.belongings import MembershipBelongings
from billing.memberships.ending import cancel, pay_renewal, refund_purchase, resume_membership
from billing.memberships.renewing import renew_due
from billing.memberships.repository import MembershipRepository
from billing.payments.lanes import AT_ONCE
from billing.payments.reconciling import follow
from storage.audit import Actor
from tests.billing.memberships.club import ACTOR, BACK, MONTH, Club
from tests.billing.payments.turnstile import Turnstile, slowed
from tests.billing.stage import at


async def test_a_year_of_months_is_twelve_charges_without_a_gap(club: Club) -> None:
    scope = await club.site()
    club.stage.set_time(at("2026-01-30T23:45"))
    purchase = await club.buy(scope, await club.viewer(scope))
    assert (purchase.start, purchase.end) == (at("2026-01-31"), at("2026-02-28"))
    seen = [purchase.end]
    while club.now < at("2027-01-29"):
        club.stage.clock.advance(86_400)
        await club.renew()
        assert await club.is_premium(scope)
        until = (await club.membership(scope)).paid_until
        if until != seen[-1]:
            seen.append(until)
    assert [f"{each:%m-%d}" for each in seen if each] == [
        *("02-28", "03-31", "04-30", "05-31", "06-30", "07-31", "08-31", "09-30", "10-31", "11-30", "12-31", "01-31"),
    ]
    assert club.charged == [MONTH] * 12
    assert (await club.revenue(scope))["memberships"] == 12 * 1_000


async def test_many_schedulers_at_once_charge_once(club: Club) -> None:
    scope, other = await club.site(), await club.site("south")
    for site in (scope, other):
        await club.buy(site, await club.viewer(site))
    club.stage.clock.advance(30 * 86_400)
    await asyncio.gather(*(club.renew() for _ in range(6)))
    await club.news()
    await club.renew()
    assert club.charged == [MONTH] * 4
    for site in (scope, other):
        membership = await club.membership(site)
        assert (membership.n, f"{membership.paid_until:%m-%d}") == (1, "03-01")
    keys = {each["metadata"]["key"].split(":")[0] for each in club.till.sandbox.objects("payment_intent")}
    assert keys == {"north", "south"}


async def test_the_viewers_of_a_site_are_charged_some_at_a_time(club: Club) -> None:
    scope, many = await club.site(), AT_ONCE + 4
    for number in range(many):
        await club.buy(scope, await club.viewer(scope, 100 + number))
    club.stage.clock.advance(30 * 86_400)
    turnstile = Turnstile(AT_ONCE)
    assert await renew_due(structs.replace(club.desk, cashier=slowed(club.desk.cashier, "charge", turnstile))) == many
    assert (turnstile.most, club.charged) == (AT_ONCE, [MONTH] * 2 * many)
    assert {(await club.membership(scope, 100 + number)).n for number in range(many)} == {1}


@pytest.mark.parametrize("step", ["renewal_of", "charge_order", "booked", "entitle", "after_charge"])
async def test_who_dies_between_two_steps_charges_once_all_the_same(
    club: Club, step: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await club.site()
    await club.buy(scope, await club.viewer(scope))
    club.stage.clock.advance(30 * 86_400)

    async def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt(step)

    with monkeypatch.context() as patched:
        if step == "entitle":
            patched.setattr(settling, "entitle", dies)
        elif step == "after_charge":
            club.till.sandbox.faults.next("drop_after", method="POST", path="/v1/payment_intents", times=3)
        else:
            patched.setattr(renewing, step, dies)
            if step == "booked":
                patched.setattr(settling, "booked", dies)
        with suppress(KeyboardInterrupt):
            await club.renew()
    for _ in range(3):
        club.stage.clock.advance(3_600)
        await follow(club.desk.cashier)
        await club.renew()
    assert club.charged == [MONTH, MONTH]
    assert (await club.membership(scope)).n == 1
    club.stage.set_time(at("2026-02-10"))
    assert await club.is_premium(scope)


async def test_a_card_that_is_declined_is_tried_again_and_then_it_ends(club: Club) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope))
    membership = await club.membership(scope)
    assert membership.can_be_charged
    bad = await club.till.stripe.v1.payment_methods.attach_async(
        "pm_card_chargeCustomerFail", {"customer": membership.customer or ""}
    )
    await MembershipRepository(club.stage.database, scope).replace(membership, method=bad.id)
    assert purchase.end is not None
    await club.at(purchase.end + timedelta(days=1))
    assert not await club.is_premium(scope)
    membership = await club.membership(scope)
    assert (membership.renews, membership.refusal) == (True, "generic_decline")
    await club.at(purchase.end + timedelta(days=9))
    membership = await club.membership(scope)
    assert (membership.renews, membership.stopped) == (False, "unpaid")
    tried = [each for each in club.till.sandbox.objects("payment_intent") if each["metadata"]["by"] == "charge"]
    assert len(tried) == 4
    assert club.charged == [MONTH]
    assert {text.split(":")[0] for _, text in club.reminded} >= {"Your premium has ended"}


async def test_who_was_asked_to_pay_pays_on_the_page_with_another_card(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    purchase = await club.buy(scope, viewer, card="authenticationRequired")
    assert purchase.state == "open"
    club.till.sandbox.desk.authenticate(club.till.sandbox.objects("payment_intent")[-1]["id"])
    await club.news()
    purchase = await club.purchase(scope, purchase.id)
    assert purchase.end is not None
    await club.at(purchase.end)
    membership = await club.membership(scope)
    assert membership.refusal == "authentication_required"
    assert club.reminded
    tenant = await club.desk.tenants.get("north")
    assert tenant is not None
    page = await pay_renewal(club.desk, scope, tenant, viewer, back=BACK)
    again = await pay_renewal(club.desk, scope, tenant, viewer, back=BACK)
    assert page.payment.url == again.payment.url is not None
    club.till.sandbox.desk.pay(page.payment.reference or "", "visa")
    await club.news()
    after = await club.membership(scope)
    assert (after.n, after.refusal, after.method != membership.method) == (1, "", True)
    assert await club.is_premium(scope)
    assert club.charged == [MONTH, MONTH]


@pytest.mark.parametrize("end", ["cancelled", "unpaid", "refunded"])
async def test_an_authentication_that_was_asked_for_cannot_be_given_once_nothing_renews(club: Club, end: str) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope), card="authenticationRequired")
    club.till.sandbox.desk.authenticate(club.till.sandbox.objects("payment_intent")[-1]["id"])
    await club.news()
    purchase = await club.purchase(scope, purchase.id)
    assert purchase.end is not None
    await club.at(purchase.end)
    waiting = club.till.sandbox.objects("payment_intent")[-1]
    assert waiting["status"] == "requires_payment_method"
    if end == "cancelled":
        await cancel(club.desk, scope, 42, actor=Actor("viewer", "42"))
    elif end == "refunded":
        await refund_purchase(club.desk, scope, purchase.id, actor=ACTOR)
    else:
        await club.at(purchase.end + timedelta(days=8))
        assert (await club.membership(scope)).stopped == "unpaid"
    await club.news()
    assert club.till.sandbox.objects("payment_intent")[-1]["status"] == "canceled"
    renewal = await club.payment(scope, f"{purchase.id}.1")
    assert (renewal.state, renewal.look_at) == ("failed", None)
    assert club.charged == [MONTH]


async def test_who_cancels_and_goes_on_after_all_is_asked_anew(club: Club) -> None:
    scope = await club.site()
    viewer = await club.viewer(scope)
    purchase = await club.buy(scope, viewer, card="authenticationRequired")
    club.till.sandbox.desk.authenticate(club.till.sandbox.objects("payment_intent")[-1]["id"])
    await club.news()
    start = (await club.purchase(scope, purchase.id)).end
    assert start is not None
    await club.at(start - timedelta(hours=12))
    await cancel(club.desk, scope, 42, actor=Actor("viewer", "42"))
    await resume_membership(club.desk, scope, 42, actor=Actor("viewer", "42"))
    tenant = await club.desk.tenants.get("north")
    assert tenant is not None
    page = await pay_renewal(club.desk, scope, tenant, viewer, back=BACK)
    club.till.sandbox.desk.pay(page.payment.reference or "", "visa")
    await club.news()
    after = await club.membership(scope)
    assert (after.n, after.renews) == (1, True)
    assert club.charged == [MONTH, MONTH]
    assert (await club.purchase(scope, f"{purchase.id}.1")).state == "paid"


async def test_nobody_is_charged_who_cancelled_or_was_refunded_or_has_left(club: Club) -> None:
    scope = await club.site()
    for viewer_id in (1, 2, 3):
        await club.buy(scope, await club.viewer(scope, viewer_id))
    await cancel(club.desk, scope, 1, actor=Actor("viewer", "1"))
    second = await club.membership(scope, 2)
    await refund_purchase(club.desk, scope, second.series or "", actor=ACTOR)
    belongings = MembershipBelongings(club.desk.members)
    exported = [each async for each in belongings.export(scope, 3)]
    assert [(each["plan"], each["kept"]) for each in exported] == [("monthly", MONTH)]
    assert await belongings.delete(scope, 3) > 0
    assert [each async for each in belongings.export(scope, 3)] == []
    payment = await club.payment(scope, exported[0]["id"])
    assert (payment.email, payment.customer, payment.method) == (None, None, None)
    await club.at(at("2026-04-01"))
    assert club.charged == [MONTH] * 3


async def test_a_guest_who_signs_in_takes_the_membership_along(club: Club) -> None:
    scope = await club.site()
    await ViewerRepository(club.stage.database, scope).add_guest("guest", club.now)
    await club.desk.recovery.make(scope, await club.role(scope, "guest"))
    await club.buy(scope, await club.role(scope, "guest"))
    await club.viewer(scope)
    belongings = MembershipBelongings(club.desk.members)
    for _ in range(2):
        await belongings.merge(scope, "guest", 42)
    assert await club.is_premium(scope)
    await club.at(at("2026-02-03"))
    assert club.charged == [MONTH, MONTH]
    assert (await club.membership(scope)).n == 1


async def test_a_site_that_is_closed_or_sells_no_more_charges_nobody(club: Club) -> None:
    scope = await club.site()
    await club.buy(scope, await club.viewer(scope))
    await club.set(scope, enabled=False)
    await club.at(at("2026-02-02"))
    membership = await club.membership(scope)
    assert (membership.renews, membership.stopped, club.charged) == (False, "closed", [MONTH])


async def test_a_price_that_rose_is_for_new_members_and_one_that_fell_for_all(club: Club) -> None:
    scope = await club.site()
    await club.buy(scope, await club.viewer(scope))
    await club.set(scope, monthly=2_000)
    await club.at(at("2026-02-05"))
    await club.set(scope, monthly=500)
    await club.at(at("2026-03-05"))
    assert club.charged == [MONTH, MONTH, 500]
