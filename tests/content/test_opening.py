"""Opening titles and the buckets behind links: by audience, by takedown, and only what the owner has seen itself."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec import to_builtins

from content.audience import ADULTS, EVERYBODY, AgeGateClosed, Audience
from content.browsing import Question
from content.catalogue import Catalogue
from content.locating import BucketLocation
from content.media.repository import MediaRepository
from content.repository import TitleRepository
from content.takedowns.bans import TitleBanned
from content.takedowns.standing import TitleBan
from content.unit_offers import chapters_on, episodes_on, packs_on
from storage.mongo import Database
from storage.scope import PlatformScope, TenantScope
from streaming.source import DocumentGone, NotPlayable
from tests.content.conftest import Importing
from tests.content.media.files import book, media, named, series
from tests.content.samples import film
from tests.content.test_catalogue import all_ids, site

CLOSED = Audience(may_pass=True)


class Titles(TitleRepository):
    """What a test does behind everybody's back."""

    async def ban(self, title_id: str, ban: TitleBan) -> None:
        await self._update(title_id, {"$set": {"_marquee.ban": to_builtins(ban), "_marquee.visible": not ban.whole}})


async def test_what_is_for_adults_is_listed_for_those_who_passed_alone(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(scope_a, [film(1, content_rating="18+", genres=["Own"])])
    await importing(platform, [film(2, content_rating="18+", genres=["War"]), film(3)])
    for audience, shown in ((EVERYBODY, {"film_003"}), (CLOSED, {"film_003"}), (ADULTS, None)):
        catalogue = Catalogue(database, site(scope_a), audience)
        expected = shown or {"film_001", "film_002", "film_003"}
        assert set(await all_ids(catalogue, Question(), 1)) == expected
        facets = await catalogue.facets()
        assert {facet.key for facet in facets.genres} == ({"drama"} if shown else {"own", "war", "drama"})
        assert {title.id for title in await catalogue.cards(["film_001", "film_002", "film_003"])} == expected
        assert {title.id for row in await catalogue.rows() for title in row.titles} == expected


@pytest.mark.parametrize("title_id", ["film_001", "film_002"])
async def test_a_gate_that_opens_is_told_of_and_one_that_does_not_hides_the_title(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope, title_id: str
) -> None:
    await importing(scope_a, [film(1, content_rating="18+", short_id="one")])
    await importing(platform, [film(2, content_rating="18+", short_id="two")])
    slug = {"film_001": "one", "film_002": "two"}[title_id]
    assert await Catalogue(database, site(scope_a)).get(title_id) is None
    assert await Catalogue(database, site(scope_a)).by_slug(slug) is None
    assert await Catalogue(database, site(scope_a), ADULTS).get(title_id) is not None
    for ask in (Catalogue.get, Catalogue.by_slug):
        with pytest.raises(AgeGateClosed):
            await ask(Catalogue(database, site(scope_a), CLOSED), slug)


async def test_what_was_taken_down_is_told_with_its_public_reason(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [film(1)])
    await importing(platform, [film(2)], rights=None)
    for number in (1, 2):
        await Titles(database, platform).ban(film(number)["_id"], TitleBan(whole=True, public_reason="Court order 5"))
    catalogue = Catalogue(database, site(scope_a))
    with pytest.raises(TitleBanned) as told:
        await catalogue.get("film_001")
    assert told.value.public_reason == "Court order 5"
    assert await catalogue.get("film_002") is None, "what was never published was never taken down"
    assert await Catalogue(database, site(scope_a, shared=False)).get("film_001") is None
    assert await Catalogue(database, site(scope_a, genres_block=("drama",))).get("film_001") is None


async def test_units_and_files_that_were_taken_down_are_neither_listed_nor_given(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    for number in range(1, 7):
        await MediaRepository(database, scope_a).keep(media(number))
    packs = [{"season": season, "zip_file_id": named(6)} for season in (1, 2)]
    lines = [series([1, 2], [3], season_packs=packs, short_id="aa"), book([4], [5], short_id="bb")]
    await importing(scope_a, lines)
    titles, tenant, locate = Titles(database, scope_a), site(scope_a), BucketLocation(database)
    await titles.ban("series_1", TitleBan(units=["s1e2"], files=["media:3"]))
    await titles.ban("book_1", TitleBan(units=["c1"], files=[f"file:{named(5)}"]))
    catalogue = Catalogue(database, tenant)
    found, read = await catalogue.by_slug("aa"), await catalogue.by_slug("bb")
    assert found is not None
    assert read is not None
    assert [unit.key for unit in episodes_on(found, tenant)] == ["s1e1", "s2e1"]
    assert [pack.key for pack in packs_on(found, tenant)] == ["pack/2"]
    assert [unit.key for unit in chapters_on(read, tenant)] == ["c2"]
    assert (await locate(tenant, "aa", "s1e1/0")).documents[0].media_id == 1
    for slug, bucket, error in (
        ("aa", "s1e2/0", TitleBanned),
        ("aa", "s2e1/0", NotPlayable),
        ("aa", "pack/1", DocumentGone),
        ("bb", "c1/0", TitleBanned),
        ("bb", "c2/0", NotPlayable),
    ):
        with pytest.raises(error):
            await locate(tenant, slug, bucket)


async def test_a_page_is_found_by_its_number_whatever_the_order_of_the_document(
    importing: Importing, database: Database, scope_a: TenantScope, platform: PlatformScope
) -> None:
    for number in range(1, 6):
        await MediaRepository(database, platform).keep(media(number, mime="image/png"))
    chapters: list[dict[str, Any]] = [
        {"chap": 3, "pages": [named(3)]},
        {"chap": 1.5, "pages": [named(1), None, named(2)]},
        {"chap": 3, "pages": [named(4), named(5)]},
        {"pages": [named(1)]},
    ]
    await importing(platform, [book(chapters=chapters, short_id="bb")])
    tenant, locate = site(scope_a), BucketLocation(database)
    for bucket, media_id in (("c1.5/0", 1), ("c1.5/2", 2), ("c3/1", 5), ("c3/0", 4), ("c4/0", 1)):
        found = await locate(tenant, "bb", bucket)
        assert (found.documents[0].media_id, found.mime, found.documents[0].owner) == (
            media_id,
            "image/png",
            "platform",
        )
    for bucket in ("c1.5/3", "c2/0", "c1.5/1", "c1.5/-1", "c1.5", "c1.5/0/0", "s1e1/0", "pack/1", "0"):
        with pytest.raises((DocumentGone, NotPlayable)):
            await locate(tenant, "bb", bucket)
    with pytest.raises(DocumentGone):
        await locate(site(scope_a, shared=False), "bb", "c1.5/0")


async def test_what_one_owner_knows_of_a_file_id_opens_nothing_for_another(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    for scope in (scope_b, platform):
        await MediaRepository(database, scope).keep(media(1))
    await importing(scope_a, [series([1], short_id="aa"), book([1], short_id="bb")])
    tenant, locate = site(scope_a), BucketLocation(database)
    for slug, bucket in (("aa", "s1e1/0"), ("bb", "c1/0")):
        with pytest.raises(NotPlayable):
            await locate(tenant, slug, bucket)
