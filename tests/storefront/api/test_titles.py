"""The library over HTTP: lists, one title, what to narrow by, and bad questions."""

from collections.abc import Callable

import pytest

from storage.scope import PlatformScope, TenantScope
from tests.content.conftest import Importing
from tests.content.samples import MANGA, MOVIE, SERIES, film
from tests.storefront.api.conftest import Site

Sites = Callable[..., Site]


async def test_a_site_lists_its_titles_page_by_page(
    importing: Importing, sites: Sites, scope_a: TenantScope, platform: PlatformScope
) -> None:
    await importing(scope_a, [film(number) for number in range(5)])
    await importing(platform, [film(number) for number in range(3, 8)])
    site = sites(scope_a)
    ids: list[str] = []
    path = "/api/v1/titles?sort=title&limit=3"
    after = ""
    while True:
        answer = await site.get(path + after)
        assert answer.status_code == 200
        assert answer.headers["cache-control"] == "no-store"
        ids += [title["id"] for title in answer.json()["titles"]]
        if answer.json()["next"] is None:
            break
        after = f"&after={answer.json()['next']}"
    assert ids == [f"film_{number:03}" for number in range(8)]


async def test_a_title_opens_by_id_and_by_slug_with_its_qualities(
    importing: Importing, sites: Sites, scope_a: TenantScope
) -> None:
    await importing(scope_a, [MOVIE, film(1)])
    site = sites(scope_a)
    movie = (await site.get("/api/v1/titles/tmdb_10378")).json()
    assert movie == (await site.get("/api/v1/titles/v7K1wP2")).json()
    assert (movie["id"], movie["slug"], movie["url"]) == ("tmdb_10378", "v7K1wP2", "/title/v7K1wP2")
    assert movie["qualities"] == [
        {
            "id": "0",
            "quality": "2160p",
            "label": "4K HDR",
            "playable": False,
            "mime": None,
            "size_bytes": None,
            "reason": "its origin message is not known",
        }
    ]
    assert movie["intro"] == {"start": 90.0, "end": 150.0}
    assert movie["subtitles"] == [{"lang": "eng", "index": 3}, {"lang": "spa", "index": 4}]
    (quality,) = (await site.get("/api/v1/titles/film_001")).json()["qualities"]
    assert (quality["playable"], quality["mime"], quality["size_bytes"]) == (True, "video/mp4", 1_000_000)
    listed = (await site.get("/api/v1/titles?q=bunny")).json()
    assert [title["id"] for title in listed["titles"]] == ["tmdb_10378"]


async def test_no_answer_names_what_telegram_knows(importing: Importing, sites: Sites, scope_a: TenantScope) -> None:
    await importing(scope_a, [MOVIE, film(1), SERIES, MANGA])
    site = sites(scope_a)
    for path in ("titles", "titles/film_001", "titles/tmdb_1399", "titles/manga_sample", "titles?q=film", "genres"):
        answer = await site.get(f"/api/v1/{path}")
        assert answer.status_code == 200
        for secret in ("access_hash", "file_reference", "060000aa", "BAACAg", "-1001234567890", "file_id", "_marquee"):
            assert secret not in answer.text


async def test_genres_and_years_are_those_of_the_site(
    importing: Importing, sites: Sites, scope_a: TenantScope, scope_b: TenantScope, platform: PlatformScope
) -> None:
    await importing(platform, [MOVIE, film(1, genres=["Horror"])])
    await importing(scope_b, [film(2, genres=["Western"])])
    answer = (await sites(scope_a, genres_block=("horror",)).get("/api/v1/genres")).json()
    assert answer["genres"] == [
        {"key": "animation", "name": "Animation", "count": 1},
        {"key": "comedy", "name": "Comedy", "count": 1},
    ]
    assert answer["years"] == [{"key": "2008", "name": "2008", "count": 1}]


@pytest.mark.parametrize(
    "query",
    [
        "year=x",
        "year=2_008",
        "year=٢٠٠٨",
        "year=-1",
        "year=0",
        "year=20080",
        "year=",
        "limit=0",
        "limit=101",
        "limit=1e1",
        "sort=_id",
        "sort=",
        "media_type=film",
        "after=AAAA",
        "after=%00",
        "after=" + "A" * 3000,
        "q=bunny&after=AAAA",
        "q=" + "x" * 201,
        "genre=" + "x" * 81,
    ],
)
async def test_a_bad_question_is_told_so(sites: Sites, scope_a: TenantScope, query: str) -> None:
    answer = await sites(scope_a).get(f"/api/v1/titles?{query}")
    assert answer.status_code == 400
    assert answer.headers["content-type"] == "application/problem+json"
    assert answer.json()["status"] == 400
    assert answer.json()["detail"]


@pytest.mark.parametrize("query", ["q=", "q=%00", "q=%22", "genre=", "genre=%24where", "unknown=1", "year=2008&year=9"])
async def test_an_odd_question_has_an_ordinary_answer(sites: Sites, scope_a: TenantScope, query: str) -> None:
    answer = await sites(scope_a).get(f"/api/v1/titles?{query}")
    assert (answer.status_code, answer.json()) == (200, {"titles": [], "next": None})


@pytest.mark.parametrize("title_id", ["nope", "%00", "$where", "9" * 30, "...", "a" * 2000, "%FF"])
async def test_a_title_that_is_not_there_is_a_404(sites: Sites, scope_a: TenantScope, title_id: str) -> None:
    answer = await sites(scope_a).get(f"/api/v1/titles/{title_id}")
    assert answer.status_code == 404
    assert answer.json()["status"] == 404


async def test_the_api_describes_itself(sites: Sites, scope_a: TenantScope) -> None:
    answer = await sites(scope_a).get("/api/v1/openapi.json")
    assert answer.status_code == 200
    described = answer.json()
    assert described["openapi"].startswith("3.1")
    operations = {
        (method, path): operation
        for path, methods in described["paths"].items()
        for method, operation in methods.items()
        if method in ("get", "post", "delete")
    }
    assert set(operations) >= {
        ("get", "/api/v1/titles"),
        ("get", "/api/v1/titles/{title_id}"),
        ("get", "/api/v1/genres"),
        ("post", "/api/v1/titles/{title_id}/play"),
        ("post", "/api/v1/leases/{lease_id}"),
        ("delete", "/api/v1/leases/{lease_id}"),
    }
    for operation in operations.values():
        failures = {status: each for status, each in operation["responses"].items() if int(status) >= 400}
        assert "503" in failures
        if "200" in operation["responses"]:
            assert operation["responses"]["200"]["content"]["application/json"]["examples"]
        assert all("application/problem+json" in each["content"] for each in failures.values())
        assert all(each["content"]["application/problem+json"]["examples"] for each in failures.values())
