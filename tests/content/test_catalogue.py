"""What a tenant's site shows of its own titles and of the shared ones, page by page."""

from typing import Any

import msgspec
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from content.audience import ADULTS
from content.browsing import SORTS, Question, Sort
from content.catalogue import Catalogue
from content.cursors import CursorInvalid
from content.dumps import LibraryDump
from content.locating import BucketLocation
from content.policy import admits
from content.repository import TitleRepository
from content.takedowns.bans import TitleBanned
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from streaming.source import DocumentGone, NotPlayable
from tenancy.model import CataloguePolicy, Tenant
from tenancy.resolver import ResolvedTenant
from tests.content.conftest import Importing
from tests.content.samples import MANGA, MOVIE, SERIES, film, resolved_file


def site(scope: TenantScope, **policy: Any) -> ResolvedTenant:
    tenant = Tenant(id=scope.tenant_id, domain="a.example", policy=CataloguePolicy(**policy))
    return ResolvedTenant(tenant, scope, "a.example")


async def all_ids(catalogue: Catalogue, question: Question, limit: int) -> list[str]:
    ids: list[str] = []
    after: str | None = None
    while True:
        page = await catalogue.browse(question, after=after, limit=limit)
        assert len(page.titles) <= limit
        ids += [str(title.id) for title in page.titles]
        if page.after is None:
            return ids
        after = page.after


async def test_a_tenant_sees_its_own_titles_and_the_shared_ones_and_nobody_elses(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    await importing(scope_a, [film(1)])
    await importing(scope_b, [film(2)])
    await importing(platform, [film(3)])
    catalogue = Catalogue(database, site(scope_a))
    assert await all_ids(catalogue, Question(sort="title"), 10) == ["film_001", "film_003"]
    assert await catalogue.get("film_002") is None
    assert [title.id for title in (await catalogue.search("Film")).titles] == ["film_001", "film_003"]
    other = await TitleRepository(database, scope_b).named("film_002")
    assert other is not None
    assert await catalogue.by_slug(other.slug) is None
    without = Catalogue(database, site(scope_a, shared=False))
    assert await all_ids(without, Question(), 10) == ["film_001"]
    assert await without.get("film_003") is None
    assert [title.id for title in (await without.search("Film")).titles] == ["film_001"]


@pytest.mark.parametrize("sort", SORTS)
@pytest.mark.parametrize("limit", [1, 3, 7, 50])
async def test_pages_of_two_owners_follow_each_other_without_gap_or_repeat(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope, sort: Sort, limit: int
) -> None:
    own = [film(number) for number in range(0, 24, 2)]
    shared = [film(number) for number in range(0, 24, 3)]
    await importing(scope_a, own)
    await importing(platform, shared)
    ids = await all_ids(Catalogue(database, site(scope_a)), Question(sort=sort), limit)
    assert sorted(ids) == sorted({each["_id"] for each in own + shared})
    if sort == "title":
        assert ids == sorted(ids)
    if sort in ("year", "rating"):
        values = {each["_id"]: each[sort] for each in own + shared}
        assert [values[each] for each in ids] == sorted((values[each] for each in ids), reverse=True)


@given(
    own=st.sets(st.integers(0, 12)),
    shared=st.sets(st.integers(0, 12)),
    hidden=st.sets(st.integers(0, 12)),
    blocked=st.sets(st.integers(0, 12)),
    limit=st.integers(1, 5),
    sort=st.sampled_from(SORTS),
)
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
async def test_browsing_shows_exactly_what_opening_shows(
    own: set[int],
    shared: set[int],
    hidden: set[int],
    blocked: set[int],
    limit: int,
    sort: Sort,
    importing: Importing,
    database: Database,
    scope_a: TenantScope,
    platform: PlatformScope,
) -> None:
    for scope in (scope_a, platform):
        await LibraryDump(database, scope).delete_all()
    await importing(scope_a, [film(n, status="banned" if n in hidden else "available", genres=["Own"]) for n in own])
    await importing(platform, [film(n, rating=5, year=2000 + n % 3) for n in shared])
    catalogue = Catalogue(database, site(scope_a, titles_block=tuple(film(n)["_id"] for n in blocked)))
    expected = {film(n)["_id"] for n in (own - hidden) | (shared - own - blocked)}
    ids = await all_ids(catalogue, Question(sort=sort), limit)
    assert len(ids) == len(set(ids))
    assert set(ids) == expected
    for number in range(13):
        assert await opens(catalogue, film(number)["_id"]) == (film(number)["_id"] in expected)
    named = [film(number)["_id"] for number in range(12, -1, -1)]
    assert [title.id for title in await catalogue.cards(named)] == [each for each in named if each in expected]
    facets = await catalogue.facets()
    assert {facet.key: facet.count for facet in facets.genres} == counted(own - hidden, shared - own - blocked)
    assert sum(facet.count for facet in facets.years) == len(expected)
    assert {title.id for title in (await catalogue.search("film", limit=100)).titles} == expected


async def opens(catalogue: Catalogue, title_id: str) -> bool:
    try:
        return await catalogue.get(title_id) is not None
    except TitleBanned:
        return False


def counted(own: set[int], shared: set[int]) -> dict[str, int]:
    return {key: len(titles) for key, titles in (("own", own), ("drama", shared)) if titles}


async def test_an_own_title_wins_by_id_and_by_slug_even_while_it_is_not_shown(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(1, title="Shared"), film(2, short_id="slug2"), film(3, short_id="slug3")])
    await importing(scope_a, [film(1, title="Own"), film(9, short_id="slug2", status="banned")])
    catalogue = Catalogue(database, site(scope_a))
    found = await catalogue.get("film_001")
    assert found is not None
    assert (found.name, found.is_shared) == ("Own", False)
    assert await catalogue.get("film_002") is None
    with pytest.raises(TitleBanned):
        await catalogue.by_slug("slug2")
    assert (await catalogue.by_slug("slug3")) is not None
    assert await all_ids(catalogue, Question(sort="title"), 1) == ["film_003", "film_001"]
    assert [row.kind for row in await catalogue.rows()] == ["recent", "rating", "genre"]


