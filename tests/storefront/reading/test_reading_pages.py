"""The reader's page and the comic's own."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from content.importing.target import Target
from tenancy.resolver import platform_scope
from tests.storefront.conftest import TwoSites
from tests.storefront.people import Person, person
from tests.storefront.reading.conftest import book, chapter
from tests.support.platform import take_in

pytestmark = pytest.mark.anyio
HTML = {"accept": "text/html"}


async def read(someone: Person, chap: str, page: int, pages: int = 6) -> None:
    """Somebody settles on a page."""
    body = {"session": f"tab-{chap.replace('.', '-')}", "at": page, "page": page, "pages": pages, "age_seconds": 0}
    answer = await someone("PUT", f"/api/v1/progress/book_keeper1%23c{chap}", json=body)
    assert answer.status_code == 200, answer.text


async def test_the_reader_is_a_strip_of_images_with_links_around_it(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader:
        html = await reader.page("/read/keeper1/1.5")
        assert len(re.findall(r'<img src="/pages/[^"]+/\d"', html)) == 6
        assert 'alt="Page 6 of 6"' in html
        assert 'href="/read/keeper1/1" ' in html
        assert 'href="/read/keeper1/2" ' in html
        assert 'data-target="book_keeper1#c1.5"' in html
        assert reader.cookies == {}


@pytest.mark.parametrize(
    "path", ["/read/keeper1/c1.5", "/read/book_keeper1/1.5", "/read/keeper1/1.50", "/read/keeper1/01.5"]
)
async def test_every_spelling_leads_to_one_address(shelf: TwoSites, path: str) -> None:
    async with person(shelf.platform, "north.example") as reader:
        answer = await reader("GET", path, headers=HTML)
        assert (answer.status_code, answer.headers["location"]) == (308, "/read/keeper1/1.5")


@pytest.mark.parametrize("path", ["/read/nothing/1", "/read/keeper1/9", "/read/keeper1/nine", "/read/northbk/7"])
async def test_what_is_not_on_the_site_is_a_page_that_says_so(shelf: TwoSites, path: str) -> None:
    async with person(shelf.platform, "south.example") as reader:
        assert (await reader("GET", path, headers=HTML)).status_code == 404


async def test_a_chapter_that_cannot_be_read_says_why_and_leads_on(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader:
        html = await reader.page("/read/keeper1/3")
        assert "This chapter cannot be read right now" in html
        assert "<img" not in html
        assert 'href="/read/keeper1/2"' in html


async def test_reading_begins_where_it_was_left_and_the_comic_s_page_knows(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader:
        html = await reader.page("/title/keeper1")
        assert ">Read</a>" in html
        await read(reader, "1", 3, 3)
        await read(reader, "1.5", 2)
        assert 'data-page="2"' in await reader.page("/read/keeper1/1.5")
        assert 'data-page=""' in await reader.page("/read/keeper1/1"), "one that was read begins anew"
        html = await reader.page("/title/keeper1")
        assert ">Go on with 1.5</a>" in html
        assert re.findall(r'<li class="chapter([^"]*)">', html) == [" read", " begun", "", ""]


async def test_genres_say_how_a_series_is_read(shelf: TwoSites) -> None:
    async with person(shelf.platform, "north.example") as reader:
        assert 'data-direction="rtl"' in await reader.page("/read/foxwind/1")
        assert 'data-direction=""' in await reader.page("/read/keeper1/1")


async def test_the_comic_s_page_orders_its_chapters_by_number(shelf: TwoSites) -> None:
    numbers = r'<span class="chapter-number">([\d.]+)</span>'
    async with person(shelf.platform, "north.example") as reader:
        assert re.findall(numbers, await reader.page("/title/keeper1")) == ["1", "1.5", "2", "3"]
        assert re.findall(numbers, await reader.page("/title/keeper1?order=newest")) == ["3", "2", "1.5", "1"]
        assert "No chapter has arrived yet." in await reader.page("/title/empty01")
        for odd in ("part=x", "part=-1", "order=up"):
            assert (await reader("GET", f"/title/keeper1?{odd}", headers=HTML)).status_code == 400


async def test_a_thousand_chapters_come_by_the_hundred(shelf: TwoSites, tmp_path: Path) -> None:
    long = book("longlng", "Long", [chapter(number, pages=1) for number in range(1, 1_001)])
    await take_in(shelf.platform.stores, Target.shared(platform_scope()), "library", [long], tmp_path / "long")
    async with person(shelf.platform, "north.example") as reader:
        html = await reader.page("/title/longlng")
        assert len(html) < 60_000
        assert html.count("/read/longlng/") == 101
        assert "1\u2013100" in html
        assert "901\u20131000" in html
        last = await reader.page("/title/longlng?part=10")
        assert "/read/longlng/1000" in last
        assert 'href="/title/longlng?part=10#chapters" aria-current="true"' in last
        assert await reader.page("/title/longlng?part=99") == last
        assert 'data-from="/title/longlng?part=5"' in await reader.page("/read/longlng/450")
