"""Users' histories come in, are gone on with, and go out again as they were or with what was seen since."""

from __future__ import annotations

import asyncio
from datetime import datetime, timedelta
from typing import Any

from content.catalogue import Catalogue
from content.exporting import documents
from content.importing.target import Target
from content.progress.histories import Histories
from content.progress.model import unit_of
from content.progress.pace import read_beat
from content.progress.repository import ProgressRepository
from content.progress.watching import Progress
from content.targets import parse_target
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant
from tests.content.conftest import Importing, importing, services
from tests.content.samples import MANGA, SERIES, USER, film
from tests.support.clock import FakeClock

__all__ = ["importing", "services"]
WHEN = datetime.fromisoformat("2026-03-01T12:30:00")
HISTORY: dict[str, Any] = {
    "film_001": {"timestamp": 3405, "updated_at": {"$date": "2026-03-01T12:30:00Z"}, "mood": "good"},
    "$odd.id.with": {"timestamp": 12.75, "updated_at": "ISODate"},
    "manga_sample": {"last_chap": 1.5, "last_page": 2},
    "gone_from_library": {"timestamp": 7},
    "tmdb_1399#s1e1": {"timestamp": 60},
    "tmdb_1399": {"timestamp": 99, "season": 1, "episode": 1},
    "odd": "no place at all",
    "odder": {"timestamp": -5, "last_chap": None},
    "oddest": {"timestamp": {"$numberDouble": "NaN"}},
}
PERSON = {**USER, "history": HISTORY}
GUEST = {"_id": "guest-1", "type": "guest", "history": {"film_001": {"timestamp": 9, "updated_at": "2026-05-01"}}}


def site(scope: TenantScope) -> ResolvedTenant:
    return ResolvedTenant(Tenant(id=scope.tenant_id, domain="a.example"), scope, "a.example")


async def watched(
    database: Database, scope: TenantScope, viewer: object, target: str, clock: FakeClock, **said: Any
) -> bool:
    beat = read_beat(session="tab", seq=int(clock() * 1000), now=moment(clock()), **said)
    catalogue = Catalogue(database, site(scope))
    return (await Progress(database, scope).note(viewer, parse_target(target), beat, catalogue)).counted


async def dumped(database: Database, scope: TenantScope) -> dict[Any, dict[str, Any]]:
    found = documents(database, Target.tenant(scope), "users")
    return {document["_id"]: document async for document in found}


