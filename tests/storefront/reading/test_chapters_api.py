"""GET /titles/{id}/chapters/{chapter}/pages."""

from __future__ import annotations

import pytest

from storefront.reading.links import WINDOW_SECONDS
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR

pytestmark = pytest.mark.anyio
PAGES = "/titles/{}/chapters/{}/pages"


async def of(someone: Person, title: str, chapter: str) -> tuple[int, str]:
    answer = await someone("GET", "/api/v1" + PAGES.format(title, chapter))
    body = answer.json()
    return answer.status_code, body["type"].rpartition(":")[2] if answer.status_code != 200 else ""


async def test_a_chapter_has_its_pages_and_its_neighbours_and_no_session_is_opened(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader:
        body = await reader.api("GET", PAGES.format("keeper1", "1.5"))
        assert [page["number"] for page in body["pages"]] == [1, 2, 3, 4, 5, 6]
        assert [page["url"].rpartition("/")[2] for page in body["pages"]] == list("012345")
        assert (body["target_id"], body["number"], body["title"]) == ("book_keeper1#c1.5", "1.5", "The Log Book")
        assert body["previous"]["number"] == "1"
        assert body["next"]["pages_url"] == "/api/v1/titles/keeper1/chapters/2/pages"
        assert reader.cookies == {}
        first = await reader.api("GET", PAGES.format("book_keeper1", "c1"))
        assert first["previous"] is None
        last = await reader.api("GET", PAGES.format("keeper1", "2.0"))
        assert last["next"] is None, "a chapter that cannot be read is no next one"


async def test_links_stay_the_same_for_hours_so_that_browsers_know_their_pages(
    shelf: TwoSites, clock: FakeClock
) -> None:
    async with person(shelf.platform, "north.example") as reader:
        one = await reader.api("GET", PAGES.format("keeper1", "1"))
        clock.advance(WINDOW_SECONDS - clock() % WINDOW_SECONDS - 1)
        assert await reader.api("GET", PAGES.format("keeper1", "1")) == one
        clock.advance(1)
        later = await reader.api("GET", PAGES.format("keeper1", "1"))
        assert later["pages"] != one["pages"]
        assert one["expires_at"] - clock() >= WINDOW_SECONDS


TOLD = {
    ("nothing", "1"): (404, "title-not-found"),
    ("keeper1", "9"): (404, "chapter-not-found"),
    ("keeper1", "x"): (404, "chapter-not-found"),
    ("keeper1", "1_0"): (404, "chapter-not-found"),
    ("keeper1", "-1"): (404, "chapter-not-found"),
    ("keeper1", "3"): (409, "page-unreadable"),
    ("keeper1", "1" * 33): (400, "blank"),
    ("empty01", "1"): (404, "chapter-not-found"),
}


async def test_what_is_not_there_or_cannot_be_read_says_so(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader:
        assert {asked: await of(reader, *asked) for asked in TOLD} == TOLD


async def test_another_site_s_book_is_not_there_and_its_links_open_nothing(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader, person(shelf.platform, "south.example") as stranger:
        assert await of(stranger, "northbk", "7") == (404, "title-not-found")
        body = await reader.api("GET", PAGES.format("northbk", "7"))
        url = body["pages"][0]["url"]
        assert (await stranger("GET", url)).json()["type"] == "urn:marquee:problem:link-invalid"
        assert (await reader("GET", url)).status_code in {409, 503}, "let in; nobody holds the bytes here"


async def test_a_viewer_s_links_are_their_own_and_end_with_a_ban(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader, person(shelf.platform, "north.example") as other:
        for each in (reader, other):
            body = {"session": "tab", "at": 1, "page": 1, "pages": 6}
            assert (await each("PUT", "/api/v1/progress/book_keeper1%23c1.5", json=body)).status_code == 200
        url = (await reader.api("GET", PAGES.format("keeper1", "1.5")))["pages"][0]["url"]
        assert (await other("GET", url)).json()["type"] == "urn:marquee:problem:not-admitted"
        assert (await reader("GET", url)).status_code in {409, 503}
        stores = shelf.platform.stores
        viewer = await stores.sessions.current_viewer(shelf.north.scope, reader.cookies["__Host-session"])
        assert viewer is not None
        await stores.viewers.ban(shelf.north.scope, viewer.id, "spam", actor=ACTOR)
        assert (await reader("GET", url)).json()["type"] == "urn:marquee:problem:banned"
        assert await of(reader, "keeper1", "1.5") == (403, "banned")
