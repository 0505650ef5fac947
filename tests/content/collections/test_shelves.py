"""Collections as a site shows them: own before shared, as far as the titles are shown, a page at a time."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.audience import ADULTS
from content.catalogue import Catalogue
from content.collections.model import MOST_TITLES
from content.collections.shelves import Shelves
from content.cursors import CursorInvalid
from content.dumps import CollectionsDump
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.samples import film
from tests.content.test_catalogue import site


def shelves(database: Database, scope: TenantScope, **policy: Any) -> Shelves:
    tenant = site(scope, **policy)
    return Shelves(database, tenant, Catalogue(database, tenant))


async def names(found: Shelves, limit: int) -> list[str]:
    gathered: list[str] = []
    after: str | None = None
    while True:
        page = await found.page(after=after, limit=limit)
        gathered += [shelf.collection.title for shelf in page.shelves]
        after = page.after
        if after is None:
            return gathered


async def opened(found: Shelves, collection_id: str, limit: int = 24) -> list[Any]:
    gathered: list[Any] = []
    after: str | None = None
    while True:
        shelf = await found.open(collection_id, after=after, limit=limit)
        assert shelf is not None
        gathered += [title.id for title in shelf.titles]
        after = shelf.after
        if after is None:
            return gathered


async def test_a_collection_shows_its_titles_in_its_order_as_far_as_the_site_does(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(n, content_rating="18+" if n == 3 else "safe") for n in range(6)])
    await importing(scope_a, [film(5, status="banned"), {**film(9), "_id": 77}])
    titles = ["film_004", 77, "film_000", "film_003", "nope", "film_005", "film_004", {"$gt": ""}, None, "film_001"]
    await importing(platform, [{"_id": "best", "name": "The Best", "titles": titles}], collection="collections")
    for limit in (1, 2, 24):
        assert await opened(shelves(database, scope_a), "best", limit) == ["film_004", 77, "film_000", "film_001"]
    tenant = site(scope_a)
    adults = Shelves(database, tenant, Catalogue(database, tenant, ADULTS))
    assert "film_003" in await opened(adults, "best")


async def test_an_own_collection_hides_the_shared_one_and_an_empty_one_is_not_there(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(1)])
    shared = [
        {"_id": "x", "name": "Shared", "titles": ["film_001"]},
        {"_id": "secret", "name": "Hidden things", "titles": ["film_900"]},
    ]
    await importing(platform, shared, collection="collections")
    await importing(scope_a, [{"_id": "x", "name": "Own", "titles": ["film_001"]}], collection="collections")
    await importing(scope_b, [{"_id": "b", "name": "Of b", "titles": ["film_001"]}], collection="collections")
    found = shelves(database, scope_a)
    assert await names(found, 10) == ["Own"]
    assert await found.open("secret") is None
    assert await found.open("b") is None
    assert await names(shelves(database, scope_b, shared=False), 10) == []
    assert await shelves(database, scope_b, shared=False).open("x") is None


@given(
    own=st.sets(st.integers(0, 12), max_size=9),
    shared=st.sets(st.integers(0, 12), max_size=9),
    limit=st.integers(1, 5),
)
@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_pages_give_every_collection_once_and_in_order(
    importing: Importing,
    database: Database,
    scope_a: TenantScope,
    platform: PlatformScope,
    own: set[int],
    shared: set[int],
    limit: int,
) -> None:
    await importing(platform, [film(1)])
    for scope, numbers, mark in ((scope_a, own, "o"), (platform, shared, "s")):
        await CollectionsDump(database, scope).delete_all()
        lines = [{"_id": f"c{n}", "name": f"N{n % 5} {n:02} {mark}", "titles": ["film_001"]} for n in sorted(numbers)]
        if lines:
            await importing(scope, lines, collection="collections")
    expected = sorted([f"N{n % 5} {n:02} o" for n in own] + [f"N{n % 5} {n:02} s" for n in shared - own])
    assert await names(shelves(database, scope_a), limit) == expected


async def test_odd_collections_are_kept_as_they_came(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [film(1)])
    lines: list[dict[str, Any]] = [
        {"_id": 5, "titles": "film_001"},
        {"_id": "n", "name": 7, "titles": ["film_001"], "extra": {"kept": True}},
        {"_id": "long", "name": "x" * 5_000, "titles": ["film_001"] * (MOST_TITLES + 5)},
    ]
    for expected in ("inserted", "unchanged"):
        report = await importing(scope_a, lines, collection="collections")
        assert getattr(report, expected) == 3
    assert len(await names(shelves(database, scope_a), 1)) == 2
    kept = [document async for document in CollectionsDump(database, scope_a).documents()]
    assert {each["_id"] for each in kept} == {5, "n", "long"}


async def test_a_cursor_continues_its_own_list_on_its_own_site_alone(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(n) for n in range(3)])
    ids = [film(n)["_id"] for n in range(3)]
    lines = [{"_id": each, "name": each, "titles": ids} for each in "abc"]
    await importing(platform, lines, collection="collections")
    page = await shelves(database, scope_a).page(limit=1)
    shelf = await shelves(database, scope_a).open("a", limit=1)
    assert page.after is not None
    assert shelf is not None
    assert shelf.after is not None
    with pytest.raises(CursorInvalid):
        await shelves(database, scope_b).page(after=page.after)
    with pytest.raises(CursorInvalid):
        await shelves(database, scope_a).open("b", after=shelf.after)
    with pytest.raises(CursorInvalid):
        await shelves(database, scope_a).page(after=shelf.after)
