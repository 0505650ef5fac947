"""Attacks on leaving: saying something while the account is deleted, taking somebody else's things along."""

from __future__ import annotations

import asyncio
from pathlib import Path
from typing import Any, Final

import pytest
from bson import json_util
from pymongo import MongoClient

from accounts.viewers import FORGET_AGAIN, FORGET_AGAIN_SECONDS
from content.importing.target import Target
from tests.content.samples import film
from tests.journeys.values import documents_of
from tests.storefront.account.conftest import Signing
from tests.storefront.api.test_following import work
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.support.clock import FakeClock
from tests.support.platform import take_in

Client = MongoClient[dict[str, Any]]
WORDS: Final = "zquirrel says"


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    titles = [film(number) for number in range(1, 6)]
    await take_in(two_sites.platform.stores, Target.tenant(two_sites.north.scope), "library", titles, tmp_path)
    return two_sites


def traces(client: Client, database: str, mark: str) -> list[str]:
    """The collections in which a mark is left. What is under way knows an id, and finds nobody by it."""
    owned = documents_of(client, database, "tenant:north")
    passing = {"jobs", "events"}
    return [name for name, each in owned.items() if name not in passing and mark in json_util.dumps(each)]


async def deeds(somebody: Person) -> None:
    """Everything that leaves something, at once."""
    beat = {"session": "tab", "position_seconds": 60, "duration_seconds": 600}
    await asyncio.gather(
        *(
            somebody("POST", "/api/v1/comments", json={"target_id": f"film_00{number}", "body": f"{WORDS} {number}"})
            for number in (1, 2)
        ),
        *(somebody("PUT", f"/api/v1/progress/film_00{number}", json={**beat, "at": number}) for number in range(1, 6)),
        *(somebody("PUT", f"/api/v1/watchlist/film_00{number}", json={"notify": True}) for number in range(1, 6)),
        somebody("POST", "/api/v1/titles/film_003/intro", json={"start": 10, "end": 40}),
        somebody("POST", "/api/v1/reports", json={"target_id": "film_001", "issue": "dead_link"}),
        somebody("PUT", "/api/v1/notices/email", json={"email": "zquirrel@mail.example"}),
        somebody("POST", "/api/v1/notices/feed"),
        somebody("POST", "/api/v1/me/tokens", json={"name": "Reader"}),
        somebody("POST", "/api/v1/me/recovery-code"),
    )


async def test_what_is_said_while_an_account_goes_goes_with_it(
    stocked: TwoSites, cleaner: Client, database_name: str, clock: FakeClock
) -> None:
    for _ in range(5):
        async with person(stocked.platform, "north.example") as leaver:
            await leaver("PUT", "/api/v1/watchlist/film_001", json={"notify": True})
            viewer = (await leaver.api("GET", "/me"))["viewer"]["id"]
            gone, _ = await asyncio.gather(leaver("DELETE", "/api/v1/me?confirm=delete"), deeds(leaver))
            assert gone.status_code == 204
            clock.advance(FORGET_AGAIN_SECONDS + 1)
            await work(stocked.platform, FORGET_AGAIN)
            assert traces(cleaner, database_name, viewer) == []
            assert traces(cleaner, database_name, "zquirrel@mail.example") == []


async def test_whoever_comes_back_keeps_what_is_new(signing: Signing) -> None:
    stores, scope = signing.platform.stores, signing.north.scope
    browser, ada = signing.browser(), signing.person()
    await signing.sign_in(browser, ada)
    assert (await browser.ask("DELETE", "/api/v1/me?confirm=delete")).status_code == 204
    back = signing.browser()
    await signing.sign_in(back, ada)
    assert (await back.ask("POST", "/api/v1/me/tokens", json={"name": "Reader"})).status_code == 201
    await stores.viewers.forget_again(scope, ada.id, stores.belongings)
    assert len((await back.ask("GET", "/api/v1/me/tokens")).json()["devices"]) == 1


async def test_an_export_is_of_nobody_else(stocked: TwoSites) -> None:
    async with (
        person(stocked.platform, "north.example") as ada,
        person(stocked.platform, "north.example") as eve,
        person(stocked.platform, "south.example") as south,
    ):
        await deeds(ada)
        await eve("PUT", "/api/v1/watchlist/film_005", json={"notify": True})
        mine = (await ada.api("GET", "/me"))["viewer"]["id"]
        south.cookies["__Host-session"] = ada.cookies["__Host-session"]
        for name in ("viewer", "viewer_id", "user_id", "id", "user", "scope"):
            answer = await eve("GET", "/api/v1/me/export", params={name: mine})
            if answer.status_code != 429:
                assert (answer.status_code, mine in answer.text, WORDS in answer.text) == (200, False, False), name
            assert (await south("GET", "/api/v1/me/export", params={name: mine})).status_code == 401
            answer = await eve("DELETE", "/api/v1/me", params={name: mine})
            assert answer.status_code == 400, "and nothing is deleted that way"
        assert (await ada.api("GET", "/me"))["viewer"]["id"] == mine


async def test_what_other_tabs_say_while_a_guest_becomes_somebody_comes_along(
    signing: Signing, cleaner: Client, tmp_path: Path
) -> None:
    stores, scope = signing.platform.stores, signing.north.scope
    titles = [film(number) for number in range(1, 6)]
    await take_in(stores, Target.tenant(scope), "library", titles, tmp_path)
    for _ in range(3):
        browser, ada = signing.browser(), signing.person()
        guest = await browser.become_guest()
        back = await signing.agree(await signing.begin(browser), ada)
        said = [
            browser.client.put(
                f"/api/v1/watchlist/film_00{number}",
                json={"notify": True},
                headers={"cookie": f"__Host-session={browser.session}", "sec-fetch-site": "same-origin"},
            )
            for number in range(1, 6)
        ]
        arrived, *answers = await asyncio.gather(browser.ask("GET", back), *said)
        assert arrived.status_code == 303
        as_guest = sum(each.status_code == 200 and "set-cookie" not in each.headers for each in answers)
        signing.clock.advance(FORGET_AGAIN_SECONDS + 1)
        await work(signing.platform, FORGET_AGAIN)
        assert traces(cleaner, stores.settings.mongodb.database, guest) == []
        assert len((await browser.ask("GET", "/api/v1/watchlist")).json()["entries"]) == as_guest
