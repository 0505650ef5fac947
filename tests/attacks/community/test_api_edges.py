"""What the API answers to what it does not know: a problem, whoever asks, and never a page or an error of ours."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator
from typing import Any, Final
from urllib.parse import quote

import httpx
import pytest

from tests.storefront.community.conftest import FILM, Town
from tests.storefront.conftest import TwoSites
from tests.storefront.people import person

PROBLEM: Final = "application/problem+json"
PAGE: Final = {"accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.8"}
OPERATORS: Final = ("$ne", "$where", "$regex", '{"$gt":""}', "_id.owner", "film_001.title", "tenant:south", ".*", "\\")
NESTED: Final = (
    {"target_id": {"$ne": 1}, "body": "x"},
    {"target_id": ["film_001"], "body": "x"},
    {"target_id": "film_001", "body": {"$gt": ""}},
    {"target_id": "film_001", "body": "x", "reply_to": {"$ne": None}},
    {"target_id": "film_001", "body": "x", "$where": "1"},
    {"target_id": "film_001", "body": "x", "_marquee.status": "active"},
    {"target_id": "film_001", "body": "x", "_marquee": {"status": "active"}, "likes": 9},
)


def is_problem(answer: httpx.Response, status: int) -> bool:
    """Whether it is RFC 9457 of this status, in the head and in the body."""
    told = answer.headers["content-type"] == PROBLEM and answer.json()["status"] == status
    return told and answer.status_code == status


@pytest.mark.parametrize(
    "path",
    ["/api", "/api/", "/api/v2/titles", "/api/v1/nothing", "/api/v1/nothing/at/all", "/api/v1/..%2f", "/api/v1/%00"],
)
async def test_an_unknown_address_of_the_api_is_a_problem_for_everybody(two_sites: TwoSites, path: str) -> None:
    async with two_sites.platform.client("north.example") as client:
        for method in ("GET", "POST", "PUT", "DELETE"):
            for headers in ({}, PAGE, {"accept": ""}, {"accept": "*/*;q=0"}, {"accept": "image/" + "x" * 20_000}):
                answer = await client.request(method, path, headers=headers)
                assert is_problem(answer, 404), (method, headers, answer.text[:200])
        assert (await client.head(path)).status_code == 404


async def test_the_description_is_there_under_its_addresses_alone(two_sites: TwoSites) -> None:
    async with two_sites.platform.client("north.example") as client:
        for path in ("/api/v1", "/api/v1/", "/api/v1/openapi.json"):
            told = await client.get(path, headers=PAGE)
            assert (told.status_code, told.json()["openapi"][:3]) == (200, "3.1")
            assert is_problem(await client.request("DELETE", path, headers=PAGE), 405)


@pytest.mark.parametrize("method", ["DELETE", "PATCH", "TRACE", "PROPFIND"])
async def test_a_method_that_is_not_there_is_a_problem_that_names_those_that_are(
    two_sites: TwoSites, method: str
) -> None:
    async with two_sites.platform.client("north.example") as client:
        answer = await client.request(method, "/api/v1/titles", headers=PAGE)
        assert is_problem(answer, 405)
        assert "GET" in answer.headers["allow"]


async def test_operators_are_words_like_any_other(town: Town) -> None:
    client = town.ann.client
    everything = (await client.get("/api/v1/titles")).json()
    for word in OPERATORS:
        for field in ("genre", "author", "franchise"):
            found = await client.get("/api/v1/titles", params={field: word})
            assert (found.status_code, found.json()["titles"]) == (200, []), (field, word)
            bracketed = await client.get(f"/api/v1/titles?{field}[{quote(word)}]=1")
            assert bracketed.json() == everything, "a name that nobody knows narrows and widens nothing"
        for field in ("media_type", "sort", "year", "limit", "after"):
            assert is_problem(await client.get("/api/v1/titles", params={field: word}), 400), (field, word)
        for path in (f"titles/{quote(word, safe='')}", f"comments?target_id={quote(word, safe='')}"):
            answer = await client.get(f"/api/v1/{path}")
            assert (answer.status_code, answer.headers["content-type"]) == (404, PROBLEM)
    for body in NESTED:
        assert is_problem(await town.ann("POST", "/api/v1/comments", json=body), 400), body
    assert (await town.listed(town.ann))["count"] == 0


@pytest.mark.parametrize(
    "text",
    ["((((((((", "AND OR NOT", "title:*", '"', "owner:*", "+-/*", "\\", "[a TO z]", "*:*", "^2", "~~", "a" * 200],
)
async def test_a_search_has_no_language(town: Town, text: str) -> None:
    client = town.ann.client
    for path in ("titles", "suggestions", "search/kinds"):
        answer = await client.get(f"/api/v1/{path}", params={"q": text})
        assert answer.status_code == 200
        assert "Southern" not in answer.text
    assert (await client.get("/search", params={"q": text}, headers=PAGE)).status_code == 200


@pytest.mark.parametrize("path", ["suggestions", "search/kinds"])
async def test_a_flood_of_typing_is_told_to_wait_and_harms_nobody_else(two_sites: TwoSites, path: str) -> None:
    platform = two_sites.platform
    async with person(platform, "north.example") as ann, person(platform, "north.example", address="10.9.8.7") as bob:
        # All that may be typed in ten minutes: nothing of it comes back while the test runs, however slowly.
        await platform.stores.limits.take(two_sites.north.scope, "typing", "127.0.0.1", limit=1, window_seconds=600)
        late = await ann("GET", f"/api/v1/{path}?q=a")
        assert late.status_code == 429
        assert int(late.headers["retry-after"]) >= 1
        assert (await bob("GET", f"/api/v1/{path}?q=a")).status_code == 200
        async with person(platform, "south.example") as sue:
            assert (await sue("GET", f"/api/v1/{path}?q=a")).status_code == 200


@pytest.mark.parametrize(
    "body",
    [
        b"[" * 50_000,
        b'{"a":' * 9_000,
        b'{"target_id":"film_001","body":"\xff\xfe"}',
        b"\xff",
        b'{"target_id":"film_001","body":"x"} trailing',
        b'{"target_id":"film_001","target_id":"nothing","body":"x"',
        b"\x00" * 100,
        b'{"target_id": NaN}',
        b"9" * 60_000,
    ],
    ids=["arrays", "objects", "no UTF-8", "a byte", "more after it", "unfinished", "NULs", "NaN", "digits"],
)
async def test_a_body_that_is_no_comment_is_refused(town: Town, body: bytes) -> None:
    answer = await town.ann(
        "POST", "/api/v1/comments", content=body, headers={"content-type": "application/json", **PAGE}
    )
    assert is_problem(answer, 400), answer.text[:300]


async def test_a_body_query_or_head_without_end_is_refused_and_not_read(town: Town) -> None:
    big = json.dumps({"target_id": FILM, "body": "x" * 100_000}).encode()
    sent: dict[str, Any] = {"content": big, "headers": {"content-type": "application/json"}}
    assert is_problem(await town.ann("POST", "/api/v1/comments", **sent), 413)
    assert is_problem(await town.ann("GET", "/api/v1/titles?q=" + "a" * 60_000), 400)
    assert (await town.ann("GET", "/api/v1/titles?" + "a=1&" * 15_000)).status_code == 200
    assert (await town.ann("GET", "/api/v1/titles", headers={"x-odd": "x" * 50_000})).status_code == 200
    cookies = "; ".join(f"a{number}=1" for number in range(3_000))
    assert (await town.ann("GET", "/api/v1/titles", headers={"cookie": cookies})).status_code == 200


async def test_an_unannounced_body_without_end_is_not_read(town: Town) -> None:
    read = 0

    async def without_end() -> AsyncIterator[bytes]:
        nonlocal read
        while read < 64 << 20:
            read += 65_536
            yield b" " * 65_536

    answer = await town.ann.client.post(
        "/api/v1/comments", content=without_end(), headers={"content-type": "application/json"}
    )
    assert answer.status_code in (400, 413)
    assert read < 4 << 20
