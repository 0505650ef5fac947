"""What a site hands to the platform is decided there for every site."""

from __future__ import annotations

import pytest

from content.takedowns.deciding import Ruling, decide
from content.takedowns.errors import NotDecidable
from content.takedowns.work import KINDS, work
from tests.content.samples import film
from tests.storefront.takedowns.conftest import PAGE, TakedownDesk, file_of
from tests.support.platform import ACTOR


async def decided(desk: TakedownDesk, receipt: str, ruling: Ruling) -> None:
    stores = desk.platform.stores
    north = await stores.resolver.by_id("north")
    assert north is not None
    await decide(stores.takedowns, north, receipt, ruling, actor=ACTOR)
    for kind in KINDS:
        while (job := await stores.jobs.claim(kind, lease_seconds=60)) is not None:
            await work(stores.takedowns, stores.system, job)
            await stores.jobs.complete(job)


async def test_a_shared_title_is_gone_from_every_site_and_so_are_its_files(desk: TakedownDesk) -> None:
    await desk.take_in(film(61, title="The Copy", files=file_of(9)), site="south")
    async with desk.client() as north, desk.client("south") as south:
        receipt = (await desk.filed(north, urls=["/title/film_009"]))["id"]
        assert (await desk.decided(north, receipt, "escalated")).status_code == 200
        assert (await south.get("/api/v1/titles/film_009")).status_code == 200
        ruling = Ruling(verdict="upheld", public_reason="By order of a court.", by_platform=True)
        await decided(desk, receipt, ruling)
        for client in (north, south):
            gone = await client.get("/title/film_009", headers=PAGE)
            assert gone.status_code == 451
            assert "By order of a court." in gone.text
        assert (await south.get("/api/v1/titles/film_061")).status_code == 451, "the same file on another site"
        report = await desk.take_in(film(62, files=file_of(9)), site="south")
        assert report.hidden == {f"it was taken down ({receipt})": 1}
        assert (await desk.take_in(film(63, files=file_of(9)), site="shared")).hidden
        assert (await desk.decided(north, receipt, "restored")).status_code == 409, "that is the platform's to decide"
        await decided(desk, receipt, Ruling(verdict="restored", by_platform=True))
        for title in ("film_009", "film_061", "film_062"):
            assert (await south.get(f"/api/v1/titles/{title}")).status_code == 200, title


async def test_the_platform_has_nobody_above_it(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = (await desk.filed(client))["id"]
    with pytest.raises(NotDecidable):
        await decided(desk, receipt, Ruling(verdict="escalated", by_platform=True))
