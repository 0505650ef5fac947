"""Puts the rooms together: what commands need (`Stores`), and on top of it what serving needs (`Services`).

Everything is opened on an exit stack in order and closed in the opposite one; what was handed in is never closed here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from msgspec import Struct

from accounts.data import SessionsData, UsersData
from accounts.sessions import Sessions
from accounts.viewers import Viewers
from content.data import content_data
from content.importing.dump import ImportServices
from runtime.core_settings import core_settings
from runtime.engines.embedded import EngineUris
from runtime.engines.home import Home
from runtime.errors import Refused, SettingsError
from runtime.keys import link_keys
from runtime.ledger import OwnersLedger
from runtime.schema import INDEXES
from runtime.settings import Settings
from storage.audit import Audit
from storage.blobs import Blobs
from storage.errors import StorageUnavailable
from storage.events import Events
from storage.jobs import Jobs
from storage.leases import LeaseStore
from storage.limits import Limits
from storage.migrations import apply
from storage.mongo import Database
from storage.system import SystemStore
from storage.valkey import Cache
from streaming.core import StreamCore, build_core
from streaming.leases import Leases, StreamLimits
from streaming.links import LinkSigner
from streaming.meter.meter import Meter
from streaming.meter.service import metering
from tenancy.data import TenantDataRegistry
from tenancy.desk import TenantDesk
from tenancy.resolver import TenantResolver, platform_scope
from tenancy.stored_data import BlobsData, JobsData
from tenancy.tenants import TenantStore
from tenancy.themes.renderer import Themes
from tenancy.usage import UsageData, UsageLedger

Clock = Callable[[], float]
SHIP_SECONDS = 2.0


class Stores(Struct, frozen=True, kw_only=True):
    """The durable side of the product: enough for every command."""

    settings: Settings
    home: Home
    clock: Clock
    database: Database
    cache: Cache
    events: Events
    audit: Audit
    blobs: Blobs
    jobs: Jobs
    limits: Limits
    system: SystemStore
    sessions: Sessions
    viewers: Viewers
    tenants: TenantStore
    desk: TenantDesk
    resolver: TenantResolver
    usage: UsageLedger
    tenant_data: TenantDataRegistry


class Services(Struct, frozen=True, kw_only=True):
    """What answers requests, over the stores."""

    stores: Stores
    core: StreamCore
    meter: Meter
    links: LinkSigner
    leases: Leases
    themes: Themes


@asynccontextmanager
async def open_stores(settings: Settings, engines: EngineUris, *, clock: Clock) -> AsyncGenerator[Stores]:
    """Connect, and bring the database to its present form.

    Raises Refused naming the engine that cannot be reached, SettingsError for an address that is none.
    """
    async with AsyncExitStack() as stack:
        database = await _database(engines.mongodb_uri, settings.mongodb.database)
        stack.push_async_callback(database.close)
        cache = await _cache(engines.redis_url)
        stack.push_async_callback(cache.close)
        await apply(database, INDEXES, clock=clock)
        events = Events(database, cache)
        audit = Audit(database, clock)
        tenants = TenantStore(database)
        yield Stores(
            settings=settings,
            home=Home(settings.home),
            clock=clock,
            database=database,
            cache=cache,
            events=events,
            audit=audit,
            blobs=Blobs(database),
            jobs=Jobs(database, clock),
            limits=Limits(cache),
            system=SystemStore(database),
            sessions=Sessions(database, events, clock),
            viewers=Viewers(database, audit, events, clock),
            tenants=tenants,
            desk=TenantDesk(tenants, audit, events, clock, platform_scope()),
            resolver=TenantResolver(tenants),
            usage=UsageLedger(database, cache),
            tenant_data=tenant_data(database),
        )


@asynccontextmanager
async def open_services(stores: Stores) -> AsyncGenerator[Services]:
    """Start the streaming core, the meter and the news between processes."""
    settings, home = stores.settings, stores.home
    keys = link_keys(settings.links, home)
    settings.media_root.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        # The resolver hears of a changed tenant before those who ask it.
        stores.events.subscribe("tenants", stores.resolver.on_event)
        leases = Leases(LeaseStore(stores.cache), stores.events, limits=_stream_limits(settings))
        await stack.enter_async_context(stores.events)
        core = build_core(core_settings(settings))
        stack.push_async_callback(core.close)
        await core.start()
        ledger = OwnersLedger(stores.database, stores.system)
        meter = await stack.enter_async_context(
            metering(home.segments, ledger, clock=stores.clock, ship_seconds=SHIP_SECONDS)
        )
        yield Services(
            stores=stores,
            core=core,
            meter=meter,
            links=LinkSigner(keys.keys, keys.current),
            leases=leases,
            themes=Themes.installed(bytecode_directory=settings.cache_directory / "templates"),
        )


def tenant_data(database: Database) -> TenantDataRegistry:
    """What every room keeps of a tenant."""
    return TenantDataRegistry(
        [
            UsersData(database),
            SessionsData(database),
            *content_data(database),
            UsageData(database),
            BlobsData(Blobs(database)),
            JobsData(database),
        ]
    )


def import_services(stores: Stores) -> ImportServices:
    """What imports work with."""
    return ImportServices(stores.database, stores.jobs, stores.audit, stores.clock, stores.desk, stores.usage)


def _stream_limits(settings: Settings) -> StreamLimits:
    limits = settings.limits
    return StreamLimits(free=limits.streams_free, premium=limits.streams_premium, admin=limits.streams_admin)


async def _database(uri: str, name: str) -> Database:
    try:
        return await Database.connect(uri, name)
    except ValueError as error:
        raise SettingsError(f"setting mongodb.uri (MONGODB_URI): {error}") from None
    except StorageUnavailable:
        raise Refused(f"MongoDB cannot be reached at {_shown(uri)} (setting mongodb.uri)") from None


async def _cache(url: str) -> Cache:
    try:
        return await Cache.connect(url)
    except ValueError as error:
        raise SettingsError(f"setting redis.url (REDIS_URL): {error}") from None
    except StorageUnavailable:
        raise Refused(f"Redis cannot be reached at {_shown(url)} (setting redis.url)") from None


def _shown(uri: str) -> str:
    """The hosts of a URI, without its credentials."""
    return urlsplit(uri).netloc.rpartition("@")[2] or "its address"
