"""`/stream/{token}` over a real server: the core on disk, real leases, and the admission's answers."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide

from storage.events import Events
from storage.leases import LeaseStore
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from streaming.admission import Admitted, LinkNotYours, NotAdmitted
from streaming.core import build_core
from streaming.disk import describe_file
from streaming.leases import Leases, StreamLimitReached, StreamLimits
from streaming.links import Claims, LinkExpired, LinkInvalid, LinkSigner
from streaming.meter.meter import Meter
from streaming.meter.segments import SegmentLog
from streaming.model import Bucket
from streaming.routes import ROUTES, capacity_tier
from streaming.settings import CoreSettings
from streaming.source import DocumentGone
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant, TenantResolver
from tests.streaming.delivery.films import content
from tests.streaming.delivery.serving import Served, served
from tests.support.clock import FakeClock

pytestmark = pytest.mark.anyio
SIZE = 3 * (1 << 20) + 17
HOST = "films.example"
STATUSES = {LinkInvalid: 403, LinkExpired: 410, NotAdmitted: 403, DocumentGone: 404, StreamLimitReached: 409}


class Sites:
    """One tenant on one host."""

    async def by_domain(self, domain: str) -> Tenant | None:
        return Tenant(id="tenant_a", domain=HOST, domains=(HOST,)) if domain == HOST else None

    async def get(self, tenant_id: str) -> Tenant | None:
        return await self.by_domain(HOST)


class Gate:
    """An admission that asks for a cookie."""

    role = "free"

    async def __call__(self, tenant: ResolvedTenant, claims: Claims, session_cookie: str | None) -> Admitted:
        if session_cookie != "mine":
            raise LinkNotYours("not yours")
        return Admitted(claims.user, self.role)


class World:
    """Everything behind the route."""

    def __init__(
        self, server: Served, links: LinkSigner, clock: FakeClock, leases: Leases, gate: Gate, meter: Meter
    ) -> None:
        self.links = links
        self.clock = clock
        self.leases = leases
        self.gate = gate
        self.meter = meter
        host, port = server.address
        self.client = httpx.AsyncClient(
            base_url=f"http://{host}:{port}", headers={"Host": HOST, "Cookie": "__Host-session=mine"}
        )
        self.claims = Claims(
            tenant="tenant_a", host=HOST, user="42", device="d", title="big-buck", bucket="0",
            expires_at=int(clock()) + 60, purpose="play",
        )  # fmt: skip

    def url(self, **altered: Any) -> str:
        return "/stream/" + self.links.sign(msgspec.structs.replace(self.claims, **altered))


@pytest.fixture
async def world(
    tmp_path: Path, database: Database, cache: Cache, scope_a: TenantScope, clock: FakeClock
) -> AsyncIterator[World]:
    media = tmp_path / "media"
    media.mkdir()
    (media / "film").write_bytes(content(0, SIZE))
    document = describe_file(media, "film", "platform")
    film = Bucket("e7a9", "video/mp4", (document,), SIZE, 784111777.0)

    async def locate(tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        if (title_id, bucket) != ("big-buck", "0"):
            raise DocumentGone("no such title here")
        return film

    events = Events(database, cache)
    leases = Leases(LeaseStore(cache), events, limits=StreamLimits(free=1))
    meter = Meter(SegmentLog(tmp_path, "n-0"), clock=clock)
    links = LinkSigner({"k1": b"s" * 32}, "k1")
    core = build_core(CoreSettings(media_root=str(media)))
    gate = Gate()
    resolver = TenantResolver(Sites())
    given: dict[str, Any] = {
        "resolver": resolver,
        "core": core,
        "links": links,
        "leases": leases,
        "clock": clock,
        "locate": locate,
        "admission": gate,
    }

    def provider(value: Any) -> Provide:
        return Provide(lambda: value, sync_to_thread=False)

    def tenant_of(request: Request[Any, Any, Any]) -> Any:
        return request.scope["state"]["tenant"]

    def told(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
        status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
        return Response(str(error), status_code=status)

    app = Litestar(
        ROUTES,
        dependencies={name: provider(value) for name, value in given.items()}
        | {"tenant": Provide(tenant_of, sync_to_thread=False)},
        exception_handlers=dict.fromkeys(STATUSES, told),
        openapi_config=None,
    )

    async def site(scope: Any, receive: Any, send: Any) -> None:
        scope["state"]["tenant"] = await resolver.resolve(HOST)
        await app(scope, receive, send)

    await core.start()
    async with events, served(site, meter) as server:
        world = World(server, links, clock, leases, gate, meter)
        async with world.client:
            yield world
    meter.end()
    await core.close()


async def test_a_link_gives_its_film_and_bills_it(world: World) -> None:
    answer = await world.client.get(world.url())
    assert answer.status_code == 200
    assert answer.content == content(0, SIZE)
    assert answer.headers["content-disposition"].startswith('inline; filename="big-buck.mp4"')
    await world.meter.flush()
    assert len(world.leases.running) == 0


@pytest.mark.parametrize(
    ("asked", "start", "end"),
    [
        ("bytes=0-0", 0, 1),
        ("bytes=-17", SIZE - 17, SIZE),
        ("bytes=1048575-1048576", 1048575, 1048577),
        ("bytes=5-", 5, SIZE),
    ],
)
async def test_a_range_gives_its_bytes(world: World, asked: str, start: int, end: int) -> None:
    answer = await world.client.get(world.url(), headers={"Range": asked})
    assert (answer.status_code, answer.headers["content-range"]) == (206, f"bytes {start}-{end - 1}/{SIZE}")
    assert answer.content == content(start, end)


@pytest.mark.parametrize(
    ("method", "headers", "status"),
    [
        ("HEAD", {}, 200),
        ("HEAD", {"Range": "bytes=0-1"}, 200),
        ("GET", {"Range": f"bytes={SIZE}-"}, 416),
        ("GET", {"If-None-Match": '"e7a9"'}, 304),
        ("GET", {"If-Match": '"other"'}, 412),
        ("HEAD", {"If-None-Match": '"e7a9"'}, 304),
        ("OPTIONS", {}, 204),
        ("POST", {}, 405),
        ("DELETE", {}, 405),
    ],
)
async def test_what_takes_no_bytes_takes_no_lease(
    world: World, method: str, headers: dict[str, str], status: int
) -> None:
    answer = await world.client.request(method, world.url(), headers=headers)
    assert answer.status_code == status
    if method == "HEAD":
        assert answer.content == b""
        assert status == 304 or answer.headers["content-length"] == str(SIZE)
    other = await world.client.get(world.url(title="big-buck", device="other"), headers={"Range": "bytes=0-0"})
    assert other.status_code == 206


async def test_a_strangers_link_an_altered_one_and_an_old_one_give_nothing(world: World) -> None:
    good = world.url()
    stranger = await world.client.get(good, headers={"Cookie": "__Host-session=theirs"})
    without = await world.client.get(good, headers={"Cookie": ""})
    altered = await world.client.get(good[:-2] + "AA")
    elsewhere = await world.client.get(world.url(host="other.example"))
    other_tenant = await world.client.get(world.url(tenant="tenant_b"))
    unknown = await world.client.get(world.url(title="another"))
    statuses = [each.status_code for each in (stranger, without, altered, elsewhere, other_tenant, unknown)]
    assert statuses == [403, 403, 403, 403, 403, 404]
    world.clock.advance(61)
    assert (await world.client.get(good)).status_code == 410


async def test_the_viewers_limit_holds_for_bytes_too(world: World) -> None:
    first = await world.client.get(world.url(), headers={"Range": "bytes=0-0"})
    again = await world.client.get(world.url(), headers={"Range": "bytes=1-1"})
    second = await world.client.get(world.url(device="tv"), headers={"Range": "bytes=0-0"})
    assert [first.status_code, again.status_code, second.status_code] == [206, 206, 409]


async def test_a_token_of_any_shape_is_refused_and_never_an_error_of_ours(world: World) -> None:
    for token in ("x", "%00", "a" * 5000, "..", "%2e%2e%2f", "\u00e4", "-", "=", "%F0%9F%8E%AC"):
        assert (await world.client.get(f"/stream/{token}")).status_code in {403, 404}


@pytest.mark.parametrize(
    ("addons", "tier"),
    [
        ({}, 1),
        ({"capacity": {"tier": 3}}, 3),
        ({"capacity": {"tier": "3"}}, 1),
        ({"capacity": 7}, 1),
        ({"capacity": {"tier": -1}}, 1),
    ],
)
def test_an_odd_capacity_counts_as_one(scope_a: TenantScope, addons: dict[str, Any], tier: int) -> None:
    assert capacity_tier(ResolvedTenant(Tenant(id="tenant_a", domain=HOST, addons=addons), scope_a, HOST)) == tier
