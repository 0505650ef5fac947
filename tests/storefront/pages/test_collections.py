"""Collections as pages: one by one, all of them, and another site's never."""

from pathlib import Path

import httpx

from content.importing.target import Target
from tests.content.samples import film
from tests.storefront.conftest import TwoSites
from tests.support.platform import take_in

SHELF = {"_id": "noir", "name": "Rain & Neon", "overview": "Wet streets.", "titles": ["film_002", "film_001"]}


async def test_a_collection_stands_in_its_operators_order(two_sites: TwoSites, tmp_path: Path) -> None:
    stores, target = two_sites.platform.stores, Target.tenant(two_sites.north.scope)
    await take_in(stores, target, "library", [film(1), film(2)], tmp_path)
    await take_in(stores, target, "collections", [SHELF], tmp_path)
    async with two_sites.platform.client("north.example") as north:
        every = await _page(north, "/collections")
        one = await _page(north, "/collections/noir")
    assert "Rain &amp; Neon" in every
    assert 'href="/collections/noir"' in every
    assert "Wet streets." in one
    assert one.index(film(2)["title"]) < one.index(film(1)["title"])


async def test_another_sites_collection_is_not_there(two_sites: TwoSites, tmp_path: Path) -> None:
    target = Target.tenant(two_sites.north.scope)
    await take_in(two_sites.platform.stores, target, "library", [film(1), film(2)], tmp_path)
    await take_in(two_sites.platform.stores, target, "collections", [SHELF], tmp_path)
    async with two_sites.platform.client("south.example") as south:
        assert "Rain" not in await _page(south, "/collections")
        answer = await south.get("/collections/noir", headers={"Accept": "text/html"})
    assert answer.status_code == 404


async def _page(client: httpx.AsyncClient, path: str) -> str:
    answer = await client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == 200, answer.text
    return answer.text
