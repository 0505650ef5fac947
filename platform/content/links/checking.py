"""The verb by the clock that finds titles whose links are due, and the job `check_links` that asks them."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from datetime import timedelta
from typing import Any, Final

from httpx import URL
from msgspec import Struct

from content.known import LinkState
from content.links.asking import Heard
from content.links.judging import after_asking, due, known_links, next_due, put_off
from content.repository import TitleRepository, owners_with_links_due
from storage.extended_json import fingerprint
from storage.jobs import Jobs
from storage.limits import Limits
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from storage.system import SystemStore

CHECK_LINKS: Final = "check_links"
"""The job that asks the links of a title: payload {"title_id"}."""
TITLES_AT_ONCE: Final = 50
MOST_AT_ONCE: Final = 6
SECONDS_AT_ONCE: Final = 12.0
HOST_ASKED, HOST_SECONDS = 4, 8.0
"""A host is asked so often in so many seconds, by all nodes together and for all tenants."""

Ask = Callable[[str], Awaitable[Heard]]


class LinkChecks(Struct, frozen=True):
    """What checking takes. `platform` is whose hosts' limits are, as they are the same for everybody."""

    database: Database
    limits: Limits
    platform: PlatformScope
    clock: Clock
    ask: Ask
    monotonic: Callable[[], float]


async def enqueue_due(database: Database, jobs: Jobs, system: SystemStore, clock: Clock) -> int:
    """Enqueues a job for every title that has links to ask, some of each owner at once; gives how many."""
    now, count = clock(), 0
    for owner in await owners_with_links_due(database, now):
        scope = system.owner_scope(owner)
        for title_id in await TitleRepository(database, scope).links_due(now, limit=TITLES_AT_ONCE):
            await jobs.enqueue(
                scope, CHECK_LINKS, {"title_id": title_id}, unique_key=fingerprint({"_id": title_id})[:32]
            )
            count += 1
    return count


async def check_title(checks: LinkChecks, scope: TenantScope | PlatformScope, payload: Mapping[str, Any]) -> int:
    """Works one job of this owner; gives how many links it asked. What time or politeness left over stays due.

    Raises StorageUnavailable: try again later.
    """
    titles = TitleRepository(checks.database, scope)
    title = await titles.by_id(payload.get("title_id"))
    if title is None:
        return 0
    now = moment(checks.clock())
    known = known_links(title)
    asked = await _ask_all(checks, due(known, now))
    known |= asked
    states = list(known.values())
    await titles.settle_links(title, states, due=next_due(states, now))
    return sum(state.checked_at == now for state in asked.values())


async def _ask_all(checks: LinkChecks, states: list[LinkState]) -> dict[str, LinkState]:
    """The states after asking, those that were reached in time."""
    deadline, turns = checks.monotonic() + SECONDS_AT_ONCE, asyncio.Semaphore(MOST_AT_ONCE)
    found: dict[str, LinkState] = {}

    async def one(state: LinkState) -> None:
        async with turns:
            if checks.monotonic() < deadline:
                found[state.url] = await _ask(checks, state)

    await asyncio.gather(*map(one, states))
    return found


async def _ask(checks: LinkChecks, state: LinkState) -> LinkState:
    now = moment(checks.clock())
    host = URL(state.url).host
    verdict = await checks.limits.take(
        checks.platform, "link-check", host, limit=HOST_ASKED, window_seconds=HOST_SECONDS
    )
    if not verdict.allowed:
        return put_off(state, now + timedelta(seconds=max(60.0, verdict.retry_after_seconds)))
    return after_asking(state, await checks.ask(state.url), now)
