"""Two sites with login bots of their own, and a provider of the tests' own."""

from __future__ import annotations

import itertools
import os
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack
from typing import Any
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest
from pymongo import MongoClient

from sandbox.oidc.provider import OidcSandbox, Person, served
from sandbox.oidc.tokens import Faults
from tenancy.resolver import ResolvedTenant
from tests.storefront.test_members import deed, look
from tests.support.clock import FakeClock
from tests.support.platform import Composed, composed, open_site, settings_of
from tests.support.signing import BOT_TOKEN, OTHER_TOKEN

_NUMBERS = itertools.count(1)
NORTH_CLIENT, SOUTH_CLIENT = "7654321", "7654322"


class Browser:
    """A browser on one site: keeps cookies by hand, for Python drops those of `__Host-` over http."""

    def __init__(
        self, platform: Composed, host: str, *, address: str = "127.0.0.1", agent: str = "Firefox/140"
    ) -> None:
        self.client = platform.client(host, address=address)
        self.host = host
        self.agent = agent
        self.cookies: dict[str, str] = {}

    async def ask(self, method: str, path: str, **more: Any) -> httpx.Response:
        """One request; the cookies that come are kept."""
        headers = {"user-agent": self.agent, "sec-fetch-site": "same-origin", **more.pop("headers", {})}
        if self.cookies:
            headers["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        answer = await self.client.request(method, path, headers=headers, **more)
        for line in answer.headers.get_list("set-cookie"):
            name, _, rest = line.partition("=")
            self.cookies[name] = rest.partition(";")[0]
            if "Max-Age=0" in line:
                del self.cookies[name]
        return answer

    @property
    def session(self) -> str:
        """The session's cookie."""
        return self.cookies["__Host-session"]

    async def become_guest(self) -> str:
        """Does something, as a guest does; gives the viewer's id."""
        answer = await self.ask("POST", "/test-deed")
        assert answer.status_code == 200, answer.text
        return str(answer.json()["viewer"])

    async def me(self) -> dict[str, Any] | None:
        """Who this is."""
        answer = await self.ask("GET", "/api/v1/me")
        assert answer.status_code == 200, answer.text
        viewer: dict[str, Any] | None = answer.json()["viewer"]
        return viewer


class Signing:
    """The platform, its two sites, and the provider."""

    def __init__(
        self, platform: Composed, north: ResolvedTenant, south: ResolvedTenant, provider: OidcSandbox, clock: FakeClock
    ) -> None:
        self.platform = platform
        self.north = north
        self.south = south
        self.provider = provider
        self.clock = clock

    def browser(self, host: str = "north.example", *, address: str = "", agent: str = "Firefox/140") -> Browser:
        """A new one, at a new address where none is named."""
        number = next(_NUMBERS)
        own = f"198.18.{number // 250}.{number % 250 + 1}"
        return Browser(self.platform, host, address=address or own, agent=agent)

    def person(self) -> Person:
        """Somebody who was never here."""
        number = next(_NUMBERS)
        return Person(700_000_000 + number, f"Ada {number}", f"ada_{number}")

    async def begin(self, browser: Browser, **body: str) -> str:
        """The provider's address to which the site leads."""
        answer = await browser.ask("POST", "/api/v1/sign-in/telegram", json=body)
        assert answer.status_code == 200, answer.text
        return str(answer.json()["url"])

    async def agree(self, url: str, person: Person | None = None) -> str:
        """The person, else somebody new, agrees there; the path with which the provider leads back."""
        self.provider.person = person or self.person()
        async with httpx.AsyncClient() as http:
            answer = await http.get(url)
        assert answer.status_code == 302, answer.text
        back = urlsplit(answer.headers["location"])
        return f"{back.path}?{back.query}"

    async def sign_in(self, browser: Browser, person: Person | None = None, **body: str) -> httpx.Response:
        """The whole way."""
        return await browser.ask("GET", await self.agree(await self.begin(browser, **body), person))


def query_of(url: str) -> dict[str, str]:
    """The parameters of an address."""
    return {name: values[0] for name, values in parse_qs(urlsplit(url).query).items()}


@pytest.fixture(scope="package")
async def world(tmp_path_factory: pytest.TempPathFactory, mongodb_uri: str, redis_url: str) -> AsyncIterator[Signing]:
    """One platform for all tests of this folder: everybody in them is somebody new, at an address of their own."""
    clock = FakeClock()
    database = f"marquee_signing_{os.environ.get('PYTEST_XDIST_WORKER', 'main')}"
    async with AsyncExitStack() as stack:
        client = stack.enter_context(MongoClient[dict[str, object]](mongodb_uri))
        stack.callback(client.drop_database, database)
        provider = await stack.enter_async_context(served(clock=clock))
        provider.clients = {NORTH_CLIENT: "north-client-secret", SOUTH_CLIENT: "south-client-secret"}
        settings = settings_of(
            tmp_path_factory.mktemp("signing"),
            mongodb_uri=mongodb_uri,
            redis_url=redis_url,
            database=database,
            TELEGRAM_LOGIN__ISSUER=provider.issuer,
        )
        platform = await stack.enter_async_context(composed(settings, clock=clock, more=(deed, look)))
        sites: list[ResolvedTenant] = []
        for name, client_id, token in (("north", NORTH_CLIENT, BOT_TOKEN), ("south", SOUTH_CLIENT, OTHER_TOKEN)):
            login = {
                "login__client_id": client_id,
                "login__client_secret": f"{name}-client-secret",
                "login__bot_token": token,
                "login__bot_username": f"{name}_login_bot",
            }
            sites.append(await open_site(platform.stores, name, f"{name}.example", theme="nocturne", **login))
        yield Signing(platform, sites[0], sites[1], provider, clock)


@pytest.fixture
def signing(world: Signing) -> Iterator[Signing]:
    """The world, with a provider that makes no mistakes."""
    world.provider.faults = Faults()
    world.provider.asked.clear()
    yield world
    world.provider.faults = Faults()


async def token_of(browser: Browser, name: str = "Reader") -> str:
    answer = await browser.ask("POST", "/api/v1/me/tokens", json={"name": name})
    assert answer.status_code == 201, answer.text
    return str(answer.json()["token"])


def bearing(token: str) -> dict[str, str]:
    return {"authorization": f"Bearer {token}"}
