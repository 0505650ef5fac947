"""What a text finds on a site: its own titles and those of the shared ones that it shows, page by page."""

# Titles and the index are changed behind the room's back.
# pyright: reportPrivateUsage=false
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from content.audience import ADULTS, EVERYBODY
from content.browsing import Question
from content.catalogue import Catalogue
from content.cursors import CursorInvalid
from content.repository import TitleRepository
from content.search.node import Search, searching
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.samples import film
from tests.content.search.test_keeping import until
from tests.content.test_catalogue import site


@pytest.fixture
async def index(database: Database, tmp_path: Path) -> AsyncIterator[Search]:
    async with searching(tmp_path / "search", database) as search:
        yield search


async def listed(index: Search, titles: int) -> None:
    async def all_there() -> bool:
        return index.titles == titles

    await until(all_there)


async def ids(catalogue: Catalogue, text: str, question: Question | None = None, limit: int = 24) -> list[Any]:
    found: list[Any] = []
    after: str | None = None
    while True:
        page = await catalogue.search(text, question, after=after, limit=limit)
        assert len(page.titles) <= limit
        found += [title.id for title in page.titles]
        if page.after is None:
            return found
        after = page.after


async def test_a_site_finds_its_own_and_the_shared_titles_and_nobody_elses(
    importing: Importing,
    database: Database,
    index: Search,
    scope_a: TenantScope,
    scope_b: TenantScope,
    platform: PlatformScope,
) -> None:
    await importing(scope_a, [film(1, title="Interstellar One")])
    await importing(scope_b, [film(2, title="Interstellar Two")])
    await importing(platform, [film(3, title="Interstellar Three")])
    await listed(index, 3)
    assert await ids(Catalogue(database, site(scope_a), index=index), "interstelar") == ["film_003", "film_001"]
    assert await ids(Catalogue(database, site(scope_a, shared=False), index=index), "interstelar") == ["film_001"]
    assert await ids(Catalogue(database, site(scope_b), index=index), "two") == ["film_002"]
    assert await ids(Catalogue(database, site(scope_a), index=index), "two") == []


@pytest.mark.parametrize(
    ("policy", "shown"),
    [
        ({}, {1, 2, 3, 4}),
        ({"media_types": ("manga",)}, {2}),
        ({"content_ratings": ("safe",)}, {1, 2, 3}),
        ({"genres_allow": ("Science Fiction",)}, {3}),
        ({"genres_block": ("drama",)}, {3}),
        ({"titles_allow": ("film_001", "film_003")}, {1, 3}),
        ({"titles_block": ("film_001",)}, {2, 3, 4}),
        ({"shared": False}, set[int]()),
    ],
)
async def test_the_policy_decides_what_is_found_and_counted(
    importing: Importing,
    database: Database,
    index: Search,
    scope_a: TenantScope,
    platform: PlatformScope,
    policy: dict[str, Any],
    shown: set[int],
) -> None:
    titles = [
        film(1, title="Dune"),
        film(2, title="Dune", media_type="manga"),
        film(3, title="Dune", genres=["Science fiction"]),
        film(4, title="Dune", content_rating="18+"),
    ]
    await importing(platform, titles)
    await listed(index, 4)
    catalogue = Catalogue(database, site(scope_a, **policy), ADULTS, index)
    assert set(await ids(catalogue, "dune")) == {film(number)["_id"] for number in shown}
    kinds = await catalogue.kinds("dune")
    assert sum(kind.count for kind in kinds.kinds) == len(shown)
    assert kinds.complete


async def test_what_is_for_adults_is_found_by_them_alone(
    importing: Importing, database: Database, index: Search, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1, title="Night", content_rating="18+"), film(2, title="Night Day")])
    await listed(index, 2)
    everybody = Catalogue(database, site(scope_a), EVERYBODY, index)
    assert await ids(everybody, "night") == ["film_002"]
    assert [title.id for title in await everybody.suggest("nig")] == ["film_002"]
    assert [kind.count for kind in (await everybody.kinds("night")).kinds] == [1]
    assert await ids(Catalogue(database, site(scope_a), ADULTS, index), "night") == ["film_001", "film_002"]


