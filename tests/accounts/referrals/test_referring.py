"""Who invited whom: counted once for each identity, rewarded once, and nobody invites themselves."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest

from accounts.model import Viewer
from accounts.referrals.belongings import ReferralBelongings
from accounts.referrals.referring import NotSignedIn, ReferralDesk
from accounts.referrals.repository import RewardRepository
from accounts.repository import ViewerRepository
from accounts.viewers import Viewers
from storage.audit import Audit
from storage.events import Events
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from tenancy.model import Referrals, Tenant
from tests.support.clock import FakeClock


class Tenants:
    """Every tenant has the same rules."""

    def __init__(self) -> None:
        self.rules = Referrals(reward_days=30, per_sign_ups=2, most_rewards=2)

    async def get(self, tenant_id: str) -> Tenant:
        return Tenant(id=tenant_id, domain="a.example", referrals=self.rules)


class Users(ViewerRepository):
    """Users as an import brings them."""

    async def bring(self, viewer_id: int | str, **fields: Any) -> Viewer:
        kind = "telegram" if isinstance(viewer_id, int) else "guest"
        await self._put(viewer_id, {"type": kind, "role": "free", "referral": {}, **fields})
        viewer = await self.identity(viewer_id)
        assert viewer is not None
        return viewer


@pytest.fixture
def desk(database: Database, cache: Cache, clock: FakeClock) -> ReferralDesk:
    viewers = Viewers(database, Audit(database, clock), Events(database, cache), clock)
    tenants: Any = Tenants()
    return ReferralDesk(database, tenants, viewers, clock)


@pytest.fixture
def users(database: Database, scope_a: TenantScope) -> Users:
    return Users(database, scope_a)


async def count_of(users: Users, viewer_id: int) -> Any:
    viewer = await users.identity(viewer_id)
    assert viewer is not None
    return viewer.referral.get("invited_count")


async def test_a_code_is_made_once_and_a_brought_one_stays(
    desk: ReferralDesk, users: Users, scope_a: TenantScope
) -> None:
    ann = await users.bring(1)
    code = await desk.code_of(scope_a, ann)
    assert await desk.code_of(scope_a, ann) == code
    assert len(code) == 8
    bob = await users.bring(2, referral={"code": "john_x", "invited_count": 5})
    assert await desk.code_of(scope_a, bob) == "john_x"
    assert await desk.is_code(scope_a, "john_x")
    with pytest.raises(NotSignedIn):
        await desk.code_of(scope_a, await users.bring("guest-1"))


async def test_a_code_that_is_taken_is_not_given_again(
    database: Database, desk: ReferralDesk, users: Users, scope_a: TenantScope, clock: FakeClock
) -> None:
    await users.bring(1, referral={"code": "taken"})
    codes = iter(["taken", "free"])
    viewers: Any = None
    tenants: Any = Tenants()
    again = ReferralDesk(database, tenants, viewers, clock, code=lambda: next(codes))
    assert await again.code_of(scope_a, await users.bring(2)) == "free"


async def test_a_sign_up_counts_once_on_top_of_what_was_brought(
    desk: ReferralDesk, users: Users, scope_a: TenantScope
) -> None:
    await users.bring(1, referral={"code": "john_x", "invited_count": 5})
    guest = await users.bring(10)
    for _ in range(3):
        await desk.signed_up(scope_a, guest, "john_x")
    assert await count_of(users, 1) == 6
    invited = await users.identity(10)
    assert invited is not None
    assert invited.referral["invited_by"] == 1
    await desk.signed_up(scope_a, await users.bring(11), "nobodys")
    await desk.signed_up(scope_a, await users.bring(12), None)
    await desk.signed_up(scope_a, await users.bring("guest-2"), "john_x")
    assert await count_of(users, 1) == 6


async def test_nobody_invites_themselves_directly_or_around_others(
    desk: ReferralDesk, users: Users, scope_a: TenantScope
) -> None:
    ann = await users.bring(1, referral={"code": "ann"})
    await desk.signed_up(scope_a, ann, "ann")
    assert await count_of(users, 1) is None
    await users.bring(2, referral={"code": "bob", "invited_by": 3})
    await users.bring(3, referral={"code": "cay", "invited_by": 4})
    loop = await users.bring(4, referral={"code": "dan"})
    await desk.signed_up(scope_a, loop, "bob")
    assert await count_of(users, 2) is None
    circle = await users.bring(5, referral={"code": "eve", "invited_by": 5})
    assert circle.id == 5
    await desk.signed_up(scope_a, await users.bring(6), "eve")
    assert await count_of(users, 5) == 1, "a circle among others is their own business"


async def test_a_banned_inviter_counts_nobody(desk: ReferralDesk, users: Users, scope_a: TenantScope) -> None:
    ban = {"ban": {"reason": "spam", "since": moment(0), "by": "staff:a"}}
    await users.bring(1, referral={"code": "ann"}, _marquee=ban)
    await desk.signed_up(scope_a, await users.bring(2), "ann")
    assert await count_of(users, 1) is None


async def test_deleting_an_account_and_signing_up_again_counts_nobody(
    database: Database, desk: ReferralDesk, users: Users, scope_a: TenantScope, clock: FakeClock
) -> None:
    await users.bring(1, referral={"code": "ann"})
    await users.bring(9, referral={"code": "other"})
    belongings = ReferralBelongings(database, clock)
    for viewer_id in (2, 3):
        viewer = await users.bring(viewer_id)
        if viewer_id == 2:
            await desk.signed_up(scope_a, viewer, "ann")
        await belongings.delete(scope_a, viewer_id)
        await users.delete(viewer_id)
        again = await users.bring(viewer_id)
        await desk.signed_up(scope_a, again, "other")
    assert await count_of(users, 1) == 1
    assert await count_of(users, 9) is None


async def test_rewards_come_by_the_tenants_rules_one_after_the_other_and_end(
    desk: ReferralDesk, users: Users, scope_a: TenantScope, clock: FakeClock
) -> None:
    ann = await users.bring(1, referral={"code": "ann"})
    for number in range(10, 18):
        await desk.signed_up(scope_a, await users.bring(number), "ann")
    standing = await desk.standing(scope_a, ann)
    assert (standing.rewards, standing.rewarded_until) == (2, moment(clock()) + timedelta(days=60))
    assert await count_of(users, 1) == 8


async def test_many_sign_ups_at_once_are_all_counted_and_rewarded_once(
    database: Database, desk: ReferralDesk, users: Users, scope_a: TenantScope, clock: FakeClock
) -> None:
    await users.bring(1, referral={"code": "ann"})
    invited = [await users.bring(number) for number in range(10, 15)]
    await asyncio.gather(*(desk.signed_up(scope_a, viewer, "ann") for viewer in [*invited, *invited]))
    assert await count_of(users, 1) == 5
    rewards = await RewardRepository(database, scope_a).of(1)
    assert [(each.number, each.given) for each in rewards] == [(1, True), (2, True)]


async def test_what_broke_off_between_count_and_reward_is_done_by_the_next_call(
    database: Database, desk: ReferralDesk, users: Users, scope_a: TenantScope, monkeypatch: pytest.MonkeyPatch
) -> None:
    ann = await users.bring(1, referral={"code": "ann"})
    await desk.signed_up(scope_a, await users.bring(10), "ann")
    second = await users.bring(11)

    async def killed(*_: Any, **__: Any) -> None:
        raise ConnectionError

    with monkeypatch.context() as broken:
        broken.setattr(Viewers, "grant", killed)
        with pytest.raises(ConnectionError):
            await desk.signed_up(scope_a, second, "ann")
    assert (await desk.standing(scope_a, ann)).rewards == 0
    await desk.signed_up(scope_a, second, "ann")
    assert (await desk.standing(scope_a, ann)).rewards == 1
    assert await count_of(users, 1) == 2
    viewer = await users.identity(1)
    assert viewer is not None
    assert len(viewer.ours.grants) == 1


async def test_one_identity_on_two_sites_is_two_people(
    desk: ReferralDesk, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    for scope in (scope_a, scope_b):
        users = Users(database, scope)
        await users.bring(1, referral={"code": "ann"})
        await desk.signed_up(scope, await users.bring(2), "ann")
        assert await count_of(users, 1) == 1


async def test_odd_documents_are_left_alone(desk: ReferralDesk, users: Users, scope_a: TenantScope) -> None:
    await users.bring(1, referral={"code": "ann", "invited_count": "many"})
    odd = await users.bring(2, referral="none")
    await desk.signed_up(scope_a, odd, "ann")
    stored = await users.raw_one(2)
    assert stored is not None
    assert stored["referral"] == "none"
    with pytest.raises(NotSignedIn):
        await desk.code_of(scope_a, odd)
