"""The viewer's own pages without a script: forms that do something lead back, and nobody else can send them."""

from __future__ import annotations

import re
import xml.etree.ElementTree as ET
from pathlib import Path
from typing import Any

import pytest

from content.importing.target import Target
from content.notices.telling import Notices
from tests.content.samples import MANGA, SERIES, film
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.support.platform import take_in

ATOM = "{http://www.w3.org/2005/Atom}"
SHOW = {**SERIES, "seasons": {"1": [{"episode": 1, "file_id": "a"}, {"episode": 2, "file_id": "b"}]}}
BOOK = {**MANGA, "chapters": [{"chap": 12.5, "pages": ["a", "b", "c"]}]}
PAGES = ("/", "/history", "/watchlist", "/notices", "/invite")


@pytest.fixture
async def stocked(two_sites: TwoSites, tmp_path: Path) -> TwoSites:
    titles = [film(1, title="<b>Tide & Time</b>"), film(2), SHOW, BOOK]
    await take_in(two_sites.platform.stores, Target.tenant(two_sites.north.scope), "library", titles, tmp_path)
    return two_sites


async def seen(viewer: Person, target: str, **said: Any) -> None:
    await viewer.api("PUT", f"/progress/{target.replace('#', '%23')}", {"session": "tab", "at": 1, **said})


