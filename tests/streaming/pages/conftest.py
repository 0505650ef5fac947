"""A site with one chapter on disk, behind a real server with the meter."""

from __future__ import annotations

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import httpx
import msgspec
import pytest
from litestar import Litestar, Request, Response
from litestar.di import Provide

from accounts.errors import ViewerBanned
from accounts.model import Ban
from accounts.repository import ViewerRepository
from accounts.sessions import Opened, Sessions, session_id
from storage.events import Events
from storage.limits import Limits
from storage.moments import moment
from storage.mongo import Database
from storage.scope import TenantScope
from storage.valkey import Cache
from streaming.admission import NotAdmitted
from streaming.core import build_core
from streaming.disk import describe_file
from streaming.links import Claims, LinkExpired, LinkInvalid, LinkSigner, user_claim
from streaming.meter.meter import Meter
from streaming.meter.segments import SegmentLog
from streaming.model import Bucket
from streaming.pages.admission import PageAdmission
from streaming.pages.errors import PageGone, PageUnreadable, TooManyPages
from streaming.pages.reading import MOST_BYTES, PageReader
from streaming.pages.routes import ROUTES
from streaming.settings import CoreSettings
from streaming.source import DocumentGone, NotPlayable
from tenancy.model import Tenant
from tenancy.resolver import ResolvedTenant
from tests.streaming.delivery.serving import served
from tests.streaming.pages.drawing import SVG, picture
from tests.support.clock import FakeClock

HOST: Final = "comics.example"
STATUSES: Final[dict[type[Exception], int]] = {
    LinkInvalid: 403,
    LinkExpired: 410,
    NotAdmitted: 403,
    ViewerBanned: 403,
    PageGone: 404,
    PageUnreadable: 409,
    TooManyPages: 429,
}
PAGES: Final = [picture("JPEG"), picture("PNG", (200, 300)), SVG, picture("WEBP", (500, 700))]


class World:
    """Everything behind the route, and what a test changes about it."""

    def __init__(
        self, links: LinkSigner, clock: FakeClock, meter: Meter, sessions: Sessions, tenant: ResolvedTenant
    ) -> None:
        self.links = links
        self.clock = clock
        self.meter = meter
        self.sessions = sessions
        self.tenant = tenant
        self.is_there = True
        self.database: Database
        self.media = Path()
        self.client: httpx.AsyncClient
        self.claims = Claims(
            tenant=tenant.id, host=HOST, user="", device="", title="keeper", bucket="c1.5",
            expires_at=int(clock()) + 3_600, purpose="page",
        )  # fmt: skip

    def url(self, page: object, query: str = "", **altered: Any) -> str:
        """The page's address under a link with these claims."""
        return f"/pages/{self.links.sign(msgspec.structs.replace(self.claims, **altered))}/{page}{query}"

    async def guest(self) -> Opened:
        """A viewer with a session."""
        return await self.sessions.open_guest_session(self.tenant.scope, "test")

    def of(self, opened: Opened) -> dict[str, str]:
        """The claims of a link made for the session."""
        return {"user": user_claim(opened.viewer.id), "device": session_id(opened.cookie)}

    async def ban(self, opened: Opened) -> None:
        """The viewer may not use the site any more."""
        banned = Ban("spam", moment(self.clock()), "ann")
        await ViewerRepository(self.database, self.tenant.scope).set_ban(opened.viewer.id, banned)

    async def locate(self, tenant: ResolvedTenant, title_id: str, bucket: str) -> Bucket:
        """Five pages: a JPEG, a PNG, an SVG that says it is a JPEG, a WebP, and one larger than any page."""
        key, _, place = bucket.partition("/")
        if not self.is_there or (title_id, key) != ("keeper", "c1.5") or int(place) > 5:
            raise DocumentGone("the title is not on this site")
        if place == "5":
            raise NotPlayable("its file id was not looked up yet")
        if place == "4":
            return Bucket("f4", "image/jpeg", (), MOST_BYTES + 1)
        document = describe_file(self.media, f"page{place}", "platform")
        return Bucket(f"e{place}", "image/jpeg", (document,), document.size_bytes)


@pytest.fixture
async def world(
    tmp_path: Path, database: Database, cache: Cache, scope_a: TenantScope, clock: FakeClock
) -> AsyncIterator[World]:
    media = tmp_path / "media"
    media.mkdir()
    for place, body in enumerate(PAGES):
        (media / f"page{place}").write_bytes(body)
    tenant = ResolvedTenant(Tenant(id="tenant_a", domain=HOST, domains=(HOST,)), scope_a, HOST)
    sessions = Sessions(database, Events(database, cache), clock)
    meter = Meter(SegmentLog(tmp_path, "n-0"), clock=clock)
    core = build_core(CoreSettings(media_root=str(media)))
    world = World(LinkSigner({"k1": b"s" * 32}, "k1"), clock, meter, sessions, tenant)
    world.media, world.database = media, database
    given: dict[str, Any] = {
        "links": world.links,
        "limits": Limits(cache),
        "clock": clock,
        "locate": world.locate,
        "pages": PageReader(core),
        "page_admission": PageAdmission(sessions),
    }
    app = Litestar(
        ROUTES,
        dependencies={name: _provided(value) for name, value in given.items()}
        | {"tenant": Provide(lambda: world.tenant, sync_to_thread=False)},
        exception_handlers=dict.fromkeys(STATUSES, _told),
        openapi_config=None,
    )

    async def site(scope: Any, receive: Any, send: Any) -> None:
        await app(scope, receive, send)

    await core.start()
    async with served(site, meter) as server:
        address = "http://{}:{}".format(*server.address)
        async with httpx.AsyncClient(base_url=address, headers={"Host": HOST}) as world.client:
            yield world
    await core.close()


def _provided(value: Any) -> Provide:
    return Provide(lambda: value, sync_to_thread=False)


def _told(request: Request[Any, Any, Any], error: Exception) -> Response[str]:
    status = next((STATUSES[kind] for kind in type(error).__mro__ if kind in STATUSES), 500)
    return Response(str(error), status_code=status)
