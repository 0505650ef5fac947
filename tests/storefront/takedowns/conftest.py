"""Two sites with something to take down, and who sends notices and decides them."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import httpx
import pytest
from msgspec import Struct

from content.importing.report import ImportReport
from content.importing.target import Target
from tenancy.resolver import platform_scope
from tests.content.samples import MANGA, SERIES, film, resolved_file
from tests.storefront.conftest import TwoSites
from tests.support.platform import ACTOR, Composed, take_in

PAGE = {"accept": "text/html"}
NOTICE: dict[str, Any] = {
    "kind": "copyright",
    "name": "Ada Beispiel",
    "organisation": "Grenzfilm GmbH",
    "address": "Am Markt 1, 20095 Hamburg",
    "email": "ada@grenzfilm.example",
    "phone": "+49 40 1",
    "work": "The film “A Stolen Film”, 2024",
    "urls": ["https://north.example/title/film_001"],
    "good_faith": True,
    "accurate": True,
    "signature": "Ada Beispiel",
}


class TakedownDesk(Struct, frozen=True):
    """Both sites, and headers of north's staff."""

    sites: TwoSites
    folder: Path
    owner: dict[str, str]
    moderator: dict[str, str]
    foreigner: dict[str, str]

    @property
    def platform(self) -> Composed:
        """The composed platform."""
        return self.sites.platform

    def client(self, site: str = "north") -> httpx.AsyncClient:
        """A client of the site."""
        return self.platform.client(f"{site}.example")

    async def take_in(self, *titles: dict[str, Any], site: str = "north") -> ImportReport:
        """Imports titles into a site's library, or into the shared one."""
        scope = {"north": self.sites.north, "south": self.sites.south}
        target = Target.shared(platform_scope()) if site == "shared" else Target.tenant(scope[site].scope)
        return await take_in(self.platform.stores, target, "library", titles, self.folder / site)

    async def filed(self, client: httpx.AsyncClient, **changes: Any) -> dict[str, Any]:
        """The receipt of a notice."""
        answer = await client.post("/api/v1/takedowns", json={**NOTICE, **changes})
        assert answer.status_code == 201, answer.text
        receipt: dict[str, Any] = answer.json()
        return receipt

    async def decided(self, client: httpx.AsyncClient, receipt: str, verdict: str, **more: Any) -> httpx.Response:
        """The answer to a decision of the owner."""
        decision = {"verdict": verdict, **more}
        return await client.post(f"/api/v1/staff/takedowns/{receipt}/decision", json=decision, headers=self.owner)

    async def taken_down(self, client: httpx.AsyncClient, **changes: Any) -> str:
        """The receipt number of a notice that was upheld."""
        receipt = str((await self.filed(client, **changes))["id"])
        answer = await self.decided(client, receipt, "upheld", public_reason="At the request of Grenzfilm.")
        assert answer.status_code == 200, answer.text
        return receipt


def file_of(number: int) -> list[dict[str, Any]]:
    """A film's bucket that no other film has."""
    return [resolved_file(media_id=1_000 + number, file_hash=f"hash-{number}")]


@pytest.fixture
async def desk(two_sites: TwoSites, tmp_path: Path) -> TakedownDesk:
    stores = two_sites.platform.stores
    minted = [
        await stores.staff.create(scope, "Ann", role, actor=ACTOR)
        for scope, role in (
            (two_sites.north.scope, "owner"),
            (two_sites.north.scope, "moderator"),
            (two_sites.south.scope, "owner"),
        )
    ]
    owner, moderator, foreigner = ({"authorization": f"Bearer {each.token}"} for each in minted)
    made = TakedownDesk(two_sites, tmp_path, owner, moderator, foreigner)
    own = [film(number, files=file_of(number)) for number in (1, 2)]
    await made.take_in(*own, {**SERIES, "_id": "series_1"}, {**MANGA, "_id": "manga_1"})
    await made.take_in(film(9, files=file_of(9)), site="shared")
    await made.take_in(film(50, title="A Southern Secret"), site="south")
    return made
