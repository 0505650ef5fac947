"""Notices come in with what the law asks for, and are looked up by those who sent them."""

from __future__ import annotations

from typing import Any

import pytest

from storefront.takedowns.limits import LOOKUPS_PER_MINUTE, NOTICES_PER_HOUR
from tests.storefront.takedowns.conftest import NOTICE, TakedownDesk
from tests.support.limits import until_limited


async def test_a_notice_gets_a_receipt_that_looks_it_up(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = await desk.filed(client)
        assert receipt["status"] == "received"
        found = await client.get(f"/api/v1/takedowns/{receipt['id']}", params={"secret": receipt["secret"]})
        assert found.status_code == 200
        assert found.headers["cache-control"] == "no-store"
        assert found.json()["material"] == [{"url": NOTICE["urls"][0], "found": True}]
        for personal in ("Ada", "Hamburg", "grenzfilm.example", "+49"):
            assert personal not in found.text


@pytest.mark.parametrize(
    ("lack", "field"),
    [
        ({"name": ""}, "name"),
        ({"address": " "}, "address"),
        ({"email": "nobody"}, "email"),
        ({"work": "\u202e\u200f"}, "work"),
        ({"urls": []}, "urls"),
        ({"urls": ["https://south.example/title/film_050"]}, "urls"),
        ({"urls": ["https://evil.example/title/film_001"]}, "urls"),
        ({"urls": ["javascript:alert(1)"]}, "urls"),
        ({"urls": ["//north.example@evil.example/"]}, "urls"),
        ({"good_faith": False}, "good_faith"),
        ({"accurate": False}, "accurate"),
        ({"signature": ""}, "signature"),
        ({"kind": "illegal_content", "explanation": ""}, "explanation"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
async def test_a_notice_that_lacks_something_is_refused_by_its_field(
    desk: TakedownDesk, lack: dict[str, Any], field: str
) -> None:
    async with desk.client() as client:
        refused = await client.post("/api/v1/takedowns", json={**NOTICE, **lack})
        assert refused.status_code == 422
        assert refused.json()["type"] == "urn:marquee:problem:notice-invalid"
        assert refused.json()["detail"].startswith(f"{field}: ")


async def test_abuse_of_children_may_be_reported_without_a_name(desk: TakedownDesk) -> None:
    nameless: dict[str, Any] = {"kind": "illegal_content", "explanation": "What is shown.", "urls": ["/title/film_001"]}
    nameless |= {"good_faith": True, "accurate": True}
    async with desk.client() as client:
        assert (await client.post("/api/v1/takedowns", json=nameless)).status_code == 422
        taken = await client.post("/api/v1/takedowns", json={**nameless, "child_abuse": True})
        assert taken.status_code == 201


@pytest.mark.parametrize(
    "body", [{**NOTICE, "urls": ["/x"] * 51}, {**NOTICE, "name": "a" * 201}, {**NOTICE, "kind": "other"}, [], "x"]
)
async def test_what_is_no_notice_is_refused(desk: TakedownDesk, body: object) -> None:
    async with desk.client() as client:
        assert (await client.post("/api/v1/takedowns", json=body)).status_code == 400


async def test_a_receipt_of_another_site_a_wrong_secret_and_no_receipt_are_one(desk: TakedownDesk) -> None:
    async with desk.client() as north, desk.client("south") as south:
        receipt = await desk.filed(north)
        right, path = {"secret": receipt["secret"]}, f"/api/v1/takedowns/{receipt['id']}"
        answers = [
            await south.get(path, params=right),
            await north.get(path, params={"secret": "x" * 32}),
            await north.get(path, params={"secret": ""}),
            await north.get("/api/v1/takedowns/TD-000000000000", params=right),
            await north.get("/api/v1/takedowns/../../x", params=right),
        ]
        assert {answer.status_code for answer in answers} == {404}
        assert len({answer.text for answer in answers[:4]}) == 1


async def test_numbers_are_not_tried_and_notices_do_not_flood(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        unknown = {"secret": "x"}
        await until_limited(lambda: client.get("/api/v1/takedowns/TD-000000000000", params=unknown), LOOKUPS_PER_MINUTE)
        statuses = [(await client.post("/api/v1/takedowns", json=NOTICE)).status_code for _ in range(NOTICES_PER_HOUR)]
        assert set(statuses) == {201}
        refused = await client.post("/api/v1/takedowns", json=NOTICE)
        assert refused.status_code == 429
        assert int(refused.headers["retry-after"]) > 0


async def test_a_notice_that_names_another_sites_title_finds_nothing_of_it(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = await desk.filed(client, urls=["https://north.example/title/film_050"])
        detail = await client.get(f"/api/v1/staff/takedowns/{receipt['id']}", headers=desk.owner)
        assert detail.json()["material"][0]["title_id"] is None
        assert "Southern" not in detail.text
        assert (await desk.decided(client, receipt["id"], "upheld")).status_code == 409
        named = await desk.decided(client, receipt["id"], "upheld", targets=[{"title_id": "film_050"}])
        assert named.status_code == 422


async def test_the_queue_is_for_owners_and_editors_of_the_site_alone(desk: TakedownDesk) -> None:
    async with desk.client() as north, desk.client("south") as south:
        receipt = await desk.filed(north)
        for path in (
            "/api/v1/staff/takedowns",
            f"/api/v1/staff/takedowns/{receipt['id']}",
            "/api/v1/staff/infringements",
        ):
            assert (await north.get(path)).status_code == 401
            assert (await north.get(path, headers=desk.moderator)).status_code == 403
            assert (await north.get(path, headers=desk.foreigner)).status_code == 401
            assert (await north.get(path, headers=desk.owner)).status_code == 200
        assert (await south.get("/api/v1/staff/takedowns", headers=desk.foreigner)).json()["takedowns"] == []
        theirs = f"/api/v1/staff/takedowns/{receipt['id']}"
        assert (await south.get(theirs, headers=desk.foreigner)).status_code == 404
        decision = await south.post(f"{theirs}/decision", json={"verdict": "rejected"}, headers=desk.foreigner)
        assert decision.status_code == 404


async def test_the_queue_pages_by_cursor(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipts = {(await desk.filed(client))["id"] for _ in range(5)}
        seen: list[str] = []
        address = "/api/v1/staff/takedowns?status=received&limit=2"
        after: str | None = ""
        while after is not None:
            page = await client.get(address + (f"&after={after}" if after else ""), headers=desk.owner)
            seen += [each["id"] for each in page.json()["takedowns"]]
            after = page.json()["next"]
        assert len(seen) == 5
        assert set(seen) == receipts
        for odd in ("after=xyz", "status=odd", "limit=0"):
            assert (await client.get(f"/api/v1/staff/takedowns?{odd}", headers=desk.owner)).status_code == 400
