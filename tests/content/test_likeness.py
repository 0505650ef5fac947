"""More like this: what weighs, and that nothing comes from elsewhere."""

from __future__ import annotations

from typing import Any

from content.audience import ADULTS, EVERYBODY
from content.browsing import Question
from content.catalogue import Catalogue
from content.lenient import read
from content.likeness import likeness, most_alike
from content.model import Title
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.samples import film
from tests.content.test_catalogue import all_ids, site


def title(slug: str, **derived: Any) -> Title:
    return read({"id": slug, "_marquee": {"slug": slug, "media_type": "movie", **derived}}, Title)


def test_a_franchise_weighs_more_than_an_author_and_an_author_more_than_genres() -> None:
    one = title("one", franchise="peach", author_key="ann", genres=["drama", "war"], year=2000)
    others = [
        title("genres", genres=["drama", "war"], year=2000),
        title("franchise", franchise="peach"),
        title("nothing", genres=["comedy"], year=2000, rating=9.0),
        title("author", author_key="ann"),
        title("half", genres=["drama"], year=2000),
        one,
    ]
    found = [each.slug for each in most_alike(one, others, limit=10)]
    assert found == ["franchise", "author", "genres", "half"]
    assert [each.slug for each in most_alike(one, others, limit=1)] == ["franchise"]


def test_near_years_and_good_ratings_settle_what_is_alike() -> None:
    one = title("one", genres=["drama"], year=2000)
    near, far = title("near", genres=["drama"], year=2001), title("far", genres=["drama"], year=1950)
    good = title("good", genres=["drama"], year=1950, rating=9.0)
    assert likeness(one, near) > likeness(one, good) > likeness(one, far)
    assert likeness(one, title("none", year=2000)) == 0


async def test_related_titles_are_the_sites_own_and_the_shared_ones_that_it_shows(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    peach = {"franchise": "The Peach Project"}
    await importing(scope_a, [film(1, **peach), film(2, genres=["Drama"])])
    await importing(scope_b, [film(3, **peach)])
    shared = [
        film(4, franchise={"name": "the  peach project"}, media_type="manga"),
        film(5, belongs_to_collection={"name": "The Peach Project"}, content_rating="18+"),
        film(6, genres=["Horror"], status="banned", **peach),
        film(7, genres=["Horror"], **peach),
        film(8, genres=["Comedy"]),
    ]
    await importing(platform, shared)
    for audience, expected in (
        (EVERYBODY, ["film_004", "film_002"]),
        (ADULTS, ["film_004", "film_005", "film_002"]),
    ):
        catalogue = Catalogue(database, site(scope_a, genres_block=("horror",)), audience)
        one = await catalogue.get("film_001")
        assert one is not None
        found = [each.id for each in await catalogue.related(one)]
        assert sorted(found) == sorted(expected)
        assert found[-1] == "film_002"


async def test_titles_are_browsed_by_author_and_franchise(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await importing(
        scope_a, [film(1, author="Ana  Núñez"), film(2, author="ana nunez", franchise="X"), film(3, author=5)]
    )
    catalogue = Catalogue(database, site(scope_a))
    assert sorted(await all_ids(catalogue, Question(author="ANA NUNEZ"), 1)) == ["film_001", "film_002"]
    assert await all_ids(catalogue, Question(franchise="x"), 5) == ["film_002"]
    assert await all_ids(catalogue, Question(author="nobody"), 5) == []
