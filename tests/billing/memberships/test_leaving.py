"""Who leaves, or becomes somebody else, while money is on its way; and whoever dies between two steps of it."""

from __future__ import annotations

from contextlib import suppress

import pytest

from accounts.repository import ViewerRepository
from billing.memberships import belongings, gifts, renewing
from billing.memberships.belongings import MembershipBelongings
from billing.memberships.desk import Desk
from billing.memberships.ending import cancel
from billing.memberships.gifts import redeem
from billing.memberships.model import Membership, Purchase
from billing.memberships.repository import MembershipRepository
from storage.scope import TenantScope
from tenancy.model import Tenant
from tests.billing.memberships.club import ACTOR, MONTH, Club
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
    await MembershipRepository(club.stage.database, scope).replace(await club.membership(scope, 1), plan="weekly")
    await club.at(at("2026-02-03"))
    assert club.charged == [MONTH] * 3
