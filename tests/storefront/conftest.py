"""The whole platform with two sites, in process: what a page, a form or a call of the API does for real."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest
from msgspec import Struct

from tenancy.resolver import ResolvedTenant
from tests.support.clock import FakeClock
from tests.support.platform import Composed, composed, open_site, settings_of


class TwoSites(Struct, frozen=True):
    """A composed platform, and its sites `north.example` and `south.example`."""

    platform: Composed
    north: ResolvedTenant
    south: ResolvedTenant


@pytest.fixture
async def two_sites(
    tmp_path: Path, mongodb_uri: str, redis_url: str, database_name: str, clock: FakeClock, clean_database: None
) -> AsyncIterator[TwoSites]:
    settings = settings_of(tmp_path / "home", mongodb_uri=mongodb_uri, redis_url=redis_url, database=database_name)
    async with composed(settings, clock=clock) as platform:
        north = await open_site(platform.stores, "north", "north.example", theme="nocturne")
        south = await open_site(platform.stores, "south", "south.example", theme="hanabi")
        yield TwoSites(platform, north, south)
