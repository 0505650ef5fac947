"""What is for adults stays behind the gate: in no list, no picture, no link, until whoever asks has passed."""

from __future__ import annotations

from pathlib import Path

import httpx
import pytest

from content.importing.target import Target
from storefront.age.returning import own_path
from tenancy.desk import change_tenant
from tests.content.samples import MANGA, film
from tests.storefront.conftest import TwoSites
from tests.support.platform import ACTOR, take_in

PAGE = {"accept": "text/html"}
PASSED = {"cookie": "__Host-age=18"}
SECRET = "Nocturnal Confessions"  # what nobody may read who has not passed


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    titles = [
        film(1, title="A Safe Film"),
        film(2, title=SECRET, content_rating="18+", genres=["Nightlife"], year=1987),
        {**MANGA, "_id": "manga_adult", "title": f"{SECRET} Comic", "content_rating": "18+"},
    ]
    await take_in(two_sites.platform.stores, Target.tenant(two_sites.north.scope), "library", titles, tmp_path)
    return two_sites


def client_of(stocked: TwoSites) -> httpx.AsyncClient:
    return stocked.platform.client("north.example")


async def slug_of(client: httpx.AsyncClient) -> str:
    found = await client.get("/api/v1/titles/film_002", headers=PASSED)
    return str(found.json()["slug"])


@pytest.mark.parametrize(
    "path",
    [
        "/",
        "/browse",
        "/browse?genre=Nightlife",
        "/browse?year=1987",
        "/search?q=nocturnal",
        "/api/v1/titles",
        "/api/v1/titles?genre=nightlife",
        "/api/v1/titles?q=nocturnal",
        "/api/v1/genres",
    ],
)
async def test_nothing_for_adults_is_in_a_list_before_the_gate(stocked: TwoSites, path: str) -> None:
    async with client_of(stocked) as client:
        before = await client.get(path, headers=PAGE)
        assert before.status_code == 200
        told = before.text.replace("nocturnal", "").replace("nightlife", "").replace('value="Nightlife"', "")
        assert SECRET not in told
        assert "1987" not in told or "1987" in path
        assert '"Nightlife"' not in told


async def test_the_lists_hold_it_after_the_gate(stocked: TwoSites) -> None:
    async with client_of(stocked) as client:
        for path in ("/browse", "/api/v1/titles", "/api/v1/titles?genre=nightlife"):
            assert SECRET in (await client.get(path, headers={**PAGE, **PASSED})).text
        assert "Nightlife" in (await client.get("/api/v1/genres", headers=PASSED)).text


@pytest.mark.parametrize("kind", ["title", "watch"])
async def test_its_page_is_the_gate_and_leads_back_after_it(stocked: TwoSites, kind: str) -> None:
    async with client_of(stocked) as client:
        path = f"/{kind}/{await slug_of(client)}"
        closed = await client.get(f"{path}?q=1080p", headers=PAGE)
        assert closed.status_code == 403
        assert closed.headers["cache-control"] == "no-store"
        assert SECRET not in closed.text
        assert f'value="{path}?q=1080p"' in closed.text
        opened = await client.post("/age", data={"declares": "adult", "back": path})
        assert (opened.status_code, opened.headers["location"]) == (303, path)
        assert opened.headers["set-cookie"].startswith("__Host-age=18; HttpOnly; Max-Age=")
        assert SECRET in (await client.get(path, headers={**PAGE, **PASSED})).text


async def test_who_declines_is_led_home_and_shown_nothing(stocked: TwoSites) -> None:
    async with client_of(stocked) as client:
        answer = await client.post("/age", data={"declares": "minor", "back": f"/title/{await slug_of(client)}"})
        assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert answer.headers["set-cookie"].startswith('__Host-age=""; HttpOnly; Max-Age=0')


@pytest.mark.parametrize("kind", ["poster", "backdrop"])
async def test_its_pictures_are_not_served_before_the_gate_nor_kept_by_shared_caches(
    stocked: TwoSites, kind: str
) -> None:
    async with client_of(stocked) as client:
        path = f"/art/{await slug_of(client)}/{kind}"
        assert (await client.get(path)).status_code == 403
        served = await client.get(path, headers=PASSED)
        assert served.status_code == 200
        assert served.headers["cache-control"].startswith("private")


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", "/api/v1/titles/film_002"),
        ("POST", "/api/v1/titles/film_002/play"),
        ("GET", "/api/v1/titles/manga_adult"),
    ],
)
async def test_the_api_says_how_to_pass(stocked: TwoSites, method: str, path: str) -> None:
    async with client_of(stocked) as client:
        refused = await client.request(method, path)
        assert refused.status_code == 403
        assert refused.json()["type"] == "urn:marquee:problem:age-gate"
        assert "POST /api/v1/age" in refused.json()["detail"]
        assert SECRET not in refused.text
        assert (await client.request(method, path, headers=PASSED)).status_code != 403


