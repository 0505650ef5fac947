"""What the tick calls in the processes that do jobs."""

from __future__ import annotations

from content.links.checking import enqueue_due
from runtime.composition import Services, Stores
from runtime.scheduler import Tick

STATS_SECONDS = 300
LINKS_SECONDS = 120


def ticks_of(services: Services) -> list[Tick]:
    """Every verb that runs by the clock."""
    stores = services.stores
    return [
        Tick("rebuild stats", STATS_SECONDS, lambda: rebuild_stats(stores)),
        Tick("check links", LINKS_SECONDS, lambda: check_links(stores)),
    ]


async def rebuild_stats(stores: Stores) -> None:
    """Bring every tenant's `stats` up to what its ledger says."""
    now = stores.clock()
    async for scope in stores.system.tenant_scopes():
        await stores.usage.rebuild_stats(scope, now)


async def check_links(stores: Stores) -> None:
    """Enqueue the check of every link that is due; the jobs are told of what they miss."""
    await enqueue_due(stores.database, stores.jobs, stores.system, stores.clock)
