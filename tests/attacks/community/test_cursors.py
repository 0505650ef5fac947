"""Cursors are no secret: whoever writes their own gets a place in a list that they may read, or a refusal."""

from __future__ import annotations

import asyncio
import base64
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from content.importing.target import Target
from tests.content.samples import film
from tests.storefront.community.conftest import FILM, Town
from tests.storefront.people import Person
from tests.storefront.takedowns.conftest import NOTICE
from tests.support.platform import ACTOR, take_in

SEAL = b"\0" * 12
ODD: tuple[Any, ...] = (
    *(2**60, 2**63, -(2**63) - 1, 2**64, 10**40, 1e308, -1e308, 0, -1, 0.5, True, None),
    *("", "\x00", "x" * 1_200, "$ne", "\ud800", "\u202e", "9999-99-99", "0001-01-01T00:00:00Z", "not a date"),
    *([], {}, {"$gt": ""}, [[[]]], [1, 2, 3, 4, 5]),
)


def sealed(*_: object) -> bytes:
    """The seal of whoever knows how it is made."""
    return SEAL


def forged(body: Any) -> str:
    """A cursor that says so, sealed as the patched seal seals."""
    text = json.dumps(body).encode()
    return base64.urlsafe_b64encode(SEAL + text).decode().rstrip("=")


def body_of(cursor: str) -> Any:
    """What a cursor says."""
    return json.loads(base64.urlsafe_b64decode(cursor + "=" * (-len(cursor) % 4))[12:])


def mutants(body: Any) -> Iterator[Any]:
    """The body with each of its parts odd in turn, and with parts missing or more."""
    yield from ODD
    if isinstance(body, list):
        yield body[:-1]
        yield [*body, *body]
        for place, inner in enumerate(body):
            yield from ([*body[:place], odd, *body[place + 1 :]] for odd in mutants(inner))
    elif isinstance(body, dict):
        for name, inner in body.items():
            yield {key: value for key, value in body.items() if key != name}
            yield from ({**body, name: odd} for odd in mutants(inner))


async def next_of(who: Person | httpx.AsyncClient, address: str) -> str:
    """The cursor of the list's first page; a search finds what was brought in a moment after."""
    async with asyncio.timeout(10):
        while True:
            answer = await (who("GET", address) if isinstance(who, Person) else who.get(address))
            assert answer.status_code == 200, (address, answer.text)
            cursor: str | None = answer.json()["next"]
            if cursor is not None:
                return cursor
            await asyncio.sleep(0.05)


LISTS = [
    *(f"/api/v1/titles?limit=1&sort={sort}" for sort in ("recent", "title", "year", "rating")),
    "/api/v1/titles?limit=1&q=film",
    *(f"/api/v1/comments?target_id={FILM}&limit=1&sort={sort}" for sort in ("new", "old", "top", "timeline")),
    "/api/v1/history?limit=1",
    "/api/v1/watchlist?limit=1",
    "/api/v1/collections?limit=1",
    "/api/v1/collections/picks1?limit=1",
]
STAFF = ["/api/v1/staff/comments?status=active&limit=1", "/api/v1/staff/takedowns?limit=1"]
LONG: dict[str, Any] = {
    "/api/v1/reports?a=1": [[1_700_000_000_000], ""],
    "/api/v1/staff/reports?a=1": [[1_700_000_000_000], "rep_1"],
    "/api/v1/comments/comment_x8s9d/replies?a=1": [[1_700_000_000_000], "comment_x"],
    "/api/v1/comments/mine?a=1": [[1_700_000_000_000], "comment_x"],
    "/api/v1/notices?a=1": {"at": 1_700_000_000_000, "key": "k"},
    "/api/v1/titles/tmdb_1399/episodes?a=1": [1.0, 1.0],
    "/api/v1/titles/manga_sample/chapters?a=1": [1.0, 0],
}
"""Lists that go on only after more than a test makes, and what their cursors say."""


async def lived(town: Town, folder: Path) -> httpx.AsyncClient:
    """Two of everything that is listed; gives a client of the staff."""
    stores, scope = town.sites.platform.stores, town.sites.north.scope
    place = Target.tenant(scope)
    await take_in(stores, place, "library", [film(number) for number in range(10, 14)], folder)
    picks = [
        {"_id": f"picks{number}", "name": f"Picks {number}", "titles": ["film_010", "film_011"]} for number in (1, 2)
    ]
    await take_in(stores, place, "collections", picks, folder)
    for number in (10, 11):
        town.clock.advance(30)
        await town.say(town.ann, f"Said {number}", timestamp=number)
        sent: dict[str, Any] = {"session": "tab", "at": 1, "position_seconds": 60, "duration_seconds": 600}
        await town.ann("PUT", f"/api/v1/progress/film_0{number}", json=sent)
        await town.ann("PUT", f"/api/v1/watchlist/film_0{number}", json={"notify": True})
        await town.ann("POST", "/api/v1/reports", json={"target_id": f"film_0{number}", "issue": "dead_link"})
        await town.ann("POST", "/api/v1/takedowns", json=NOTICE)
    owner = await stores.staff.create(scope, "Own", "owner", actor=ACTOR)
    town.staff.headers["authorization"] = f"Bearer {owner.token}"
    return town.staff


async def test_no_forged_cursor_is_an_error_of_ours(
    town: Town, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    staff = await lived(town, tmp_path)
    broken: list[str] = []
    asked = 0
    cookie = {"cookie": "; ".join(f"{key}={value}" for key, value in town.ann.cookies.items())}
    with monkeypatch.context() as patched:
        patched.setattr("content.cursors._digest", sealed)
        bodies = dict(LONG)
        for address in [*LISTS, *STAFF]:
            bodies[address] = body_of(await next_of(staff if address in STAFF else town.ann, address))
        for address, good in bodies.items():
            client, headers = (staff, {}) if "/staff/" in address else (town.ann.client, cookie)
            for body in [good, *mutants(good)]:
                answer = await client.get(f"{address}&after={forged(body)}", headers=headers)
                asked += 1
                if answer.status_code not in ((200,) if body is good else (200, 400)):
                    broken.append(f"{answer.status_code} {address} {str(body)[:100]} {answer.text[:100]}")
    assert asked > 500
    assert broken == []


async def test_a_cursor_continues_its_own_list_on_its_own_site_alone(town: Town, tmp_path: Path) -> None:
    staff = await lived(town, tmp_path)
    cursors = {address: await next_of(town.ann, address) for address in LISTS}
    cursors |= {address: await next_of(staff, address) for address in STAFF}
    for address in LISTS:
        for other, cursor in cursors.items():
            answer = await town.ann("GET", f"{address}&after={cursor}")
            assert answer.status_code == (200 if other == address else 400), (address, other)
        if address.startswith("/api/v1/titles"):
            assert (await town.sue("GET", f"{address}&after={cursors[address]}")).status_code == 400
