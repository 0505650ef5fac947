"""Attacks with credentials that once opened something, or open something else."""

from __future__ import annotations

import base64
from typing import Any, Final

import httpx
import pytest

from tests.storefront.account.conftest import Browser, Signing, bearing, token_of
from tests.support.platform import ACTOR

STAFF_ROUTES: Final = (
    ("GET", "/api/v1/staff/comments", None),
    ("GET", "/api/v1/staff/reports", None),
    ("GET", "/api/v1/staff/takedowns", None),
    ("PATCH", "/api/v1/staff/comments/none", {"status": "deleted", "reason": "x"}),
    ("POST", "/api/v1/staff/comments/none/ban", {"reason": "x"}),
    ("PATCH", "/api/v1/staff/reports/none", {"status": "fixed"}),
    ("PUT", "/api/v1/staff/collections/none", {"name": "x", "titles": []}),
    ("DELETE", "/api/v1/staff/collections/none", None),
)


def basic(token: str) -> dict[str, str]:
    """As readers of feeds send it."""
    return {"authorization": "Basic " + base64.b64encode(f"x:{token}".encode()).decode()}


async def asked(browser: Browser, route: tuple[str, str, Any], headers: dict[str, str]) -> httpx.Response:
    """The answer to one of the staff's routes."""
    method, path, body = route
    return await browser.ask(method, path, headers=headers, **({} if body is None else {"json": body}))


@pytest.mark.parametrize("shown", [bearing, basic])
async def test_a_token_ends_with_its_account(signing: Signing, shown: Any) -> None:
    browser, app = signing.browser(), signing.browser()
    await signing.sign_in(browser)
    token = await token_of(browser)
    assert (await browser.ask("DELETE", "/api/v1/me?confirm=delete")).status_code == 204
    assert (await app.ask("GET", "/api/v1/me", headers=shown(token))).json() == {"viewer": None}
    for method, path in (("POST", "/test-deed"), ("GET", "/api/v1/me/export"), ("GET", "/api/v1/me/devices")):
        headers = {**shown(token), "sec-fetch-site": "same-origin"}
        assert (await app.ask(method, path, headers=headers)).status_code == 401, path
    assert app.cookies == {}


@pytest.mark.parametrize("shown", [bearing, basic])
async def test_a_token_of_a_banned_viewer_is_refused_and_makes_no_guest(signing: Signing, shown: Any) -> None:
    browser, app, ada = signing.browser(), signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    token = await token_of(browser)
    await signing.platform.stores.viewers.ban(signing.north.scope, ada.id, "spam", actor=ACTOR)
    for method, path in (("POST", "/test-deed"), ("GET", "/api/v1/me/export"), ("DELETE", "/api/v1/me?confirm=delete")):
        answer = await app.ask(method, path, headers=shown(token))
        assert answer.status_code == 403, path
        assert "spam" not in answer.text
    assert app.cookies == {}


async def test_deleting_the_account_does_not_wash_off_a_ban(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    await signing.platform.stores.viewers.ban(signing.north.scope, ada.id, "spam", actor=ACTOR)
    for method, path, more in (
        ("DELETE", "/api/v1/me?confirm=delete", {}),
        ("POST", "/account/delete", {"data": {"sure": "yes"}}),
        ("DELETE", "/api/v1/me/session", {}),
    ):
        assert (await browser.ask(method, path, **more)).status_code == 403, path
    assert (await signing.sign_in(signing.browser(), ada)).status_code == 403


async def test_staff_are_no_viewers_and_make_no_guests(signing: Signing) -> None:
    minted = await signing.platform.stores.staff.create(signing.north.scope, "Mod", "moderator", actor=ACTOR)
    app = signing.browser()
    for shown in (bearing(minted.token), basic(minted.token)):
        assert (await app.ask("GET", "/api/v1/me", headers=shown)).json() == {"viewer": None}
        for method, path in (
            ("GET", "/api/v1/me/export"),
            ("GET", "/api/v1/me/devices"),
            ("POST", "/api/v1/me/tokens"),
        ):
            answer = await app.ask(method, path, headers=shown, **({"json": {"name": "x"}} if method == "POST" else {}))
            assert answer.status_code == 401, path


@pytest.mark.parametrize("route", STAFF_ROUTES)
async def test_the_staffs_routes_open_to_the_sites_own_staff_alone(
    signing: Signing, route: tuple[str, str, Any]
) -> None:
    stores = signing.platform.stores
    browser = signing.browser()
    await signing.sign_in(browser)
    viewer = await token_of(browser)
    theirs = (await stores.staff.create(signing.south.scope, "Mod", "owner", actor=ACTOR)).token
    former = await stores.staff.create(signing.north.scope, "Mod", "owner", actor=ACTOR)
    await stores.staff.revoke(signing.north.scope, former.member.id, actor=ACTOR)
    nobody = signing.browser()
    assert (await asked(nobody, route, {})).status_code == 401
    assert (await asked(browser, route, {})).status_code == 403
    assert (await asked(nobody, route, bearing(viewer))).status_code == 403
    for token in (theirs, former.token, f"mqs_{former.member.id}_{'x' * 43}", "mqs_x", f"mqs_{viewer}"):
        assert (await asked(nobody, route, bearing(token))).status_code == 401
        assert (await asked(nobody, route, basic(token))).status_code == 401
        assert (await asked(browser, route, bearing(token))).status_code == 401, "nor does the cookie count then"
    assert nobody.cookies == {}


async def test_an_admins_app_is_no_moderator(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    token = await token_of(browser, "Reader on the train")
    await signing.platform.stores.viewers.set_role(signing.north.scope, ada.id, "admin", actor=ACTOR)
    for route in STAFF_ROUTES[:1]:
        assert (await asked(browser, route, {})).status_code == 200
        for shown in (bearing(token), basic(token)):
            refused = await asked(signing.browser(), route, shown)
            assert refused.status_code == 403, "a token that a reader keeps does not run the site when it is lost"


async def test_a_cookie_and_a_token_are_the_tokens_viewer(signing: Signing) -> None:
    ada, eve = signing.browser(), signing.browser()
    await signing.sign_in(ada)
    await signing.sign_in(eve)
    token = await token_of(ada)
    mine = await ada.me()
    for shown in (bearing(token), basic(token)):
        assert (await eve.ask("GET", "/api/v1/me", headers=shown)).json()["viewer"] == mine
    assert (await eve.ask("DELETE", "/api/v1/me/session", headers=bearing(token))).status_code == 204
    assert await ada.me() == mine, "the token is ended, and no browser"


async def test_a_foreign_viewers_token_is_not_to_be_revoked(signing: Signing) -> None:
    ada, eve, south = signing.browser(), signing.browser(), signing.browser("south.example")
    for browser in (ada, eve, south):
        await signing.sign_in(browser)
    token = await token_of(ada)
    listed = (await ada.ask("GET", "/api/v1/me/tokens")).json()["devices"]
    for attacker in (eve, south):
        for path in ("tokens", "devices"):
            assert (await attacker.ask("DELETE", f"/api/v1/me/{path}/{listed[0]['id']}")).status_code == 404
        await attacker.ask("POST", "/account/devices", data={"device": listed[0]["id"]})
    assert (await signing.browser().ask("GET", "/api/v1/me", headers=bearing(token))).json()["viewer"] is not None
