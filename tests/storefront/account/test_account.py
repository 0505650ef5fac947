"""One's own account over HTTP: devices, tokens, the recovery code, ways of signing in."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest

from accounts.errors import ViewerBanned
from accounts.sessions import MOST_TOKENS
from storage.moments import moment
from storage.mongo import collection_of
from tenancy.holds import resume, suspend
from tests.storefront.account.conftest import Browser, Signing, bearing, token_of
from tests.support.platform import ACTOR
from tests.support.signing import BOT_TOKEN, OTHER_TOKEN, init_data, widget_data

CHROME = "Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 Chrome/140.0 Safari/537.36"


async def devices(browser: Browser) -> list[dict[str, Any]]:
    answer = await browser.ask("GET", "/api/v1/me/devices")
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["devices"]
    return found


async def test_nobody_is_nobody_and_is_not_made_a_guest_by_asking(signing: Signing) -> None:
    browser = signing.browser()
    assert await browser.me() is None
    for method, path in [("GET", "/me/devices"), ("GET", "/me/tokens"), ("GET", "/me/recovery-code"),
                         ("POST", "/me/recovery-code"), ("GET", "/me/export"), ("DELETE", "/me/devices"),
                         ("DELETE", "/me/session"), ("DELETE", "/me?confirm=delete")]:  # fmt: skip
        answer = await browser.ask(method, f"/api/v1{path}")
        assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer"), path
    assert browser.cookies == {}


async def test_a_viewer_sees_devices_and_signs_one_of_them_out(signing: Signing) -> None:
    ada, here, there = signing.person(), signing.browser(), signing.browser(agent=CHROME)
    await signing.sign_in(here, ada)
    await signing.sign_in(there, ada)
    shown = {each["name"]: each for each in await devices(here)}
    assert set(shown) == {"Firefox", "Chrome on Windows"}
    assert shown["Firefox"]["current"]
    assert not shown["Chrome on Windows"]["current"]
    gone = await here.ask("DELETE", f"/api/v1/me/devices/{shown['Chrome on Windows']['id']}")
    assert gone.status_code == 204
    assert await there.me() is None
    assert (await here.me()) is not None
    again = await here.ask("DELETE", f"/api/v1/me/devices/{shown['Chrome on Windows']['id']}")
    assert again.status_code == 404


async def test_another_viewers_device_is_as_unknown_as_none(signing: Signing) -> None:
    one, other, elsewhere = signing.browser(), signing.browser(), signing.browser("south.example")
    for browser in (one, other, elsewhere):
        await browser.become_guest()
    for theirs in (other, elsewhere):
        (device,) = await devices(theirs)
        for path in ("devices", "tokens"):
            answer = await one.ask("DELETE", f"/api/v1/me/{path}/{device['id']}")
            assert answer.status_code == 404
        assert await theirs.me() is not None


async def test_signing_out_everywhere_else_keeps_this_device_alone(signing: Signing) -> None:
    ada, here, there = signing.person(), signing.browser(), signing.browser()
    await signing.sign_in(here, ada)
    await signing.sign_in(there, ada)
    token = await token_of(here)
    assert (await here.ask("DELETE", "/api/v1/me/devices")).json() == {"ended": 2}
    assert await there.me() is None
    app = signing.browser()
    assert (await app.ask("GET", "/api/v1/me", headers=bearing(token))).json() == {"viewer": None}
    assert len(await devices(here)) == 1


async def test_signing_out_takes_the_cookie_away(signing: Signing) -> None:
    browser = signing.browser()
    await signing.sign_in(browser)
    stolen = dict(browser.cookies)
    assert (await browser.ask("DELETE", "/api/v1/me/session")).status_code == 204
    assert "__Host-session" not in browser.cookies
    browser.cookies = stolen
    assert await browser.me() is None


async def test_a_session_lasts_while_it_is_used_and_ends_when_it_is_not(signing: Signing) -> None:
    browser, idle = signing.browser(), signing.browser()
    await browser.become_guest()
    await idle.become_guest()
    for _ in range(5):
        signing.clock.advance(10 * 24 * 3600)
        assert await browser.me() is not None
    assert await idle.me() is None
    (device,) = await devices(browser)
    assert device["seen"] > device["created_at"][:10]


async def test_a_token_is_its_viewer_as_bearer_and_as_the_password_of_basic(signing: Signing) -> None:
    browser, app = signing.browser(), signing.browser()
    await signing.sign_in(browser)
    me, token = await browser.me(), await token_of(browser, "  Reader \u00a0 on the tablet ")
    basic = base64.b64encode(f"whoever:{token}".encode()).decode()
    for header in (f"Bearer {token}", f"bearer  {token}", f"Basic {basic}"):
        answer = await app.ask("GET", "/api/v1/me", headers={"authorization": header})
        assert answer.json() == {"viewer": me}, header
        assert "set-cookie" not in answer.headers
    listed = (await browser.ask("GET", "/api/v1/me/tokens")).json()["devices"]
    assert [(each["name"], each["kind"]) for each in listed] == [("Reader on the tablet", "token")]
    assert token not in str(listed)
    stored = await collection_of(signing.platform.stores.database, "sessions").find_one(
        {"_id.owner": signing.north.scope.owner, "device": "Reader on the tablet"}
    )
    assert token[4:] not in str(stored)
    assert (await browser.ask("DELETE", f"/api/v1/me/tokens/{listed[0]['id']}")).status_code == 204
    assert (await app.ask("GET", "/api/v1/me", headers=bearing(token))).json() == {"viewer": None}


async def test_a_token_is_worth_nothing_on_another_site(signing: Signing) -> None:
    browser, elsewhere = signing.browser(), signing.browser("south.example")
    await browser.become_guest()
    token = await token_of(browser)
    assert (await elsewhere.ask("GET", "/api/v1/me", headers=bearing(token))).json() == {"viewer": None}
    deed = await elsewhere.ask("POST", "/test-deed", headers=bearing(token))
    assert deed.status_code == 401
    assert elsewhere.cookies == {}, "an app with a bad token is told so, and no guest is made"


async def test_a_token_makes_no_tokens_and_no_codes_and_outranks_the_cookie(signing: Signing) -> None:
    browser, other = signing.browser(), signing.browser()
    mine = await browser.become_guest()
    await other.become_guest()
    token = await token_of(browser)
    for path, body in (("/me/tokens", {"name": "x"}), ("/me/recovery-code", None)):
        answer = await other.ask("POST", f"/api/v1{path}", json=body, headers=bearing(token))
        assert answer.status_code == 403, path
    assert (await other.ask("POST", "/test-deed", headers=bearing(token))).json()["viewer"] == mine
    bad = await other.ask("POST", "/test-deed", headers=bearing("mqv_" + "x" * 43))
    assert bad.status_code == 401, "a bad token does not fall back to the cookie"


@pytest.mark.parametrize(
    "header",
    ["", "Bearer", "Bearer ", "Bearer mqv_", "Bearer mqv_" + "x" * 43, "Bearer mqv_" + "x" * 9000, "Basic !!!",
     "Basic " + base64.b64encode(b"\xff\xfe").decode(), "Basic " + base64.b64encode(b"mqv_x").decode(), "Digest a=b",
     "mqv_" + "x" * 43, "Bearer mqs_abc", "Negotiate x"],
)  # fmt: skip
async def test_odd_credentials_are_nobodys(signing: Signing, header: str) -> None:
    answer = await signing.browser().ask("GET", "/api/v1/me", headers={"authorization": header})
    assert (answer.status_code, answer.json()) == (200, {"viewer": None})


@pytest.mark.parametrize("site", ["cross-site", "same-site", "none"])
async def test_cookies_count_for_the_site_itself_alone_and_bearer_tokens_anywhere(signing: Signing, site: str) -> None:
    browser, app = signing.browser(), signing.browser()
    await browser.become_guest()
    token = await token_of(browser)
    for method, path in [("DELETE", "/api/v1/me/session"), ("DELETE", "/api/v1/me?confirm=delete"),
                         ("POST", "/api/v1/me/tokens"), ("POST", "/api/v1/sign-in/recovery-code"),
                         ("POST", "/account/delete"), ("POST", "/sign-in/telegram"),
                         ("POST", "/account/devices")]:  # fmt: skip
        answer = await browser.ask(method, path, headers={"sec-fetch-site": site})
        assert answer.status_code == 403, path
    assert await browser.me() is not None
    basic = base64.b64encode(f":{token}".encode()).decode()
    for scheme, status in ((f"Bearer {token}", 204), (f"Basic {basic}", 403)):
        headers = {"sec-fetch-site": site, "authorization": scheme}
        assert (await app.ask("DELETE", "/api/v1/me/recovery-code", headers=headers)).status_code == status


@pytest.mark.parametrize("name", ["", " ", "x" * 61, "a\u202eb", "a\x00b", 7, None])
async def test_a_token_needs_a_name_that_can_be_read(signing: Signing, name: object) -> None:
    browser = signing.browser()
    await browser.become_guest()
    assert (await browser.ask("POST", "/api/v1/me/tokens", json={"name": name})).status_code == 400


async def test_there_are_only_so_many_tokens(signing: Signing) -> None:
    browser = signing.browser()
    await browser.become_guest()
    for _ in range(MOST_TOKENS):
        await token_of(browser)
    assert (await browser.ask("POST", "/api/v1/me/tokens", json={"name": "one more"})).status_code == 409


async def test_a_guest_comes_back_by_the_recovery_code(signing: Signing) -> None:
    here, there = signing.browser(), signing.browser()
    guest = await here.become_guest()
    assert (await here.ask("GET", "/api/v1/me/recovery-code")).json() == {"exists": False, "created_at": None}
    code = (await here.ask("POST", "/api/v1/me/recovery-code")).json()["code"]
    written = code.lower().replace("-", " ").replace("0", "o").replace("1", "l")
    former = await there.become_guest()
    fixed = there.session
    answer = await there.ask("POST", "/api/v1/sign-in/recovery-code", json={"code": written})
    assert (answer.status_code, answer.json()["viewer"]["id"]) == (200, guest)
    assert there.session != fixed, "the session is a new one"
    viewer = await there.me()
    assert viewer is not None
    assert viewer["id"] == guest != former
    assert len(await devices(here)) == 2
    users = collection_of(signing.platform.stores.database, "users")
    assert await users.find_one({"_id": {"owner": signing.north.scope.owner, "id": former}}) is None


async def test_only_the_last_code_counts_and_on_its_site_alone(signing: Signing) -> None:
    here, there, elsewhere = signing.browser(), signing.browser(), signing.browser("south.example")
    await here.become_guest()
    first = (await here.ask("POST", "/api/v1/me/recovery-code")).json()["code"]
    second = (await here.ask("POST", "/api/v1/me/recovery-code")).json()["code"]
    assert first != second
    for browser, code in ((there, first), (elsewhere, second), (there, "x"), (there, ""), (there, "ä" * 20)):
        answer = await browser.ask("POST", "/api/v1/sign-in/recovery-code", json={"code": code})
        assert answer.status_code == 403
        assert browser.cookies == {}
    stored = await collection_of(signing.platform.stores.database, "recovery_codes").find_one(
        {"_id.owner": signing.north.scope.owner}, sort=[("created_at", -1)]
    )
    assert second not in str(stored)
    assert second.replace("-", "") not in str(stored)
    assert (await here.ask("DELETE", "/api/v1/me/recovery-code")).status_code == 204
    answer = await there.ask("POST", "/api/v1/sign-in/recovery-code", json={"code": second})
    assert answer.status_code == 403


async def test_codes_cannot_be_guessed_at_length(signing: Signing) -> None:
    browser = signing.browser()
    statuses = [
        (await browser.ask("POST", "/api/v1/sign-in/recovery-code", json={"code": "0" * 20})).status_code
        for _ in range(11)
    ]
    assert statuses == [403] * 10 + [429]


async def test_whoever_is_signed_in_with_telegram_has_no_code_and_takes_a_guests_things_over(signing: Signing) -> None:
    here, there, ada = signing.browser(), signing.browser(), signing.person()
    await signing.sign_in(here, ada)
    assert (await here.ask("POST", "/api/v1/me/recovery-code")).status_code == 403
    await there.become_guest()
    code = (await there.ask("POST", "/api/v1/me/recovery-code")).json()["code"]
    answer = await here.ask("POST", "/api/v1/sign-in/recovery-code", json={"code": code})
    assert answer.json()["viewer"]["id"] == str(ada.id)
    assert await there.me() is None, "the guest is gone, and its other browsers are nobody's"


async def test_the_mini_app_signs_in_once_by_each_data(signing: Signing) -> None:
    ada, here, there = signing.person(), signing.browser(), signing.browser()
    data = init_data(signing.clock(), user={"id": ada.id, "first_name": "Ada"})
    first = await here.ask("POST", "/api/v1/sign-in/telegram/mini-app", json={"init_data": data})
    assert (first.status_code, first.json()["is_new"], first.json()["viewer"]["id"]) == (200, True, str(ada.id))
    again = await there.ask("POST", "/api/v1/sign-in/telegram/mini-app", json={"init_data": data})
    assert again.status_code == 409
    assert await there.me() is None
    wrong = init_data(signing.clock(), token=OTHER_TOKEN, user={"id": ada.id})
    for site, bad in (("north.example", wrong), ("south.example", data), ("north.example", "junk")):
        answer = await signing.browser(site).ask("POST", "/api/v1/sign-in/telegram/mini-app", json={"init_data": bad})
        assert answer.status_code == 403


async def test_the_widget_leads_back_to_the_browser_that_asked_for_it(signing: Signing) -> None:
    ada, here, there = signing.person(), signing.browser(), signing.browser()
    url = await signing.begin(here, way="widget", return_to="/browse")
    assert url.startswith("http://north.example/sign-in/telegram/widget?state=")
    back = url.removeprefix("http://north.example") + "&" + widget_data(signing.clock(), id=ada.id)
    assert (await there.ask("GET", back)).status_code == 403
    assert await there.me() is None
    url = await signing.begin(here, way="widget", return_to="/browse")
    back = url.removeprefix("http://north.example") + "&" + widget_data(signing.clock(), id=ada.id, token=BOT_TOKEN)
    answer = await here.ask("GET", back)
    assert (answer.status_code, answer.headers["location"]) == (303, "/browse")
    viewer = await here.me()
    assert viewer is not None
    assert viewer["id"] == str(ada.id)
    state = (await signing.begin(here, way="widget")).partition("state=")[2]
    replayed = await here.ask("GET", back.partition("state=")[0] + f"state={state}&" + back.partition("&")[2])
    assert replayed.status_code == 409
    for bad in ("", "?", "?hash=1&state=x", f"?{widget_data(signing.clock())}", "?state=x&" + "y" * 9000):
        assert (await here.ask("GET", f"/sign-in/telegram/widget{bad}")).status_code == 403


async def test_a_granted_role_ends_by_itself(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    until = moment(signing.clock()) + timedelta(days=2)
    viewers, scope = signing.platform.stores.viewers, signing.north.scope
    for _ in range(2):
        await viewers.grant(scope, ada.id, "premium", until, "a gift", actor=ACTOR, key="gift:1")
    me = await browser.me()
    assert me is not None
    assert (me["role"], me["role_until"]) == ("premium", until.strftime("%Y-%m-%dT%H:%M:%SZ"))
    signing.clock.advance(2 * 24 * 3600)
    me = await browser.me()
    assert me is not None
    assert (me["role"], me["role_until"]) == ("free", None)
    stored = await collection_of(signing.platform.stores.database, "users").find_one(
        {"_id": {"owner": scope.owner, "id": ada.id}}
    )
    assert stored is not None
    assert (stored["role"], len(stored["_marquee"]["grants"])) == ("free", 1)


async def test_whoever_is_banned_is_kept_out_on_every_way(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    token = await token_of(browser)
    await signing.platform.stores.viewers.ban(signing.north.scope, ada.id, "spam", actor=ACTOR)
    assert (await browser.ask("GET", "/api/v1/me")).status_code == 403
    assert (await signing.browser().ask("GET", "/api/v1/me", headers=bearing(token))).status_code == 403
    fresh = signing.browser()
    answer = await signing.sign_in(fresh, ada)
    assert answer.status_code == 403
    assert "spam" not in answer.text
    assert "__Host-session" not in fresh.cookies
    with pytest.raises(ViewerBanned):
        await signing.platform.stores.sessions.current_viewer(signing.north.scope, browser.session)


async def test_a_suspended_site_signs_nobody_in(signing: Signing) -> None:
    browser = signing.browser("south.example")
    back = await signing.agree(await signing.begin(browser))
    desk = signing.platform.stores.desk
    await suspend(desk, "south", "operator", "a break", actor=ACTOR)
    signing.platform.stores.resolver.forget("south")
    try:
        for method, path in (("GET", back), ("GET", "/api/v1/me"), ("POST", "/api/v1/sign-in/telegram")):
            assert (await browser.ask(method, path)).status_code == 503
    finally:
        await resume(desk, "south", "operator", actor=ACTOR)
        signing.platform.stores.resolver.forget("south")
    assert "__Host-session" not in browser.cookies


async def test_the_bots_secrets_show_nowhere(signing: Signing) -> None:
    stores = signing.platform.stores
    tenant = await stores.tenants.get("north")
    secrets = await stores.tenants.login_secrets("north")
    assert secrets.bot_token == BOT_TOKEN
    raw = [each async for each in stores.tenants.raw()]
    entries = await stores.audit.entries(stores.desk.platform, limit=50)
    for shown in (repr(tenant), repr(secrets), repr(raw), repr(entries), repr(signing.north.tenant)):
        assert BOT_TOKEN not in shown
        assert "north-client-secret" not in shown
    assert "(set)" in repr(entries)
    assert tenant is not None
    assert tenant.login.bot_id == BOT_TOKEN.partition(":")[0]
