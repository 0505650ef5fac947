"""Attacks by letters: flooding somebody's mailbox, ending another's letters, confirming elsewhere, bending a header."""

from __future__ import annotations

from contextlib import AsyncExitStack
from typing import Any, Final

import pytest

from content.notices.telling import MAIL_PAUSE_SECONDS, Notices
from content.takedowns.mailing import MAIL_RECEIPT
from storefront.api.notices import LETTERS_TO_A_MAILBOX
from storefront.takedowns.limits import RECEIPTS_TO_A_MAILBOX
from tenancy.desk import change_tenant
from tests.storefront.api.test_following import Site, scope_of, site, work
from tests.storefront.people import Person, person
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR
from tests.support.postbox import text_of

__all__ = ["site"]

VICTIM: Final = "ann.lee@mail.example"
SPELLINGS: Final = (
    VICTIM,
    "Ann.Lee@mail.example",
    "annlee@MAIL.example",
    "ann.lee+x@mail.example",
    " ann.lee@mail.example ",
)
NOTICE: Final[dict[str, Any]] = {
    "name": "Ada",
    "address": "1 Street",
    "work": "A work",
    "urls": ["https://north.example/title/x"],
    "explanation": "It is mine.",
    "good_faith": True,
    "accurate": True,
    "signature": "Ada",
}
# What ends a line, somewhere or to somebody.
ENDS: Final = ("\r\n", "\n", "\r", "\u2028", "\u2029", "\u0085", "\x0b", "\x0c", "\x00", "\x1e")


async def ask(somebody: Person, email: str) -> int:
    """The status of asking for letters."""
    return (await somebody("PUT", "/api/v1/notices/email", json={"email": email})).status_code


async def links(site: Site, word: str) -> list[str]:
    """The paths in the letters that came in, with this word in them."""
    return [
        line.strip().partition(".example")[2]
        for letter in site.box.letters
        for line in text_of(letter).splitlines()
        if word in line
    ]


async def confirmed(site: Site, somebody: Person, email: str) -> None:
    """Letters go to the address from now on."""
    assert await ask(somebody, email) == 200
    site.box.letters.clear()
    await work(site.platform)
    (path,) = await links(site, "/notices/email/")
    assert (await somebody.submit(path)).status_code == 303
    site.box.letters.clear()


async def news(site: Site, viewer: str, text: str, clock: FakeClock) -> None:
    """Tells the viewer something, and lets the letter go."""
    stores = site.platform.stores
    scope = await scope_of(site, "north")
    await Notices(stores.database, stores.jobs, stores.clock).tell(
        scope, viewer, "report", key=text, text=text, url="/reports"
    )
    clock.advance(MAIL_PAUSE_SECONDS + 1)
    await work(site.platform)


async def test_a_mailbox_is_not_flooded_by_many_people_from_many_places(site: Site) -> None:
    statuses: list[int] = []
    for number, spelled in enumerate(SPELLINGS * 2):
        async with person(site.platform, "north.example", address=f"198.51.100.{number + 1}") as somebody:
            statuses.append(await ask(somebody, spelled))
            await work(site.platform)
    assert statuses == [200] * LETTERS_TO_A_MAILBOX + [429] * (len(statuses) - LETTERS_TO_A_MAILBOX)
    assert len(site.box.letters) == LETTERS_TO_A_MAILBOX
    async with person(site.platform, "north.example", address="198.51.100.99") as somebody:
        answer = await somebody.submit("/notices", action="email", email=VICTIM)
        assert answer.status_code == 429, "nor by the form"
        assert await ask(somebody, "bob@mail.example") == 200


async def test_notices_of_takedown_flood_no_mailbox_and_are_taken_all_the_same(site: Site) -> None:
    for number in range(RECEIPTS_TO_A_MAILBOX + 5):
        async with person(site.platform, "north.example", address=f"198.51.100.{number + 1}") as somebody:
            filed = {**NOTICE, "email": SPELLINGS[number % 4]}
            assert (await somebody("POST", "/api/v1/takedowns", json=filed)).status_code == 201
    await work(site.platform, MAIL_RECEIPT)
    assert len(site.box.letters) == RECEIPTS_TO_A_MAILBOX


