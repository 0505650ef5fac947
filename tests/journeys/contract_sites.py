"""Two sites alike that listen, and what asks the one of them in the knowledge of both: guests, a viewer, staff."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any, Final, cast

import msgspec
import redis
from msgspec import Struct
from msgspec.structs import replace
from pymongo import MongoClient

from accounts.model import Profile, SignUp
from accounts.repository import ViewerRepository
from runtime.engines.embedded import EngineUris
from runtime.listening import address_of, listening
from runtime.serving import Manners, serving
from runtime.settings import Settings
from runtime.stores import Stores, open_stores
from sandbox.oidc.provider import served as oidc_served
from storage.moments import moment
from storage.scope import TenantScope
from streaming.protocol import ConnectionLimits, metered_protocol
from tests.journeys.seeding import seed
from tests.journeys.values import documents_of
from tests.support.platform import ACTOR, composed, settings_of

COOKIE: Final = "__Host-session"
MARKS: Final = ("zqalph", "zqbeta")
VISITORS: Final = ("nobody", "guest", "viewer", "staff")
"""By no session, by a cookie, by a token of their own, by a token of the site's people."""
_VIEWERS: Final = {mark: 7310 * 10**15 + number for number, mark in enumerate(MARKS)}
_OF_A_KIND: Final = 12
_IDS: Final[Mapping[str, str]] = {
    "title_id": "library",
    "comment_id": "comments",
    "report_id": "reports",
    "collection_id": "collections",
    "takedown_id": "takedowns",
    "device_id": "sessions",
    "token_id": "sessions",
}
_UNITS: Final[Mapping[str, list[str]]] = {
    "episode_id": ["s1e1", "s1e2", "s0e1"],
    "chapter_id": ["1", "12.5", "c1"],
    "download_id": ["0", "s1e1-0", "pack-1"],
    "media_type": ["movie", "series", "manga"],
    "sort": ["recent", "title", "year", "rating", "newest", "top"],
    "limit": ["1", "2", "100"],
    "season": ["1", "0"],
    "year": ["2024", "2008"],
    "genre": ["Drama", "drama"],
    "episode": ["s1e1"],
}
ODD: Final = (
    "1_0",
    "١٢",
    "-0",
    "9" * 40,
    "\x00",
    "a\x00b",
    "\ufeff",
    "🎬",
    "%00",
    "../..",
    "'\"<>",
    " ",
    "NaN",
    "\u202e",
)


class Sites(Struct, frozen=True):
    """Where both listen, what is known of them, and what their operator can do for a test: another process too."""

    address: str
    home: Path
    mongodb_uri: str
    redis_url: str
    database: str
    issuer: str
    document: dict[str, Any]
    known: dict[str, list[str]]

    def settings(self) -> Settings:
        """Those of the process that answers."""
        return settings_of(
            self.home,
            mongodb_uri=self.mongodb_uri,
            redis_url=self.redis_url,
            database=self.database,
            TELEGRAM_LOGIN__ISSUER=self.issuer,
        )

    def forget_limits(self) -> None:
        """Forgets how often anybody asked."""
        with redis.Redis.from_url(self.redis_url) as cache:
            for key in cache.scan_iter("t:*:limits:*"):
                cache.delete(key)

    def headers(self, mark: str, visitor: str) -> dict[str, str]:
        """What a visitor of the site of that mark sends with every request; what they sent before holds no more."""
        return {} if visitor == "nobody" else asyncio.run(self._headers(mark, visitor))

    async def _headers(self, mark: str, visitor: str) -> dict[str, str]:
        engines = EngineUris(self.mongodb_uri, self.redis_url)
        async with open_stores(self.settings(), engines, clock=time.time) as stores:
            tenant = await stores.resolver.by_id(mark)
            assert tenant is not None
            match visitor:
                case "guest":
                    opened = await stores.sessions.open_guest_session(tenant.scope, f"{mark} browser")
                    return {"Cookie": f"{COOKIE}={opened.cookie}"}
                case "staff":
                    made = await stores.staff.create(tenant.scope, "Contract", "owner", actor=ACTOR)
                    return {"Authorization": f"Bearer {made.token}"}
                case _:
                    return {"Authorization": f"Bearer {await _viewer_token(stores, tenant.scope, mark)}"}


async def _viewer_token(stores: Stores, scope: TenantScope, mark: str) -> str:
    viewer, viewers = _VIEWERS[mark], ViewerRepository(stores.database, scope)
    if await viewers.identity(viewer) is None:
        profile = Profile(f"{mark} Reader", f"{mark}_r")
        await viewers.add_telegram(viewer, profile, SignUp(f"{mark}-contract"), moment(stores.clock()))
    await stores.sessions.end_all_sessions(scope, viewer)
    return (await stores.sessions.mint_token(scope, viewer, f"{mark} app")).token


@asynccontextmanager
async def listening_sites(folder: Path, mongodb_uri: str, redis_url: str, database: str) -> AsyncGenerator[Sites]:
    """Both sites with something of everything, answering on a port of their own; the end drops their database."""
    async with AsyncExitStack() as stack:
        client = stack.enter_context(MongoClient[dict[str, object]](mongodb_uri))
        stack.callback(client.drop_database, database)
        issuer = (await stack.enter_async_context(oidc_served())).issuer
        sites = Sites("", folder / "home", mongodb_uri, redis_url, database, issuer, {}, {})
        settings = sites.settings()
        platform = await stack.enter_async_context(composed(settings))
        for number, mark in enumerate(MARKS, 7310):
            await seed(platform, mark, number, folder)
        sock = stack.enter_context(listening(settings.listen, "listen"))
        protocol = metered_protocol(platform.services.meter, ConnectionLimits(head_seconds=30.0, body_seconds=30.0))
        manners = Manners(idle_seconds=30, shutdown_seconds=1)
        await stack.enter_async_context(serving(platform.app, sock, protocol=protocol, manners=manners))
        yield replace(
            sites,
            address=f"http://127.0.0.1:{address_of(sock).port}",
            document=msgspec.json.decode(msgspec.json.encode(platform.app.openapi_schema.to_schema())),
            known=_known(client, database),
        )


def _known(client: MongoClient[dict[str, object]], database: str) -> dict[str, list[str]]:
    """What may stand for a parameter: ids of both sites, and what has a meaning everywhere."""
    known = {name: list(values) for name, values in _UNITS.items()}
    for mark in MARKS:
        owned = documents_of(client, database, f"tenant:{mark}")
        for name, collection in _IDS.items():
            ids = [_id(document) for document in owned.get(collection, [])]
            known.setdefault(name, []).extend(dict.fromkeys(ids[:_OF_A_KIND]))
    titles = known["title_id"]
    known["target_id"] = [*titles, *(f"{title}#s1e1" for title in titles[:4]), *(f"{title}#c1" for title in titles[:4])]
    return {name: values for name, values in known.items() if values}


def _id(document: Mapping[str, Any]) -> str:
    inner = cast("object", document["_id"])
    return str(cast("Mapping[str, object]", inner)["id"]) if isinstance(inner, Mapping) else str(inner)
