"""Words that would be markup stay words, on every page, picture and feed that a site leads to; and what is somebody's
own is kept by no cache that others are served from."""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from typing import Any, Final

import httpx
import pytest
from msgspec import Struct
from pymongo import MongoClient

from content.importing.target import Target
from content.notices.telling import Notices
from tests.content.samples import COMMENT, MANGA, MOVIE, REPORT, SERIES
from tests.journeys.crawling import Visit
from tests.journeys.seeding import MEANT
from tests.storefront.people import Person
from tests.support.platform import Composed, composed, open_site, settings_of, take_in

HOST: Final = "hostile.example"
EVIL: Final = "]]></script></style></title>\"'><zq onload=alert(1) src=x>{{7*7}}"
_TAG: Final = re.compile(r'<zq|"\'>|>49<', re.IGNORECASE)
_LINK: Final = re.compile(r"""(?:href|src|action)=["']?\s*(?:javascript|data:text)""", re.IGNORECASE)
_IDS: Final = MEANT | {"_id", "short_id", "titles", "target_id", "file_id", "zip_file_id", "telegram_id", "storage_id"}
pytestmark = pytest.mark.timeout(300)


def hostile(value: Any, key: str = "") -> Any:
    """The value with an attack in every free text, and a script in every address."""
    if isinstance(value, dict):
        return {name: hostile(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [hostile(inner, key) for inner in value]
    if not isinstance(value, str) or key in _IDS:
        return value
    return "javascript:alert(1)//https://x.example" if value.startswith("https://") else f"{value} {EVIL}"


class Heard(Struct, frozen=True):
    """What one visit was told."""

    visit: Visit
    answers: list[httpx.Response]


@pytest.fixture(scope="module")
async def heard(tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str) -> AsyncIterator[Heard]:
    database = f"marquee_hostile_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    folder = tmp_path_factory.mktemp("hostile")
    settings = settings_of(folder, mongodb_uri=mongodb_uri, redis_url=redis_url, database=database)
    async with AsyncExitStack() as stack:
        mongo = stack.enter_context(MongoClient[dict[str, object]](mongodb_uri))
        stack.callback(mongo.drop_database, database)
        platform = await stack.enter_async_context(composed(settings))
        tenant = await open_site(platform.stores, "hostile", HOST, theme="nocturne", brand__name="Zq & <zq>")
        target = Target.tenant(tenant.scope)
        titles = [hostile({**each, "overview": "It", "author": "Who", "genres": ["Drama"]}) for each in LIBRARY]
        picks = {"_id": "picks", "name": "Picks", "overview": "Of it", "titles": [each["_id"] for each in LIBRARY]}
        for name, documents in (
            ("library", titles),
            ("collections", [hostile(picks)]),
            ("comments", [hostile(COMMENT)]),
            ("reports", [hostile(REPORT)]),
        ):
            await take_in(platform.stores, target, name, documents, folder)
        client = await stack.enter_async_context(platform.client(HOST))
        person = Person(client)
        await _live(platform, person, tenant.scope)
        answers: list[httpx.Response] = []

        async def hear(response: httpx.Response) -> None:
            await response.aread()
            answers.append(response)

        client.event_hooks["response"] = [hear]
        visit = Visit(client, platform.app)
        visit.cookies.update(person.cookies)
        await visit.pages()
        yield Heard(visit, answers)


LIBRARY: Final = [MOVIE, SERIES, MANGA]


async def _live(platform: Composed, person: Person, scope: Any) -> None:
    """Somebody who says it wherever something can be said."""
    said = [
        await person("POST", "/api/v1/comments", json={"target_id": "tmdb_10378", "body": f"{EVIL} [x](javascript:1)"}),
        await person("PUT", "/api/v1/watchlist/tmdb_1399", json={"notify": True}),
        await person("POST", "/api/v1/reports", json={"target_id": "tmdb_10378", "issue": "wrong_audio", "note": EVIL}),
    ]
    assert [each.text for each in said if each.status_code >= 300] == []
    viewer = (await person("GET", "/api/v1/me")).json()["viewer"]["id"]
    notices = Notices(platform.stores.database, platform.stores.jobs, platform.stores.clock)
    for kind in ("report", "account"):
        await notices.tell(scope, viewer, kind, key=kind, text=EVIL, url="/reports", title_id=None)


async def test_no_page_picture_or_feed_takes_words_for_markup(heard: Heard) -> None:
    marked = [each for each in heard.answers if "json" not in each.headers.get("content-type", "")]
    assert len(marked) > 40
    assert sum("&lt;zq" in each.text for each in marked) > 10, "the words are there, as words"
    found = [
        f"{each.request.url}: {each.text[max(match.start() - 80, 0) : match.end() + 40]!r}"
        for each in marked
        for match in [_TAG.search(each.text) or _LINK.search(each.text)]
        if match is not None
    ]
    assert found == []


async def test_what_is_somebodys_own_stays_out_of_shared_caches(heard: Heard) -> None:
    """Whatever was told to a browser with a session, but files and public pictures that look the same to everybody."""
    kept = [
        (each.request.url.path, each.headers.get("cache-control"))
        for each in heard.answers
        if each.status_code == 200
        and "private" not in (caching := each.headers.get("cache-control", ""))
        and "no-store" not in caching
    ]
    alike = (
        "/art/",
        "/assets/",
        "/avatars/",
        "/robots.txt",
        "/favicon",
        "/manifest",
        "/feed.atom",
        "/legal",
        "/-/",
        "/api/v1/openapi.json",
    )
    described = ("/api/v1", "/api/v1/")
    assert [pair for pair in kept if not pair[0].startswith(alike) and pair[0] not in described] == []
