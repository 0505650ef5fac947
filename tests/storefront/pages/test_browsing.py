"""Home, browse and search."""

import re
from typing import Any

import httpx
import pytest

from storage.scope import TenantScope
from tests.storefront.pages.conftest import Import
from tests.storefront.pages.titles import film


def slugs(html: str) -> list[str]:
    return re.findall(r'<a class="card" href="/title/(\w+)"', html)


async def test_an_empty_site_has_a_home_that_says_so(client: httpx.AsyncClient) -> None:
    answer = await client.get("/")
    assert answer.status_code == 200
    assert "The first titles are on their way" in answer.text
    assert "Nachtkino" in answer.text


async def test_home_shows_a_film_large_and_the_others_in_rows(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, *(film(number) for number in range(8)), film(8, rating=9.9, overview="The best of all."))
    html = (await client.get("/")).text
    assert 'href="/watch/film0008"' in html
    assert "The best of all." in html
    assert set(slugs(html)) == {f"film{number:04}" for number in range(9)}


SERIES: dict[str, Any] = {"_id": "tmdb_1399", "short_id": "series1", "media_type": "series", "title": "A Series"}


async def test_every_kind_has_its_cards_and_can_be_browsed_alone(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1), SERIES)
    for url in ("/", "/browse", "/browse?kind=series"):
        assert "/title/series1" in (await client.get(url)).text
    assert "/title/series1" not in (await client.get("/browse?kind=movie")).text
    assert "/title/film0001" not in (await client.get("/browse?kind=series")).text
    assert (await client.get("/browse?kind=opera")).status_code == 400


async def test_a_series_page_lists_a_season_and_leads_to_its_episodes(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    seasons = {"2": [{"episode": 1, "title": "Second Pilot"}], "1": [{"episode": 1, "title": "Pilot"}]}
    await importing(scope_a, {**SERIES, "seasons": seasons, "franchise": "Salt"}, film(1, franchise="Salt"))
    html = (await client.get("/title/series1")).text
    for text in ("2 seasons, 2 episodes", "Pilot", "Not ready", "Of the same world", "/title/film0001"):
        assert text in html
    assert "Second Pilot" not in html
    assert "Second Pilot" in (await client.get("/title/series1?season=2")).text
    assert "Pilot" in (await client.get("/title/series1?season=7")).text, "a season that is not there shows another"
    assert (await client.get("/title/series1?season=x")).status_code == 400


async def test_browse_follows_its_cursor_to_the_end_and_shows_each_film_once(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, *(film(number) for number in range(80)))
    url: str | None = "/browse?sort=title"
    seen: list[str] = []
    while url:
        html = (await client.get(url)).text
        seen += slugs(html)
        more = re.search(r'href="([^"]+)" data-load-more', html)
        url = more[1].replace("&amp;", "&") if more else None
    assert sorted(seen) == [f"film{number:04}" for number in range(80)]


async def test_filters_of_the_url_are_those_of_the_page(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, *(film(number) for number in range(30)))
    html = (await client.get("/browse?genre=drama&year=2003&sort=rating")).text
    assert sorted(slugs(html)) == ["film0003", "film0023"]
    assert '<h1 class="display">Drama</h1>' in html
    assert '<option value="2003" selected>' in html
    assert '<option value="rating" selected>' in html
    assert 'href="/browse?genre=Comedy&amp;year=2003&amp;sort=rating"' in html


async def test_filters_that_nothing_fits_offer_a_way_out(client: httpx.AsyncClient) -> None:
    html = (await client.get("/browse?genre=Nothing&year=1901")).text
    assert "Nothing matches" in html
    assert 'href="/browse"' in html


@pytest.mark.parametrize(
    "query",
    ["year=abcd", "year=١٩٩٩", "year=20001", "sort=size", "after=zzz", "after=" + "a" * 3000, "genre=" + "g" * 3000],
)
async def test_a_bad_filter_is_a_400_in_the_tenants_theme(client: httpx.AsyncClient, query: str) -> None:
    answer = await client.get(f"/browse?{query}")
    assert answer.status_code == 400
    assert "Nachtkino" in answer.text


async def test_search_finds_words_and_escapes_them(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1, title="The Salt Road"), film(2, title="Paper Moons"))
    html = (await client.get("/search", params={"q": "salt"})).text
    assert slugs(html) == ["film0001"]
    assert "1 title" in html
    html = (await client.get("/search", params={"q": '"><script>alert(1)</script>'})).text
    assert "<script>alert" not in html
    assert "Nothing found" in html


async def test_search_without_words_suggests_something(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1))
    for url in ("/search", "/search?q=", "/search?q=%20%20"):
        html = (await client.get(url)).text
        assert slugs(html) == ["film0001"]
        assert "Nothing found" not in html


async def test_one_tenants_films_are_not_on_anothers_site(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1, title="The Salt Road"))
    other = {"host": "other.example"}
    for url in ("/", "/browse", "/search?q=salt"):
        assert "film0001" not in (await client.get(url, headers=other)).text
    for url in ("/title/film0001", "/title/tmdb_1", "/watch/film0001", "/art/film0001/poster"):
        assert (await client.get(url, headers=other)).status_code == 404


@pytest.mark.parametrize("path", ["/", "/browse", "/search", "/robots.txt", "/favicon.svg", "/manifest.webmanifest"])
async def test_a_head_is_a_get_without_its_body(client: httpx.AsyncClient, path: str) -> None:
    whole, head = await client.get(path), await client.head(path)
    assert (head.status_code, head.content) == (200, b"")
    assert head.headers["content-type"] == whole.headers["content-type"]
    assert whole.headers["content-type"].count("charset") <= 1


async def test_a_wrong_method_and_a_wrong_path_are_told_in_the_theme(client: httpx.AsyncClient) -> None:
    for answer, status in ((await client.get("/nowhere"), 404), (await client.post("/browse"), 405)):
        assert answer.status_code == status
        assert "Nachtkino" in answer.text
        assert "/assets/nocturne-" in answer.text
        assert answer.headers["content-security-policy"]
