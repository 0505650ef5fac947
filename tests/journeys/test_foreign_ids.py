"""Whoever knows another tenant's ids, links and cookies is answered as if nobody had them, on every route there is.

Nothing is listed by hand: routes come from the app, what is tried from a tenant's documents, answers and cookies. Three
tenants are seeded alike. One has secrets; one is removed again, so that its names are names that nobody has; the third
one's host is asked.
"""

from __future__ import annotations

import os
import re
from collections import Counter
from collections.abc import AsyncIterator, Iterable
from contextlib import AsyncExitStack
from typing import Final, cast

import httpx
import pytest
import redis
from litestar.routes import HTTPRoute
from litestar.types import ASGIApp
from msgspec import Struct
from pymongo import MongoClient

from tests.journeys.crawling import Visit
from tests.journeys.seeding import seed
from tests.journeys.values import (
    Client,
    Values,
    alike,
    documents_of,
    fingerprint,
    gather,
    keys_of,
    numbers_of,
    remove,
)
from tests.journeys.walking import Probe, Told, probes, things_of, walk
from tests.support.platform import Composed, composed, settings_of

THEIRS, GONE, OWN = "zqalph", "zqgone", "zqbeta"
A_FEW: Final = 4
REFUSED: Final = frozenset({400, 401, 403, 404, 405, 409, 410, 415, 422})
ENOUGH: Final = frozenset({401, 409, 429})
_TIME: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+Z|retry-after: \d+|set-cookie: .*\n")
_DRAWN: Final = "content-type: image/svg+xml"
# The stand-in of Telegram's provider is not there: signing in says so, and nothing else may.
AWAY: Final = "/sign-in/telegram"
# Thousands of requests; seconds on a machine of one's own.
pytestmark = pytest.mark.timeout(300)


