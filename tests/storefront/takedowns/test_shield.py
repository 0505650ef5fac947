"""The dmca_shield add-on over HTTP: with it the workflow, without it nothing of that."""

from __future__ import annotations

from typing import Any

import pytest

from tenancy.desk import change_tenant
from tests.storefront.takedowns.conftest import PAGE, TakedownDesk
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR

COUNTER: dict[str, Any] = {
    "name": "Carl Counter",
    "address": "2 Road",
    "email": "carl@counter.example",
    "phone": "+1 2",
    "material": "A film of mine at /title/film_001",
    "explanation": "It is mine.",
    "mistaken": True,
    "jurisdiction": True,
    "signature": "Carl Counter",
}
DAY = 86_400


async def subscribe(desk: TakedownDesk, **settings: object) -> None:
    given = {"addons.dmca_shield.active": True, **{f"addons.dmca_shield.{key}": each for key, each in settings.items()}}
    await change_tenant(desk.platform.stores.desk, "north", given, actor=ACTOR)


async def step(desk: TakedownDesk, client: Any, receipt: str, name: str) -> Any:
    return await client.post(f"/api/v1/staff/takedowns/{receipt}/steps", json={"step": name}, headers=desk.owner)


async def test_without_the_add_on_the_workflow_is_not_there_and_the_desk_is(desk: TakedownDesk) -> None:
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
        for path in (
            f"/api/v1/staff/takedowns/{receipt}/workflow",
            "/api/v1/staff/takedown-report",
            "/legal/transparency",
            "/legal/counter",
        ):
            assert (await client.get(path, headers=desk.owner)).status_code == 404, path
        assert (await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": receipt})).status_code == 404
        assert (await step(desk, client, receipt, "acknowledged")).status_code == 404


async def test_a_counter_notice_brings_the_material_back_after_ten_business_days(
    desk: TakedownDesk, clock: FakeClock
) -> None:
    await subscribe(desk)
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
        countered = await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": receipt})
        assert countered.status_code == 201, countered.text
        assert countered.json()["restore_from"] is not None
        again = await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": receipt})
        assert again.status_code == 409
        assert (await step(desk, client, receipt, "restored")).status_code == 409
        flow = (await step(desk, client, receipt, "forwarded")).json()
        assert "Unless you tell us" in flow["letters"]["counter_forwarded"]
        clock.advance(17 * DAY)
        assert (await client.get("/api/v1/titles/film_001")).status_code == 451
        restored = await step(desk, client, receipt, "restored")
        assert restored.status_code == 200, restored.text
        assert (await client.get("/api/v1/titles/film_001")).status_code == 200


async def test_an_action_in_court_keeps_it_down(desk: TakedownDesk, clock: FakeClock) -> None:
    await subscribe(desk)
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
        assert (await step(desk, client, receipt, "court_action")).status_code == 409, "there is no counter-notice yet"
        await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": receipt})
        assert (await step(desk, client, receipt, "court_action")).status_code == 200
        clock.advance(40 * DAY)
        assert (await step(desk, client, receipt, "restored")).status_code == 409


async def test_a_counter_notice_lacking_something_or_for_nothing_is_refused(desk: TakedownDesk) -> None:
    await subscribe(desk)
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
        for field in ("name", "address", "phone", "email", "material", "signature"):
            refused = await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": receipt, field: " "})
            assert refused.status_code == 422
            assert refused.json()["detail"].startswith(f"{field}: ")
        for field in ("mistaken", "jurisdiction"):
            refused = await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": receipt, field: False})
            assert refused.status_code == 422
        open_one = (await desk.filed(client))["id"]
        for number in (open_one, "TD-000000000000", "x"):
            answer = await client.post("/api/v1/takedowns/counter", json={**COUNTER, "receipt": number})
            assert answer.status_code == 404


async def test_the_form_says_when_it_is_back(desk: TakedownDesk) -> None:
    await subscribe(desk)
    form = {**COUNTER, "mistaken": "yes", "jurisdiction": "yes"}
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
        assert (await client.get("/legal/counter", headers=PAGE)).status_code == 200
        wrong = await client.post("/legal/counter", data={**form, "receipt": "TD-1", "name": "<script>x"}, headers=PAGE)
        assert wrong.status_code == 422
        assert "nothing was taken down under this number" in wrong.text
        assert "<script>x" not in wrong.text
        sent = await client.post("/legal/counter", data={**form, "receipt": receipt.lower()}, headers=PAGE)
        assert sent.status_code == 200
        assert "was received" in sent.text


async def test_letters_are_ready_and_a_sites_own_words_are_text(desk: TakedownDesk) -> None:
    hostile = "Dear {{ name }} {{ receipt }} {% for x in range(10**9) %}{{ ''.__class__ }}{% endfor %}"
    await subscribe(desk, **{"letters.acknowledgement": hostile})
    async with desk.client() as client:
        receipt = (await desk.filed(client))["id"]
        flow = (await client.get(f"/api/v1/staff/takedowns/{receipt}/workflow", headers=desk.owner)).json()
        text = flow["letters"]["acknowledgement"]
        assert f"Dear {{{{ name }}}} {receipt} {{% for x" in text
        assert text.startswith("To: ada@grenzfilm.example")
        assert flow["deadlines"]["overdue"] == []


async def test_the_report_counts_and_names_nobody(desk: TakedownDesk) -> None:
    await subscribe(desk)
    async with desk.client() as client:
        await desk.taken_down(client)
        await desk.filed(client, work="=cmd()")
        report = await client.get("/api/v1/staff/takedown-report", headers=desk.owner)
        assert report.json()["figures"]["received"] == 2
        assert report.json()["figures"]["by_outcome"]["upheld"] == 1
        sheet = await client.get("/api/v1/staff/takedown-report?format=csv", headers=desk.owner)
        assert sheet.headers["content-type"].startswith("text/csv")
        for text in (report.text, sheet.text):
            assert "Ada" not in text
            assert "grenzfilm.example" not in text
        for odd in ("from=2026-13-01", "from=٢٠٢٦-01-01", "from=2027-01-01&to=2026-01-01", "from=2000-01-01"):
            assert (await client.get(f"/api/v1/staff/takedown-report?{odd}", headers=desk.owner)).status_code == 400


async def test_the_transparency_page_shows_figures_alone(desk: TakedownDesk) -> None:
    await subscribe(desk)
    async with desk.client() as client:
        receipt = await desk.taken_down(client)
        page = await client.get("/legal/transparency", headers=PAGE)
        assert page.status_code == 200
        for hidden in ("Ada", "Grenzfilm", receipt, "film_001"):
            assert hidden not in page.text
        await subscribe(desk, is_public=False)
        assert (await client.get("/legal/transparency", headers=PAGE)).status_code == 404


@pytest.mark.parametrize("odd", [{"active": "yes"}, {"active": True, "act_hours": "soon"}, {"active": 1}])
async def test_odd_settings_do_no_harm(desk: TakedownDesk, odd: dict[str, object]) -> None:
    given = {f"addons.dmca_shield.{name}": value for name, value in odd.items()}
    await change_tenant(desk.platform.stores.desk, "north", given, actor=ACTOR)
    async with desk.client() as client:
        status = (await client.get("/legal/transparency", headers=PAGE)).status_code
        assert status == (200 if odd["active"] is True else 404)