async def test_what_was_brought_is_gone_on_with(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    await importing(scope_a, [PERSON], collection="users")
    progress = Progress(database, scope_a)
    film_seen = await progress.of(123456789, "film_001")
    assert film_seen is not None
    assert (film_seen.last.position, film_seen.at) == (3405, WHEN)
    book = await progress.of(123456789, "manga_sample")
    assert book is not None
    assert (book.unit, book.last.page) == ("c1.5", 2)
    show = await progress.of(123456789, "tmdb_1399")
    assert show is not None
    assert [unit_of(name) for name in show.units] == ["s1e1"]
    titles = {each.title async for each in ProgressRepository(database, scope_a).all_of(123456789)}
    assert titles == {"film_001", "$odd.id.with", "manga_sample", "gone_from_library", "tmdb_1399"}
    assert await Histories(database, scope_a).to_take(123456789) == ([], None), "and not looked at again"


async def test_what_nothing_happened_to_goes_out_as_it_came(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [PERSON], collection="users")
    before = await dumped(database, scope_a)
    await Progress(database, scope_a).take_over(123456789)
    assert repr(await dumped(database, scope_a)) == repr(before), "NaN is not equal to itself"


async def test_what_was_seen_here_goes_out_newer(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    await importing(scope_a, [PERSON], collection="users")
    await importing(scope_a, [film(1), film(2), MANGA, SERIES], collection="library")
    before = (await dumped(database, scope_a))[123456789]
    places: dict[str, dict[str, Any]] = {
        "film_001": {"position": 4000.9, "duration": 5000},
        "film_002": {"position": 990, "duration": 1000},
        "manga_sample#c1.5": {"page": 1, "pages": 2},
        "tmdb_1399#s1e1": {"position": 300},
    }
    for target, said in places.items():
        clock.advance(5)
        assert await watched(database, scope_a, 123456789, target, clock, **said)
    after = (await dumped(database, scope_a))[123456789]
    now = moment(clock())
    assert after["history"]["film_001"] == {
        "timestamp": 4000,
        "updated_at": now - timedelta(seconds=15),
        "mood": "good",
    }
    assert after["history"]["film_002"]["finished"] is True
    assert after["history"]["manga_sample"] == {
        "last_chap": 1.5,
        "last_page": 1,
        "updated_at": now - timedelta(seconds=5),
    }
    assert after["history"]["tmdb_1399#s1e1"]["timestamp"] == 300
    assert after["history"]["tmdb_1399"] == {"timestamp": 300, "updated_at": now, "season": 1, "episode": 1}
    changed = {"film_001", "film_002", "manga_sample", "tmdb_1399#s1e1", "tmdb_1399"}
    kept = {key: value for key, value in after["history"].items() if key not in changed}
    assert repr(kept) == repr({key: value for key, value in before["history"].items() if key not in changed})
    assert {**after, "history": None} == {**before, "history": None}


async def test_a_newer_dump_moves_the_place_and_an_older_one_does_not(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    await importing(scope_a, [film(1)], collection="library")
    await importing(scope_a, [PERSON], collection="users")
    assert await watched(database, scope_a, 123456789, "film_001", clock, position=4000)
    for day, place in (("2026-03-02T00:00:00Z", 4000), ("2030-01-01T00:00:00Z", 1234)):
        entry = {"timestamp": 1234, "updated_at": {"$date": day}}
        await importing(scope_a, [{**PERSON, "history": {"film_001": entry}}], collection="users")
        seen = await Progress(database, scope_a).of(123456789, "film_001")
        assert seen is not None
        assert seen.last.position == place


async def test_what_is_removed_is_gone_from_the_users_document_too(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [PERSON], collection="users")
    progress = Progress(database, scope_a)
    assert await progress.forget(123456789, parse_target("$odd.id.with"))
    left = (await dumped(database, scope_a))[123456789]["history"]
    assert "$odd.id.with" not in left
    assert len(left) == len(HISTORY) - 1
    await progress.forget(123456789, parse_target("tmdb_1399#s1e1"))
    await progress.forget_all(123456789)
    assert (await dumped(database, scope_a))[123456789]["history"] == {}
    assert await progress.of(123456789, "film_001") is None


async def test_a_guests_history_becomes_the_viewers(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:
    await importing(scope_a, [film(1), film(2)], collection="library")
    await importing(scope_a, [PERSON, GUEST], collection="users")
    assert await watched(database, scope_a, "guest-1", "film_002", clock, position=50, duration=1000)
    progress = Progress(database, scope_a)
    for _ in range(2):
        await progress.merge("guest-1", 123456789)
        both = await progress.of(123456789, "film_001")
        other = await progress.of(123456789, "film_002")
        assert both is not None
        assert other is not None
        assert (both.last.position, other.last.position) == (9, 50), "the guest saw it later"
        assert await progress.of("guest-1", "film_002") is None


async def test_one_telegram_id_on_two_sites_is_two_viewers(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await importing(scope_a, [PERSON], collection="users")
    assert await Progress(database, scope_a).of(123456789, "film_001") is not None
    assert await Progress(database, scope_b).of(123456789, "film_001") is None


async def test_two_devices_at_once_lose_nothing(
    importing: Importing, database: Database, scope_a: TenantScope, clock: FakeClock
) -> None:

    await importing(scope_a, [film(1), SERIES], collection="library")
    catalogue = Catalogue(database, site(scope_a))
    progress = Progress(database, scope_a)

    async def say(seq: int) -> None:
        beat = read_beat(session="tab", seq=seq, now=moment(clock()), position=float(seq), duration=100)
        await progress.note(1, parse_target("film_001"), beat, catalogue)

    await asyncio.gather(*(say(seq) for seq in range(1, 9)))
    seen = await progress.of(1, "film_001")
    assert seen is not None
    assert (seen.last.seq, seen.last.position) == (8, 8)
