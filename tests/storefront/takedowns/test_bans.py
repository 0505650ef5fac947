"""What is taken down is gone at once, on every way to it, and stays down when it comes in again."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest

from content.locating import BucketLocation
from content.takedowns.bans import TitleBanned
from content.takedowns.work import work
from tenancy.desk import change_tenant
from tests.content.samples import MANGA, film, resolved_file
from tests.storefront.takedowns.conftest import PAGE, TakedownDesk, file_of
from tests.support.platform import ACTOR

REASON = "At the request of Grenzfilm."


async def run_jobs(desk: TakedownDesk) -> None:
    stores = desk.platform.stores
    for kind in ("screen_library", "lift_case"):
        while (job := await stores.jobs.claim(kind, lease_seconds=60)) is not None:
            await work(stores.takedowns, stores.system, job)
            await stores.jobs.complete(job)


async def ids(desk: TakedownDesk, site: str = "north") -> set[str]:
    async with desk.client(site) as client:
        return {each["id"] for each in (await client.get("/api/v1/titles?limit=100")).json()["titles"]}


@pytest.mark.parametrize("title", ["film_001", "film_009"], ids=["own", "shared"])
async def test_a_title_that_was_taken_down_is_gone_with_its_reason(desk: TakedownDesk, title: str) -> None:
    async with desk.client() as client:
        slug = (await client.get(f"/api/v1/titles/{title}")).json()["slug"]
        await desk.taken_down(client, urls=[f"https://north.example/title/{slug}"])
        for path in (f"/api/v1/titles/{title}", f"/title/{slug}", f"/watch/{slug}", f"/art/{slug}/poster"):
            gone = await client.get(path, headers=PAGE)
            assert gone.status_code == 451, path
            assert gone.headers["link"] == '</legal>; rel="blocked-by"'
            assert REASON in gone.text
        assert (await client.post(f"/api/v1/titles/{title}/play")).status_code == 451
    assert title not in await ids(desk)
    assert ("film_009" in await ids(desk, "south")) is True, "another site shows the shared title as before"


async def test_the_shared_title_itself_is_not_written_by_a_tenant(desk: TakedownDesk) -> None:
    async with desk.client("south") as south:
        before = (await south.get("/api/v1/titles/film_009")).text
        async with desk.client() as north:
            await desk.taken_down(north, urls=["/title/film_009"])
        assert (await south.get("/api/v1/titles/film_009")).text == before


async def test_bytes_are_refused_at_once(desk: TakedownDesk) -> None:
    stores = desk.platform.stores
    locate = BucketLocation(stores.database)
    async with desk.client() as client:
        slug = (await client.get("/api/v1/titles/film_001")).json()["slug"]
        north = await stores.resolver.resolve("north.example")
        assert north is not None
        assert (await locate(north, slug, "0")).size_bytes > 0
        await desk.taken_down(client)
        with pytest.raises(TitleBanned):
            await locate(north, slug, "0")


async def test_processes_hear_of_it(desk: TakedownDesk) -> None:
    heard: list[tuple[str, object]] = []
    for topic in ("titles", "tenants"):

        async def hear(payload: Mapping[str, Any], topic: str = topic) -> None:
            heard.append((topic, dict(payload)))

        desk.platform.stores.events.subscribe(topic, hear)
    async with desk.client() as client:
        await desk.taken_down(client)
    assert ("titles", {"owner": "tenant:north", "title": "film_001"}) in heard
    assert ("tenants", {"tenant": "north"}) in heard


@pytest.mark.parametrize("title", ["film_001", "film_009"], ids=["own", "shared"])
async def test_the_same_file_under_another_name_stays_down_and_the_import_says_so(
    desk: TakedownDesk, title: str
) -> None:
    number = int(title[-1])
    async with desk.client() as client:
        receipt = await desk.taken_down(client, urls=[f"/title/{title}"])
        disguises = [
            film(70, title="Something Else", files=file_of(number)),
            film(71, files=[resolved_file(media_id=1_000 + number, file_hash="fresh")]),
            film(72, files=[resolved_file(media_id=77, file_hash=f"hash-{number}")]),
            film(73, files=[resolved_file(media_id=78), *file_of(number)], short_id="Fresh01"),
        ]
        report = await desk.take_in(*disguises, film(80))
        assert report.hidden == {f"it was taken down ({receipt})": 4}
        assert (await client.get("/api/v1/titles/film_070")).status_code == 451
        assert (await client.get("/title/Fresh01", headers=PAGE)).status_code == 451
    shown = await ids(desk)
    assert "film_080" in shown
    assert not {"film_070", "film_071", "film_072", "film_073"} & shown
    assert "film_070" not in shown
    await desk.take_in(film(70, title="Yet Another Name", files=file_of(number)), film(1, files=file_of(1), year=2001))
    assert "film_070" not in await ids(desk), "nor does it come back by an import that changes it"
    assert title not in await ids(desk)


async def test_another_sites_file_is_its_own_business(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        await desk.taken_down(client)
    report = await desk.take_in(film(60, files=file_of(1)), site="south")
    assert not report.hidden
    assert "film_060" in await ids(desk, "south")


async def test_titles_that_had_the_file_before_are_left_to_the_staff(desk: TakedownDesk) -> None:
    await desk.take_in(film(3, title="The Twin", files=file_of(1)))
    async with desk.client() as client:
        receipt = (await desk.filed(client))["id"]
        outcome = await desk.decided(client, receipt, "upheld")
        assert outcome.json()["also_in"] == ["film_003"]
        await run_jobs(desk)
        assert "film_003" in await ids(desk)


async def test_a_unit_of_a_comic_is_taken_down_and_the_rest_stays(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = (await desk.filed(client, urls=["/title/manga_1"]))["id"]
        done = await desk.decided(client, receipt, "upheld", targets=[{"title_id": "manga_1", "unit": "c1.5"}])
        assert done.status_code == 200
        assert (await client.get("/api/v1/titles/manga_1")).status_code == 200
        assert "manga_1" in await ids(desk)
        assert (await client.get("/api/v1/titles/manga_1/chapters/1.5/pages")).status_code in {404, 451}
        report = await desk.take_in({**MANGA, "_id": "manga_2", "title": "Another Comic"})
        assert not report.hidden
        odd = await desk.decided(client, receipt, "restored")
        assert odd.status_code == 200
        missing = await desk.decided(client, receipt, "upheld", targets=[{"title_id": "manga_1", "unit": "c99"}])
        assert missing.status_code == 422


async def test_one_file_of_a_film_is_taken_down_alone(desk: TakedownDesk) -> None:
    await desk.take_in(film(4, files=[resolved_file(media_id=401), resolved_file(media_id=402, quality="720p")]))
    async with desk.client() as client:
        receipt = (await desk.filed(client, urls=["/title/film_004"]))["id"]
        assert (
            await desk.decided(client, receipt, "upheld", targets=[{"title_id": "film_004", "file": 1}])
        ).status_code == 200
        qualities = (await client.get("/api/v1/titles/film_004")).json()["qualities"]
        assert [each["playable"] for each in qualities] == [True, False]


async def test_what_was_upheld_can_be_restored_and_its_files_are_free_again(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        for title in ("film_001", "film_009"):
            receipt = await desk.taken_down(client, urls=[f"/title/{title}"])
            assert title not in await ids(desk)
            assert (await desk.decided(client, receipt, "restored")).json()["status"] == "restored"
            assert (await client.get(f"/api/v1/titles/{title}")).status_code == 200
            assert title in await ids(desk)
    report = await desk.take_in(film(70, files=file_of(1)))
    assert not report.hidden


async def test_two_cases_against_one_title_are_lifted_one_by_one(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        first, second = await desk.taken_down(client), await desk.taken_down(client)
        await desk.decided(client, first, "restored")
        assert (await client.get("/api/v1/titles/film_001")).status_code == 451
        await desk.decided(client, second, "restored")
        assert (await client.get("/api/v1/titles/film_001")).status_code == 200


async def test_a_notice_goes_one_way_at_a_time(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = (await desk.filed(client))["id"]
        assert (await desk.decided(client, receipt, "restored")).status_code == 409
        assert (await desk.decided(client, receipt, "rejected", note="No rights shown.")).status_code == 200
        assert (await desk.decided(client, receipt, "escalated")).status_code == 409
        other = (await desk.filed(client))["id"]
        assert (await desk.decided(client, other, "escalated")).json()["status"] == "escalated"
        for verdict in ("upheld", "rejected"):
            assert (await desk.decided(client, other, verdict)).status_code == 409, "the platform decides it"
        assert (await desk.decided(client, "TD-000000000000", "rejected")).status_code == 404


async def test_repeated_infringement_closes_the_site_with_a_legal_hold(desk: TakedownDesk) -> None:
    stores = desk.platform.stores
    await change_tenant(stores.desk, "north", {"legal.strikes": "2"}, actor=ACTOR)
    async with desk.client() as client:
        await desk.taken_down(client, urls=["/title/film_009"])
        await desk.taken_down(client, urls=["/title/film_001"])
        record = (await client.get("/api/v1/staff/infringements", headers=desk.owner)).json()
        assert record == {"strikes": 1, "threshold": 2, "by_uploader": {"system:tests": 1}}
        await desk.taken_down(client, urls=["/title/film_002"])
        assert (await client.get("/browse", headers=PAGE)).status_code == 503
    north = await stores.tenants.get("north")
    assert north is not None
    assert [hold.kind for hold in north.holds] == ["legal"]
    assert north.holds[0].by == "system:repeat-infringer"


async def test_deeds_are_written_down(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
    entries = await desk.platform.stores.audit.entries(desk.sites.north.scope)
    deeds = {entry.action for entry in entries if entry.subject == receipt}
    assert deeds == {"takedown.receive", "takedown.upheld"}
