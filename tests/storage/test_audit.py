"""Deeds are written down for their owner, newest first, and never change."""

from storage.audit import Actor, Audit, AuditRepository
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from storage.system import SystemStore
from tests.support.clock import FakeClock

OWNER = Actor("staff", "ada")


async def test_entries_come_newest_first_in_pages(database: Database, scope_a: TenantScope, clock: FakeClock) -> None:
    audit = Audit(database, clock)
    for number in range(5):
        await audit.record(scope_a, OWNER, "title.ban", f"tmdb_{number}", {"reason": "x"})
        clock.advance(1)
    first = await audit.entries(scope_a, limit=3)
    rest = await audit.entries(scope_a, before=first[-1].id, limit=3)
    assert [each.subject for each in [*first, *rest]] == [f"tmdb_{number}" for number in (4, 3, 2, 1, 0)]
    assert first[0].actor == OWNER
    assert first[0].detail == {"reason": "x"}


async def test_each_owner_has_its_own_book(
    database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope, clock: FakeClock
) -> None:
    audit = Audit(database, clock)
    await audit.record(scope_a, OWNER, "x.y", "1")
    await audit.record(platform, OWNER, "x.z", "2")
    assert await audit.entries(scope_b) == []
    assert [each.action for each in await audit.entries(platform)] == ["x.z"]


def test_no_verb_changes_an_entry() -> None:
    verbs = {name for name in vars(AuditRepository) if not name.startswith("_")}
    assert verbs == {"add", "forget", "newest", "collection", "document"}


async def test_an_owner_names_its_scope_and_nothing_else_does(
    database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    system = SystemStore(database)
    assert system.owner_scope("tenant:tenant_a") == scope_a
    assert system.owner_scope("platform") == platform == system.platform_scope()
    for odd in ("", "tenant", "tenant:", "tenants:a", "tenant:a}:b", "Platform"):
        try:
            system.owner_scope(odd)
        except ValueError:
            continue
        raise AssertionError(odd)
