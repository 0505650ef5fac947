"""Who leaves, or becomes somebody else, while money is on its way; and whoever dies between two steps of it."""

from __future__ import annotations

from contextlib import suppress
from typing import Any

import pytest

from accounts.repository import ViewerRepository
from billing.memberships import belongings, gifts, renewing
from billing.memberships.belongings import MembershipBelongings
from billing.memberships.desk import Desk
from billing.memberships.ending import cancel, pay_renewal, resume_membership
from billing.memberships.gifts import redeem
from billing.memberships.model import Membership, Purchase
from billing.memberships.renewing import renew_due
from billing.memberships.repository import MembershipRepository, PurchaseRepository
from billing.memberships.settling import BEFORE_CHARGING
from storage.scope import TenantScope
from tenancy.model import Tenant
from tests.billing.memberships.club import ACTOR, BACK, MONTH, YEAR, Club
from tests.billing.stage import at


async def dies(*_: object, **__: object) -> None:
    raise KeyboardInterrupt


async def test_who_cancels_while_the_charge_is_being_prepared_is_not_charged(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await club.site()
    await club.buy(scope, await club.viewer(scope))
    club.stage.clock.advance(30 * 86_400)
    renewal_of = renewing.renewal_of

    async def cancelled_meanwhile(desk: Desk, scope: TenantScope, tenant: Tenant, membership: Membership) -> Purchase:
        await cancel(desk, scope, 42, actor=ACTOR)
        return await renewal_of(desk, scope, tenant, membership)

    monkeypatch.setattr(renewing, "renewal_of", cancelled_meanwhile)
    await club.renew()
    assert club.charged == [MONTH]
    assert (await club.membership(scope)).stopped == "viewer"


async def test_who_dies_after_a_gift_was_claimed_has_given_it(club: Club, monkeypatch: pytest.MonkeyPatch) -> None:
    scope = await club.site()
    gift = await club.buy(scope, await club.viewer(scope), gift=True)
    friend = await club.viewer(scope, 43)
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(gifts, "entitle", dies)
        await redeem(club.desk, scope, friend, gift.code or "")
    await club.renew()
    assert await club.is_premium(scope, 43)


async def test_who_dies_while_a_guest_becomes_somebody_loses_nothing_of_theirs(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await club.site()
    await ViewerRepository(club.stage.database, scope).add_guest("guest", club.now)
    await club.desk.recovery.make(scope, await club.role(scope, "guest"))
    await club.buy(scope, await club.role(scope, "guest"))
    await club.viewer(scope)
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(belongings, "entitle", dies)
        await MembershipBelongings(club.desk.members).merge(scope, "guest", 42)
    await club.renew()
    assert await club.is_premium(scope)
    await club.at(at("2026-02-03"))
    assert club.charged == [MONTH, MONTH]


async def test_the_page_of_who_has_left_is_closed(club: Club) -> None:
    scope = await club.site()
    bought = await club.begin(scope, await club.viewer(scope))
    await MembershipBelongings(club.desk.members).delete(scope, 42)
    await club.news()
    assert (await club.payment(scope, bought.purchase.id)).state == "failed"
    (session,) = club.till.sandbox.objects("checkout.session")
    assert session["status"] == "expired"


async def test_what_is_paid_on_the_page_of_who_has_left_goes_back(club: Club) -> None:
    scope = await club.site()
    bought = await club.begin(scope, await club.viewer(scope))
    await MembershipBelongings(club.desk.members).delete(scope, 42)
    club.till.sandbox.desk.pay(bought.payment.reference or "", "visa")
    for _ in range(2):
        await club.news()
    payment = await club.payment(scope, bought.purchase.id)
    assert (payment.received, payment.refunded) == (MONTH, MONTH)
    assert (await club.purchase(scope, bought.purchase.id)).state == "reversed"
    assert await club.revenue(scope) == {}


async def test_a_membership_that_cannot_be_read_stops_no_other(club: Club) -> None:
    scope = await club.site()
    for viewer_id in (1, 2):
        await club.buy(scope, await club.viewer(scope, viewer_id))
    memberships = MembershipRepository(club.stage.database, scope)
    await memberships.replace(await club.membership(scope, 1), plan="weekly", ungranted=True)
    club.stage.set_time(at("2026-02-03"))
    for _ in range(2):
        assert await renew_due(club.desk, limit=1) == 1
    assert club.charged == [MONTH] * 3


async def test_a_charge_in_doubt_is_not_made_anew_for_who_has_cancelled(club: Club) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope))
    club.stage.clock.advance(30 * 86_400)
    club.till.sandbox.faults.next("drop_before", method="POST", path="/v1/payment_intents")
    await club.renew()
    assert (await club.payment(scope, f"{purchase.id}.1")).state == "created"
    await cancel(club.desk, scope, 42, actor=ACTOR)
    await club.news()
    payment = await club.payment(scope, f"{purchase.id}.1")
    assert (payment.state, payment.reason, club.charged) == ("failed", "given up", [MONTH])