class World(Struct, frozen=True):
    """The platform, what a visitor of each site came to know, and the host that is asked."""

    platform: Composed
    client: Client
    database: str
    redis_url: str
    visits: dict[str, Visit]
    host: httpx.AsyncClient
    theirs: Values
    gone: Values
    secrets: frozenset[str]

    def kept(self, tenant_id: str) -> str:
        """All of a tenant's documents, as one fingerprint."""
        return fingerprint(documents_of(self.client, self.database, f"tenant:{tenant_id}"))

    def forget_limits(self) -> None:
        """Forgets how often the host was asked."""
        with redis.Redis.from_url(self.redis_url) as cache:
            for key in cache.scan_iter("t:*:limits:*"):
                cache.delete(key)

    def probes(self, tenant_id: str, values: Values) -> list[Probe]:
        """Whatever of the own host is asked for with what another tenant has."""
        return list(probes(self.platform.app, values, self.visits[tenant_id], self.visits[OWN]))

    async def answers(self, asked: Iterable[Probe]) -> list[Told]:
        """The own host's answers."""
        app = cast("ASGIApp", self.platform.app)
        cookies = self.visits[OWN].cookies
        return [told async for told in walk(app, f"{OWN}.example", asked, self.forget_limits, cookies)]

    async def unlike(self, theirs: Iterable[Told]) -> list[tuple[Told, Told]]:
        """Those of the answers to a name that are not what a name that nobody has is told.

        A route that tells a few such names all the same has told that to every one of them, unless it said something
        else to a name of theirs.
        """
        gone = {probe.about: probe for probe in self.probes(GONE, things_of(self.gone))}
        kinds: dict[tuple[str, ...], list[Told]] = {}
        for told in theirs:
            if told.probe.about in gone:
                kinds.setdefault((*told.probe.about[:3], *told.probe.about[4:]), []).append(told)
        different: list[tuple[Told, Told]] = []
        for kind in kinds.values():
            few = [gone[told.probe.about] for told in kind[:: max(len(kind) // A_FEW, 1)]]
            usual = await self.answers(few)
            is_uniform = all(is_same(usual[0], other) for other in usual)
            doubted = kind if not is_uniform else [told for told in kind if not is_same(told, usual[0])]
            others = await self.answers(gone[told.probe.about] for told in doubted)
            pairs = [pair for pair in zip(doubted, others, strict=True) if not is_same(*pair)]
            different += [pair for pair in pairs if not any(said_alike(pair[0], each) for each in usual)]
        return different


@pytest.fixture(scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str) -> AsyncIterator[World]:
    database_name = f"marquee_foreign_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    folder = tmp_path_factory.mktemp("foreign")
    settings = settings_of(folder, mongodb_uri=mongodb_uri, redis_url=redis_url, database=database_name)
    async with AsyncExitStack() as stack:
        client = stack.enter_context(MongoClient[dict[str, object]](mongodb_uri))
        stack.callback(client.drop_database, database_name)
        platform = await stack.enter_async_context(composed(settings))
        visits: dict[str, Visit] = {}
        for number, mark in enumerate([THEIRS, GONE, OWN], 7310):
            await seed(platform, mark, number, folder)
            site = await stack.enter_async_context(platform.client(f"{mark}.example"))
            visits[mark] = Visit(site, platform.app)
            await visits[mark].all()
            gather(visits[mark].values, "", documents_of(client, database_name, f"tenant:{mark}"))
        theirs, gone = alike(visits[THEIRS].values, visits[GONE].values)
        secrets = frozenset({THEIRS, *numbers_of(documents_of(client, database_name, f"tenant:{THEIRS}"))})
        remove(client, database_name, redis_url, GONE)
        platform.stores.resolver.forget(GONE)
        host = await stack.enter_async_context(platform.client(f"{OWN}.example"))
        yield World(platform, client, database_name, redis_url, visits, host, theirs, gone, secrets)


async def test_no_route_knows_another_tenants_ids_links_or_cookies(world: World) -> None:
    before, cached = world.kept(THEIRS), keys_of(world.redis_url, THEIRS)
    theirs = await world.answers(world.probes(THEIRS, world.theirs))
    routes = [route for route in world.platform.app.routes if isinstance(route, HTTPRoute)]

    assert leaks(theirs, world.secrets) == []
    assert [shown(told) for told in theirs if told.status >= 500 and not told.probe.address.endswith(AWAY)] == []
    named = [told for told in theirs if told.probe.about[0] != "address"]
    assert {told.probe.about[:2] for told in named} >= {
        (method, route.path_format) for route in routes if route.path_parameters for method in route.methods
    }
    refused = Counter(told.status for told in theirs if told.status in REFUSED)
    assert refused[403] > 100
    assert refused[404] > 500
    assert [
        f"{shown(told)} but {other.status} to a name that nobody has: {first_difference(told.text, other.text)}"
        for told, other in await world.unlike(theirs)
    ] == []
    things = things_of(world.theirs).keys()
    usual = {(*told.probe.about[:3], told.status) for told in named if told.probe.about[3] in things}
    odd = [told for told in named if told.status not in REFUSED and (*told.probe.about[:3], told.status) not in usual]
    assert [shown(told) for told in odd] == []
    assert world.kept(THEIRS) == before
    assert keys_of(world.redis_url, THEIRS).items() <= cached.items(), "nothing but what ran out by itself has changed"


async def test_a_site_shows_nothing_of_another_one(world: World) -> None:
    for address in world.visits[OWN].addresses:
        answer = await world.host.get(address, headers={"accept": "text/html"})
        assert not [secret for secret in world.secrets if secret in answer.text], address


async def test_hosts_without_a_tenant_show_nobody(world: World) -> None:
    platform_host = world.platform.stores.settings.platform.host
    named = {address for visit in world.visits.values() for address in visit.addresses}
    paths = {route.path_format for route in world.platform.app.routes if isinstance(route, HTTPRoute)}
    for host in (platform_host, f"{GONE}.example", "nobody.example"):
        async with world.platform.client(host) as client:
            for address in sorted(named | paths):
                for method in ("GET", "HEAD", "POST", "DELETE"):
                    headers = {"cookie": f"__Host-session={world.visits[THEIRS].cookies['__Host-session']}"}
                    answer = await client.request(method, address, headers={**headers, "accept": "text/html"})
                    said = f"{answer.text} {answer.headers}".replace(address, "…")
                    assert "zq" not in said.replace(f"{GONE}.example", "…"), (host, method, address)
                    if host != platform_host:
                        assert answer.status_code == 404, (host, method, address)
                    assert answer.status_code < 500, (host, method, address)


def is_same(told: Told, other: Told) -> bool:
    """Whether nobody can tell the two apart.

    A page of search results may cut or change what it was asked for, and says when it was made. What the own visitor
    says in a body is taken, or was taken so often that it is enough now, or when they had deleted their account: a name
    that is known is no reason for any of that. Faces are drawn from whatever word they are asked for by.
    """
    if told.probe.about[2] == "body" and (told.status == other.status or (is_taken(told) and is_taken(other))):
        return True  # a refusal repeats words that were cut or changed
    is_list = told.probe.about[2].startswith("?") and told.status == 200
    is_drawn = _DRAWN in told.text and _DRAWN in other.text
    return told.status == other.status and (
        is_list or is_drawn or _TIME.sub("", told.text) == _TIME.sub("", other.text)
    )


def said_alike(told: Told, other: Told) -> bool:
    """Whether both were said in a body with the same success: ids are drawn, and one in many is no nickname."""
    return told.probe.about[2] == "body" and is_same(told, other)


def is_taken(told: Told) -> bool:
    """Whether what was said was understood."""
    return told.status < 400 or told.status in ENOUGH


def first_difference(one: str, other: str) -> str:
    """The first lines that differ."""
    lines = zip(one.splitlines(), other.splitlines(), strict=False)
    return next((f"{left[:200]!r} is not {right[:200]!r}" for left, right in lines if left != right), "one is longer")


def leaks(answers: Iterable[Told], secrets: frozenset[str]) -> list[str]:
    """The answers that say something of another tenant."""
    return [f"{shown(told)} says {secret}" for told in answers for secret in secrets if secret in told.text.lower()]


def shown(told: Told) -> str:
    """The answer in a line."""
    return f"{told.status} to {told.probe.method} {told.probe.address[:120]} ({' '.join(told.probe.about[2:])})"
