"""What is broken is reported once, counted, and its reporters learn its fate."""

import asyncio

from content.reports.repository import ReportRepository
from tests.storefront.community.conftest import FILM, Town
from tests.support.platform import ACTOR

BROKEN = {"target_id": FILM, "issue": "dead_link"}


async def test_one_report_is_open_and_each_viewer_counts_once(town: Town) -> None:
    for person in (town.ann, town.bob, town.cid):
        await person("POST", "/api/v1/reports", json={"target_id": "tmdb_1399#s1e1", "issue": "wrong_audio"})
    people = (town.ann, town.ann, town.bob, town.bob, town.cid)
    answers = await asyncio.gather(*(person("POST", "/api/v1/reports", json=BROKEN) for person in people))
    assert {answer.status_code for answer in answers} == {200}
    assert len({answer.json()["id"] for answer in answers}) == 1
    queue = (await town.staff.get("/api/v1/staff/reports")).json()["reports"]
    assert [(each["target_id"], each["count"]) for each in queue if each["issue"] == "dead_link"] == [(FILM, 3)]


async def test_its_reporters_learn_its_fate_and_a_new_one_opens_afterwards(town: Town) -> None:
    made = (await town.ann("POST", "/api/v1/reports", json={**BROKEN, "note": "At 10:00"})).json()
    path = f"/api/v1/staff/reports/{made['id']}"
    settled = await town.staff.patch(path, json={"fate": "fixed", "words": "A new copy is in place."})
    assert settled.json()["notes"] == ["At 10:00"]
    (own,) = (await town.ann("GET", "/api/v1/reports")).json()["reports"]
    assert (own["fate"], own["words"], own["note"]) == ("fixed", "A new copy is in place.", "At 10:00")
    assert (await town.bob("GET", "/api/v1/reports")).json()["reports"] == []
    town.clock.advance(60)
    again = (await town.ann("POST", "/api/v1/reports", json=BROKEN)).json()
    assert again["id"] != made["id"]
    assert (await town.staff.patch(path, json={"fate": "pending"})).status_code == 409
    await town.staff.patch(f"/api/v1/staff/reports/{again['id']}", json={"fate": "dismissed", "words": "It plays."})
    assert (await town.staff.patch(path, json={"fate": "pending"})).status_code == 200
    fates = [each["fate"] for each in (await town.ann("GET", "/api/v1/reports")).json()["reports"]]
    assert fates == ["dismissed", "pending"]


async def test_what_cannot_be_wrong_cannot_be_reported(town: Town) -> None:
    for target, issue, status in (
        (FILM, "missing_pages", 422),
        ("manga_sample#c1.5", "wrong_audio", 422),
        ("manga_sample#c1.5", "missing_pages", 200),
        ("nothing", "dead_link", 404),
        (FILM, "ugly", 400),
        ("film_002", "dead_link", 403),
    ):
        answer = await town.ann("POST", "/api/v1/reports", json={"target_id": target, "issue": issue})
        assert answer.status_code == status, (target, issue)
    long = await town.ann("POST", "/api/v1/reports", json={**BROKEN, "note": "x" * 501})
    assert long.status_code == 400


async def test_another_site_sees_nothing_of_it(town: Town) -> None:
    made = (await town.ann("POST", "/api/v1/reports", json=BROKEN)).json()
    stores = town.sites.platform.stores
    other = await stores.staff.create(town.sites.south.scope, "Other", "owner", actor=ACTOR)
    theirs = {"authorization": f"Bearer {other.token}"}
    seen = (await town.sue("GET", "/api/v1/staff/reports", headers=theirs)).json()["reports"]
    assert made["id"] not in [each["id"] for each in seen]
    path = f"/api/v1/staff/reports/{made['id']}"
    assert (await town.sue("PATCH", path, json={"fate": "fixed"}, headers=theirs)).status_code == 404
    assert (await town.ann("PATCH", path, json={"fate": "fixed"})).status_code == 403


async def test_the_medic_gets_what_is_pending_the_oldest_first(town: Town) -> None:
    await town.ann("POST", "/api/v1/reports", json=BROKEN)
    town.clock.advance(5)
    await town.bob("POST", "/api/v1/reports", json={**BROKEN, "issue": "wrong_audio"})
    repository = ReportRepository(town.sites.platform.stores.database, town.sites.north.scope)
    assert [each.issue async for each in repository.pending()] == ["dead_link", "wrong_audio"]
