"""Attacks by guests: codes tried and used elsewhere, things counted twice by merging at once, bans left behind."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Final

import pytest

from accounts.repository import ViewerRepository
from content.importing.target import Target
from storage.mongo import collection_of
from storefront.signing_in import CODES_PER_HOUR
from tests.content.samples import film
from tests.storefront.account.conftest import Browser, Signing
from tests.support.platform import ACTOR, take_in

CODE: Final = "/api/v1/sign-in/recovery-code"
BEAT: Final = {"session": "tab", "at": 1, "position_seconds": 599, "duration_seconds": 600}


@pytest.fixture
async def stocked(signing: Signing, tmp_path: Path) -> Signing:
    for site in (signing.north, signing.south):
        titles = [film(number) for number in range(1, 4)]
        await take_in(signing.platform.stores, Target.tenant(site.scope), "library", titles, tmp_path / site.id)
    return signing


async def live(browser: Browser, comment: str) -> None:
    """Watches, keeps, likes, votes and reports."""
    for method, path, body in (
        ("PUT", "/progress/film_001", BEAT),
        ("PUT", "/watchlist/film_002", {"notify": True}),
        ("PUT", f"/comments/{comment}/like", None),
        ("POST", "/titles/film_003/intro", {"start": 10, "end": 40}),
        ("POST", "/reports", {"target_id": "film_001", "issue": "dead_link"}),
    ):
        answer = await browser.ask(method, f"/api/v1{path}", **({} if body is None else {"json": body}))
        assert answer.status_code in {200, 201, 204}, (path, answer.text)


async def commented(browser: Browser) -> str:
    """The id of a comment."""
    answer = await browser.ask("POST", "/api/v1/comments", json={"target_id": "film_001", "body": f"by {id(browser)}"})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["id"])


async def likes(browser: Browser, comment: str) -> int:
    """How often the comment is liked, as it is shown."""
    page = (await browser.ask("GET", "/api/v1/comments?target_id=film_001&limit=50")).json()
    return next(int(each["comment"]["likes"]) for each in page["threads"] if each["comment"]["id"] == comment)


async def test_codes_are_not_guessed_through_many_doors(signing: Signing) -> None:
    page, api = signing.browser(address="198.51.100.7"), signing.browser(address="198.51.100.7")
    tries = [
        await api.ask("POST", CODE, json={"code": f"{number:020d}"})
        if number % 2
        else await page.ask("POST", "/sign-in/recovery-code", data={"code": f"{number:020d}"})
        for number in range(CODES_PER_HOUR + 4)
    ]
    assert [each.status_code for each in tries] == [403] * CODES_PER_HOUR + [429] * 4, "the form counts with the API"
    others = [signing.browser(address=f"2001:db8:0:7::{number}") for number in range(CODES_PER_HOUR + 1)]
    statuses = [(await each.ask("POST", CODE, json={"code": "0" * 20})).status_code for each in others]
    assert statuses[-1] == 429, "a household of billions of addresses is one"


async def test_a_code_is_worth_nothing_at_another_site_or_once_its_guest_is_somebody(signing: Signing) -> None:
    guest = signing.browser()
    await guest.become_guest()
    code = (await guest.ask("POST", "/api/v1/me/recovery-code")).json()["code"]
    thief = signing.browser("south.example")
    assert (await thief.ask("POST", CODE, json={"code": code})).status_code == 403
    assert thief.cookies == {}
    assert (await signing.sign_in(guest)).status_code == 303
    thief = signing.browser()
    assert (await thief.ask("POST", CODE, json={"code": code})).status_code == 403
    assert thief.cookies == {}, "the account is not to be had by the code that the guest once wrote down"


async def test_two_merges_of_one_guest_at_once_double_nothing(stocked: Signing) -> None:
    signing = stocked
    ada, guest, other = signing.person(), signing.browser(), signing.browser()
    await other.become_guest()
    comment = await commented(other)
    await live(guest, comment)
    before = await likes(other, comment)
    session = guest.session
    backs: list[tuple[Browser, str]] = []
    for _ in range(4):
        browser = signing.browser()
        browser.cookies["__Host-session"] = session
        backs.append((browser, await signing.agree(await signing.begin(browser), ada)))
    answers = await asyncio.gather(*(browser.ask("GET", back) for browser, back in backs))
    assert {each.status_code for each in answers} == {303}
    browser = backs[0][0]
    assert (before, await likes(other, comment)) == (1, 1)
    known = (await browser.ask("GET", "/api/v1/progress/film_001")).json()
    history = (await browser.ask("GET", "/api/v1/history")).json()["entries"]
    kept = (await browser.ask("GET", "/api/v1/watchlist")).json()["entries"]
    assert (len(history), len(kept)) == (1, 1), (history, kept)
    assert known["progress"]["finished"] is True
    viewer = await collection_of(signing.platform.stores.database, "progress").find_one(
        {"_id.owner": signing.north.scope.owner, "viewer": ada.id}
    )
    assert viewer is not None
    assert viewer["last"]["finished_runs"] == 1, "seen once"
    intro = (await browser.ask("GET", "/api/v1/titles/film_003/intro")).json()
    assert intro["votes"] == 1, intro
    report = (await browser.ask("GET", "/api/v1/reports")).json()["reports"]
    assert len(report) == 1
    owned = {"_id.owner": signing.north.scope.owner, "target_id": "film_001"}
    stored = await collection_of(signing.platform.stores.database, "reports").find(owned).to_list()
    assert [each["_marquee"]["count"] for each in stored] == [1]


async def test_two_guests_who_take_each_other_over_do_not_both_vanish(stocked: Signing) -> None:
    signing = stocked
    one, two = signing.browser(), signing.browser()
    codes: list[str] = []
    for browser in (one, two):
        await browser.become_guest()
        answer = await browser.ask("PUT", "/api/v1/watchlist/film_002", json={"notify": True})
        assert answer.status_code in {200, 201, 204}
        codes.append((await browser.ask("POST", "/api/v1/me/recovery-code")).json()["code"])
    answers = await asyncio.gather(
        one.ask("POST", CODE, json={"code": codes[1]}), two.ask("POST", CODE, json={"code": codes[0]})
    )
    assert {each.status_code for each in answers} <= {200, 403, 409}
    left = [await browser.me() for browser in (one, two)]
    assert any(left), "somebody is still there"
    for browser, viewer in zip((one, two), left, strict=True):
        if viewer is not None:
            assert len((await browser.ask("GET", "/api/v1/watchlist")).json()["entries"]) == 1


async def test_a_guest_of_another_site_is_not_merged(stocked: Signing) -> None:
    signing = stocked
    theirs, here = signing.browser("south.example"), signing.browser()
    await theirs.become_guest()
    assert (await theirs.ask("PUT", "/api/v1/watchlist/film_002", json={"notify": True})).status_code < 300
    here.cookies["__Host-session"] = theirs.session
    assert (await signing.sign_in(here)).status_code == 303
    assert (await here.ask("GET", "/api/v1/watchlist")).json()["entries"] == []
    assert await theirs.me() is not None, "and the other site's guest is still there"


async def test_a_banned_guest_does_not_sign_in_to_be_rid_of_it(signing: Signing) -> None:
    browser = signing.browser()
    guest = await browser.become_guest()
    code = (await browser.ask("POST", "/api/v1/me/recovery-code")).json()["code"]
    back = await signing.agree(await signing.begin(browser))
    await signing.platform.stores.viewers.ban(signing.north.scope, guest, "spam", actor=ACTOR)
    assert (await browser.ask("GET", back)).status_code == 403
    refused = await signing.browser().ask("POST", CODE, json={"code": code})
    assert refused.status_code == 403
    assert "spam" not in refused.text


async def test_a_ban_during_the_merge_goes_along(signing: Signing) -> None:
    """The guest is banned after it began to become the person: the merge broke off, and is done at the next sign-in."""
    stores, scope = signing.platform.stores, signing.north.scope
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(signing.browser(), ada)
    guest = await browser.become_guest()
    assert await ViewerRepository(stores.database, scope).begin_merge(guest, ada.id)
    await stores.viewers.ban(scope, guest, "spam", actor=ACTOR)
    assert (await signing.sign_in(signing.browser(), ada)).status_code == 403
    assert (await signing.sign_in(signing.browser(), ada)).status_code == 403
    found = await ViewerRepository(stores.database, scope).identity(ada.id)
    assert found is not None
    assert found.ours.ban is not None
    assert found.ours.ban.reason == "spam"


async def test_a_merge_that_a_ban_overtakes_does_not_begin(signing: Signing) -> None:
    stores, scope = signing.platform.stores, signing.north.scope
    ada = signing.person()
    await signing.sign_in(signing.browser(), ada)
    guest = await signing.browser().become_guest()
    await stores.viewers.ban(scope, guest, "spam", actor=ACTOR)
    assert not await ViewerRepository(stores.database, scope).begin_merge(guest, ada.id)
