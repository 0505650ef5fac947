"""What somebody may not see, no route says: titles behind the age gate, and titles that were taken down.

Nothing is listed by hand: a visitor opens everything that the site leads to, and everybody asks every route for the
titles by their names. The visitor once saw it all, so that there is a history, a list, a comment and a notice of it.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final, cast

import httpx
import pytest
import redis
from litestar.types import ASGIApp
from msgspec import Struct
from pymongo import MongoClient

from content.importing.target import Target
from content.notices.telling import Notices
from tests.content.samples import MANGA, SERIES, film
from tests.journeys.crawling import Visit
from tests.journeys.values import Values
from tests.journeys.walking import Told, probes, walk
from tests.storefront.people import Person
from tests.storefront.takedowns.conftest import NOTICE
from tests.support.platform import ACTOR, Composed, composed, open_site, settings_of, take_in

HOST: Final = "hidden.example"
ADULT, GONE = "zqadult", "zqgone"
NAMED: Final = frozenset({"film_a", "series_a", "film_g"})
TITLES: Final = {"adult": ("film_a", "series_a", "manga_a"), "gone": ("film_g", "series_g", "manga_g")}
# What one was told oneself is one's own to take along.
EXPORT: Final = "/export"
pytestmark = pytest.mark.timeout(300)


class Site(Struct, frozen=True):
    """A site with secrets, and somebody who knew them."""

    platform: Composed
    redis_url: str
    client: httpx.AsyncClient
    person: Person
    names: Values

    def forget_limits(self) -> None:
        """Forgets how often the host was asked."""
        with redis.Redis.from_url(self.redis_url) as cache:
            for key in cache.scan_iter("t:*:limits:*"):
                cache.delete(key)


def shelf(mark: str, letter: str, **fields: Any) -> list[dict[str, Any]]:
    """A film, a series and a comic that say nothing but the mark."""
    words = {"overview": f"{mark} overview", "genres": [f"{mark} genre", "Drama"], "author": f"{mark} author"}
    common = {**words, "franchise": "Old Quay", "year": 1871, **fields}
    episode = {"episode": 1, "title": f"{mark} pilot", "file_id": "BAACAg", "quality": "1080p"}
    chapter = {"chap": 1.5, "title": f"{mark} chapter", "storage_id": "-100123", "pages": ["p1", "p2"]}
    return [
        {**film(70 + ord(letter)), **common, "_id": f"film_{letter}", "title": f"{mark} film"},
        {**SERIES, **common, "_id": f"series_{letter}", "title": f"{mark} series", "seasons": {"1": [episode]}},
        {**MANGA, **common, "_id": f"manga_{letter}", "title": f"{mark} comic", "chapters": [chapter]},
    ]


@pytest.fixture(scope="module")
async def site(tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str) -> AsyncIterator[Site]:
    database = f"marquee_hidden_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    folder = tmp_path_factory.mktemp("hidden")
    settings = settings_of(folder, mongodb_uri=mongodb_uri, redis_url=redis_url, database=database)
    async with AsyncExitStack() as stack:
        mongo = stack.enter_context(MongoClient[dict[str, object]](mongodb_uri))
        stack.callback(mongo.drop_database, database)
        platform = await stack.enter_async_context(composed(settings))
        tenant = await open_site(platform.stores, "hidden", HOST, theme="nocturne")
        everything = [*shelf(ADULT, "a", content_rating="18+"), *shelf(GONE, "g")]
        safe = [film(1, franchise="Old Quay"), film(2), film(3)]
        target = Target.tenant(tenant.scope)
        await take_in(platform.stores, target, "library", [*safe, *everything], folder)
        ids = [title for of_kind in TITLES.values() for title in of_kind]
        picks = {"_id": "picks", "name": "The picks", "titles": ["film_001", *ids]}
        await take_in(platform.stores, target, "collections", [picks], folder)
        client = await stack.enter_async_context(platform.client(HOST))
        person = Person(client)
        await person.submit("/age", declares="adult")
        names = await _live(platform, person, tenant.scope, ids)
        staff = await platform.stores.staff.create(tenant.scope, "Ann", "owner", actor=ACTOR)
        await _take_down(client, {"authorization": f"Bearer {staff.token}"})
        await person.submit("/age", declares="minor")
        assert (await person("GET", "/api/v1/titles/film_a")).status_code == 403
        yield Site(platform, redis_url, client, person, names)


async def _live(platform: Composed, person: Person, scope: Any, ids: list[str]) -> Values:
    """Somebody watches, keeps, votes on, reports and talks about everything; what each title is called."""
    names: Values = {}
    for title in ids:
        slug = (await person("GET", f"/api/v1/titles/{title}")).json()["slug"]
        unit = {"series": "#s1e1", "manga_": "#c1.5"}.get(title[:6], "")
        target = f"{title}{unit}"
        if title in NAMED:
            names |= {f"path {title} title_id": title, f"path {title} slug": slug, f"path {title} target_id": target}
        where = target.replace("#", "%23")
        place = {"page": 1, "pages": 2} if unit == "#c1.5" else {"position_seconds": 60, "duration_seconds": 600}
        told = [
            await person("PUT", f"/api/v1/progress/{where}", json={"session": "tab", "at": 1, **place}),
            await person("PUT", f"/api/v1/watchlist/{title}", json={"notify": True}),
            await person("POST", "/api/v1/comments", json={"target_id": target, "body": f"About {target}"}),
            await person("POST", "/api/v1/reports", json={"target_id": target, "issue": "dead_link"}),
        ]
        assert [each.status_code for each in told if each.status_code >= 300 and each.status_code != 429] == [], told
        viewer = (await person("GET", "/api/v1/me")).json()["viewer"]["id"]
        mark = ADULT if title.endswith("_a") else GONE
        notices = Notices(platform.stores.database, platform.stores.jobs, platform.stores.clock)
        text, url = f"{mark}: new episode", f"/title/{slug}"
        await notices.tell(scope, viewer, "new_units", key=title, text=text, url=url, title_id=title)
    return names


async def _take_down(client: httpx.AsyncClient, owner: dict[str, str]) -> None:
    filed = await client.post(
        "/api/v1/takedowns", json={**NOTICE, "urls": [f"https://{HOST}/title/{title}" for title in TITLES["gone"]]}
    )
    assert filed.status_code == 201, filed.text
    decision = {"verdict": "upheld", "public_reason": "At somebody's request."}
    receipt = filed.json()["id"]
    done = await client.post(f"/api/v1/staff/takedowns/{receipt}/decision", json=decision, headers=owner)
    assert done.status_code == 200, done.text


async def visited(site: Site, cookies: dict[str, str]) -> tuple[Visit, list[tuple[str, str]]]:
    """A visit with these cookies, and everything that it was told."""
    said: list[tuple[str, str]] = []

    async def hear(response: httpx.Response) -> None:
        await response.aread()
        said.append((f"{response.request.method} {response.request.url.raw_path.decode()}", response.text))

    async with site.platform.client(HOST) as client:
        client.event_hooks["response"] = [hear]
        visit = Visit(client, site.platform.app)
        visit.cookies.update(cookies)
        await visit.pages()
    return visit, said


@pytest.mark.parametrize("who", ["nobody", "who once saw it"])
async def test_nothing_that_the_site_leads_to_says_it(site: Site, who: str) -> None:
    site.forget_limits()
    cookies = {"__Host-session": site.person.cookies["__Host-session"]} if who != "nobody" else {}
    visit, said = await visited(site, cookies)
    assert len(visit.addresses) > 50
    told = [(where, mark) for where, text in said for mark in (ADULT, GONE) if mark in text.lower()]
    assert [each for each in told if not each[0].endswith(EXPORT)] == []
    assert [where for where, text in said if ">1871<" in text] == [], "nor the year that nothing else is of"


async def test_no_route_says_it_by_name(site: Site) -> None:
    cookies = {"__Host-session": site.person.cookies["__Host-session"]}
    visit, _ = await visited(site, cookies)
    app = cast("ASGIApp", site.platform.app)
    asked = [each for each in probes(site.platform.app, site.names, visit, visit) if not each.address.endswith("/age")]
    told = [each async for each in walk(app, HOST, asked, site.forget_limits, {})]
    assert len(told) > 500
    leaks = [shown(each, mark) for each in told for mark in (ADULT, GONE) if mark in each.text.lower()]
    assert [each for each in leaks if EXPORT not in each] == []
    assert [shown(each, "") for each in told if each.status >= 500] == []


def shown(told: Told, mark: str) -> str:
    """The answer in a line."""
    place = told.text.lower().find(mark)
    return (
        f"{told.status} to {told.probe.method} {told.probe.address} says {told.text[max(place - 60, 0) : place + 60]!r}"
    )
