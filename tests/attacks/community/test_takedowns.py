"""What was taken down stays down, however it is dressed; the desk bears floods, scripts and other people's hands."""

from __future__ import annotations

from typing import Any

import pytest

from addons.dmca_shield.deadlines import may_restore
from content.takedowns.deciding import Ruling, decide
from content.takedowns.model import CounterNotice, Notice, Party
from content.takedowns.work import KINDS, work
from storage.moments import moment
from storefront.takedowns.limits import NOTICES_PER_HOUR
from tests.content.samples import MANGA, SERIES, film, resolved_file
from tests.storefront.takedowns.conftest import NOTICE, PAGE, TakedownDesk, file_of
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR

SCRIPT = "</textarea><script>alert(1)</script><img src=x onerror=alert(1)>\u202e"
COMIC = [{"chap": 1.5, "title": "I", "storage_id": "-100123", "pages": ["p1", "p2", "p3", "p4", "p5"]}]


async def run_jobs(desk: TakedownDesk) -> None:
    stores = desk.platform.stores
    for kind in KINDS:
        while (job := await stores.jobs.claim(kind, lease_seconds=60)) is not None:
            await work(stores.takedowns, stores.system, job)
            await stores.jobs.complete(job)


def keys(media_id: Any, **more: Any) -> dict[str, Any]:
    """A bucket that names the document so."""
    return resolved_file(
        77, **{"tg_raw": {"media_id": media_id, "access_hash": -5, "file_reference": "060000aa"}, **more}
    )


@pytest.mark.parametrize(
    "bucket",
    [
        keys("1001", file_hash="fresh"),
        keys(1001.0, file_hash="fresh"),
        keys("1001.0", file_hash="fresh"),
        keys(78, file_hash="HASH-1"),
        keys(78, file_hash="  Hash-1\t"),
        keys(78, file_hash="fresh", documents=[keys("1001"), keys(79)], size_bytes=2_000_000),
        keys(78, file_hash="fresh", documents=[keys(79, file_hash="hASH-1")]),
    ],
    ids=["text", "float", "float as text", "upper case", "blanks", "a document of two", "a document's hash"],
)
async def test_a_file_that_was_taken_down_comes_back_in_no_disguise(desk: TakedownDesk, bucket: Any) -> None:
    async with desk.client() as client:
        await desk.taken_down(client)
        await desk.take_in(film(70, title="Something Else", short_id="Fresh01", files=[bucket]))
        assert (await client.get("/api/v1/titles/film_070")).status_code == 451
        assert (await client.post("/api/v1/titles/Fresh01/play")).status_code == 451
        listed = (await client.get("/api/v1/titles?limit=100")).json()["titles"]
        assert "film_070" not in [each["id"] for each in listed]


@pytest.mark.parametrize(
    "pages",
    [
        ["p1", "p2", "p3", "p4", "p5"],
        ["p5", "p4", "p3", "p2", "p1"],
        ["blank", "p1", "p2", "p3", "p4", "p5"],
        ["p2", "p3", "p4"],
        ["p2", "blank", "p3", "blank2", "p4", "p5"],
    ],
    ids=["as it was", "backwards", "one before it", "the ends torn off", "blanks between"],
)
async def test_a_chapter_comes_back_in_no_other_order_of_its_pages(desk: TakedownDesk, pages: list[str]) -> None:
    await desk.take_in({**MANGA, "_id": "manga_2", "chapters": COMIC})
    async with desk.client() as client:
        await desk.taken_down(client, urls=["https://north.example/read/manga_2/1.5"])
        again = [{"chap": 7.0, "title": "Another", "storage_id": "-100123", "pages": pages}]
        await desk.take_in({**MANGA, "_id": "manga_3", "title": "Another", "chapters": again})
        assert (await client.get("/api/v1/titles/manga_3/chapters/c7/pages")).status_code == 451
        other = [{"chap": 8.0, "title": "Honest", "storage_id": "-100123", "pages": ["p1", "q1", "q2", "p5"]}]
        await desk.take_in({**MANGA, "_id": "manga_4", "title": "Honest", "chapters": other})
        assert (await client.get("/api/v1/titles/manga_4/chapters/c8/pages")).status_code != 451


async def test_an_episode_comes_back_under_no_other_number(desk: TakedownDesk) -> None:
    pilot = SERIES["seasons"]["1"][0]
    async with desk.client() as client:
        await desk.taken_down(client, urls=["https://north.example/watch/series_1/s1e1"])
        await desk.take_in({**SERIES, "_id": "series_2", "title": "Other", "seasons": {"9": [{**pilot, "episode": 3}]}})
        assert (await client.post("/api/v1/titles/series_2/episodes/s9e3/play")).status_code == 451