@pytest.mark.parametrize(
    ("status", "shown"),
    [
        ("available", True),
        (None, True),
        ("repairing", True),
        ("processing", True),
        ("banned", False),
        ("Banned ", False),
        ("taken down", False),
        (5, False),
    ],
)
async def test_the_status_decides_who_is_shown(
    importing: Importing, database: Database, scope_a: TenantScope, status: Any, shown: bool
) -> None:
    await importing(scope_a, [film(1, status=status)])
    catalogue = Catalogue(database, site(scope_a))
    assert bool(await all_ids(catalogue, Question(), 5)) is shown
    assert await opens(catalogue, "film_001") is shown


async def test_titles_without_rights_are_nowhere(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    for scope in (scope_a, platform):
        await importing(scope, [film(1)], rights=None)
    catalogue = Catalogue(database, site(scope_a))
    assert await catalogue.get("film_001") is None
    assert await all_ids(catalogue, Question(), 5) == []
    assert (await catalogue.search("film")).titles == []
    assert (await catalogue.facets()).genres == []
    assert await catalogue.rows() == []


POLICIES: list[tuple[dict[str, Any], set[str]]] = [
    ({}, {"tmdb_10378", "tmdb_1399", "manga_sample", "adult", "unknown", "odd-rating", "5"}),
    ({"shared": False}, set()),
    ({"media_types": ("movie",)}, {"tmdb_10378", "odd-rating", "5"}),
    ({"content_ratings": ("safe",)}, {"tmdb_10378", "tmdb_1399", "manga_sample", "unknown", "5"}),
    ({"content_ratings": ("18+",)}, {"adult", "odd-rating"}),
    ({"genres_allow": ("ANIMATION",)}, {"tmdb_10378", "odd-rating"}),
    ({"genres_allow": ("animation",), "genres_block": ("Comedy",)}, {"odd-rating"}),
    ({"genres_block": ("animation",)}, {"tmdb_1399", "manga_sample", "adult", "unknown", "5"}),
    ({"titles_allow": ("v7K1wP2", "tmdb_1399")}, {"tmdb_10378", "tmdb_1399"}),
    ({"titles_allow": (5,)}, {"5"}),
    ({"titles_allow": ("5",), "titles_block": (5,)}, set()),
    (
        {"titles_block": ({"$gt": ""}, "adult")},
        {"tmdb_10378", "tmdb_1399", "manga_sample", "unknown", "odd-rating", "5"},
    ),
]


@pytest.mark.parametrize(("policy", "shown"), POLICIES)
async def test_a_policy_is_one_rule_in_the_database_and_in_memory(
    importing: Importing,
    database: Database,
    scope_a: TenantScope,
    platform: PlatformScope,
    policy: dict[str, Any],
    shown: set[str],
) -> None:
    library = [
        MOVIE,
        SERIES,
        MANGA,
        {"_id": "adult", "media_type": "manga", "content_rating": "18+"},
        {"_id": "unknown", "media_type": "series", "content_rating": None},
        {"_id": "odd-rating", "media_type": "movie", "content_rating": 7, "genres": "animation, x"},
        {"_id": 5, "media_type": "movie"},
    ]
    await importing(platform, library)
    tenant = site(scope_a, **policy)
    catalogue = Catalogue(database, tenant, ADULTS)
    assert set(await all_ids(catalogue, Question(), 3)) == shown
    for document in library:
        title_id = str(document["_id"])
        found = await TitleRepository(database, platform).named(title_id)
        assert found is not None
        assert (admits(found, tenant.policy), (await catalogue.get(title_id)) is not None) == ((title_id in shown),) * 2


async def test_lists_are_narrowed_by_kind_genre_and_year(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(scope_a, [MOVIE, SERIES, film(1, genres=["Drama", "animation "])])
    catalogue = Catalogue(database, site(scope_a))
    assert await all_ids(catalogue, Question(media_type="series"), 5) == ["tmdb_1399"]
    assert set(await all_ids(catalogue, Question(genre="ANIMATION"), 5)) == {"tmdb_10378", "film_001"}
    assert await all_ids(catalogue, Question(year=2008), 5) == ["tmdb_10378"]
    facets = await catalogue.facets()
    assert [(facet.key, facet.count) for facet in facets.genres] == [("animation", 2), ("comedy", 1), ("drama", 1)]
    assert [(facet.key, facet.count) for facet in facets.media_types] == [("movie", 2), ("series", 1)]


async def test_search_finds_words_of_title_and_author_and_the_start_of_a_title(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(scope_a, [film(1, title="Éclair de lune"), film(2, title="The Bunny", author="Ann Author")])
    await importing(platform, [MOVIE])
    catalogue = Catalogue(database, site(scope_a))
    assert [title.id for title in (await catalogue.search("eclair")).titles] == ["film_001"]
    assert [title.id for title in (await catalogue.search("AUTHOR")).titles] == ["film_002"]
    assert {title.id for title in (await catalogue.search("bunny")).titles} == {"film_002", "tmdb_10378"}
    assert next(title.id for title in (await catalogue.search("big bu")).titles) == "tmdb_10378"
    assert [title.id for title in (await catalogue.search("bun")).titles] == ["film_002"]
    assert [title.id for title in (await catalogue.search("bunny", Question(year=2008))).titles] == ["tmdb_10378"]
    for nothing in ("", "  ", "-", '"', "$where", "-bunny zzz", "\0", "a" * 5000):
        assert {title.id for title in (await catalogue.search(nothing)).titles} <= {"film_002", "tmdb_10378"}


async def test_a_cursor_that_was_altered_or_belongs_elsewhere_is_refused(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await importing(scope_a, [film(number) for number in range(4)])
    catalogue = Catalogue(database, site(scope_a))
    cursor = (await catalogue.browse(Question(), limit=2)).after
    assert cursor is not None
    flipped = [cursor[:place] + ("A" if cursor[place] != "A" else "B") + cursor[place + 1 :] for place in range(40)]
    for bad in [*flipped, cursor[:-3], cursor + "A", "", "§", "x" * 5000, "AAAA", "null"]:
        if bad:
            with pytest.raises(CursorInvalid):
                await catalogue.browse(Question(), after=bad, limit=2)
    with pytest.raises(CursorInvalid):
        await catalogue.browse(Question(sort="year"), after=cursor)
    with pytest.raises(CursorInvalid):
        await Catalogue(database, site(scope_b)).browse(Question(), after=cursor)


async def test_ids_of_every_kind_open_their_titles(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    oid = "0123456789abcdef01234567"
    await importing(
        scope_a,
        '{"_id": 42, "title": "N", "media_type": "movie"}\n'
        f'{{"_id": {{"$oid": "{oid}"}}, "title": "O", "media_type": "movie"}}\n'
        '{"_id": {"a": 1}, "title": "D", "media_type": "movie"}',
    )
    catalogue = Catalogue(database, site(scope_a))
    for text, name in (("42", "N"), (oid, "O")):
        found = await catalogue.get(text)
        assert found is not None
        assert found.name == name
        assert (await catalogue.get(found.slug)) is not None
    (document,) = [title for title in (await catalogue.browse(Question())).titles if title.name == "D"]
    assert (await catalogue.get(document.slug)) is not None


async def test_a_link_finds_its_bucket_through_the_catalogue(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(1, short_id="shared1"), film(2, short_id="repair2", status="repairing")])
    await importing(scope_b, [film(3, short_id="other33")])
    await importing(scope_a, [film(4, short_id="own4444", files=[resolved_file(4), {"quality": "720p"}])])
    locate, tenant = BucketLocation(database), site(scope_a)
    assert (await locate(tenant, "shared1", "0")).documents[0].owner == "platform"
    assert (await locate(tenant, "own4444", "0")).documents[0].owner == "tenant:tenant_a"
    for title, bucket in (("other33", "0"), ("own4444", "2"), ("own4444", "-1"), ("own4444", "00"), ("nope", "0")):
        with pytest.raises(DocumentGone):
            await locate(tenant, title, bucket)
    with pytest.raises(NotPlayable, match="tg_raw"):
        await locate(tenant, "own4444", "1")
    with pytest.raises(NotPlayable, match="being repaired"):
        await locate(tenant, "repair2", "0")


async def test_listed_titles_carry_no_buckets(importing: Importing, database: Database, scope_a: TenantScope) -> None:
    await importing(scope_a, [film(1)])
    (title,) = (await Catalogue(database, site(scope_a)).browse(Question())).titles
    assert title.files == []
    assert b"access_hash" not in msgspec.json.encode(title)
