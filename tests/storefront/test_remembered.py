"""Home, browse and genres are remembered between requests: per site and audience, and until a title changes."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from content.importing.target import Target
from tests.content.samples import film
from tests.storefront.conftest import TwoSites
from tests.support.platform import take_in

PAGE = {"accept": "text/html"}
PASSED = {"cookie": "__Host-age=18"}
PATHS = ("/", "/browse", "/api/v1/genres")
DEADLINE_SECONDS = 10.0


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    titles = [
        film(1, title="Northern Light", genres=["Northern"]),
        film(2, title="Nightlife", genres=["Nightlife"], content_rating="18+"),
    ]
    stores = two_sites.platform.stores
    await take_in(stores, Target.tenant(two_sites.north.scope), "library", titles, tmp_path)
    southern = [film(1, title="Southern Cross", genres=["Southern"])]
    await take_in(stores, Target.tenant(two_sites.south.scope), "library", southern, tmp_path)
    return two_sites


@pytest.mark.parametrize("path", PATHS)
async def test_what_is_remembered_for_one_site_or_audience_is_shown_to_no_other(stocked: TwoSites, path: str) -> None:
    north, south = (stocked.platform.client(f"{name}.example") for name in ("north", "south"))
    async with north, south:
        for _ in range(2):
            adults = (await north.get(path, headers=PAGE | PASSED)).text
            everybody = (await north.get(path, headers=PAGE)).text
            others = (await south.get(path, headers=PAGE | PASSED)).text
            assert "Northern" in adults
            assert "Nightlife" in adults
            assert "Northern" in everybody
            assert "Nightlife" not in everybody
            assert "Southern" not in adults + everybody
            assert "Southern" in others
            assert "Northern" not in others
            assert "Nightlife" not in others


@pytest.mark.parametrize("path", PATHS)
async def test_a_new_title_is_told_of_within_moments(stocked: TwoSites, tmp_path: Path, path: str) -> None:
    async with stocked.platform.client("north.example") as client:
        assert "Polar" not in (await client.get(path, headers=PAGE)).text
        target = Target.tenant(stocked.north.scope)
        added = [film(3, title="Polar Night", genres=["Polar"])]
        await take_in(stocked.platform.stores, target, "library", added, tmp_path / "more")
        async with asyncio.timeout(DEADLINE_SECONDS):
            while "Polar" not in (await client.get(path, headers=PAGE)).text:
                await asyncio.sleep(0.05)