async def test_pages_of_somebody_new_are_there_and_make_nobody(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as nobody:
        for path in PAGES:
            await nobody.page(path)
        assert nobody.cookies == {}


async def test_home_goes_on_where_one_was(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as viewer:
        assert 'aria-label="Continue"' not in await viewer.page("/")
        await seen(viewer, "film_001", position_seconds=600, duration_seconds=3600)
        await seen(viewer, "tmdb_1399#s1e1", position_seconds=99, duration_seconds=100)
        await seen(viewer, "manga_sample#c12.5", page=2, pages=3)
        home = await viewer.page("/")
        row = home[home.index('aria-label="Continue"') :]
        assert "50 min left" in row
        assert "&lt;b&gt;Tide &amp; Time&lt;/b&gt;" in row
        assert "S1 E2 · next" in row
        assert "Chapter 12.5 · page 2 of 3" in row
        assert re.search(r'href="/watch/[^"/]+/s1e2"', row)
        assert re.search(r'href="/read/[^"/]+/12\.5"', row)


async def test_the_history_forgets_by_form(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as viewer:
        await seen(viewer, "film_001", position_seconds=600, duration_seconds=3600)
        await seen(viewer, "film_002", position_seconds=600, duration_seconds=3600)
        assert (await viewer.page("/history")).count('class="seen-item"') == 2
        gone = await viewer.submit("/history", action="remove", target="film_001")
        assert (gone.status_code, gone.headers["location"]) == (303, "/history")
        assert (await viewer.page("/history")).count('class="seen-item"') == 1
        await viewer.submit("/history", action="clear")
        assert "Nothing watched or read yet" in await viewer.page("/history")
        assert (await viewer.submit("/history", action="explode")).status_code == 400


async def test_the_list_changes_by_form_and_leads_back_to_the_site_alone(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as viewer:
        added = await viewer.submit("/watchlist", title="tmdb_1399", action="add", back="/title/x")
        assert (added.status_code, added.headers["location"]) == (303, "/title/x")
        for back in ("//evil.example", "https://evil.example", "/\\evil.example"):
            answer = await viewer.submit("/watchlist", title="tmdb_1399", action="quiet", back=back)
            assert answer.headers["location"] == "/"
        listed = await viewer.page("/watchlist")
        assert 'aria-pressed="false"' in listed
        await viewer.submit("/watchlist", title="tmdb_1399", action="remove")
        assert "Your list is empty" in await viewer.page("/watchlist")
        assert (await viewer.submit("/watchlist", title="film_999", action="add")).status_code == 404


@pytest.mark.parametrize("path", ["/history", "/watchlist", "/notices", "/invite", "/notices/email/x"])
async def test_no_other_site_can_send_the_forms(stocked: TwoSites, path: str) -> None:
    async with person(stocked.platform, "north.example") as viewer:
        for headers in ({"sec-fetch-site": "cross-site"}, {"origin": "https://evil.example"}):
            answer = await viewer("POST", path, data={"action": "clear", "title": "film_001"}, headers=headers)
            assert answer.status_code == 403


async def test_a_notice_is_read_by_opening_it(stocked: TwoSites) -> None:
    stores = stocked.platform.stores
    notices = Notices(stores.database, stores.jobs, stores.clock)
    async with person(stocked.platform, "north.example") as viewer, person(stocked.platform, "north.example") as other:
        await viewer.api("PUT", "/watchlist/film_001", {})
        await other.api("PUT", "/watchlist/film_001", {})
        viewer_id = await _viewer_of(stocked, viewer)
        for _ in range(2):
            await notices.tell(
                stocked.north.scope, viewer_id, "report", key="r1", text="It was\nmended", url="/title/x"
            )
        page = await viewer.page("/notices")
        assert page.count('class="notice fresh"') == 1
        assert "It was mended" in page
        found = re.search(r'href="(/notices/[0-9a-f]{32})"', page)
        assert found is not None
        assert (await other("GET", found[1])).status_code == 404
        opened = await viewer("GET", found[1])
        assert (opened.status_code, opened.headers["location"]) == (303, "/title/x")
        assert 'class="notice fresh"' not in await viewer.page("/notices")


async def test_the_public_feed_has_the_newest_titles_and_is_well_formed(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as reader, person(stocked.platform, "south.example") as south:
        answer = await reader("GET", "/feed.atom")
        assert answer.headers["content-type"].startswith("application/atom+xml")
        titles = [entry.findtext(f"{ATOM}title") for entry in ET.fromstring(answer.content).iter(f"{ATOM}entry")]
        assert "<b>Tide & Time</b>" in titles
        empty = ET.fromstring((await south("GET", "/feed.atom")).content)
        assert list(empty.iter(f"{ATOM}entry")) == []


async def test_a_feed_of_ones_own_opens_by_its_token_until_a_new_one_is_made(stocked: TwoSites) -> None:
    async with (
        person(stocked.platform, "north.example") as viewer,
        person(stocked.platform, "north.example") as reader,
        person(stocked.platform, "south.example") as south,
    ):
        await viewer.submit("/notices", action="feed")
        first = (await viewer.api("GET", "/notices/settings"))["feed"]
        assert (await reader("GET", first)).status_code == 200
        assert (await south("GET", first)).status_code == 404
        second = (await viewer.api("POST", "/notices/feed"))["feed"]
        assert (await reader("GET", first)).status_code == 404
        assert (await reader("GET", second)).status_code == 200
        assert (await reader("GET", "/feeds/x")).status_code == 404


async def test_stopping_letters_takes_no_cookie_and_any_token(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as provider:
        assert "No more letters?" in await provider.page("/notices/stop/whatever")
        headers = {"sec-fetch-site": "cross-site", "origin": "https://mail.example"}
        answer = await provider(
            "POST", "/notices/stop/whatever", data={"List-Unsubscribe": "One-Click"}, headers=headers
        )
        assert answer.status_code == 200
        assert provider.cookies == {}


async def test_an_invitation_is_remembered_once_and_says_nothing_of_who_invites(
    stocked: TwoSites, tmp_path: Path
) -> None:
    users = [{"_id": 7, "type": "telegram", "referral": {"code": "john_x"}}]
    users += [{"_id": 8, "type": "telegram", "referral": {"code": "jane_x"}}]
    stores = stocked.platform.stores
    await take_in(stores, Target.tenant(stocked.north.scope), "users", users, tmp_path / "u")
    async with person(stocked.platform, "north.example") as guest, person(stocked.platform, "south.example") as south:
        for path in ("/invite/nobodys", "/invite/x%20y", "/invite/john_x"):
            answer = await guest("GET", path)
            assert (answer.status_code, answer.headers["location"]) == (303, "/")
        assert guest.cookies == {"__Host-referral": "john_x"}
        await guest("GET", "/invite/jane_x")
        assert guest.cookies == {"__Host-referral": "john_x"}
        await south("GET", "/invite/john_x")
        assert south.cookies == {}


async def test_guests_make_no_links(stocked: TwoSites) -> None:
    async with person(stocked.platform, "north.example") as guest:
        assert (await guest.submit("/invite")).status_code == 403
        answer = await guest("POST", "/api/v1/referral")
        assert (answer.status_code, answer.json()["type"]) == (403, "urn:marquee:problem:sign-in-first")
        assert (await guest("GET", "/api/v1/referral")).status_code == 403


async def test_who_has_signed_in_gets_a_link(stocked: TwoSites, tmp_path: Path) -> None:
    stores = stocked.platform.stores
    await take_in(stores, Target.tenant(stocked.north.scope), "users", [{"_id": 7, "type": "telegram"}], tmp_path / "u")
    cookie = await stores.sessions.open_session(stocked.north.scope, 7, "tests")
    async with person(stocked.platform, "north.example") as viewer:
        viewer.cookies["__Host-session"] = cookie
        assert (await viewer.api("GET", "/referral"))["code"] is None
        assert (await viewer.submit("/invite")).status_code == 303
        made = await viewer.api("POST", "/referral")
        assert made["url"] in await viewer.page("/invite")


async def _viewer_of(sites: TwoSites, viewer: Person) -> Any:
    found = await sites.platform.stores.sessions.current_viewer(sites.north.scope, viewer.cookies["__Host-session"])
    assert found is not None
    return found.id
