"""The desk's durable jobs: holding libraries against what was taken down, and putting back what the platform lifted."""

from __future__ import annotations

from collections.abc import AsyncIterator
from typing import Final

from content.takedowns.banning import LIFT_CASE, SCREEN_LIBRARY, lift_of_owner, tell_of
from content.takedowns.desk import Desk
from content.takedowns.screening import screen_library, screen_title
from storage.jobs import Job
from storage.scope import PlatformScope, TenantScope
from storage.system import SystemStore

Scope = TenantScope | PlatformScope
KINDS: Final = (SCREEN_LIBRARY, LIFT_CASE)


async def work(desk: Desk, system: SystemStore, job: Job) -> None:
    """Does a job of KINDS; one of the platform's is done on every site."""
    if job.kind == SCREEN_LIBRARY and "title_id" in job.payload:
        await _screen_one(desk, system, job)
        return
    async for scope in _owners(system, job.scope):
        if job.kind == LIFT_CASE:
            await lift_of_owner(desk, scope, str(job.payload["case"]))
        else:
            for title_id in await screen_library(desk.database, scope, system.platform_scope()):
                await tell_of(desk, scope, title_id)


async def _screen_one(desk: Desk, system: SystemStore, job: Job) -> None:
    title_id = job.payload["title_id"]
    if await screen_title(desk.database, job.scope, system.platform_scope(), title_id):
        await tell_of(desk, job.scope, title_id)


async def _owners(system: SystemStore, scope: Scope) -> AsyncIterator[Scope]:
    yield scope
    if isinstance(scope, PlatformScope):
        async for each in system.tenant_scopes():
            yield each
