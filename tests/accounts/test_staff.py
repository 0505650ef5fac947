"""A staff token opens one site, until it is revoked, and is stored nowhere."""

import pytest
from bson import encode

from accounts.data import accounts_data
from accounts.model import Viewer
from accounts.staff import (
    BadStaff,
    Minted,
    NoSuchStaff,
    Staff,
    StaffOnly,
    StaffTokenRequired,
    moderating_viewer,
)
from storage.audit import Actor, Audit
from storage.mongo import Database, collection_of
from storage.scope import PlatformScope, TenantScope
from tests.support.clock import FakeClock

ADA = Actor("staff", "ada")


@pytest.fixture
def staff(database: Database, clock: FakeClock) -> Staff:
    return Staff(database, Audit(database, clock), clock)


async def minted(staff: Staff, scope: TenantScope | PlatformScope, role: str = "moderator") -> Minted:
    return await staff.create(scope, "Grace Hopper", role, actor=ADA)


async def test_a_token_is_its_members_and_tells_the_audit_who_acts(staff: Staff, scope_a: TenantScope) -> None:
    member, token = await minted(staff, scope_a, "editor")
    moderator = await staff.of_token(scope_a, token)
    assert moderator is not None
    assert (moderator.actor, moderator.role, moderator.name) == (Actor("staff", member.id), "editor", "Grace Hopper")


async def test_a_token_is_worth_nothing_on_another_site_or_the_platform(
    staff: Staff, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    token = (await minted(staff, scope_a)).token
    assert await staff.of_token(scope_b, token) is None
    assert await staff.of_token(platform, token) is None
    ours = (await minted(staff, platform)).token
    assert await staff.of_token(scope_a, ours) is None
    assert await staff.of_token(platform, ours) is not None


async def test_a_revoked_token_is_worth_nothing_at_once(
    staff: Staff, database: Database, clock: FakeClock, scope_a: TenantScope
) -> None:
    member, token = await minted(staff, scope_a)
    await staff.revoke(scope_a, member.id, actor=ADA)
    await staff.revoke(scope_a, member.id, actor=ADA)
    assert await staff.of_token(scope_a, token) is None
    assert [each.revoked_at is None for each in await staff.everybody(scope_a)] == [False]
    deeds = [entry.action for entry in await Audit(database, clock).entries(scope_a)]
    assert sorted(deeds) == ["staff.create", "staff.revoke"]


async def test_staff_of_another_site_cannot_be_revoked(
    staff: Staff, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    member, token = await minted(staff, scope_a)
    with pytest.raises(NoSuchStaff):
        await staff.revoke(scope_b, member.id, actor=ADA)
    assert await staff.of_token(scope_a, token) is not None


@pytest.mark.parametrize(
    "altered",
    [
        "",
        "mqs_",
        "mqs_000000000000_" + "a" * 43,
        "mqv_" + "a" * 56,
        "x" * 5_000,
        "mqs_\u0660" + "0" * 11 + "_" + "a" * 43,
    ],
)
async def test_what_is_no_token_is_nobodys(staff: Staff, scope_a: TenantScope, altered: str) -> None:
    token = (await minted(staff, scope_a)).token
    assert await staff.of_token(scope_a, altered) is None
    assert await staff.of_token(scope_a, token[:-1] + ("A" if token[-1] != "A" else "B")) is None
    assert await staff.of_token(scope_a, token + " ") is None


async def test_neither_the_database_nor_an_export_holds_a_token(
    staff: Staff, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    secret = (await minted(staff, scope_a)).token.split("_", 2)[2]
    stored = await collection_of(database, "staff").find({}, comment="system").to_list()
    assert all(secret.encode() not in encode(each) for each in stored)
    (data,) = [each for each in accounts_data(database) if each.name == "staff"]
    exported = [each async for each in data.export(scope_a)]
    assert [sorted(each) for each in exported] == [["_id", "created_at", "name", "revoked_at", "role"]]
    assert (await data.delete(scope_b), await data.delete(scope_a), await data.delete(scope_a)) == (0, 1, 0)


@pytest.mark.parametrize(("name", "role"), [("", "owner"), ("x" * 61, "owner"), ("a\nb", "owner"), ("Ann", "god")])
async def test_odd_names_and_roles_are_refused(staff: Staff, scope_a: TenantScope, name: str, role: str) -> None:
    with pytest.raises(BadStaff):
        await staff.create(scope_a, name, role, actor=ADA)


def test_an_admin_moderates_and_others_do_not() -> None:
    assert moderating_viewer(Viewer(id=7, role="admin")).actor == Actor("viewer", "7")
    with pytest.raises(StaffOnly):
        moderating_viewer(Viewer(id=7, role="premium"))
    with pytest.raises(StaffTokenRequired):
        moderating_viewer(None)
