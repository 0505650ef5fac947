"""Statements: one for every closed period in which a tenant's viewers' money moved, or a balance was carried.

A statement, its entry in the ledger and its payout are written in one transaction under ids that follow from the
period, so that whoever comes second or dies on the way changes nothing.
"""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import datetime
from typing import Any, Final

from billing.contracts.model import Contract
from billing.contracts.repository import ContractRepository
from billing.ledger.ledger import Ledger
from billing.ledger.model import LedgerConflict
from billing.ledger.revenue import returned, revenue_of
from billing.periods.model import BilledPeriod
from billing.periods.repository import PeriodRepository
from billing.plans.model import Plan
from billing.plans.repository import Plans
from billing.rating import holds_within
from billing.settlements.desk import Desk, SettlementReport
from billing.settlements.model import Statement, Totals
from billing.settlements.reckoning import payout_entry, payout_of, share_lines, statement_entry, statement_of
from billing.settlements.repository import PayoutRepository, StatementRepository, books_of, sellers_among
from storage.across import Across, Change
from storage.errors import Conflict, Unreadable
from storage.scope import TenantScope
from storage.transactions import all_or_none
from tenancy.model import Tenant

BLOCK: Final = 500
_CLOSED: Final = ("issued", "free", "void")
_SINCE_EVER: Final = datetime.min  # noqa: DTZ901 - naive datetimes mean UTC here
log = logging.getLogger("marquee.billing")


async def settle_periods(desk: Desk, *, block: int = BLOCK) -> SettlementReport:
    """Settles whatever is closed and not settled yet, the oldest first."""
    report = SettlementReport(failed={})
    plans: Mapping[str, Plan] = {}
    periods = Across(desk.database, PeriodRepository.collection)
    after: datetime | None = None
    while True:
        bounds: dict[str, Any] = {} if after is None else {"end": {"$gt": after}}
        wanted = {"settled": False, "state": {"$in": list(_CLOSED)}, **bounds}
        found = await periods.find(wanted, fields=["_id", "end"], sort=[("end", 1)], limit=block)
        if not found:
            return report
        plans = plans or await Plans(desk.database).every()
        places = [(each["_id"]["owner"], each["_id"]["id"]) for each in found]
        if len(found) == block:
            # Those of the last moment may go on behind the block.
            last = found[-1]["end"]
            same = await periods.find({**wanted, "end": last}, fields=["_id"])
            places += [place for each in same if (place := (each["_id"]["owner"], each["_id"]["id"])) not in places]
        for first in range(0, len(places), block):
            await _settle(desk, plans, places[first : first + block], report)
        after = found[-1]["end"]


async def _settle(
    desk: Desk, plans: Mapping[str, Plan], places: list[tuple[str, int]], report: SettlementReport
) -> None:
    sellers = await sellers_among(desk.database, [owner for owner, _ in places])
    nothing = [Change(owner, n, {"$set": {"settled": True}}) for owner, n in places if owner not in sellers]
    await Across(desk.database, PeriodRepository.collection).update_each(nothing)
    report.looked += len(places)
    for owner, n in sorted(place for place in places if place[0] in sellers):
        scope = desk.system.owner_scope(owner)
        if not isinstance(scope, TenantScope):
            continue
        try:
            report.made += await settle_period(desk, scope, n, plans) is not None
        except (ValueError, Unreadable, LedgerConflict) as error:
            log.warning("period %d of tenant %s cannot be settled: %s", n, scope.tenant_id, error)
            report.failed[scope.tenant_id] = str(error)


async def settle_period(desk: Desk, scope: TenantScope, n: int, plans: Mapping[str, Plan]) -> Statement | None:
    """The statement of a closed period, made if it is not; None where there is nothing to be settled, or not yet.

    Raises BadTerms, Unreadable, LedgerConflict.
    """
    contract = await ContractRepository(desk.database, scope).get()
    tenant = await desk.tenants.get(scope.tenant_id)
    if contract is None:
        return None
    work = _Settling(desk, scope, contract, tenant, plans)
    try:
        return await all_or_none(desk.database, lambda: work.write(n))
    except Conflict:
        return await StatementRepository(desk.database, scope).get(n)


class _Settling:
    """One transaction's work."""

    def __init__(
        self, desk: Desk, scope: TenantScope, contract: Contract, tenant: Tenant | None, plans: Mapping[str, Plan]
    ) -> None:
        self._desk = desk
        self._scope = scope
        self._contract = contract
        self._tenant = tenant
        self._plans = plans
        self._periods = PeriodRepository(desk.database, scope)
        self._statements = StatementRepository(desk.database, scope)

    async def write(self, n: int) -> Statement | None:
        period, before = await self._periods.get(n), await self._periods.get(n - 1)
        if period is None or period.state not in _CLOSED or (before is not None and not before.settled):
            return None
        made = await self._statements.get(n)
        if made is None:
            made = await self._make(period)
            if made is not None:
                await self._book(made)
        await self._periods.settled(n)
        return made

    async def _make(self, period: BilledPeriod) -> Statement | None:
        desk, contract = self._desk, self._contract
        until = await books_of(desk.database, self._scope).totals(period.end)
        previous = await self._statements.before(period.id)
        if until == (Totals() if previous is None else previous.until) and (previous is None or not previous.carry):
            return None
        phase = contract.last_phase(period.id)
        figures = until if previous is None else until.since(previous.until)
        tenant = self._tenant
        holds = () if tenant is None else holds_within(tenant, _SINCE_EVER, period.end)
        revenue = figures.revenue - await self._outside(period)
        return statement_of(
            contract,
            contract.period(period.id),
            None if phase is None else self._plans.get(phase.plan),
            tenant_id=self._scope.tenant_id,
            until=until,
            previous=previous,
            shares=share_lines(contract, self._plans, contract.period(period.id), holds, revenue),
            # Behind the end no other period is certain: whatever there is goes out now.
            least=desk.least if contract.absence(period.id) is None else 1,
            payout_to="" if tenant is None else tenant.payouts.stripe_account or tenant.payouts.to,
            issuer=desk.issuer,
            now=desk.now(),
        )

    async def _outside(self, period: BilledPeriod) -> int:
        """What the period's revenue has of sales from before the trial's end, of which the platform has no share.

        What goes back of a sale belongs to the sale, whenever it does.
        """
        since = self._contract.counts_since
        database, scope = self._desk.database, self._scope
        first = min(max(period.start, since), period.end)
        sold = await revenue_of(database, scope, start=period.start, end=first) if first > period.start else 0
        went = await returned(database, {scope.owner: since}, first, period.end)
        return sold - went.get(scope.owner, 0)

    async def _book(self, statement: Statement) -> None:
        ledger = Ledger(self._desk.database)
        await self._statements.add(statement)
        settled = statement_entry(statement)
        if settled is not None:
            await ledger.post(self._scope, settled)
        payout = payout_of(statement)
        if payout is not None:
            await PayoutRepository(self._desk.database, self._scope).add(payout)
            await ledger.post(self._scope, payout_entry(payout))
