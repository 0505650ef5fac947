"""A title's pictures by Telegram file id: looked up like any other file, shown once they were found."""

from __future__ import annotations

from typing import Any

import pytest

from content.known import Pictures
from content.lenient import read
from content.media.pictures import judge_pictures
from content.media.repository import MediaRepository
from content.media.resolving import settle_title
from content.model import Title
from content.repository import TitleRepository
from storage.mongo import Database
from storage.scope import TenantScope
from tests.content.conftest import Importing
from tests.content.media.files import media, named
from tests.content.media.test_resolving_media import Telegram
from tests.content.samples import film

pytestmark = pytest.mark.anyio
VISUALS: dict[str, Any] = {"poster": named(1), "backdrop": "AgADxxxx", "screenshots": [named(2), "AgAD2", named(3)]}


async def title_of(database: Database, scope: TenantScope, title_id: str) -> Title:
    title = await TitleRepository(database, scope).by_id(title_id)
    assert title is not None
    return title


async def test_real_file_ids_are_looked_up_and_placeholders_are_not(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    report = await importing(scope_a, [film(1, _id="series_1", visuals=VISUALS), film(2, visuals={"poster": "AgAD"})])
    assert report.jobs == 1
    found = (await title_of(database, scope_a, "series_1")).derived.pictures
    assert found == Pictures(missing=[named(1), named(2), named(3)])
    telegram = Telegram(scope_a.owner, 1, 3)
    assert await telegram.work(database, scope_a) == 2
    found = (await title_of(database, scope_a, "series_1")).derived.pictures
    assert found == Pictures(poster=named(1), screenshots=[named(3)])
    again = await importing(scope_a, [film(1, _id="series_1", visuals=VISUALS), film(2, visuals={"poster": "AgAD"})])
    assert (again.unchanged, again.jobs) == (2, 0), "nothing is left to look up"


async def test_pictures_that_were_registered_need_no_worker(
    importing: Importing, database: Database, scope_a: TenantScope
) -> None:
    await MediaRepository(database, scope_a).keep(media(1, mime="image/jpeg"))
    await importing(scope_a, [film(1, visuals={"poster": named(1), "screenshots": [named(2)]})])
    await MediaRepository(database, scope_a).keep(media(2, mime="image/jpeg"))
    await settle_title(database, scope_a, "film_001")
    found = (await title_of(database, scope_a, "film_001")).derived.pictures
    assert found == Pictures(poster=named(1), screenshots=[named(2)])


async def test_another_owners_pictures_are_not_ones_own(
    importing: Importing, database: Database, scope_a: TenantScope, scope_b: TenantScope
) -> None:
    await MediaRepository(database, scope_b).keep(media(1, mime="image/jpeg"))
    await importing(scope_a, [film(1, visuals={"poster": named(1)})])
    found = (await title_of(database, scope_a, "film_001")).derived.pictures
    assert found == Pictures(missing=[named(1)])


@pytest.mark.parametrize("visuals", [None, {}, {"poster": 5, "screenshots": "x"}, {"screenshots": [None, 5, ""]}])
def test_odd_visuals_name_nothing(visuals: Any) -> None:
    title = read({"id": 1, "visuals": visuals}, Title)
    assert judge_pictures(title, {}, "tenant:a", lambda _: True) == Pictures()
