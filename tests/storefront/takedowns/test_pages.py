"""The legal pages and the notice form, as a browser without scripts uses them."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import pytest

from tenancy.desk import change_tenant
from tenancy.holds import suspend
from tests.storefront.takedowns.conftest import NOTICE, PAGE, TakedownDesk
from tests.support.platform import ACTOR

FORM: dict[str, Any] = {
    **{name: value for name, value in NOTICE.items() if isinstance(value, str)},
    "urls": "https://north.example/title/film_001\r\n/title/film_002\r\n",
    "good_faith": "yes",
    "accurate": "yes",
    "website": "",
}
EVIL = "<script>alert(1)</script>\"'><img src=x onerror=alert(2)>"


async def test_every_page_leads_to_the_operator_and_the_form(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        for path in ("/", "/browse", "/search", "/nothing"):
            page = (await client.get(path, headers=PAGE)).text
            for link in ("/legal", "/legal/privacy", "/legal/takedown"):
                assert f'href="{link}"' in page, (path, link)


async def test_the_operator_and_the_agent_are_named(desk: TakedownDesk) -> None:
    legal = {
        "legal.name": "North Films SARL",
        "legal.address": "1 Quai\n75001 Paris",
        "legal.email": "us@north.example",
        "legal.agent_name": "Maître Agent",
        "legal.agent_email": "agent@north.example",
        "legal.jurisdiction": "France",
        "legal.dsa_contact": "dsa@north.example",
    }
    await change_tenant(desk.platform.stores.desk, "north", legal, actor=ACTOR)
    async with desk.client() as client:
        page = unescape((await client.get("/legal", headers=PAGE)).text)
        for told in legal.values():
            assert told in page
        assert "not filled in" not in page


async def test_a_form_becomes_a_receipt(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        sent = await client.post("/legal/takedown", data=FORM, headers=PAGE)
        assert sent.status_code == 303
        receipt = await client.get(sent.headers["location"], headers=PAGE)
        assert receipt.status_code == 200
        assert receipt.headers["cache-control"] == "no-store"
        assert receipt.headers["referrer-policy"] == "no-referrer"
        assert "was received" in receipt.text
        assert "Ada" not in receipt.text
        number = re.search(r"TD-[0-9A-Z]{12}", receipt.text)
        assert number is not None
        again = await client.post(
            "/legal/status",
            data={"receipt": number[0].lower(), "secret": sent.headers["location"].partition("=")[2]},
        )
        assert again.headers["location"] == sent.headers["location"]
        assert (await client.get(f"/legal/takedown/{number[0]}?secret=wrong", headers=PAGE)).status_code == 404
        detail = await client.get(f"/api/v1/staff/takedowns/{number[0]}", headers=desk.owner)
        assert [each["title_id"] for each in detail.json()["material"]] == ["film_001", "film_002"]


async def test_what_is_missing_is_shown_beside_its_field_and_nothing_is_lost(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        page = await client.post("/legal/takedown", data={**FORM, "email": "nobody", "signature": ""}, headers=PAGE)
        assert page.status_code == 422
        assert "this is no e-mail address" in page.text
        assert 'id="problem-signature"' in page.text
        assert 'value="Ada Beispiel"' in page.text
        assert (await client.get("/api/v1/staff/takedowns", headers=desk.owner)).json()["takedowns"] == []


async def test_what_senders_write_is_text_and_never_markup(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        again = await client.post(
            "/legal/takedown", data={**FORM, "name": EVIL, "work": EVIL, "email": "x"}, headers=PAGE
        )
        url = f"https://north.example/title/film_001?{EVIL}"
        sent = await client.post("/legal/takedown", data={**FORM, "name": EVIL, "work": EVIL, "urls": url})
        receipt = await client.get(sent.headers["location"], headers=PAGE)
        filled = await client.get("/legal/takedown", params={"url": EVIL, "kind": EVIL}, headers=PAGE)
        number = sent.headers["location"].partition("?")[0].rpartition("/")[2]
        await desk.decided(client, number, "upheld", public_reason=EVIL)
        gone = await client.get("/title/film_001", headers=PAGE)
        receipt_after = await client.get(sent.headers["location"], headers=PAGE)
        for answer in (again, receipt, filled, gone, receipt_after):
            assert "<script>alert" not in answer.text
            assert "<img src=x" not in answer.text
        detail = await client.get(f"/api/v1/staff/takedowns/{number}", headers={**desk.owner, **PAGE})
        assert detail.headers["content-type"].startswith("application/json")


@pytest.mark.parametrize(
    "more", [{"website": "https://buy.example"}, {"urls": "/x\n" * 60}, {"kind": "x"}, {"name": "a" * 300}]
)
async def test_programs_and_what_is_too_much_are_refused_without_a_trace(
    desk: TakedownDesk, more: dict[str, str]
) -> None:
    async with desk.client() as client:
        assert (await client.post("/legal/takedown", data={**FORM, **more}, headers=PAGE)).status_code == 422
        assert (await client.get("/api/v1/staff/takedowns", headers=desk.owner)).json()["takedowns"] == []


async def test_another_site_cannot_send_the_form(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        refused = await client.post("/legal/takedown", data=FORM, headers={"sec-fetch-site": "cross-site"})
        assert refused.status_code == 403


async def test_a_closed_site_still_takes_notices(desk: TakedownDesk) -> None:
    await suspend(desk.platform.stores.desk, "north", "legal", "", actor=ACTOR)
    async with desk.client() as client:
        assert (await client.get("/", headers=PAGE)).status_code == 503
        assert (await client.get("/legal", headers=PAGE)).status_code == 200
        sent = await client.post("/legal/takedown", data=FORM)
        assert sent.status_code == 303
        assert (await client.get(sent.headers["location"], headers=PAGE)).status_code == 200
        assert (await client.post("/api/v1/takedowns", json=NOTICE)).status_code == 201


async def test_the_privacy_page_names_every_cookie_that_the_product_sets(desk: TakedownDesk) -> None:
    from pathlib import Path

    import storefront

    sources = Path(storefront.__file__).parents[1]
    named = {
        found for file in sources.rglob("*.py") for found in re.findall(r"__Host-[a-z-]+", file.read_text("utf-8"))
    }
    async with desk.client() as client:
        page = (await client.get("/legal/privacy", headers=PAGE)).text
    assert {name for name in named if name not in page} == set()