async def test_a_charge_whose_answer_was_lost_goes_back_to_who_has_cancelled(club: Club) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope))
    club.stage.clock.advance(30 * 86_400)
    club.till.sandbox.faults.next("drop_after", method="POST", path="/v1/payment_intents")
    await club.renew()
    await cancel(club.desk, scope, 42, actor=ACTOR)
    for _ in range(2):
        await club.news()
    payment = await club.payment(scope, f"{purchase.id}.1")
    assert (payment.received, payment.refunded) == (MONTH, MONTH)
    assert (await club.membership(scope)).paid_until == purchase.end


@pytest.mark.parametrize("moment", ["before it is written down", "while the gateway is asked"])
async def test_who_cancels_during_the_charge_is_neither_asked_nor_able_to_pay_it(
    club: Club, moment: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await club.site()
    await club.wait_for_authentication(scope, renewed=False)
    stripe = club.desk.cashier.gateways["stripe"]
    where = renewing if moment.startswith("before") else stripe
    name = "charge_order" if where is renewing else "charge"
    charge = getattr(where, name)

    async def cancelled_meanwhile(*args: Any, **more: Any) -> Any:
        await cancel(club.desk, scope, 42, actor=ACTOR)
        return await charge(*args, **more)

    with monkeypatch.context() as patched:
        patched.setattr(where, name, cancelled_meanwhile)
        await club.renew()
    await club.news()
    assert club.till.sandbox.objects("payment_intent")[-1]["status"] == "canceled"
    assert (club.reminded, club.charged) == ([], [MONTH])


async def test_who_dies_while_a_membership_goes_on_after_all_has_left_it_as_it_was(
    club: Club, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await club.site()
    purchase = await club.buy(scope, await club.viewer(scope))
    assert purchase.end is not None
    await cancel(club.desk, scope, 42, actor=ACTOR)
    with monkeypatch.context() as patched, suppress(KeyboardInterrupt):
        patched.setattr(PurchaseRepository, "reopen", dies)
        await resume_membership(club.desk, scope, 42, actor=ACTOR)
    again = await resume_membership(club.desk, scope, 42, actor=ACTOR)
    assert (again.renews, again.renew_at) == (True, purchase.end - BEFORE_CHARGING)


async def test_who_goes_on_after_all_may_pay_on_the_page_that_is_open(club: Club) -> None:
    scope = await club.site()
    viewer = await club.wait_for_authentication(scope)
    tenant = await club.desk.tenants.get("north")
    assert tenant is not None
    page = await pay_renewal(club.desk, scope, tenant, viewer, back=BACK)
    await cancel(club.desk, scope, 42, actor=ACTOR)
    await resume_membership(club.desk, scope, 42, actor=ACTOR)
    club.till.sandbox.desk.pay(page.payment.reference or "", "visa")
    for _ in range(2):
        await club.news()
    payment = await club.payment(scope, page.purchase.id)
    assert (payment.received, payment.refunded) == (MONTH, 0)
    after = await club.membership(scope)
    assert (after.n, after.renews) == (1, True)


async def test_who_buys_another_plan_cannot_pay_the_renewal_that_waited(club: Club) -> None:
    scope = await club.site()
    viewer = await club.wait_for_authentication(scope)
    await club.at(at("2026-02-02"))
    year = await club.buy(scope, viewer, "yearly")
    await club.news()
    intents = club.till.sandbox.objects("payment_intent")
    waited = [each["status"] for each in intents if each["metadata"]["by"] == "charge"]
    assert (waited, club.charged) == (["canceled"], [MONTH, YEAR])
    assert (await club.membership(scope)).series == year.id


async def test_the_renewal_of_a_guest_who_had_a_membership_already_is_closed(club: Club) -> None:
    scope = await club.site()
    await club.wait_for_authentication(scope)
    await club.buy(scope, await club.viewer(scope, 43))
    await MembershipBelongings(club.desk.members).merge(scope, 42, 43)
    await club.news()
    intents = club.till.sandbox.objects("payment_intent")
    assert [each["status"] for each in intents if each["metadata"]["by"] == "charge"] == ["canceled"]
