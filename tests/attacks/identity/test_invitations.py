"""Attacks on invitations: counting oneself, one another, guests, one sign-up many times, and codes of another site."""

from __future__ import annotations

import asyncio
from typing import Final

from sandbox.oidc.provider import Person
from tenancy.desk import change_tenant
from tests.storefront.account.conftest import Browser, Signing
from tests.support.platform import ACTOR
from tests.support.signing import init_data

MINI_APP: Final = "/api/v1/sign-in/telegram/mini-app"


async def inviter(signing: Signing, host: str = "north.example", person: Person | None = None) -> tuple[Browser, str]:
    """Somebody who invites, and the code."""
    browser = signing.browser(host)
    await signing.sign_in(browser, person)
    answer = await browser.ask("POST", "/api/v1/referral")
    assert answer.status_code == 200, answer.text
    return browser, str(answer.json()["code"])


async def invited(browser: Browser) -> int:
    """How many came by the browser's viewer."""
    return int((await browser.ask("GET", "/api/v1/referral")).json()["invited"])


async def test_guests_count_for_nobody_however_many_there_are(signing: Signing) -> None:
    ada, code = await inviter(signing)
    for _ in range(20):
        guest = signing.browser(address="198.51.100.9")
        await guest.ask("GET", f"/invite/{code}")
        assert guest.cookies["__Host-referral"] == code
        await guest.become_guest()
        assert (await guest.ask("POST", "/api/v1/referral")).status_code == 403, "and invite nobody"
    assert await invited(ada) == 0


async def test_nobody_invites_themselves(signing: Signing) -> None:
    person = signing.person()
    ada, code = await inviter(signing, person=person)
    again = signing.browser()
    await again.ask("GET", f"/invite/{code}")
    await signing.sign_in(again, person, referral_code=code)
    assert await invited(ada) == 0
    assert (await ada.ask("DELETE", "/api/v1/me?confirm=delete")).status_code == 204
    back = signing.browser()
    await signing.sign_in(back, person, referral_code=code)
    assert (await back.ask("POST", "/api/v1/referral")).json()["invited"] == 0


async def test_two_who_invite_each_other_count_once_at_most(signing: Signing) -> None:
    first, second = signing.person(), signing.person()
    one, code = await inviter(signing, person=first)
    two = signing.browser()
    await signing.sign_in(two, second, referral_code=code)
    other = (await two.ask("POST", "/api/v1/referral")).json()["code"]
    await signing.sign_in(signing.browser(), first, referral_code=other)
    assert (await invited(one), await invited(two)) == (1, 0)


async def test_one_sign_up_in_many_places_at_once_counts_once(signing: Signing) -> None:
    await change_tenant(
        signing.platform.stores.desk, "north", {"referrals.reward_days": 7, "referrals.per_sign_ups": 1}, actor=ACTOR
    )
    ada, code = await inviter(signing)
    eve, other = await inviter(signing)
    new = signing.person()
    browsers = [signing.browser() for _ in range(8)]
    answers = await asyncio.gather(
        *(
            browser.ask(
                "POST",
                MINI_APP,
                json={
                    "init_data": init_data(
                        signing.clock(), user={"id": new.id, "first_name": "New"}, query_id=str(place)
                    ),
                    "referral_code": code if place % 2 else other,
                },
            )
            for place, browser in enumerate(browsers)
        )
    )
    assert {each.status_code for each in answers} == {200}
    assert sum(each.json()["is_new"] for each in answers) == 1
    assert await invited(ada) + await invited(eve) == 1
    standing = [(await each.ask("GET", "/api/v1/referral")).json()["rewards"] for each in (ada, eve)]
    assert sorted(standing) == [0, 1], "one reward for one sign-up"


async def test_leaving_and_coming_back_is_no_second_sign_up(signing: Signing) -> None:
    ada, code = await inviter(signing)
    new = signing.person()
    for _ in range(3):
        browser = signing.browser()
        await signing.sign_in(browser, new, referral_code=code)
        assert (await browser.ask("DELETE", "/api/v1/me?confirm=delete")).status_code == 204
    assert await invited(ada) == 1


async def test_a_code_of_another_site_counts_nowhere(signing: Signing) -> None:
    theirs, code = await inviter(signing, "south.example")
    here = signing.browser()
    await here.ask("GET", f"/invite/{code}")
    assert "__Host-referral" not in here.cookies
    here.cookies["__Host-referral"] = code
    await signing.sign_in(here, referral_code=code)
    assert await invited(theirs) == 0


async def test_a_banned_inviter_earns_nothing(signing: Signing) -> None:
    person = signing.person()
    ada, code = await inviter(signing, person=person)
    await signing.platform.stores.viewers.ban(signing.north.scope, person.id, "farm", actor=ACTOR)
    await signing.sign_in(signing.browser(), referral_code=code)
    await signing.platform.stores.viewers.unban(signing.north.scope, person.id, actor=ACTOR)
    assert await invited(ada) == 0
