"""What an import makes of episodes, chapters and season packs, and which work it leaves to others."""

from __future__ import annotations

from typing import Any

from content.importing.works import NEW_UNITS, RESOLVE_MEDIA
from content.media.repository import MediaRepository
from content.model import Title
from content.repository import TitleRepository
from content.units import chapters, episodes, packs
from storage.mongo import Database
from storage.repository import TenantDocument, TenantRepository
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.media.files import book, media, named, series


class Stored(TenantDocument):
    payload: dict[str, Any]


class StoredJobs(TenantRepository[Stored]):
    collection = "jobs"
    document = Stored

    async def payloads(self, kind: str) -> list[dict[str, Any]]:
        return [job.payload async for job in self._find({"kind": kind, "open": True}, sort=[("_id", 1)])]


async def title_of(database: Database, scope: TenantScope | PlatformScope, title_id: str) -> Title:
    title = await TitleRepository(database, scope).by_id(title_id)
    assert title is not None
    return title


async def test_an_episode_whose_file_was_seen_in_a_channel_plays(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1))
    report = await importing(scope_a, [series([1, 2, None])])
    title = await title_of(database, scope_a, "series_1")
    assert [(unit.key, unit.playable, unit.qualities[0].reason) for unit in episodes(title)] == [
        ("s1e1", True, None),
        ("s1e2", False, "its file id was not looked up yet"),
        ("s1e3", False, "its file id is no Telegram file id"),
    ]
    assert title.derived.playable
    assert dict(report.not_playable) == {
        "its file id was not looked up yet": 1,
        "its file id is no Telegram file id": 1,
    }


async def test_what_another_owner_knows_of_a_file_id_counts_for_nothing(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1))
    await importing(scope_b, [series([1])])
    assert not (await title_of(database, scope_b, "series_1")).derived.playable


async def test_a_chapter_can_be_read_when_any_page_can(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1, mime="image/jpeg"))
    await importing(scope_a, [book([None, 1], [None, None], [])])
    title = await title_of(database, scope_a, "book_1")
    assert [(unit.number, unit.readable, unit.reason) for unit in chapters(title)] == [
        ("1", True, None),
        ("2", False, "its file id is no Telegram file id"),
        ("3", False, "it has no pages"),
    ]


async def test_a_season_pack_may_be_of_any_type_and_is_no_reason_to_press_play(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1, mime="application/zip"))
    await importing(scope_a, [series([None], season_packs=[{"season": 1, "zip_file_id": named(1), "size": "25 GB"}])])
    title = await title_of(database, scope_a, "series_1")
    assert [pack.reason for pack in packs(title)] == [None]
    assert not title.derived.playable


async def test_an_episode_that_is_no_video_does_not_play(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1, mime="text/html"))
    await importing(scope_a, [series([1])])
    (unit,) = episodes(await title_of(database, scope_a, "series_1"))
    assert unit.qualities[0].reason == "its media type is neither video nor audio"


async def test_file_ids_that_nobody_knows_make_one_job_a_title(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    for _ in range(2):
        report = await importing(scope_a, [series([1, 2], [3]), book([None])])
        assert report.jobs == 1
    assert await StoredJobs(database, scope_a).payloads(RESOLVE_MEDIA) == [{"title_id": "series_1"}]


async def test_new_episodes_and_chapters_of_a_title_are_told_once(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    jobs = StoredJobs(database, scope_a)
    await importing(scope_a, [series([1]), book([1])])
    assert await jobs.payloads(NEW_UNITS) == []
    for _ in range(2):
        await importing(scope_a, [series([1, 2], [3]), book([1], [2])])
    told = {each["title_id"]: each["units"] for each in await jobs.payloads(NEW_UNITS)}
    assert told == {"series_1": ["s1e2", "s2e1"], "book_1": ["c2"]}
    assert (await title_of(database, scope_a, "series_1")).derived.new_units == []


async def test_another_file_for_an_episode_is_no_new_episode(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1])])
    await importing(scope_a, [series([2])])
    assert await StoredJobs(database, scope_a).payloads(NEW_UNITS) == []


async def test_a_hidden_title_tells_nobody_of_its_episodes(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [series([1], status="banned")])
    await importing(scope_a, [series([1, 2], status="banned")])
    assert await StoredJobs(database, scope_a).payloads(NEW_UNITS) == []


async def test_importing_the_same_again_changes_nothing(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1))
    lines = [series([1, None]), book([1, None])]
    await importing(scope_a, lines)
    before = await title_of(database, scope_a, "series_1")
    report = await importing(scope_a, lines)
    assert (report.inserted, report.changed, report.unchanged, report.refused) == (0, 0, 2, 0)
    assert await title_of(database, scope_a, "series_1") == before
