"""Every route there is, asked by somebody who is banned, by another site's page, and on a site that is closed.

Nothing is listed by hand but what stays open, with its reason: routes come from the app, what they are asked with from
a visitor who was led everywhere.
"""

from __future__ import annotations

import os
import re
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import AsyncExitStack
from typing import Final, cast
from urllib.parse import quote

import pytest
import redis
from litestar.types import ASGIApp
from msgspec import Struct
from pymongo import MongoClient

from storage.scope import TenantScope
from tenancy.asgi import OPEN_PATHS, OPEN_PREFIXES
from tenancy.holds import resume, suspend
from tests.journeys.asking import Answer, ask
from tests.journeys.crawling import Template, Visit, templates
from tests.journeys.seeding import seed
from tests.journeys.values import Client, documents_of, fingerprint
from tests.journeys.walking import FORM, body_of
from tests.support.platform import ACTOR, Composed, composed, settings_of

MARK: Final = "zqdoor"
HOST: Final = f"{MARK}.example"
SAFE: Final = frozenset({"GET", "HEAD"})
REFUSED: Final = frozenset({400, 401, 403, 404, 405, 409, 410, 413, 415, 422, 429})
# Thousands of requests; seconds on a machine of one's own.
pytestmark = pytest.mark.timeout(300)

# Whoever is banned is still a person with rights, and somebody who may leave letters alone.
OPEN_TO_ALL: Final = (
    "/legal",
    "/api/v1/takedowns",
    "/notices/stop/",
    "/notices/email/",
    "/-/",
    "/assets/",
)
# Files and drawings that are the same for everybody and say nothing of a title.
SAME_FOR_ALL: Final = (
    "/favicon",
    "/manifest",
    "/robots.txt",
    "/site.webmanifest",
    "/avatars/",
    "/schema",
    "/api/v1/openapi",
)
# Signing in begins without a session; a ban is told at its end.
BEGINNING: Final = ("/api/v1/sign-in", "/sign-in")


class Asked(Struct, frozen=True):
    """One request, and where its route is."""

    method: str
    route: str
    address: str
    body: bytes | None

    @property
    def headers(self) -> dict[str, str]:
        """What goes with the body."""
        if self.body is None:
            return {}
        return {"content-type": "application/json" if self.body.startswith((b"{", b"[", b'"')) else FORM}


class House(Struct, frozen=True):
    """One seeded site, and a visitor who did everything that it offers."""

    platform: Composed
    client: Client
    database: str
    redis_url: str
    scope: TenantScope
    visit: Visit
    viewer: str

    def kept(self, *, but: frozenset[str] = frozenset()) -> str:
        """All of the site's documents, as one fingerprint."""
        owned = documents_of(self.client, self.database, f"tenant:{MARK}")
        return fingerprint({name: each for name, each in owned.items() if name not in but})

    def changed(self, before: Mapping[str, str]) -> list[str]:
        """Which collections are other than they were."""
        now = self.by_collection()
        return sorted(name for name in now.keys() | before.keys() if now.get(name) != before.get(name))

    def by_collection(self) -> dict[str, str]:
        """A fingerprint a collection."""
        owned = documents_of(self.client, self.database, f"tenant:{MARK}")
        return {name: fingerprint(each) for name, each in owned.items()}

    def everything(self) -> Iterator[Asked]:
        """Each method of each route, with what the visitor came to know of its own site."""
        for template in templates(self.platform.app):
            examples = self.visit.examples.get(template.format, [{}])[:2] if template.names else [{}]
            for method in sorted(template.route.methods - {"OPTIONS"}):
                for example in examples:
                    yield Asked(method, template.format, _filled(template, example), body_of(template, method, "word"))

    async def answer(self, asked: Asked, headers: Mapping[str, str]) -> Answer:
        """The site's answer; limits never stand in the way."""
        with redis.Redis.from_url(self.redis_url) as cache:
            for key in cache.scan_iter("t:*:limits:*"):
                cache.delete(key)
        given = {"accept": "text/html, application/json;q=0.9", **asked.headers, **headers}
        app = cast("ASGIApp", self.platform.app)
        return await ask(app, HOST, asked.method, asked.address, given, asked.body or b"")


def _filled(template: Template, example: Mapping[str, str]) -> str:
    return template.format.format(**{name: quote(example.get(name, "any"), safe="") for name in template.names})


@pytest.fixture
async def house(tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str) -> AsyncIterator[House]:
    database = f"marquee_doors_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    folder = tmp_path_factory.mktemp("doors")
    settings = settings_of(folder, mongodb_uri=mongodb_uri, redis_url=redis_url, database=database)
    async with AsyncExitStack() as stack:
        client = stack.enter_context(MongoClient[dict[str, object]](mongodb_uri))
        stack.callback(client.drop_database, database)
        platform = await stack.enter_async_context(composed(settings))
        scope = await seed(platform, MARK, 7399, folder)
        site = await stack.enter_async_context(platform.client(HOST))
        visit = Visit(site, platform.app)
        await visit.all()
        viewer = await platform.stores.sessions.current_viewer(scope, visit.cookies["__Host-session"])
        assert viewer is not None
        yield House(platform, client, database, redis_url, scope, visit, str(viewer.id))