async def test_what_the_platform_took_down_comes_back_on_no_site(desk: TakedownDesk) -> None:
    stores = desk.platform.stores

    async with desk.client() as client, desk.client("south") as south:
        receipt = (await desk.filed(client))["id"]
        ruling = Ruling(verdict="upheld", by_platform=True)
        await decide(stores.takedowns, desk.sites.north, receipt, ruling, actor=ACTOR)
        await run_jobs(desk)
        await desk.take_in(film(60, files=file_of(1)), film(61, files=[keys("1001", file_hash="x")]), site="south")
        for title in ("film_060", "film_061"):
            assert (await south.get(f"/api/v1/titles/{title}")).status_code == 451
        await desk.take_in(film(62, files=[keys(3, file_hash="HASH-1")]), site="shared")
        assert (await south.get("/api/v1/titles/film_062")).status_code == 451


async def test_a_flood_of_notices_is_told_to_wait_and_other_people_s_come_in(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        answers = [await client.post("/api/v1/takedowns", json=NOTICE) for _ in range(NOTICES_PER_HOUR + 2)]
        assert [each.status_code for each in answers[-2:]] == [429, 429]
        assert int(answers[-1].headers["retry-after"]) > 0
        form = await client.post(
            "/legal/takedown", data={"name": "x"}, headers={**PAGE, "sec-fetch-site": "same-origin"}
        )
        assert form.status_code in (422, 429)
    async with desk.platform.client("north.example", address="10.1.2.3") as other:
        assert (await other.post("/api/v1/takedowns", json=NOTICE)).status_code == 201


async def test_scripts_in_every_field_are_text_wherever_the_notice_is_shown(desk: TakedownDesk) -> None:
    fields = ("name", "organisation", "address", "phone", "work", "signature")
    async with desk.client() as client:
        receipt = await desk.filed(client, **dict.fromkeys(fields, SCRIPT))
        staff = await client.get(f"/api/v1/staff/takedowns/{receipt['id']}", headers=desk.owner)
        assert "\u202e" not in staff.text
        assert "\\u202e" not in staff.text
        sent = {"id": receipt["id"], "secret": receipt["secret"]} if "secret" in receipt else {}
        page = await client.get("/legal/status", params=sent, headers=PAGE)
        assert "<script>alert" not in page.text
        assert "<img src=x" not in page.text
        wrong = {**dict.fromkeys(fields, SCRIPT), "email": SCRIPT, "urls": SCRIPT}
        form = await client.post("/legal/takedown", data=wrong, headers={**PAGE, "sec-fetch-site": "same-origin"})
        assert "<script>alert" not in form.text
        assert "<img src=x" not in form.text


async def test_the_reason_that_the_public_is_told_is_text(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = str((await desk.filed(client))["id"])
        await desk.decided(client, receipt, "upheld", public_reason=SCRIPT)
        gone = await client.get("/title/film_001", headers=PAGE)
        assert gone.status_code == 451
        assert "<script>alert" not in gone.text
        assert "<img src=x" not in gone.text


async def test_a_notice_is_looked_up_by_its_sender_alone(desk: TakedownDesk) -> None:
    async with desk.client() as client, desk.client("south") as south:
        receipt = await desk.filed(client)
        path = f"/api/v1/staff/takedowns/{receipt['id']}"
        for headers, status in (({}, 401), (desk.foreigner, 401), ({"authorization": "Bearer mqs_x"}, 401)):
            assert (await client.get(path, headers=headers)).status_code == status
        assert (await south.get(path, headers=desk.foreigner)).status_code == 404
        decision = {"verdict": "rejected"}
        assert (await south.post(f"{path}/decision", json=decision, headers=desk.foreigner)).status_code == 404
        assert (await client.post(f"{path}/decision", json=decision, headers=desk.foreigner)).status_code == 401


async def test_a_notice_names_pages_of_this_site_alone(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        for url in (
            "https://south.example/title/film_050",
            "javascript:alert(1)",
            "//evil.example/title/film_001",
            "https://north.example@evil.example/title/film_001",
            "https://north.example.evil.example/title/film_001",
            "http://[::1/title/film_001",
            "https://north.example\\@evil.example/",
            "data:text/html,x",
            "https://north.example:99999999/title/film_001",
            "x" * 3_000,
        ):
            answer = await client.post("/api/v1/takedowns", json={**NOTICE, "urls": [url]})
            assert answer.status_code in (400, 422, 429), url
            assert answer.headers["content-type"] == "application/problem+json"


def test_a_clock_that_jumps_back_shortens_no_time_to_go_to_court() -> None:
    clock = FakeClock()
    now = moment(clock())
    counter = CounterNotice(party=Party(), material="x", explanation="x", signature="x", at=now)
    notice = Notice(id="TD-X", secret="", kind="copyright", status="upheld", received_at=now, counter=counter)
    for days, restored in ((-400, False), (0, False), (9, False), (60, True)):
        assert may_restore(notice, moment(clock() + days * 86_400)) is restored
