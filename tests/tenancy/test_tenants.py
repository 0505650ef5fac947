"""Tenants keep what their operators brought; settings and holds change ours, are audited, and are told to everyone."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from copy import deepcopy
from typing import Any

import msgspec
import pytest

from storage.audit import Actor, Audit
from storage.events import Events
from storage.indexes import build_indexes
from storage.mongo import Database, collection_of
from storage.scope import PlatformScope
from storage.system import SystemStore
from storage.valkey import Cache
from tenancy.desk import TenantDesk, change_tenant, create_tenant, put_tenant
from tenancy.errors import BadTenant, DomainTaken, NoSuchHold, NoSuchTenant, TenantExists
from tenancy.holds import fall_due, resume, settle, suspend
from tenancy.resolver import TenantResolver
from tenancy.tenants import INDEXES, TenantStore
from tests.support.clock import FakeClock
from tests.support.wire import until

OWNER = Actor("staff", "ada")
BROUGHT: dict[str, Any] = {
    "_id": "tenant_x99",
    "domain": "Anime-Hub.example",
    "owner_email": "client@mail.example",
    "plan": "rev_share",
    "status": "active",
    "addons": {"android_app": {"active": True, "apk_url": "..."}, "capacity": {"tier": 1}},
    "subscription": {"start_date": "ISODate", "payment_method": "crypto"},
    "stats": {"monthly_visitors": 45000, "revenue_generated": 150.5},
    "unknown": {"kept": ["as", {"it": "is"}]},
}


@pytest.fixture
async def desk(
    database: Database, cache: Cache, platform: PlatformScope, clock: FakeClock
) -> AsyncIterator[TenantDesk]:
    await build_indexes(database, INDEXES)
    async with Events(database, cache) as events:
        yield TenantDesk(TenantStore(database), Audit(database, clock), events, clock, platform)


async def test_a_tenant_is_made_and_found_by_each_of_its_domains(desk: TenantDesk) -> None:
    settings = {"domains": "Bücher.example, www.a.example", "brand.name": "Bücher", "theme": "nocturne"}
    tenant = await create_tenant(desk, "a", "bücher.example", settings, actor=OWNER)
    assert tenant.domains == ("xn--bcher-kva.example", "www.a.example")
    for domain in tenant.domains:
        found = await desk.tenants.by_domain(domain)
        assert found == tenant
    assert (tenant.brand.name, tenant.theme, tenant.status, tenant.generation) == ("Bücher", "nocturne", "active", 1)
    assert await desk.tenants.by_domain("a.example") is None


async def test_ids_and_domains_belong_to_one_tenant(desk: TenantDesk) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    with pytest.raises(TenantExists):
        await create_tenant(desk, "a", "other.example", {}, actor=OWNER)
    with pytest.raises(DomainTaken):
        await create_tenant(desk, "b", "A.example.", {}, actor=OWNER)
    await create_tenant(desk, "b", "b.example", {}, actor=OWNER)
    with pytest.raises(DomainTaken):
        await change_tenant(desk, "b", {"domains": ["b.example", "a.example"]}, actor=OWNER)
    with pytest.raises(DomainTaken):
        await put_tenant(desk, {**BROUGHT, "domain": "a.example"}, actor=OWNER)


async def test_nobody_gets_the_platforms_own_host(desk: TenantDesk, database: Database) -> None:
    desk = msgspec.structs.replace(desk, tenants=TenantStore(database, platform_host="Console.example"))
    with pytest.raises(DomainTaken):
        await create_tenant(desk, "a", "console.example.", {}, actor=OWNER)
    with pytest.raises(DomainTaken):
        await put_tenant(desk, {**BROUGHT, "domain": "CONSOLE.example"}, actor=OWNER)
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    with pytest.raises(DomainTaken):
        await change_tenant(desk, "a", {"domains": ["a.example", "console.example"]}, actor=OWNER)


@pytest.mark.parametrize("tenant_id", ["", "a}b", "a b", "$x", "a" * 65])
async def test_an_odd_id_is_refused(desk: TenantDesk, tenant_id: str) -> None:
    with pytest.raises(BadTenant, match="_id"):
        await create_tenant(desk, tenant_id, "a.example", {}, actor=OWNER)


async def test_a_bad_setting_is_named_and_nothing_is_changed(desk: TenantDesk) -> None:
    before = await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    with pytest.raises(BadTenant, match=r"brand\.nonsense"):
        await change_tenant(desk, "a", {"brand.tagline": "new", "brand.nonsense": 1}, actor=OWNER)
    assert await desk.tenants.get("a") == before


async def test_settings_are_read_from_text_and_from_json(desk: TenantDesk) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    tenant = await change_tenant(
        desk,
        "a",
        {
            "policy.shared": "false",
            "policy.media_types": "movie, series",
            "policy.titles_block": ["tmdb_1", 5],
            "brand.colours.accent": "#f00",
            "brand.logo_blob": None,
            "currency": "EUR",
            "addons.capacity.tier": 3,
            "domain": "new.example",
        },
        actor=OWNER,
    )
    assert tenant.policy.shared is False
    assert tenant.policy.media_types == ("movie", "series")
    assert tenant.policy.titles_block == ("tmdb_1", 5)
    assert tenant.brand.colours.accent == "#f00"
    assert (tenant.currency, tenant.addons, tenant.domain) == ("EUR", {"capacity": {"tier": 3}}, "new.example")
    assert tenant.domains == ("new.example",)
    assert tenant == await desk.tenants.get("a")


async def test_setting_what_is_set_changes_and_tells_nothing(desk: TenantDesk) -> None:
    await create_tenant(desk, "a", "a.example", {"theme": "base"}, actor=OWNER)
    tenant = await change_tenant(desk, "a", {"theme": "base"}, actor=OWNER)
    assert tenant.generation == 1
    assert len(await desk.audit.entries(desk.platform)) == 1


async def test_two_writers_lose_nothing_of_each_other(desk: TenantDesk) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    await asyncio.gather(
        *(change_tenant(desk, "a", {f"addons.x.n{chr(97 + each)}": each}, actor=OWNER) for each in range(10))
    )
    tenant = await desk.tenants.get("a")
    assert tenant is not None
    assert sorted(tenant.addons["x"].values()) == list(range(10))
    assert tenant.generation == 11


async def test_a_brought_document_comes_back_as_it_came(desk: TenantDesk) -> None:
    assert await put_tenant(desk, deepcopy(BROUGHT), actor=OWNER)
    assert not await put_tenant(desk, deepcopy(BROUGHT), actor=OWNER)
    assert [document async for document in desk.tenants.raw()] == [BROUGHT]
    tenant = await desk.tenants.by_domain("anime-hub.example")
    assert tenant is not None
    assert (tenant.id, tenant.plan, tenant.addons["capacity"]) == ("tenant_x99", "rev_share", {"tier": 1})


async def test_bringing_it_again_keeps_what_the_platform_added(desk: TenantDesk) -> None:
    await put_tenant(desk, deepcopy(BROUGHT), actor=OWNER)
    await change_tenant(
        desk, "tenant_x99", {"theme": "hanabi", "domains": "Anime-Hub.example,www.a.example"}, actor=OWNER
    )
    await suspend(desk, "tenant_x99", "legal", "court order", actor=OWNER)
    assert await put_tenant(desk, {**BROUGHT, "domain": "new.example"}, actor=OWNER)
    tenant = await desk.tenants.get("tenant_x99")
    assert tenant is not None
    assert (tenant.theme, tenant.domains, tenant.status) == ("hanabi", ("new.example", "www.a.example"), "suspended")


@pytest.mark.parametrize(
    ("status", "taken_as"),
    [
        ("suspended", "suspended"),
        ("past_due", "past_due"),
        ("active", "active"),
        (None, "active"),
        ("odd", "suspended"),
        (["active"], "suspended"),
    ],
)
async def test_a_brought_status_becomes_the_platforms_own(desk: TenantDesk, status: object, taken_as: str) -> None:
    await put_tenant(desk, {**BROUGHT, "status": status}, actor=OWNER)
    tenant = await desk.tenants.get("tenant_x99")
    assert tenant is not None
    assert tenant.status == taken_as
    assert [document["status"] async for document in desk.tenants.raw()] == [status]


@pytest.mark.parametrize("odd", [{"_id": 5}, {"_id": "a b"}, {"domain": None}, {"domain": "no domain"}, {"domain": 5}])
async def test_a_document_that_is_no_tenant_is_refused(desk: TenantDesk, odd: Mapping[str, Any]) -> None:
    with pytest.raises(BadTenant):
        await put_tenant(desk, {**BROUGHT, **odd}, actor=OWNER)


async def test_odd_values_of_other_fields_are_kept_and_passed_over(desk: TenantDesk) -> None:
    odd = {**BROUGHT, "addons": "none", "plan": 7, "brand": {"name": 5}, "holds": "x", "_marquee": {"holds": []}}
    await put_tenant(desk, deepcopy(odd), actor=OWNER)
    tenant = await desk.tenants.get("tenant_x99")
    assert tenant is not None
    assert (tenant.addons, tenant.plan) == ({}, "fixed_fee")
    del odd["_marquee"]
    assert [document async for document in desk.tenants.raw()] == [odd]


async def test_paying_lifts_the_billing_hold_and_never_a_legal_one(desk: TenantDesk) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    assert (await fall_due(desk, "a", actor=OWNER)).status == "past_due"
    assert (await suspend(desk, "a", "billing", "unpaid", actor=OWNER)).status == "suspended"
    await suspend(desk, "a", "legal", "court order", actor=OWNER)
    paid = await settle(desk, "a", actor=OWNER)
    assert ([hold.kind for hold in paid.holds], paid.status) == (["legal"], "suspended")
    assert (await resume(desk, "a", "legal", actor=OWNER)).status == "active"


async def test_a_lifted_hold_is_remembered_with_its_span(desk: TenantDesk, clock: FakeClock) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    since = (await suspend(desk, "a", "billing", "unpaid", actor=OWNER)).holds[0].since
    await suspend(desk, "a", "legal", "court order", actor=OWNER)
    clock.advance(3_600)
    assert [(past.kind, past.since) for past in (await settle(desk, "a", actor=OWNER)).past_holds] == [
        ("billing", since)
    ]
    clock.advance(3_600)
    past = (await resume(desk, "a", "legal", actor=OWNER)).past_holds
    assert [(each.kind, (each.until - each.since).total_seconds()) for each in past] == [
        ("billing", 3_600),
        ("legal", 7_200),
    ]
    # A payment that arrives again finds nothing to lift.
    assert (await settle(desk, "a", actor=OWNER)).past_holds == past


async def test_a_hold_lifted_while_a_payment_is_late_leaves_it_late(desk: TenantDesk) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    await suspend(desk, "a", "operator", "holidays", actor=OWNER)
    assert (await fall_due(desk, "a", actor=OWNER)).status == "suspended"
    resumed = await resume(desk, "a", "operator", actor=OWNER)
    assert resumed.status == "past_due"
    assert [document["status"] async for document in desk.tenants.raw()] == ["past_due"]


async def test_a_second_hold_of_a_kind_keeps_the_first_ones_date(desk: TenantDesk, clock: FakeClock) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    first = await suspend(desk, "a", "legal", "first", actor=OWNER)
    clock.advance(60)
    again = await suspend(desk, "a", "legal", "second", actor=OWNER)
    assert again == first
    assert first.holds[0].by == "staff:ada"


async def test_holds_of_nobody_or_of_another_kind_are_typed_errors(desk: TenantDesk) -> None:
    with pytest.raises(NoSuchTenant):
        await suspend(desk, "nobody", "legal", "x", actor=OWNER)
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    with pytest.raises(NoSuchHold):
        await resume(desk, "a", "legal", actor=OWNER)


async def test_every_deed_is_in_the_book(desk: TenantDesk, clock: FakeClock) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    clock.advance(1)
    await suspend(desk, "a", "legal", "court order", actor=OWNER)
    entries = await desk.audit.entries(desk.platform)
    assert [(each.action, each.subject, each.actor) for each in entries] == [
        ("tenant.suspend", "a", OWNER),
        ("tenant.create", "a", OWNER),
    ]
    assert entries[0].detail == {"kind": "legal", "reason": "court order"}


async def test_a_suspension_shows_on_another_node_within_a_second(
    desk: TenantDesk, database: Database, cache: Cache
) -> None:
    await create_tenant(desk, "a", "a.example", {}, actor=OWNER)
    far, events = TenantResolver(TenantStore(database)), Events(database, cache)
    events.subscribe("tenants", far.on_event)
    async with events:
        before = await far.resolve("a.example")
        assert before is not None
        assert before.serving == "active"
        await suspend(desk, "a", "operator", "holidays", actor=OWNER)
        await until(lambda: far.peek("a.example") is None, seconds=1)
        after = await far.resolve("a.example")
        assert after is not None
        assert (after.serving, after.notice) == ("suspended", "holidays")


async def test_the_system_store_knows_every_tenant(desk: TenantDesk, database: Database) -> None:
    for tenant_id in ("b", "a"):
        await create_tenant(desk, tenant_id, f"{tenant_id}.example", {}, actor=OWNER)
    system = SystemStore(database)
    assert [scope.tenant_id async for scope in system.tenant_scopes()] == ["a", "b"]
    assert await system.tenant_scope("a") is not None
    assert await system.tenant_scope("nobody") is None
    assert [tenant.id for tenant in await desk.tenants.list(after="a")] == ["b"]
    assert await desk.tenants.count() == 2


async def test_tenants_that_were_written_without_ours_do_not_meet(desk: TenantDesk, database: Database) -> None:
    await collection_of(database, "tenants").insert_many([{"_id": each, "domain": f"{each}.example"} for each in "ab"])
    tenant = await desk.tenants.get("a")
    assert tenant is not None
    assert tenant.domains == ()
    assert (await change_tenant(desk, "a", {"domain": "a.example"}, actor=OWNER)).domains == ("a.example",)
