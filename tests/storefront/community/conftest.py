"""Two sites with something to talk about, and people who do."""

from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from content.importing.target import Target
from tests.content.samples import COMMENT, MANGA, MOVIE, SERIES, USER, film
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR, take_in

FILM = "film_001"


class Town(Struct):
    """Both sites with a film, a series and a comic. `ann`, `bob` and `cid` are on north, `sue` is on south."""

    sites: TwoSites
    ann: Person
    bob: Person
    cid: Person
    sue: Person
    staff: httpx.AsyncClient
    clock: FakeClock

    async def say(self, person: Person, body: str = "A fine film.", **more: Any) -> dict[str, Any]:
        """A comment that is taken, a second after the one before."""
        self.clock.advance(1)
        answer = await person("POST", "/api/v1/comments", json={"target_id": FILM, "body": body, **more})
        assert answer.status_code == 201, answer.text
        said: dict[str, Any] = answer.json()
        return said

    async def listed(self, person: Person, **query: Any) -> dict[str, Any]:
        """A page of threads about the film."""
        answer = await person("GET", "/api/v1/comments", params={"target_id": FILM, **query})
        assert answer.status_code == 200, answer.text
        page: dict[str, Any] = answer.json()
        return page


@pytest.fixture
async def town(two_sites: TwoSites, clock: FakeClock, tmp_path: Path) -> AsyncIterator[Town]:
    stores = two_sites.platform.stores
    titles = [film(1), film(2, content_rating="18+"), MOVIE, SERIES, MANGA]
    for site in (two_sites.north, two_sites.south):
        place = Target.tenant(site.scope)
        await take_in(stores, place, "library", titles, tmp_path / site.id)
        await take_in(stores, place, "users", [USER], tmp_path / site.id)
        await take_in(stores, place, "comments", [COMMENT], tmp_path / site.id)
    minted = await stores.staff.create(two_sites.north.scope, "Mod", "moderator", actor=ACTOR)
    async with AsyncExitStack() as stack:
        people = [
            Person(await stack.enter_async_context(two_sites.platform.client(host, address=f"127.0.0.{number}")))
            for number, host in enumerate(["north.example"] * 3 + ["south.example"], start=1)
        ]
        staff = await stack.enter_async_context(two_sites.platform.client("north.example"))
        staff.headers["authorization"] = f"Bearer {minted.token}"
        ann, bob, cid, sue = people
        yield Town(two_sites, ann, bob, cid, sue, staff, clock)
