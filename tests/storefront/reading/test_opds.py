"""The OPDS catalogue: feeds that are valid for any text, pages to stream, files for members, tokens as passwords."""

from __future__ import annotations

from base64 import b64encode
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit
from xml.etree import ElementTree

import httpx
import pytest

from accounts.model import Role
from accounts.sessions import Sessions
from content.importing.target import Target
from storefront.opds import series as series_module
from tenancy.resolver import platform_scope
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.storefront.reading.conftest import ODD, book, chapter
from tests.support.clock import FakeClock
from tests.support.platform import ACTOR, take_in

pytestmark = pytest.mark.anyio
ATOM = "{http://www.w3.org/2005/Atom}"
PSE = "{http://vaemendis.net/opds-pse/ns}"
STREAM = "http://vaemendis.net/opds-pse/stream"
ACQUISITION = "http://opds-spec.org/acquisition"


class Feed:
    """A feed as an app reads it."""

    def __init__(self, answer: httpx.Response) -> None:
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"].startswith("application/atom+xml")
        self.root = ElementTree.fromstring(answer.content)
        self.entries = self.root.findall(f"{ATOM}entry")
        for part in (self.root, *self.entries):
            for needed in ("id", "title", "updated"):
                assert len(part.findall(f"{ATOM}{needed}")) == 1
        ids = [entry.findtext(f"{ATOM}id") for entry in self.entries]
        assert len(set(ids)) == len(ids)

    @property
    def titles(self) -> list[str]:
        return [entry.findtext(f"{ATOM}title") or "" for entry in self.entries]

    def link(self, rel: str, entry: int | None = None) -> Any:
        """The link of that relation, of the feed or of an entry; None without one."""
        parent = self.root if entry is None else self.entries[entry]
        return next((link.attrib for link in parent.findall(f"{ATOM}link") if link.get("rel") == rel), None)


async def feed(someone: Person, path: str, token: str = "") -> Feed:
    return Feed(await someone("GET", path, headers=basic(token) if token else {}))


def basic(token: str, name: str = "whoever") -> dict[str, str]:
    return {"authorization": "Basic " + b64encode(f"{name}:{token}".encode()).decode()}


async def a_token(two_sites: TwoSites, clock: FakeClock, role: Role = "free") -> str:
    """A token of a new viewer of north."""
    stores = two_sites.platform.stores
    sessions: Sessions = stores.sessions
    opened = await sessions.open_guest_session(two_sites.north.scope, "app")
    if role != "free":
        await stores.viewers.set_role(two_sites.north.scope, opened.viewer.id, role, actor=ACTOR)
    return (await sessions.mint_token(two_sites.north.scope, opened.viewer.id, "Reader app")).token