async def test_letters_of_others_are_not_ended_or_turned_elsewhere(site: Site, clock: FakeClock) -> None:
    async with AsyncExitStack() as stack:
        ann, eve = [await stack.enter_async_context(person(site.platform, "north.example")) for _ in range(2)]
        south = await stack.enter_async_context(person(site.platform, "south.example"))
        await confirmed(site, ann, VICTIM)
        viewer = (await ann.api("GET", "/me"))["viewer"]["id"]
        for token in ("", "x", "null", "undefined", "%24gt", "[$ne]", "0" * 43, viewer):
            assert (await eve("POST", f"/notices/stop/{token}", data={})).status_code in {200, 404, 405}
        await news(site, viewer, "It was mended.", clock)
        (stop,) = set(await links(site, "/notices/stop/"))
        assert (await south("POST", stop, data={"List-Unsubscribe": "One-Click"})).status_code == 200
        assert (await ann.api("GET", "/notices/settings"))["email"] == VICTIM, (
            "a token of one site ends nothing elsewhere"
        )
        assert (await eve.api("DELETE", "/notices/email"))["email"] is None
        assert (await ann.api("GET", "/notices/settings"))["email"] == VICTIM


async def test_a_confirmation_counts_on_its_own_site_for_whoever_asked(site: Site) -> None:
    async with (
        person(site.platform, "north.example") as ann,
        person(site.platform, "north.example") as eve,
        person(site.platform, "south.example") as south,
    ):
        assert await ask(ann, VICTIM) == 200
        await work(site.platform)
        (path,) = await links(site, "/notices/email/")
        assert (await south.submit(path)).status_code == 404
        assert (await south("GET", path)).status_code == 404
        assert (await eve.submit(path)).status_code == 303
        assert (await ann.api("GET", "/notices/settings"))["email"] == VICTIM, (
            "whose address it is, says the one who asked"
        )
        assert (await eve.api("GET", "/notices/settings"))["email"] is None


@pytest.mark.parametrize("end", ENDS)
async def test_no_name_address_or_notice_bends_a_letter(site: Site, clock: FakeClock, end: str) -> None:
    evil = f"North{end}Bcc: eve@mail.example{end}{end}<script>Hello"
    async with person(site.platform, "north.example") as ann:
        for address in (
            f"ann@mail.example{end}Bcc: eve@mail.example",
            f"ann{end}@mail.example",
            f"a@b.example{end}.example",
        ):
            assert await ask(ann, address) == 400
        await change_tenant(site.platform.stores.desk, "north", {"brand.name": evil}, actor=ACTOR)
        site.platform.stores.resolver.forget("north")
        await confirmed(site, ann, VICTIM)
        viewer = (await ann.api("GET", "/me"))["viewer"]["id"]
        await news(site, viewer, evil, clock)
        filed = {**NOTICE, "email": f"ann@mail.example{end}Bcc: eve@mail.example", "name": evil}
        await ann("POST", "/api/v1/takedowns", json=filed)
        await work(site.platform, MAIL_RECEIPT)
    assert site.box.letters
    for letter, raw in zip(site.box.letters, site.box.raw[-len(site.box.letters) :], strict=True):
        assert letter["To"] in {VICTIM, "ann@mail.example"}
        assert letter["Bcc"] is None
        assert b"\nbcc:" not in raw.lower().partition(b"\r\n\r\n")[0]
        assert "<script>" not in text_of(letter, "html")


async def test_whoever_is_banned_hears_no_more(site: Site, clock: FakeClock) -> None:
    stores = site.platform.stores
    async with person(site.platform, "north.example") as ann, person(site.platform, "north.example") as reader:
        await confirmed(site, ann, VICTIM)
        feed = (await ann.api("POST", "/notices/feed"))["feed"]
        viewer = (await ann.api("GET", "/me"))["viewer"]["id"]
        assert (await reader("GET", feed)).status_code == 200
        await stores.viewers.ban(await scope_of(site, "north"), viewer, "spam", actor=ACTOR)
        await news(site, viewer, "It was mended.", clock)
        assert site.box.letters == []
        assert (await reader("GET", feed)).status_code in {403, 404}, "a feed needs no session, and ends all the same"
        await stores.viewers.unban(await scope_of(site, "north"), viewer, actor=ACTOR)
        assert (await reader("GET", feed)).status_code == 200
