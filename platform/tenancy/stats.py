"""The dashboard's figures, `tenants.stats`: derived from the ledgers, for many tenants at once."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from typing import Any, Final

from storage.across import Across, Change, New
from storage.errors import StorageUnavailable
from storage.mongo import Database
from storage.scope import TenantScope
from storage.system import SystemStore
from storage.valkey import Cache
from tenancy.model import Tenant
from tenancy.tenants import TenantStore
from tenancy.usage import OPENING, UsageRepository
from tenancy.visitors import MonthlyVisitors, month_of

BATCH: Final = 500
_GB: Final = 10**9
_REVENUE: Final = "revenue_generated"
_NOTHING: Final = Decimal(0)

Figures = dict[str, Any]
Earned = Callable[[Sequence[Tenant]], Awaitable[Mapping[str, Decimal]]]
"""What tenants' sites earned by the books since ever, by owner and in major units; who earned nothing is left out."""


class Stats:
    """Every verb raises StorageUnavailable when MongoDB is away; without Redis visitors stand as they were noted."""

    def __init__(self, database: Database, cache: Cache) -> None:
        self._tenants = TenantStore(database)
        self._system = SystemStore(database)
        self._usage = Across(database, UsageRepository.collection)
        self._visitors = MonthlyVisitors(cache)

    async def rebuild(self, now: float, earned: Earned) -> int:
        """Writes every tenant's figures anew, keeping those that are not ours; how many tenants' have changed."""
        changed, after = 0, ""
        while tenants := await self._tenants.list(after=after, limit=BATCH):
            after = tenants[-1].id
            scopes = {tenant.id: self._scope(tenant) for tenant in tenants}
            derived = await self.derive(list(scopes.values()), now, await earned(tenants))
            stats = {tenant.id: {**tenant.stats, **derived[scopes[tenant.id].owner]} for tenant in tenants}
            news = {tenant.id: stats[tenant.id] for tenant in tenants if stats[tenant.id] != tenant.stats}
            changed += await self._tenants.set_stats(news)
            if len(tenants) < BATCH:
                break
        return changed

    async def derive(
        self, scopes: Sequence[TenantScope], now: float, earned: Mapping[str, Decimal] | None = None
    ) -> dict[str, Figures]:
        """By owner: GB (10^9 bytes) and visitors of the calendar month, revenue in all."""
        month, owners = month_of(now), [str(scope.owner) for scope in scopes]
        sent = await self._sent(owners, now)
        noted, openings = await self._noted(owners, month)
        visitors = await self._fold(scopes, now, noted)
        revenue = earned or {}
        return {
            owner: _figures(
                openings.get(owner, {}), month, sent.get(owner, 0), visitors.get(owner, 0), revenue.get(owner, _NOTHING)
            )
            for owner in owners
        }

    def _scope(self, tenant: Tenant) -> TenantScope:
        scope = self._system.owner_scope(f"tenant:{tenant.id}")
        assert isinstance(scope, TenantScope)
        return scope

    async def _sent(self, owners: Sequence[str], now: float) -> dict[str, int]:
        """Bytes of the calendar month."""
        first = datetime.fromtimestamp(now, UTC).date().replace(day=1)
        days = {"$gte": first.isoformat(), "$lt": (first + timedelta(days=32)).replace(day=1).isoformat()}
        stages: list[dict[str, Any]] = [
            {"$match": {"_id.owner": {"$in": list(owners)}, "_id.id": days}},
            {"$group": {"_id": "$_id.owner", "bytes": {"$sum": "$bytes"}}},
        ]
        return {each["_id"]: each["bytes"] for each in await self._usage.aggregate(stages)}

    async def _noted(self, owners: Sequence[str], month: str) -> tuple[dict[str, int], dict[str, Figures]]:
        """The month's visitors as they were noted, and what was brought along."""
        wanted = {"_id.owner": {"$in": list(owners)}, "_id.id": {"$in": [OPENING, _visitors_of(month)]}}
        noted: dict[str, int] = {}
        openings: dict[str, Figures] = {}
        for each in await self._usage.find(wanted):
            owner = each["_id"]["owner"]
            if each["_id"]["id"] == OPENING:
                openings[owner] = each
            else:
                noted[owner] = each.get("visitors", 0)
        return noted, openings

    async def _fold(self, scopes: Sequence[TenantScope], now: float, noted: Mapping[str, int]) -> dict[str, int]:
        """Notes what Redis has counted since; never fewer than noted before. Gives what is noted now."""
        try:
            counted = dict(
                zip((str(each.owner) for each in scopes), await self._visitors.counts(scopes, now), strict=True)
            )
        except StorageUnavailable:
            counted = {}
        more = {owner: count for owner, count in counted.items() if count > noted.get(owner, 0)}
        key = _visitors_of(month_of(now))
        first = [owner for owner in more if owner not in noted]
        new = await self._usage.insert_new([New(owner, key, {"visitors": more[owner]}) for owner in first])
        old = more.keys() - {first[place] for place in new}
        await self._usage.update_each([Change(owner, key, {"$max": {"visitors": more[owner]}}) for owner in old])
        return {**noted, **more}


def _visitors_of(month: str) -> str:
    return f"visitors:{month}"


def _figures(opening: Figures, month: str, sent: int, visitors: int, revenue: Decimal) -> Figures:
    brought: Figures = opening.get("stats", {})
    if opening.get("period") != month:
        brought = {name: value for name, value in brought.items() if name == _REVENUE}
    brought_gb, brought_visitors = brought.get("bandwidth_used_gb", 0), brought.get("monthly_visitors", 0)
    if revenue:
        brought = {**brought, _REVENUE: float(_exact(brought.get(_REVENUE, 0)) + revenue)}
    return {
        **brought,
        "monthly_visitors": brought_visitors + visitors,
        # A figure that nothing was added to stays as it was brought: 120 does not become 120.0.
        "bandwidth_used_gb": round(brought_gb + sent / _GB, 9) if sent else brought_gb,
    }


def _exact(figure: float) -> Decimal:
    """What a figure shows: 150.5 and not its binary neighbour."""
    return Decimal(str(figure))
