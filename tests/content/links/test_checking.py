"""From the import of a title to a dead mirror on its page, and back."""

from __future__ import annotations

import time
from datetime import datetime

import pytest

from content.exporting import documents
from content.importing.dump import ImportServices
from content.importing.target import Target
from content.known import LinkState
from content.links.asking import Heard
from content.links.checking import CHECK_LINKS, LinkChecks, check_title, enqueue_due
from content.links.judging import after_asking
from content.mirrors import embeds, mirrors
from content.model import Title
from content.repository import TitleRepository
from storage.limits import Limits
from storage.mongo import Database
from storage.scope import PlatformScope
from storage.system import SystemStore
from storage.valkey import Cache
from tests.content.conftest import Importing
from tests.content.samples import film
from tests.support.clock import FakeClock

pytestmark = pytest.mark.anyio
DAY = 24 * 3_600
MIRROR, EMBED, BACKUP = "https://mirror.example/d", "https://player.example/e", "https://backup.example/u"
FILE = {
    "quality": "1080p",
    "downloads": [{"host": "Mirror", "url": MIRROR, "status": "active", "more": 1}, {"url": "javascript:x"}],
    "embeds": [{"host": "Player", "url": EMBED}],
    "backup_url": BACKUP,
}


class World:
    """The catalogue, a clock, and what other hosts answer."""

    def __init__(self, services: ImportServices, scope: PlatformScope, cache: Cache, clock: FakeClock) -> None:
        self.services = services
        self.scope = scope
        self.clock = clock
        self.answers: dict[str, Heard] = {}
        self.asked: list[str] = []
        self.checks = LinkChecks(
            database=services.database,
            limits=Limits(cache),
            platform=scope,
            clock=clock,
            ask=self._ask,
            monotonic=time.monotonic,
        )

    async def _ask(self, url: str) -> Heard:
        self.asked.append(url)
        return self.answers.get(url, Heard("works"))

    async def tick(self) -> int:
        """What the clock and a worker do; gives how many links were asked."""
        await enqueue_due(self.services.database, self.services.jobs, SystemStore(self.services.database), self.clock)
        count = 0
        while (job := await self.services.jobs.claim(CHECK_LINKS, lease_seconds=60)) is not None:
            count += await check_title(self.checks, job.scope, job.payload)
            await self.services.jobs.complete(job)
        return count

    async def title(self) -> Title:
        found = await TitleRepository(self.services.database, self.scope).by_id("film_001")
        assert found is not None
        return found

    async def statuses(self) -> dict[str, str]:
        return {each.url: each.status for each in mirrors(await self.title())}


@pytest.fixture
async def world(
    services: ImportServices, importing: Importing, platform: PlatformScope, cache: Cache, clock: FakeClock
) -> World:
    await importing(platform, [film(1, files=[FILE]), film(2)])
    return World(services, platform, cache, clock)


async def test_all_links_are_asked_once_and_again_the_next_day(world: World) -> None:
    assert await world.tick() == 3
    assert sorted(world.asked) == sorted([MIRROR, EMBED, BACKUP])
    assert await world.tick() == 0
    assert await world.statuses() == {MIRROR: "active", BACKUP: "active"}
    world.clock.advance(DAY + 1)
    assert await world.tick() == 3


async def test_one_failure_is_not_death_and_a_second_one_later_is(world: World) -> None:
    world.answers = dict.fromkeys((MIRROR, EMBED, BACKUP), Heard("fails", "it answers 404"))
    await world.tick()
    assert await world.statuses() == {MIRROR: "active", BACKUP: "unknown"}
    assert [each.url for each in embeds(await world.title())] == [EMBED]
    world.clock.advance(3_600)
    assert await world.tick() == 0
    world.clock.advance(3_601)
    assert await world.tick() == 3
    assert await world.statuses() == {MIRROR: "dead", BACKUP: "dead"}
    assert embeds(await world.title()) == []


async def test_what_works_again_is_noticed(world: World) -> None:
    world.answers = {MIRROR: Heard("fails")}
    for _ in range(2):
        await world.tick()
        world.clock.advance(2 * 3_600 + 1)
    assert (await world.statuses())[MIRROR] == "dead"
    world.answers = {}
    world.clock.advance(DAY)
    await world.tick()
    assert (await world.statuses())[MIRROR] == "active"


def test_the_dead_are_asked_more_and_more_rarely() -> None:
    now, state = datetime(2026, 1, 1), LinkState(url=MIRROR)  # noqa: DTZ001 - naive UTC, as stored
    pauses: list[float] = []
    for _ in range(9):
        state = after_asking(state, Heard("fails"), now)
        assert state.due_at is not None
        pauses.append((state.due_at - now).total_seconds() / 3_600)
        now = state.due_at
    assert pauses == [2, 24, 48, 96, 192, 336, 336, 336, 336]
    assert state.status == "dead"


async def test_doubt_changes_nothing(world: World) -> None:
    world.answers = dict.fromkeys((MIRROR, BACKUP), Heard("unsure", "it answers 403"))
    for _ in range(3):
        await world.tick()
        world.clock.advance(DAY + 1)
    assert await world.statuses() == {MIRROR: "active", BACKUP: "unknown"}


async def test_what_the_operator_brought_stays_and_goes_out_as_it_came(
    world: World, importing: Importing, database: Database, platform: PlatformScope
) -> None:
    world.answers = {MIRROR: Heard("fails")}
    for _ in range(2):
        await world.tick()
        world.clock.advance(2 * 3_600 + 1)
    lines = [line async for line in documents(database, Target.shared(platform), "library")]
    assert next(line for line in lines if line["_id"] == "film_001")["files"] == [FILE]
    await importing(platform, [film(1, files=[{**FILE, "label": "changed"}])])
    assert (await world.statuses())[MIRROR] == "dead"


async def test_a_host_is_asked_politely_and_the_rest_comes_later(
    world: World, importing: Importing, platform: PlatformScope
) -> None:
    many = [{"url": f"https://busy.example/{number}", "status": "active"} for number in range(12)]
    await importing(platform, [film(3, files=[{"quality": "1080p", "downloads": many}])])
    await world.tick()
    asked = [url for url in world.asked if "busy.example" in url]
    assert 4 <= len(asked) <= 6
    before = len(world.asked)
    world.clock.advance(61)
    await world.tick()
    assert not set(asked) & set(world.asked[before:])


async def test_a_title_that_is_gone_is_passed_over(world: World, platform: PlatformScope) -> None:
    assert await check_title(world.checks, platform, {"title_id": "nothing"}) == 0
