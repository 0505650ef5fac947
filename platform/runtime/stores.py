"""What commands need: connections, and the durable side of every room over them."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Iterable
from contextlib import AsyncExitStack, asynccontextmanager
from urllib.parse import urlsplit

from msgspec import Struct

from accounts.belongings import Belongings, BelongingsRegistry
from accounts.data import accounts_data
from accounts.own_belongings import own_belongings
from accounts.recovery import RecoveryCodes
from accounts.referrals.belongings import ReferralBelongings
from accounts.sessions import Sessions
from accounts.staff import Staff
from accounts.viewers import Viewers
from billing.contracts.repository import ContractRepository
from billing.dunning.repository import ScheduleRepository
from billing.invoices.repository import InvoiceRepository
from billing.ledger.credit import CreditGuards
from billing.ledger.repository import EntryRepository
from billing.memberships.belongings import MembershipBelongings
from billing.memberships.data import memberships_data
from billing.memberships.desk import Members
from billing.memberships.offers import price_check
from billing.payments.data import payments_data
from billing.periods.repository import PeriodRepository
from billing.settlements.data import settlements_data
from content.comments.belongings import comments_belongings
from content.data import content_data
from content.intro.belongings import IntroVotesOf
from content.notices.belongings import NoticeBelongings
from content.progress.belongings import ProgressBelongings
from content.reports.belongings import ReportsBelongings
from content.takedowns.desk import Desk
from content.watchlist.belongings import WatchlistBelongings
from runtime.engines.embedded import EngineUris
from runtime.engines.home import Home
from runtime.errors import Refused, SettingsError
from runtime.schema import INDEXES
from runtime.settings import Settings
from storage.audit import Audit
from storage.blobs import Blobs
from storage.errors import StorageUnavailable
from storage.events import Events
from storage.indexes import Index
from storage.jobs import JobRepository, Jobs
from storage.limits import Limits
from storage.migrations import apply
from storage.moments import Clock
from storage.mongo import Database
from storage.system import SystemStore
from storage.valkey import Cache
from tenancy.data import CollectionData, KeptData, PassingData, TenantDataRegistry
from tenancy.desk import TenantDesk
from tenancy.resolver import TenantResolver, platform_scope
from tenancy.stored_data import BlobsData
from tenancy.tenants import TenantStore
from tenancy.usage import UsageLedger, UsageRepository


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
    staff: Staff
    tenants: TenantStore
    desk: TenantDesk
    resolver: TenantResolver
    usage: UsageLedger
    tenant_data: TenantDataRegistry
    belongings: BelongingsRegistry
    recovery: RecoveryCodes

    @property
    def takedowns(self) -> Desk:
        """The takedown desk."""
        return Desk(self.database, self.desk, self.jobs)


@asynccontextmanager
async def open_stores(
    settings: Settings, engines: EngineUris, *, clock: Clock, indexes: Iterable[Index] = INDEXES
) -> AsyncGenerator[Stores]:
    """Connect, and bring the database to its present form; whoever knows that it has them asks for no `indexes`.

    Raises Refused naming the engine that cannot be reached, SettingsError for an address that is none.
    """
    async with AsyncExitStack() as stack:
        database = await _database(engines.mongodb_uri, settings.mongodb.database)
        stack.push_async_callback(database.close)
        cache = await _cache(engines.redis_url)
        stack.push_async_callback(cache.close)
        await apply(database, indexes, clock=clock)
        events = Events(database, cache)
        audit = Audit(database, clock)
        tenants = TenantStore(database, platform_host=settings.platform.host)
        viewers = Viewers(database, audit, events, clock)
        members = Members(database=database, clock=clock, audit=audit, viewers=viewers)
        sessions, recovery = Sessions(database, events, clock), RecoveryCodes(database, clock)
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
            sessions=sessions,
            viewers=viewers,
            staff=Staff(database, audit, clock),
            tenants=tenants,
            desk=TenantDesk(tenants, audit, events, clock, platform_scope(), (price_check(_gateways_named(settings)),)),
            resolver=TenantResolver(tenants),
            usage=UsageLedger(database),
            tenant_data=tenant_data(database),
            belongings=belongings(
                database,
                MembershipBelongings(members),
                ReferralBelongings(database, clock),
                *own_belongings(database, sessions, recovery, clock),
            ),
            recovery=recovery,
        )


def tenant_data(database: Database) -> TenantDataRegistry:
    """What every room keeps of a tenant."""
    return TenantDataRegistry(
        [
            *accounts_data(database),
            *content_data(database),
            *payments_data(database),
            *memberships_data(database),
            *settlements_data(database),
            CollectionData(database, UsageRepository),
            CollectionData(database, ContractRepository),
            CollectionData(database, PeriodRepository),
            CollectionData(database, ScheduleRepository),
            PassingData(database, CreditGuards),
            KeptData(database, InvoiceRepository),
            KeptData(database, EntryRepository),
            BlobsData(Blobs(database)),
            PassingData(database, JobRepository),
        ]
    )


def belongings(database: Database, *last: Belongings) -> BelongingsRegistry:
    """What every room keeps of a viewer; `last` are the session and the document, with which it can be done again."""
    return BelongingsRegistry(
        [
            IntroVotesOf(database),
            ProgressBelongings(database),
            WatchlistBelongings(database),
            NoticeBelongings(database),
            *comments_belongings(database),
            ReportsBelongings(database),
            *last,
        ]
    )


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


def _gateways_named(settings: Settings) -> list[str]:
    """Where viewers pay once everything is composed; by name, for it takes long to load them."""
    return ["stripe"] if settings.stripe.secret_key is not None else []
