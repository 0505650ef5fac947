"""Franchise sites come through the desk: checked, once, and with their figures booked."""

import json
from pathlib import Path

from content.exporting import export_dump
from content.importing.target import Target
from storage.mongo import Database
from storage.scope import PlatformScope, TenantId, mint_tenant_scope
from storage.valkey import Cache
from tenancy.holds import suspend
from tenancy.stats import Stats
from tests.content.conftest import STAFF, Importing
from tests.content.samples import TENANT
from tests.support.clock import FakeClock


async def test_a_tenant_comes_in_and_goes_out_as_it_was_and_its_figures_are_booked(
    importing: Importing, database: Database, cache: Cache, platform: PlatformScope, clock: FakeClock, tmp_path: Path
) -> None:
    report = await importing(platform, [TENANT], collection="tenants", place=Target.platform)
    assert (report.inserted, report.bad_lines) == (1, [])
    dump = await export_dump(database, Target.platform(platform), "tenants", tmp_path)
    assert json.loads(dump.path.read_text()) == TENANT
    scope = mint_tenant_scope(TenantId("tenant_x99"))
    assert (await Stats(database, cache).derive([scope], clock()))[scope.owner] == TENANT["stats"]
    again = await importing(platform, [TENANT], collection="tenants", place=Target.platform)
    assert (again.unchanged, again.changed) == (1, 0)
    assert (await Stats(database, cache).derive([scope], clock()))[scope.owner] == TENANT["stats"]


async def test_a_suspension_survives_the_same_dump(
    importing: Importing, database: Database, platform: PlatformScope
) -> None:
    await importing(platform, [TENANT], collection="tenants", place=Target.platform)
    await suspend(importing.services.desk, "tenant_x99", "operator", "holidays", actor=STAFF)
    again = await importing(platform, [TENANT], collection="tenants", place=Target.platform)
    assert (again.unchanged, again.changed) == (1, 0)
    found = await importing.services.desk.tenants.get("tenant_x99")
    assert found is not None
    assert found.status == "suspended"


async def test_what_is_no_tenant_is_told_by_its_line(importing: Importing, platform: PlatformScope) -> None:
    bad = [
        {**TENANT, "_id": "a:b"},
        {**TENANT, "_id": 5},
        {**TENANT, "_id": "bad_domain", "domain": "not a host"},
        {"_id": "no_domain"},
        TENANT,
        {**TENANT, "_id": "squatter"},
    ]
    report = await importing(platform, bad, collection="tenants", place=Target.platform)
    assert (report.inserted, [each.line for each in report.bad_lines]) == (1, [1, 2, 3, 4, 6])
    assert "belongs to another tenant" in report.bad_lines[-1].reason
