"""Puts the rooms together for serving, over the stores.

Everything is opened on an exit stack in order and closed in the opposite one; what was handed in is never closed here.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from contextlib import AsyncExitStack, asynccontextmanager

from msgspec import Struct

from accounts.sign_in.desk import SignInDesk
from billing.payments.cashier import Cashier
from content.catalogue import Memory
from content.importing.dump import ImportServices
from content.importing.works import TITLES
from content.search.node import Search, searching
from content.subtitles.library import SubtitleLibrary
from runtime.billing import taking_payments
from runtime.core_settings import core_settings
from runtime.keys import link_keys
from runtime.settings import Settings
from runtime.signing_in import signing_in
from runtime.stores import Stores, open_stores
from storage.leases import LeaseStore
from storage.moments import Clock
from streaming.core import StreamCore, build_core
from streaming.leases import Leases, StreamLimits
from streaming.links import LinkSigner
from streaming.meter.ledger import TenantLedger
from streaming.meter.meter import Meter
from streaming.meter.service import metering
from tenancy.themes.renderer import Themes
from tenancy.visitors import Visits, counting_visits

__all__ = ["Clock", "Services", "Stores", "import_services", "open_services", "open_stores"]

SHIP_SECONDS = 2.0


class Services(Struct, frozen=True, kw_only=True):
    """What answers requests, over the stores."""

    stores: Stores
    core: StreamCore
    meter: Meter
    links: LinkSigner
    leases: Leases
    themes: Themes
    visits: Visits
    sign_in: SignInDesk
    search: Search | None
    catalogue_memory: Memory
    subtitles: SubtitleLibrary
    cashier: Cashier


@asynccontextmanager
async def open_services(stores: Stores) -> AsyncGenerator[Services]:
    """Start the streaming core, the meter and the news between processes."""
    settings, home = stores.settings, stores.home
    keys = link_keys(settings.links, home)
    settings.media_root.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        # The resolver hears of a changed tenant before those who ask it.
        stores.events.subscribe("tenants", stores.resolver.on_event)
        memory = Memory()
        stores.events.subscribe(TITLES, memory.on_event)
        leases = Leases(LeaseStore(stores.cache), stores.events, limits=_stream_limits(settings))
        await stack.enter_async_context(stores.events)
        core = build_core(core_settings(settings))
        stack.push_async_callback(core.close)
        await core.start()
        subtitles = SubtitleLibrary(stores.database, stores.blobs, core, stores.clock)
        stack.push_async_callback(subtitles.close)
        ledger = TenantLedger(stores.database, stores.system.owner_scope)
        meter = await stack.enter_async_context(
            metering(home.segments, ledger, clock=stores.clock, ship_seconds=SHIP_SECONDS)
        )
        search = None
        if settings.role in {"web", "all"}:
            search = await stack.enter_async_context(searching(home.search, stores.database))
        yield Services(
            stores=stores,
            core=core,
            meter=meter,
            links=LinkSigner(keys.keys, keys.current),
            leases=leases,
            themes=Themes.installed(bytecode_directory=settings.cache_directory / "templates"),
            search=search,
            catalogue_memory=memory,
            visits=await stack.enter_async_context(counting_visits(stores.cache, stores.clock)),
            sign_in=await stack.enter_async_context(signing_in(stores)),
            subtitles=subtitles,
            cashier=await stack.enter_async_context(taking_payments(stores)),
        )


def import_services(stores: Stores) -> ImportServices:
    """What imports work with."""
    return ImportServices(stores.database, stores.jobs, stores.audit, stores.clock, stores.desk, stores.usage)


def _stream_limits(settings: Settings) -> StreamLimits:
    limits = settings.limits
    return StreamLimits(free=limits.streams_free, premium=limits.streams_premium, admin=limits.streams_admin)
