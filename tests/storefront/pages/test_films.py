"""A film's page and its player."""

import httpx
import pytest

from storage.scope import TenantScope
from tests.storefront.pages.conftest import Import
from tests.storefront.pages.titles import bucket, film


async def test_a_films_page_has_its_facts_and_its_versions(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    files = [bucket(1, "2160p", label="4K HDR"), bucket(2, "720p", label="HD", mime=None)]
    await importing(scope_a, film(1, overview="A road of salt.", files=files), film(3))
    html = (await client.get("/title/film0001")).text
    for text in ("Film number 1", "2001", "A road of salt.", "2160p", "4K HDR", "2.1 GB", "Drama"):
        assert text in html
    assert 'href="/watch/film0001?q=2160p"' in html
    assert "its file is missing" in html
    assert 'href="/title/film0003"' in html, "more of its genre"


async def test_a_films_id_leads_to_its_page(client: httpx.AsyncClient, importing: Import, scope_a: TenantScope) -> None:
    await importing(scope_a, film(1))
    answer = await client.get("/title/tmdb_1")
    assert (answer.status_code, answer.headers["location"]) == (308, "/title/film0001")


@pytest.mark.parametrize(
    ("changed", "said"),
    [
        ({"files": []}, "No version of it has arrived yet"),
        ({"files": [bucket(1, tg_raw={"file_reference": "no hex"})]}, "None of its versions is ready yet"),
        ({"status": "repairing"}, "being repaired"),
    ],
)
async def test_a_film_that_cannot_be_played_says_why(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope, changed: dict[str, object], said: str
) -> None:
    await importing(scope_a, film(1, **changed))
    answer = await client.get("/title/film0001")
    assert answer.status_code == 200
    assert said in answer.text
    assert "/watch/film0001" not in answer.text
    back = await client.get("/watch/film0001")
    assert (back.status_code, back.headers["location"]) == (303, "/title/film0001")


@pytest.mark.parametrize(
    "path", ["/title/gone", "/watch/gone", "/title/%00", "/title/..%2f..%2fetc", "/title/" + "x" * 4000]
)
async def test_a_film_that_is_not_there_is_a_404_in_the_theme(client: httpx.AsyncClient, path: str) -> None:
    answer = await client.get(path)
    assert answer.status_code == 404
    assert "Nachtkino" in answer.text


async def test_odd_values_make_a_page_all_the_same(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    odd = {
        "_id": 42,
        "short_id": "oddfilm",
        "media_type": "movie",
        "title": "<b>" + "Donaudampfschifffahrtsgesellschaft" * 5,
        "year": "soon",
        "rating": "excellent",
        "genres": "Drama",
        "files": "none",
        "intro_timings": {"start": 90, "end": 20, "votes": 9},
        "visuals": [],
    }
    await importing(scope_a, odd)
    for url in ("/", "/browse", "/title/oddfilm", "/title/42"):
        answer = await client.get(url)
        assert answer.status_code in (200, 308)
        assert "<b>Donau" not in answer.text


async def test_the_player_knows_where_to_ask(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1))
    answer = await client.get("/watch/film0001?q=720p")
    assert 'data-play="/api/v1/titles/film0001/play"' in answer.text
    assert 'data-quality="720p"' in answer.text
    assert 'data-intro="/api/v1/titles/film0001/intro"' in answer.text


async def test_only_the_players_page_may_style_inline(
    client: httpx.AsyncClient, importing: Import, scope_a: TenantScope
) -> None:
    await importing(scope_a, film(1))
    watch = (await client.get("/watch/film0001")).headers["content-security-policy"]
    title = (await client.get("/title/film0001")).headers["content-security-policy"]
    assert "'unsafe-inline'" not in title
    assert watch.count("'unsafe-inline'") == 1
    assert "style-src 'self' 'unsafe-inline'" in watch
    assert "script-src 'self';" in watch
