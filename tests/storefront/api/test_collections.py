"""Collections over HTTP: what everybody sees, and what only a site's own people may change."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from tenancy.resolver import platform_scope
from tests.content.samples import film
from tests.storefront.conftest import TwoSites
from tests.support.platform import ACTOR, take_in

pytestmark = pytest.mark.anyio
BODY: dict[str, Any] = {"name": "Mine", "overview": "All of it", "titles": ["film_002", "film_001", "nope"]}


@pytest.fixture
async def north(two_sites: TwoSites, tmp_path: Path) -> AsyncIterator[httpx.AsyncClient]:
    """Shared films in a shared collection, and a collection of the north site's own titles."""
    stores = two_sites.platform.stores
    shared = Target.shared(platform_scope())
    peach = {"franchise": "The Peach Project"}
    films = [film(1, **peach), film(2, media_type="series", **peach), film(3, genres=["War"])]
    await take_in(stores, shared, "library", films, tmp_path)
    lines = [{"_id": "s/l ash", "name": "Shared", "titles": ["film_001", "film_003"]}]
    await take_in(stores, shared, "collections", lines, tmp_path)
    own = Target.tenant(two_sites.north.scope)
    await take_in(stores, own, "library", [film(9)], tmp_path / "north")
    lines = [{"_id": "n", "name": "North", "titles": ["film_009"]}]
    await take_in(stores, own, "collections", lines, tmp_path / "north")
    async with two_sites.platform.client("north.example") as client:
        yield client


async def token(two_sites: TwoSites, role: Any = "editor") -> dict[str, str]:
    minted = await two_sites.platform.stores.staff.create(two_sites.north.scope, "Ann", role, actor=ACTOR)
    return {"Authorization": f"Bearer {minted.token}"}


async def test_collections_are_listed_and_opened(two_sites: TwoSites, north: httpx.AsyncClient) -> None:
    found = (await north.get("/api/v1/collections")).json()
    assert [(each["name"], [title["id"] for title in each["titles"]]) for each in found["collections"]] == [
        ("North", ["film_009"]),
        ("Shared", ["film_001", "film_003"]),
    ]
    async with two_sites.platform.client("south.example") as south:
        names = [each["name"] for each in (await south.get("/api/v1/collections")).json()["collections"]]
        assert names == ["Shared"]
        assert (await south.get("/api/v1/collections/n")).status_code == 404


async def test_a_collection_is_paged(north: httpx.AsyncClient, two_sites: TwoSites) -> None:
    headers = await token(two_sites)
    made = await north.put("/api/v1/staff/collections/mine", json=BODY, headers=headers)
    assert made.status_code == 204, made.text
    first = (await north.get("/api/v1/collections/mine", params={"limit": "1"})).json()
    assert ([each["id"] for each in first["titles"]], first["name"]) == (["film_002"], "Mine")
    second = (await north.get("/api/v1/collections/mine", params={"limit": "1", "after": first["next"]})).json()
    assert [each["id"] for each in second["titles"]] == ["film_001"]
    assert (await north.get("/api/v1/collections/n", params={"after": first["next"]})).status_code == 400


async def test_only_the_sites_own_people_change_its_collections(two_sites: TwoSites, north: httpx.AsyncClient) -> None:
    url = "/api/v1/staff/collections/n"
    assert (await north.put(url, json=BODY)).status_code == 401
    assert (await north.put(url, json=BODY, headers=await token(two_sites, "moderator"))).status_code == 403
    headers = await token(two_sites)
    async with two_sites.platform.client("south.example") as south:
        assert (await south.put(url, json=BODY, headers=headers)).status_code == 401
    assert (await north.delete(url, headers=headers)).status_code == 204
    assert (await north.delete(url, headers=headers)).status_code == 404
    assert (await north.delete("/api/v1/staff/collections/s", headers=headers)).status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {**BODY, "name": ""},
        {**BODY, "name": "x" * 201},
        {**BODY, "titles": ["x"] * 1_001},
        {**BODY, "titles": [""]},
        {**BODY, "titles": [{"$gt": ""}]},
        {**BODY, "more": 1},
        [],
    ],
    ids=range(8),
)
async def test_a_bad_collection_is_refused(two_sites: TwoSites, north: httpx.AsyncClient, body: Any) -> None:
    answer = await north.put("/api/v1/staff/collections/x", json=body, headers=await token(two_sites))
    assert answer.status_code == 400, answer.text


async def test_a_franchise_is_told_and_browsed(north: httpx.AsyncClient) -> None:
    one = (await north.get("/api/v1/titles/film_001")).json()
    assert one["franchise"] == {"key": "the peach project", "name": "The Peach Project"}
    assert (one["status"], one["notice"], one["seasons"], one["chapters"]) == ("available", None, [], None)
    found = (await north.get("/api/v1/titles", params={"franchise": one["franchise"]["key"]})).json()["titles"]
    assert sorted(each["id"] for each in found) == ["film_001", "film_002"]
    related = (await north.get("/api/v1/titles/film_001/related")).json()["titles"]
    assert [each["id"] for each in related] == ["film_002", "film_009"]
    assert (await north.get("/api/v1/titles/nope/related")).status_code == 404
