"""Attacks on signing in: races, sessions that were there before, states and signed data used where they are not meant.

The wrong tokens, states and ways back of one browser at a time are in tests/storefront/account.
"""

from __future__ import annotations

import asyncio
from collections import Counter

import pytest

from storage.mongo import collection_of
from tests.storefront.account.conftest import Signing, bearing, query_of, token_of
from tests.support.signing import OTHER_TOKEN, init_data, widget_data

MINI_APP = "/api/v1/sign-in/telegram/mini-app"
TEN_AT_ONCE = 10


async def test_of_many_callbacks_with_one_state_one_signs_in(signing: Signing) -> None:
    browser, ada = signing.browser(), signing.person()
    back = await signing.agree(await signing.begin(browser), ada)
    headers = {"cookie": "; ".join(f"{name}={value}" for name, value in browser.cookies.items())}
    answers = await asyncio.gather(*(browser.client.get(back, headers=headers) for _ in range(TEN_AT_ONCE)))
    assert Counter(each.status_code for each in answers) == {303: 1, 403: TEN_AT_ONCE - 1}
    assert sum("__Host-session" in str(each.headers.get_list("set-cookie")) for each in answers) == 1
    assert await sessions_of(signing, ada.id) == 1


async def test_of_many_mini_apps_with_one_text_one_signs_in(signing: Signing) -> None:
    ada = signing.person()
    data = init_data(signing.clock(), user={"id": ada.id, "first_name": "Ada"})
    browsers = [signing.browser() for _ in range(TEN_AT_ONCE)]
    answers = await asyncio.gather(*(each.ask("POST", MINI_APP, json={"init_data": data}) for each in browsers))
    assert Counter(each.status_code for each in answers) == {200: 1, 409: TEN_AT_ONCE - 1}
    assert await sessions_of(signing, ada.id) == 1


@pytest.mark.parametrize("age", [301, 86_400, -61, -86_400])
async def test_signed_data_counts_for_five_minutes_and_never_before_its_time(signing: Signing, age: float) -> None:
    browser = signing.browser()
    data = init_data(signing.clock() - age, user={"id": signing.person().id})
    assert (await browser.ask("POST", MINI_APP, json={"init_data": data})).status_code == 403
    assert browser.cookies == {}


async def test_data_that_was_used_is_used_also_in_other_spellings(signing: Signing) -> None:
    ada = signing.person()
    data = init_data(signing.clock(), user={"id": ada.id, "first_name": "Ada"})
    assert (await signing.browser().ask("POST", MINI_APP, json={"init_data": data})).status_code == 200
    turned = "&".join(reversed(data.split("&")))
    for spelled in (turned, data.replace("AAE1", "%41AE1"), data.replace("%22", "%22".lower())):
        answer = await signing.browser().ask("POST", MINI_APP, json={"init_data": spelled})
        assert answer.status_code == 409, spelled
    for added in ("&hash=" + "0" * 64, "&user=%7B%22id%22%3A1%7D", "&auth_date=1", "&x=1", "&", "&=", "#x"):
        answer = await signing.browser().ask("POST", MINI_APP, json={"init_data": data + added})
        assert answer.status_code in {403, 409}, added
        assert "__Host-session" not in str(answer.headers)