async def test_an_own_title_hides_its_shared_twin_also_when_it_is_hidden_itself(
    importing: Importing, database: Database, index: Search, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(1, title="Dune"), film(2, title="Dune Messiah")])
    await importing(scope_a, [film(1, title="My Dune"), film(2, title="Dune Messiah", status="banned")])
    await listed(index, 3)
    catalogue = Catalogue(database, site(scope_a), index=index)
    found = await catalogue.search("dune")
    assert [title.name for title in found.titles] == ["My Dune"]
    assert [kind.count for kind in (await catalogue.kinds("dune")).kinds] == [1]


async def test_what_changed_a_moment_ago_is_decided_by_mongodb_and_not_by_the_index(
    importing: Importing, database: Database, index: Search, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(number, title="Dune") for number in range(5)])
    await listed(index, 5)
    catalogue = Catalogue(database, site(scope_a), index=index)
    await TitleRepository(database, scope_a)._update("film_003", {"$set": {"_marquee.visible": False}})
    assert "film_003" not in await ids(catalogue, "dune")


@pytest.mark.parametrize("limit", [1, 3, 100])
async def test_pages_give_everything_once_though_most_of_it_is_not_shown(
    importing: Importing,
    database: Database,
    index: Search,
    scope_a: TenantScope,
    platform: PlatformScope,
    limit: int,
) -> None:
    await importing(platform, [film(number, title="Dune" if number % 2 else "My dunes") for number in range(60)])
    await listed(index, 60)
    blocked = tuple(film(number)["_id"] for number in range(60) if number % 5)
    catalogue = Catalogue(database, site(scope_a, titles_block=blocked), index=index)
    found = await ids(catalogue, "dune", limit=limit)
    assert len(found) == len(set(found)) == 12
    assert found == await ids(catalogue, "dune", limit=24)


async def test_a_cursor_continues_its_own_search_on_its_own_site_alone(
    importing: Importing, database: Database, index: Search, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    for scope in (scope_a, scope_b):
        await importing(scope, [film(number, title="Dune") for number in range(4)])
    await listed(index, 8)
    catalogue = Catalogue(database, site(scope_a), index=index)
    cursor = (await catalogue.search("dune", limit=2)).after
    assert cursor is not None
    assert len((await catalogue.search(" DUNE!", after=cursor, limit=2)).titles) == 2
    for other, text, question in (
        (site(scope_a), "duna", Question()),
        (site(scope_a), "dune", Question(media_type="movie")),
        (site(scope_b), "dune", Question()),
    ):
        with pytest.raises(CursorInvalid):
            await Catalogue(database, other, index=index).search(text, question, after=cursor)
    browsed = (await catalogue.browse(Question(), limit=1)).after
    for altered in (cursor[:-2], f"{cursor}AA", "A" * 40, browsed):
        with pytest.raises(CursorInvalid):
            await catalogue.search("dune", after=altered)


async def test_ids_of_every_type_are_found(
    importing: Importing, database: Database, index: Search, scope_a: TenantScope
) -> None:
    odd = [7, {"$numberLong": "9007199254740993"}, {"$oid": "5f43a1b2c3d4e5f6a7b8c9d0"}, 1.5, {"nested": {"a": 1}}]
    await importing(scope_a, [film(place, title="Dune", _id=each) for place, each in enumerate(odd)])
    await listed(index, len(odd))
    assert len(await ids(Catalogue(database, site(scope_a), index=index), "dune")) == len(odd)


@pytest.mark.parametrize("text", ["", "  ", "?!", "\x00", "🦊"])
async def test_a_text_without_a_letter_finds_nothing(
    database: Database, index: Search, scope_a: TenantScope, text: str
) -> None:
    catalogue = Catalogue(database, site(scope_a), index=index)
    assert await ids(catalogue, text) == []
    assert (await catalogue.kinds(text)).kinds == []
    assert await catalogue.suggest(text) == []


async def test_without_an_index_mongodb_finds_whole_words(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1, title="Dune Messiah"), film(2, title="Solaris", content_rating="18+")])
    catalogue = Catalogue(database, site(scope_a))
    assert await ids(catalogue, "messiah") == ["film_001"]
    assert await ids(catalogue, "solaris") == []
    assert [title.id for title in await catalogue.suggest("dun")] == ["film_001"]
    assert [kind.count for kind in (await catalogue.kinds("dune")).kinds] == [1]