async def test_the_api_opens_the_gate_for_a_browser_and_a_viewer(stocked: TwoSites) -> None:
    viewer = await stocked.platform.stores.sessions.open_guest_session(stocked.north.scope, "Firefox")
    session = {"cookie": f"__Host-session={viewer.cookie}"}
    async with client_of(stocked) as client:
        gate = await client.get("/api/v1/age", headers=session)
        assert gate.json() == {"has_gate": True, "minimum": 18, "passed": False}
        assert (await client.post("/api/v1/age", json={"confirmed": False}, headers=session)).status_code == 400
        passed = await client.post("/api/v1/age", json={"confirmed": True}, headers=session)
        assert passed.json()["passed"] is True
        assert "__Host-age=18" in passed.headers["set-cookie"]
        assert (await client.get("/api/v1/titles/film_002", headers=session)).status_code == 200, "by the viewer alone"
        assert (await client.get("/api/v1/titles/film_002")).status_code == 403
        assert (await client.delete("/api/v1/age", headers=session)).status_code == 204
        assert (await client.get("/api/v1/titles/film_002", headers=session)).status_code == 403


async def test_another_sites_viewer_has_passed_nothing_here(stocked: TwoSites) -> None:
    stores = stocked.platform.stores
    viewer = await stores.sessions.open_guest_session(stocked.south.scope, "Firefox")
    await stores.viewers.confirm_age(stocked.south.scope, viewer.viewer.id, 18)
    async with client_of(stocked) as client:
        cookie = {"cookie": f"__Host-session={viewer.cookie}"}
        assert (await client.get("/api/v1/titles/film_002", headers=cookie)).status_code == 403


@pytest.mark.parametrize("value", ["17", "0", "1", "018", "١٨", "true", "999", ""])
async def test_an_odd_cookie_opens_nothing(stocked: TwoSites, value: str) -> None:
    async with client_of(stocked) as client:
        cookie = f"__Host-age={value}".encode()
        assert (await client.get("/api/v1/titles/film_002", headers=[(b"cookie", cookie)])).status_code == 403


async def test_a_raised_minimum_asks_again(stocked: TwoSites) -> None:
    await change_tenant(stocked.platform.stores.desk, "north", {"age_gate.minimum": "21"}, actor=ACTOR)
    async with client_of(stocked) as client:
        assert (await client.get("/api/v1/titles/film_002", headers=PASSED)).status_code == 403
        assert (await client.get("/api/v1/age")).json()["minimum"] == 21


@pytest.mark.parametrize("setting", [{"age_gate.enabled": "false"}, {"policy.content_ratings": "safe"}])
async def test_a_site_without_a_gate_has_nothing_for_adults(stocked: TwoSites, setting: dict[str, str]) -> None:
    async with client_of(stocked) as client:
        slug = await slug_of(client)
        await change_tenant(stocked.platform.stores.desk, "north", setting, actor=ACTOR)
        assert (await client.get(f"/title/{slug}", headers={**PAGE, **PASSED})).status_code == 404
        assert (await client.get("/api/v1/titles/film_002", headers=PASSED)).status_code == 404
        assert SECRET not in (await client.get("/api/v1/titles", headers=PASSED)).text
        assert (await client.post("/api/v1/age", json={"confirmed": True})).json()["passed"] is False
        assert (await client.post("/age", data={"declares": "adult"}, headers=PAGE)).status_code == 404


async def test_another_site_opens_no_gate(stocked: TwoSites) -> None:
    async with client_of(stocked) as client:
        for site in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
            refused = await client.post("/age", data={"declares": "adult"}, headers=site)
            assert refused.status_code == 403
            assert "set-cookie" not in refused.headers


@pytest.mark.parametrize(
    "path",
    [
        "//evil.example/x",
        "/\\evil.example",
        "https://evil.example/",
        "javascript:alert(1)",
        "/a\r\nset-cookie: x=1",
        "/a\\b",
        "/ü",
        "evil",
        "",
        "/" + "a" * 3000,
    ],
)
def test_a_form_leads_back_to_the_site_alone(path: str) -> None:
    assert own_path(path) == "/"


@pytest.mark.parametrize("path", ["/", "/title/abc?q=1080p&x=%20", "/a/b/c"])
def test_a_path_of_the_site_is_kept(path: str) -> None:
    assert own_path(path) == path