async def test_a_widgets_answer_needs_the_cookie_of_the_browser_that_asked(signing: Signing) -> None:
    attacker, victim = signing.browser(), signing.browser()
    url = await signing.begin(attacker, way="widget")
    back = url.removeprefix("http://north.example") + "&" + widget_data(signing.clock(), id=signing.person().id)
    refused = await victim.ask("GET", back, headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert victim.cookies == {}, "nobody is signed in as somebody else by following a link"
    assert (await attacker.ask("GET", back)).status_code == 403, "a state that was shown elsewhere is over"


@pytest.mark.parametrize(
    "fields",
    ["id=1&id=700000999", "first_name=Eve", "username=root", "photo_url=https%3A%2F%2Fevil.example", "role=admin",
     "auth_date=9999999999", "hash=" + "0" * 64, "state=x", "id=1%0Afirst_name%3DEve"],
)  # fmt: skip
async def test_what_hangs_on_a_widgets_answer_spoils_it(signing: Signing, fields: str) -> None:
    browser = signing.browser()
    url = await signing.begin(browser, way="widget")
    signed = widget_data(signing.clock(), id=signing.person().id)
    answer = await browser.ask("GET", f"{url.removeprefix('http://north.example')}&{signed}&{fields}")
    assert answer.status_code == 403
    assert "__Host-session" not in browser.cookies


async def test_another_sites_widget_signs_nobody_in_here(signing: Signing) -> None:
    browser = signing.browser()
    url = await signing.begin(browser, way="widget")
    theirs = widget_data(signing.clock(), id=signing.person().id, token=OTHER_TOKEN)
    assert (await browser.ask("GET", f"{url.removeprefix('http://north.example')}&{theirs}")).status_code == 403
    assert "__Host-session" not in browser.cookies


async def test_a_code_for_one_site_is_worth_nothing_with_a_state_of_the_other(signing: Signing) -> None:
    north, south = signing.browser(), signing.browser("south.example")
    stolen = query_of(await signing.agree(await signing.begin(north)))["code"]
    state = query_of(await signing.begin(south))["state"]
    answer = await south.ask("GET", f"/sign-in/telegram/callback?code={stolen}&state={state}")
    assert answer.status_code == 403
    assert "__Host-session" not in south.cookies


async def test_a_code_of_the_attacker_does_not_fit_the_victims_state(signing: Signing) -> None:
    attacker, victim = signing.browser(), signing.browser()
    stolen = query_of(await signing.agree(await signing.begin(attacker)))["code"]
    state = query_of(await signing.begin(victim))["state"]
    answer = await victim.ask("GET", f"/sign-in/telegram/callback?code={stolen}&state={state}")
    assert answer.status_code == 403
    assert "__Host-session" not in victim.cookies, "the verifier that the provider asks for is of another attempt"


async def test_a_sign_in_gives_a_new_session_and_ends_the_one_before(signing: Signing) -> None:
    browser = signing.browser()
    await browser.become_guest()
    known_to_attacker = browser.session
    assert (await signing.sign_in(browser)).status_code == 303
    assert browser.session != known_to_attacker
    attacker = signing.browser()
    attacker.cookies["__Host-session"] = known_to_attacker
    assert await attacker.me() is None
    first = browser.session
    assert (await signing.sign_in(browser)).status_code == 303
    attacker.cookies["__Host-session"] = first
    assert await attacker.me() is None, "another person in the same browser leaves no session behind"


async def test_a_session_that_nobody_gave_becomes_nobodys(signing: Signing) -> None:
    browser = signing.browser()
    planted = "p" * 43
    browser.cookies["__Host-session"] = planted
    assert (await signing.sign_in(browser)).status_code == 303
    assert browser.session != planted
    attacker = signing.browser()
    attacker.cookies["__Host-session"] = planted
    assert await attacker.me() is None


async def test_credentials_in_an_address_are_nobodys(signing: Signing) -> None:
    browser = signing.browser()
    await signing.sign_in(browser)
    token = await token_of(browser)
    for name in ("access_token", "token", "authorization", "bearer", "session", "__Host-session", "auth"):
        for value in (token, browser.session):
            answer = await signing.browser().ask("GET", "/api/v1/me", params={name: value})
            assert answer.json() == {"viewer": None}, name
    assert (await signing.browser().ask("GET", "/api/v1/me", headers=bearing(browser.session))).json()["viewer"] is None
    forged = signing.browser()
    forged.cookies["__Host-session"] = token
    assert await forged.me() is None, "a token is shown in its header alone"
    minted = await forged.ask("POST", "/api/v1/me/tokens", json={"name": "one more"})
    assert minted.status_code == 401, "or whoever finds a token makes others of it"


async def sessions_of(signing: Signing, viewer: int) -> int:
    """How many sessions a viewer of north has."""
    sessions = collection_of(signing.platform.stores.database, "sessions")
    return await sessions.count_documents({"_id.owner": signing.north.scope.owner, "viewer": viewer})
