"""The club of the settlements' tests, and the desk that settles it."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from msgspec import Struct

from billing.ledger.ledger import Ledger
from billing.payments.reconciling import reconcile
from billing.plans.model import Band
from billing.settlements.closing import settle_periods
from billing.settlements.desk import Desk, SettlementReport
from billing.settlements.leaving import follow_ended
from billing.settlements.model import Payout, Statement
from billing.settlements.repository import INDEXES, PayoutRepository, StatementRepository
from storage.indexes import build_indexes
from storage.scope import TenantScope
from storage.valkey import Cache
from tests.billing.memberships.club import Club, club_on
from tests.billing.stage import Stage, at, monthly


class House(Struct):
    """Short ways to months that end and to what is settled of them."""

    club: Club
    desk: Desk

    async def site(self, tenant_id: str = "north", *, shares: bool = False, **settings: object) -> TenantScope:
        """A site whose operator pays a fixed fee, or shares: 30 % of the first 20.00, then 10 %."""
        plan = monthly()
        if shares:
            plan = monthly(id="partner", kind="rev_share", base=0, bands=(Band(2_000, 3_000), Band(None, 1_000)))
        scope = await self.club.site(tenant_id, plan)
        if settings:
            await self.desk.tenants.amend(tenant_id, lambda _, ours: ours.update({"payouts": settings}))
        return scope

    async def month(self, until: str) -> SettlementReport:
        """Time goes on to the moment, all news arrives, the periods are billed and settled."""
        await reconcile(self.club.desk.cashier)
        self.club.stage.set_time(at(until))
        await follow_ended(self.desk.database, self.desk.now())
        await self.club.stage.run()
        return await settle_periods(self.desk)

    async def statement(self, scope: TenantScope, n: int) -> Statement:
        found = await StatementRepository(self.desk.database, scope).get(n)
        assert found is not None
        return found

    async def payouts(self, scope: TenantScope) -> list[Payout]:
        return await PayoutRepository(self.desk.database, scope).newest()

    async def held(self, scope: TenantScope, *accounts: str) -> list[int]:
        balances = await Ledger(self.desk.database).balances(scope)
        return [balances.get(each, 0) for each in accounts]


@pytest.fixture
async def house(stage: Stage, cache: Cache) -> AsyncIterator[House]:
    async with club_on(stage, cache) as club:
        await build_indexes(stage.database, INDEXES)
        desk = Desk(
            cashier=club.desk.cashier,
            tenants=club.desk.tenants,
            system=club.desk.system,
            least=500,
        )
        yield House(club, desk)
