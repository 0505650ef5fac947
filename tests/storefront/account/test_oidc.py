"""Signing in by OpenID: begun and ended in one browser of one site, by a token that says so."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import httpx
import pytest

from accounts.errors import SignInRefused
from accounts.sign_in.provider import KEYS_SECONDS, REFETCH_SECONDS, Provider
from sandbox.oidc.provider import served
from sandbox.oidc.tokens import Faults
from tests.storefront.account.conftest import NORTH_CLIENT, Signing, query_of
from tests.support.platform import ACTOR, open_site

LONG_AGO, FAR_AHEAD = 1_799_990_000, 1_900_000_000


async def test_a_person_signs_in_and_is_the_same_again(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    answer = await signing.sign_in(browser, ada, return_to="/title/x?y=1")
    assert (answer.status_code, answer.headers["location"]) == (303, "/title/x?y=1")
    assert answer.headers["referrer-policy"] == "no-referrer"
    me = await browser.me()
    assert me is not None
    assert (me["id"], me["type"], me["role"], me["name"], me["username"]) == (
        str(ada.id), "telegram", "free", ada.name, ada.username,
    )  # fmt: skip
    other = signing.browser()
    await signing.sign_in(other, ada)
    again = await other.me()
    assert again is not None
    assert again["id"] == me["id"]
    assert (await browser.me()) == me, "the first browser stays signed in"


async def test_the_way_there_says_what_the_protocol_asks_for_and_no_secret(signing: Signing) -> None:
    url = await signing.begin(signing.browser())
    asked = query_of(url)
    assert url.startswith(f"{signing.provider.issuer}/auth?")
    assert asked["client_id"] == NORTH_CLIENT
    assert asked["redirect_uri"] == "http://north.example/sign-in/telegram/callback"
    assert (asked["response_type"], asked["scope"], asked["code_challenge_method"]) == (
        "code",
        "openid profile",
        "S256",
    )
    assert len({asked["state"], asked["nonce"], asked["code_challenge"]}) == 3
    assert "north-client-secret" not in url


@pytest.mark.parametrize(
    "faults",
    [
        Faults(claims={"nonce": "another"}),
        Faults(claims={"nonce": None}),
        Faults(claims={"nonce": 7}),
        Faults(claims={"iss": "https://evil.example"}),
        Faults(claims={"iss": None}),
        Faults(claims={"aud": "7654322"}),
        Faults(claims={"aud": ["7654321", "7654322"]}),
        Faults(claims={"aud": None}),
        Faults(claims={"aud": True}),
        Faults(claims={"azp": "7654322"}),
        Faults(claims={"exp": LONG_AGO}),
        Faults(claims={"exp": None}),
        Faults(claims={"exp": "soon"}),
        Faults(claims={"iat": LONG_AGO}),
        Faults(claims={"iat": FAR_AHEAD}),
        Faults(claims={"iat": None}),
        Faults(claims={"id": None}),
        Faults(claims={"id": 0}),
        Faults(claims={"id": -5}),
        Faults(claims={"id": 1.5}),
        Faults(claims={"id": "x"}),
        Faults(algorithm="none"),
        Faults(algorithm="HS256"),
        Faults(algorithm="RS512"),
        Faults(sign_with_another_key=True),
        Faults(unknown_key_id=True),
        Faults(token_status=400),
    ],
    ids=repr,
)
async def test_a_token_that_is_not_for_this_sign_in_signs_nobody_in(signing: Signing, faults: Faults) -> None:
    browser = signing.browser()
    guest = await browser.become_guest()
    signing.provider.faults = faults
    answer = await signing.sign_in(browser)
    assert answer.status_code == 403, answer.text
    assert "set-cookie" not in answer.headers
    me = await browser.me()
    assert me is not None
    assert (me["id"], me["type"]) == (guest, "guest")


@pytest.mark.parametrize("claims", [{"aud": 7654321}, {"name": None}])
async def test_what_differs_harmlessly_is_taken(signing: Signing, claims: dict[str, Any]) -> None:
    signing.provider.faults = Faults(claims=claims)
    browser, ada = signing.browser(), signing.person()
    assert (await signing.sign_in(browser, ada)).status_code == 303
    me = await browser.me()
    assert me is not None
    assert me["id"] == str(ada.id)


@pytest.mark.parametrize(
    "faults",
    [
        Faults(token_status=500),
        Faults(keys_status=500),
        Faults(description={"issuer": "https://evil.example"}),
        Faults(description={"token_endpoint": "http://127.0.0.1:1/token"}),
        Faults(description={"jwks_uri": None}),
    ],
    ids=repr,
)
async def test_a_provider_that_fails_is_said_to_and_the_guest_stays(
    signing: Signing, faults: Faults, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.sign_in.provider.DESCRIPTION_SECONDS", -1)
    monkeypatch.setattr("accounts.sign_in.provider.KEYS_SECONDS", -1)
    browser = signing.browser()
    guest = await browser.become_guest()
    signing.provider.faults = faults
    begun = await browser.ask("POST", "/api/v1/sign-in/telegram", json={})
    answer = begun
    if begun.status_code == 200:
        answer = await browser.ask("GET", await signing.agree(begun.json()["url"]))
    assert answer.status_code == 503
    me = await browser.me()
    assert me is not None
    assert me["id"] == guest
    signing.provider.faults = Faults()
    assert (await signing.sign_in(browser)).status_code == 303, "it recovers by itself"


async def test_a_provider_that_does_not_answer_is_not_waited_for(
    signing: Signing, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.sign_in.provider.TIMEOUT_SECONDS", 0.1)
    monkeypatch.setattr("accounts.sign_in.provider.DESCRIPTION_SECONDS", -1)
    signing.provider.faults = Faults(slow_seconds=2)
    answer = await signing.browser().ask("POST", "/api/v1/sign-in/telegram", json={})
    assert answer.status_code == 503
    assert answer.headers["retry-after"]


async def test_another_browser_cannot_end_what_one_began(signing: Signing) -> None:
    attacker, victim = signing.browser(), signing.browser()
    back = await signing.agree(await signing.begin(attacker))
    for _ in range(2):
        answer = await victim.ask("GET", back)
        assert answer.status_code == 403
        assert await victim.me() is None
    await signing.begin(victim)
    assert (await victim.ask("GET", back)).status_code == 403, "nor with a sign-in of its own under way"
    assert (await attacker.ask("GET", back)).status_code == 403, "and the attempt is spent"


async def test_a_way_back_is_good_once(signing: Signing) -> None:
    browser = signing.browser()
    back = await signing.agree(await signing.begin(browser))
    assert (await browser.ask("GET", back)).status_code == 303
    assert (await browser.ask("GET", back)).status_code == 403


async def test_an_attempt_ends_after_ten_minutes(signing: Signing) -> None:
    browser = signing.browser()
    back = await signing.agree(await signing.begin(browser))
    signing.clock.advance(601)
    assert (await browser.ask("GET", back)).status_code == 403


async def test_another_sites_code_and_state_are_worth_nothing(signing: Signing) -> None:
    north, south = signing.browser(), signing.browser("south.example")
    ours = await signing.begin(south)
    theirs = query_of(await signing.agree(await signing.begin(north)))
    south.cookies["__Host-sign-in"] = north.cookies["__Host-sign-in"]
    whole = await south.ask("GET", f"/sign-in/telegram/callback?{urlencode(theirs)}")
    assert whole.status_code == 403
    own_state = {"state": query_of(ours)["state"], "code": theirs["code"]}
    mixed = await south.ask("GET", f"/sign-in/telegram/callback?{urlencode(own_state)}")
    assert mixed.status_code == 403
    assert await south.me() is None


async def test_one_person_on_two_sites_is_two_viewers(signing: Signing) -> None:
    north, south, ada = signing.browser(), signing.browser("south.example"), signing.person()
    await signing.sign_in(north, ada)
    await signing.sign_in(south, ada)
    stolen = signing.browser("south.example")
    stolen.cookies["__Host-session"] = north.session
    assert await stolen.me() is None
    await signing.platform.stores.viewers.grant(signing.north.scope, ada.id, "premium", None, "", actor=ACTOR)
    mine, other = await north.me(), await south.me()
    assert mine is not None
    assert other is not None
    assert (mine["role"], other["role"]) == ("premium", "free")


@pytest.mark.parametrize("query", ["", "?state=x", "?code=x", "?state=&code=", "?state=" + "x" * 3000, "?error=denied",
                                   "?state=%00&code=%00", "?state=a&state=b&code=c"])  # fmt: skip
async def test_a_malformed_way_back_is_refused(signing: Signing, query: str) -> None:
    answer = await signing.browser().ask("GET", f"/sign-in/telegram/callback{query}", headers={"accept": "text/html"})
    assert answer.status_code in {400, 403}
    assert "Sign in" in answer.text or answer.status_code == 400


@pytest.mark.parametrize(
    "there",
    ["//evil.example", "/\\evil.example", "https://evil.example", "\\\\evil.example", "/\t/evil.example", "data:,x",
     "/x\r\nset-cookie: a=b", "", "x", "/%0d%0aset-cookie:%20a=b", "/ä"],
)  # fmt: skip
async def test_nobody_is_led_to_another_site(signing: Signing, there: str) -> None:
    browser = signing.browser()
    answer = await signing.sign_in(browser, return_to=there)
    assert answer.status_code == 303
    location = answer.headers["location"]
    assert location == "/" or location == there == "/%0d%0aset-cookie:%20a=b"
    assert {line.partition("=")[0] for line in answer.headers.get_list("set-cookie")} == {"__Host-session"}


async def test_a_rotated_key_is_found_at_a_sign_in(signing: Signing, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("accounts.sign_in.provider.REFETCH_SECONDS", 0)
    assert (await signing.sign_in(signing.browser())).status_code == 303
    signing.provider.keys.rotate()
    assert (await signing.sign_in(signing.browser())).status_code == 303


async def test_keys_are_kept_and_fetched_again_when_they_change() -> None:
    keys = "/.well-known/jwks.json"
    moments = [0.0]
    async with served() as sandbox, httpx.AsyncClient() as http:
        provider = Provider(sandbox.issuer, http, lambda: moments[0])
        first = sandbox.keys.kid
        for _ in range(3):
            await provider.key(first)
        assert sandbox.asked.count(keys) == 1
        sandbox.keys.rotate()
        second = sandbox.keys.kid
        with pytest.raises(SignInRefused):
            await provider.key(second)
        assert sandbox.asked.count(keys) == 1, "anybody can make up key ids: they do not make us ask at once"
        moments[0] += REFETCH_SECONDS + 1
        await provider.key(second)
        with pytest.raises(SignInRefused):
            await provider.key(first)
        moments[0] += KEYS_SECONDS + 1
        await provider.key(second)
        assert sandbox.asked.count(keys) == 3


async def test_a_host_header_does_not_lead_the_way_back_elsewhere(signing: Signing) -> None:
    browser = signing.browser()
    answer = await browser.ask("POST", "/api/v1/sign-in/telegram", json={}, headers={"host": "north.example:8080"})
    assert query_of(answer.json()["url"])["redirect_uri"] == "http://north.example:8080/sign-in/telegram/callback"


async def test_sign_ins_are_limited_by_address(signing: Signing) -> None:
    browser = signing.browser(address="203.0.113.5")
    statuses = [(await browser.ask("POST", "/api/v1/sign-in/telegram", json={})).status_code for _ in range(31)]
    assert statuses[:30] == [200] * 30
    assert statuses[30] == 429


async def test_a_site_without_a_bot_offers_no_sign_in(signing: Signing) -> None:
    await open_site(signing.platform.stores, "plain", "plain.example", theme="nocturne")
    browser = signing.browser("plain.example")
    ways = (await browser.ask("GET", "/api/v1/sign-in")).json()
    assert ways == {"telegram": False, "widget": None, "mini_app": False, "recovery_code": True}
    for body in ({}, {"way": "widget"}):
        assert (await browser.ask("POST", "/api/v1/sign-in/telegram", json=body)).status_code == 404
    mini = await browser.ask("POST", "/api/v1/sign-in/telegram/mini-app", json={"init_data": "x"})
    assert mini.status_code == 404
    assert (await browser.ask("GET", "/sign-in")).status_code == 200