async def test_an_app_walks_from_the_root_to_a_page(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as app:
        root = await feed(app, "/opds")
        assert root.link("self")["href"] == "/opds/v1.2/catalog"
        assert root.link("start")["type"] == "application/atom+xml;profile=opds-catalog;kind=navigation"
        assert root.titles == ["Keep reading", "Newest", "All series", "Genres"]
        everything = await feed(app, root.link("subsection", 2)["href"])
        assert everything.titles[0] == "Empty"
        assert "The Keeper" in everything.titles
        assert "Northern Light" in everything.titles
        keeper = await feed(app, everything.link("subsection", everything.titles.index("The Keeper"))["href"])
        assert keeper.titles == ["Chapter 1: Fog", "Chapter 1.5: The Log Book", "Chapter 2: Landfall"]
        stream = keeper.link(STREAM, 1)
        assert (stream["type"], stream[f"{PSE}count"]) == ("image/jpeg", "6")
        assert f"{PSE}lastRead" not in stream
        url = stream["href"].replace("{pageNumber}", "0").replace("{maxWidth}", "1000")
        assert (await app("GET", url)).status_code in {409, 503}, "let in; nobody holds the bytes here"
        assert app.cookies == {}


async def test_every_text_gives_a_valid_feed(shelf: TwoSites) -> None:
    async with person(shelf.platform, "south.example") as app:
        for path in ("/opds/v1.2/all", "/opds/v1.2/new", "/opds/v1.2/genres", "/opds/v1.2/series/oddodd1"):
            found = await feed(app, path)
            assert any("Rain & <Fog>" in title for title in found.titles), path
        found = await feed(app, "/opds/v1.2/series/oddodd1")
        assert found.root.findtext(f"{ATOM}title", "").startswith('Rain & <Fog> "von"')
        assert "\ufffe" not in found.titles[0]
        assert "\u0000" in ODD


async def test_a_search_is_described_and_finds_series(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as app:
        root = await feed(app, "/opds")
        described = await app("GET", root.link("search")["href"])
        assert described.headers["content-type"].startswith("application/opensearchdescription+xml")
        assert 'template="http://north.example/opds/v1.2/search?q={searchTerms}"' in described.text
        assert (await feed(app, "/opds/v1.2/search?q=")).titles == []
        assert (await feed(app, "/opds/v1.2/search?q=%00%22%3C")).titles == []


async def test_long_lists_continue_and_a_cursor_of_another_list_does_not(shelf: TwoSites, tmp_path: Path) -> None:
    many = [book(f"many{number:03}", f"Many {number:03}", [chapter(1)]) for number in range(60)]
    long = book("longlng", "Long", [chapter(number, pages=1) for number in range(1, 121)])
    await take_in(shelf.platform.stores, Target.shared(platform_scope()), "library", [*many, long], tmp_path / "many")
    async with person(shelf.platform, "north.example") as app:
        first = await feed(app, "/opds/v1.2/all")
        following = first.link("next")["href"]
        second = await feed(app, following)
        assert (len(first.titles), len(set(first.titles) & set(second.titles))) == (50, 0)
        assert second.link("next") is None
        cursor = urlsplit(following).query
        assert (await app("GET", f"/opds/v1.2/new?{cursor}")).status_code == 400
        chapters = await feed(app, "/opds/v1.2/series/longlng?part=2")
        assert (chapters.titles[0], len(chapters.titles)) == ("Chapter 51", 50)
        assert chapters.link("previous")["href"] == "/opds/v1.2/series/longlng?part=1"
        assert chapters.link("next")["href"] == "/opds/v1.2/series/longlng?part=3"
        assert (await feed(app, "/opds/v1.2/series/longlng?part=9")).titles == []
        for odd in ("x", "0", "-1", "1_0", "99999"):
            assert (await app("GET", f"/opds/v1.2/series/longlng?part={odd}")).status_code == 400


async def test_a_wrong_password_is_told_and_what_is_one_s_own_asks_for_one(shelf: TwoSites, clock: FakeClock) -> None:
    token = await a_token(shelf, clock)
    async with person(shelf.platform, "north.example") as app, person(shelf.platform, "south.example") as other:
        for headers in (basic("mqv_wrong"), basic(""), {"authorization": "Basic %%%"}, {"authorization": "Digest x"}):
            answer = await app("GET", "/opds", headers=headers)
            assert (answer.status_code, answer.json()["type"]) == (401, "urn:marquee:problem:token-required")
            assert answer.headers["www-authenticate"].startswith("Basic ")
        assert (await app("GET", "/opds/v1.2/reading")).status_code == 401
        assert (await feed(app, "/opds/v1.2/reading", token)).titles == []
        assert (await other("GET", "/opds/v1.2/reading", headers=basic(token))).status_code == 401


async def test_a_viewer_s_feeds_know_the_last_page(shelf: TwoSites, clock: FakeClock) -> None:
    token = await a_token(shelf, clock)
    async with person(shelf.platform, "north.example") as app:
        body = {"session": "tab", "at": 1, "page": 4, "pages": 6}
        noted = await app("PUT", "/api/v1/progress/book_keeper1%23c1.5", json=body, headers=basic(token))
        assert noted.status_code == 200, noted.text
        keeper = await feed(app, "/opds/v1.2/series/keeper1", token)
        assert keeper.link(STREAM, 1)[f"{PSE}lastRead"] == "4"
        assert keeper.link(STREAM, 1)[f"{PSE}lastReadDate"].endswith("Z")
        assert f"{PSE}lastRead" not in keeper.link(STREAM, 0)
        going = await feed(app, "/opds/v1.2/reading", token)
        assert going.titles == ["The Keeper \u2013 Chapter 1.5: The Log Book"]
        assert going.link(STREAM, 0)[f"{PSE}lastRead"] == "4"


async def test_files_are_for_those_who_may_download(
    shelf: TwoSites, clock: FakeClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    free, premium = await a_token(shelf, clock), await a_token(shelf, clock, "premium")
    path = "/opds/v1.2/series/keeper1/chapters/1.5/file.cbz"
    async with person(shelf.platform, "north.example") as app:
        assert (await feed(app, "/opds/v1.2/series/keeper1")).link(ACQUISITION, 1) is None
        assert (await feed(app, "/opds/v1.2/series/keeper1", free)).link(f"{ACQUISITION}/subscribe", 1) is not None
        link = (await feed(app, "/opds/v1.2/series/keeper1", premium)).link(ACQUISITION, 1)
        assert (link["href"], link["type"]) == (path, "application/vnd.comicbook+zip")
        assert (await app("GET", path)).status_code == 401
        assert (await app("GET", path, headers=basic(free))).json()[
            "type"
        ] == "urn:marquee:problem:download-not-allowed"
        head = await app("HEAD", path, headers=basic(premium))
        assert (head.status_code, head.headers["content-type"]) == (200, "application/vnd.comicbook+zip")
        assert int(head.headers["content-length"]) > sum(5_000 + place for place in range(6))
        assert head.headers["content-disposition"].startswith('attachment; filename="The Keeper 1.5.cbz"')
        for number, status in (("3", 409), ("9", 404), ("x", 404)):
            other = path.replace("/1.5/", f"/{number}/")
            assert (await app("GET", other, headers=basic(premium))).status_code == status
        monkeypatch.setattr(series_module, "FILES_PER_HOUR", 1)
        statuses = [(await app("GET", path, headers=basic(premium))).status_code for _ in range(2)]
        assert statuses[1] == 429


async def test_covers_are_pictures_that_apps_show(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as app:
        answer = await app("GET", "/opds/v1.2/series/keeper1/cover?width=240")
        assert answer.status_code == 302
        assert answer.headers["location"].startswith("/pages/")
        assert answer.headers["location"].endswith("/0?width=240")
        drawn = await app("GET", "/opds/v1.2/series/empty01/cover")
        assert drawn.headers["location"].startswith("/art/empty01/poster")


async def test_another_site_s_books_are_in_no_feed(shelf: TwoSites) -> None:
    async with person(shelf.platform, "south.example") as app:
        for path in ("series/nothing", "series/northbk", "series/northbk/cover"):
            assert (await app("GET", f"/opds/v1.2/{path}")).status_code == 404
        assert (await app("GET", "/opds/v1.2/series/northbk/chapters/7/file.cbz")).status_code == 401
        for listing in ("all", "new", "search?q=Northern"):
            assert "Northern Light" not in (await feed(app, f"/opds/v1.2/{listing}")).titles