def cookies(house: House, *, but: str = "") -> dict[str, str]:
    """The visitor's, as a browser sends them."""
    held = {name: value for name, value in house.visit.cookies.items() if name != but}
    return {"cookie": "; ".join(f"{name}={value}" for name, value in held.items())} if held else {}


def opens(path: str, prefixes: tuple[str, ...]) -> bool:
    """Whether the path is one of those."""
    return path.startswith(prefixes)


@pytest.mark.parametrize("shown", ["cookie", "token"])
async def test_whoever_is_banned_changes_nothing_and_reads_what_strangers_read(house: House, shown: str) -> None:
    stores = house.platform.stores
    token = (await stores.sessions.mint_token(house.scope, house.viewer, "Reader")).token
    headers = cookies(house) if shown == "cookie" else {"authorization": f"Bearer {token}"}
    nobody = cookies(house, but="__Host-session") if shown == "cookie" else {}
    await stores.viewers.ban(house.scope, house.viewer, "zqsecret reason", actor=ACTOR)
    let_in: list[str] = []
    before = house.by_collection()
    for asked in house.everything():
        if opens(asked.address, OPEN_TO_ALL + SAME_FOR_ALL + BEGINNING):
            continue
        answer = await house.answer(asked, {**headers, "sec-fetch-site": "same-origin"})
        said = f"{asked.method} {asked.address} {answer.status}"
        assert "zqsecret" not in answer.text, said
        assert "__Host-session=" not in str(answer.headers), said
        if answer.status not in REFUSED:
            # Lists are the same for everybody: whoever has no session is shown them, and so is whoever lost it.
            strangers = await house.answer(asked, {**nobody, "sec-fetch-site": "same-origin"})
            if asked.method not in SAFE or (answer.status, answer.body) != (strangers.status, strangers.body):
                let_in.append(said)
    assert let_in == []
    assert house.changed(before) == []


async def test_a_closed_site_answers_with_its_notice_alone(house: House) -> None:
    await suspend(house.platform.stores.desk, MARK, "operator", "a break", actor=ACTOR)
    house.platform.stores.resolver.forget(MARK)
    before = house.kept(but=frozenset({"takedown_notices", "jobs", "audit"}))
    seen = 0
    for asked in house.everything():
        answer = await house.answer(asked, {**cookies(house), "sec-fetch-site": "same-origin"})
        if asked.address in OPEN_PATHS or asked.address.startswith(OPEN_PREFIXES):
            assert answer.status < 500 or asked.route.startswith("/-/"), asked.address
            continue
        seen += 1
        assert answer.status == 503, f"{asked.method} {asked.address}"
        assert f"{MARK}-film" not in answer.text
        assert "set-cookie" not in dict(answer.headers), asked.address
    assert seen > 150
    assert house.kept(but=frozenset({"takedown_notices", "jobs", "audit"})) == before
    await resume(house.platform.stores.desk, MARK, "operator", actor=ACTOR)


# One click by a mail provider, from anywhere and without cookies: the token of the letter says whose letters end.
FROM_ANYWHERE: Final = ("/notices/stop/",)
ELSEWHERE: Final = (
    {"sec-fetch-site": "cross-site"},
    {"sec-fetch-site": "same-site", "origin": f"http://evil.{HOST}"},
    {"sec-fetch-site": "none"},
    {"origin": "https://evil.example"},
    {"origin": "null"},
    {"origin": f"http://{HOST}.evil.example"},
    {"origin": f"http://{HOST}@evil.example"},
    {"origin": "http://["},
    {"sec-fetch-site": "same-origin, cross-site"},
)


async def test_no_page_of_another_site_changes_anything(house: House) -> None:
    changing = [each for each in house.everything() if each.method not in SAFE]
    assert len({each.route for each in changing}) > 50
    before = house.by_collection()
    for asked in changing:
        if opens(asked.address, FROM_ANYWHERE):
            continue
        for said in ELSEWHERE:
            answer = await house.answer(asked, {**cookies(house), **said})
            # A path that takes no such method, or no such path, is told before anybody looks where it comes from.
            assert answer.status in {403, 404, 405}, f"{asked.method} {asked.address} {said} {answer.status}"
            assert "set-cookie" not in dict(answer.headers), asked.address
    assert house.changed(before) == []


COOKIE: Final = re.compile(
    r"__Host-[a-z-]+=[^;]*(; (HttpOnly|Max-Age=\d+|Path=/|SameSite=(lax|strict)|Secure))+", re.IGNORECASE
)


async def test_every_cookie_is_bound_to_its_host_and_out_of_reach_of_scripts(house: House) -> None:
    seen: set[str] = set()
    for headers in ({}, cookies(house)):
        for asked in house.everything():
            answer = await house.answer(asked, {**headers, "sec-fetch-site": "same-origin"})
            for name, value in answer.headers:
                if name == "set-cookie":
                    seen.add(value.partition("=")[0])
                    assert COOKIE.fullmatch(value), f"{asked.address}: {value}"
                    for word in ("secure", "httponly", "path=/", "samesite="):
                        assert word in value.lower(), f"{asked.address}: {value}"
                    assert "domain" not in value.lower()
    assert seen >= {"__Host-session", "__Host-age"}
