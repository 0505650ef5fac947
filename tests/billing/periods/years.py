"""Years of tenants, usage, payments, refunds, disputes, holds, plan changes, downtime, schedulers that die.

Whatever happens: each period is billed exactly once, without gaps and overlaps; nothing is charged for time under a
billing or legal hold; every byte is billed once, the late ones too; what is issued never changes; the books balance and
agree with every document.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import initialize, precondition, rule

from billing.checking.numbers import check_numbers
from billing.checking.tenant import check_tenant
from billing.contracts.beginning import quarter_of
from billing.contracts.holding import hold_ended
from billing.contracts.model import BadTerms
from billing.invoices.model import Invoice
from billing.ledger.revenue import earned_by, revenue_in_all
from billing.periods.model import BilledPeriod
from billing.periods.repository import PeriodRepository
from storage.scope import TenantScope
from tenancy.holds import resume, suspend
from tenancy.stats import Stats
from tenancy.tenants import TenantStore
from tests.billing.periods.paying import Paying
from tests.billing.periods.reckoning import GB, Hold, Told
from tests.billing.stage import ACTOR, monthly

PLANS = {
    "monthly": monthly(included_gb=0, overage_per_gb=1, addons={}),
    "weekly": monthly(id="weekly", unit="week", base=700, included_gb=0, overage_per_gb=1, addons={}),
    "daily": monthly(id="daily", unit="day", every=5, base=333, included_gb=0, overage_per_gb=1, addons={}),
    "yearly": monthly(id="yearly", unit="year", base=99_999, included_gb=0, overage_per_gb=1, addons={}),
    "ahead": monthly(id="ahead", advance=True, base=1_001, included_gb=0, overage_per_gb=1, addons={}),
}
ZONES = ["UTC", "Europe/Berlin", "America/St_Johns", "Asia/Kathmandu", "Australia/Lord_Howe"]
ANCHORS = ["2026-01-01T00:00", "2026-01-31T10:15", "2025-12-31T23:45", "2025-10-26T00:30"]
KINDS = ("billing", "legal", "operator")
MOST_TENANTS = 3
AT_ISSUE = ("number", "lines", "total", "taxes", "subtotal", "start", "end", "issued_at", "due_at", "bill_to")


class SchedulerDied(Exception):
    """Raised between two steps of the cycle."""


class Years(Paying):
    """One platform, over years."""

    def __init__(self) -> None:
        super().__init__()
        self.plans: dict[str, str] = {}
        self.issued: dict[tuple[str, str], dict[str, Any]] = {}

    @initialize(plan=st.sampled_from(sorted(PLANS)), zone=st.sampled_from(ZONES), anchor=st.sampled_from(ANCHORS))
    def begin(self, plan: str, zone: str, anchor: str) -> None:
        self.add(plan, zone, anchor)

    @precondition(lambda self: len(self.told) < MOST_TENANTS)
    @rule(plan=st.sampled_from(sorted(PLANS)), zone=st.sampled_from(ZONES), anchor=st.sampled_from(ANCHORS))
    def add(self, plan: str, zone: str, anchor: str) -> None:
        name = f"tenant-{len(self.told)}"
        scope = self.do(self.stage.add_tenant(name))
        since = datetime.fromisoformat(anchor)
        # Old contracts of a young platform are no business of this: periods begin in the last year at the earliest.
        if self.now - since > timedelta(days=200):
            since = self.now.replace(hour=0, minute=0, second=0, microsecond=0)
        self.do(self.stage.begin(scope, PLANS[plan], anchor=since, zone=zone))
        self.scopes[name], self.plans[name] = scope, plan
        self.told[name] = Told([(since, PLANS[plan].base)])

    @precondition(lambda self: len(self.told) < MOST_TENANTS)
    @rule(plan=st.sampled_from(sorted(PLANS)), zone=st.sampled_from(ZONES), days=st.integers(0, 400))
    def arrive(self, plan: str, zone: str, days: int) -> None:
        """A tenant that was there for long when its contract was written down."""
        name, since = f"tenant-{len(self.told)}", quarter_of(self.now)
        scope = self.do(self.stage.add_tenant(name))
        self.clock.advance(days * 86_400)
        self.do(self.stage.begin(scope, PLANS[plan], zone=zone))
        self.scopes[name], self.plans[name] = scope, plan
        self.told[name] = Told([(since, PLANS[plan].base)])

    @rule(data=st.data(), days=st.integers(0, 70), quarter=st.integers(0, 95), size=st.integers(1, 3 * GB))
    def send(self, data: st.DataObject, days: int, quarter: int, size: int) -> None:
        name = self.one(data)
        day = (self.now - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
        at = day + timedelta(minutes=15 * quarter)
        if at < self.told[name].prices[0][0] or at > self.now:
            return
        self.do(self.stage.use(self.scopes[name], f"{at:%Y-%m-%d}", size, f"{at:%H%M}"))
        self.told[name].sent.append((at, size))

    @rule(data=st.data(), base=st.integers(0, 5_000))
    def change_price(self, data: st.DataObject, base: int) -> None:
        name = self.one(data)
        if self.plans[name] == "ahead":
            return
        now = self.now
        try:
            self.do(self.stage.desk.contracts.change(self.scopes[name], override={"base": base}, actor=ACTOR))
        except BadTerms:
            return
        self.told[name].prices.append((now, base))

    @rule(data=st.data(), kind=st.sampled_from(KINDS))
    def hold(self, data: st.DataObject, kind: Any) -> None:
        name = self.one(data)
        desk, held = self.stage.tenants(self.cashier.events), self.told[name].held_now(kind)
        if held is None:
            self.do(suspend(desk, name, kind, "because", actor=ACTOR))
            self.told[name].holds.append(Hold(kind, self.now))
        else:
            self.do(resume(desk, name, kind, actor=ACTOR))
            held.until = self.now

    @rule(data=st.data(), now=st.booleans())
    def cancel(self, data: st.DataObject, *, now: bool) -> None:
        name = self.one(data)
        if self.plans[name] == "ahead" or data.draw(st.integers(0, 3), label="rarely"):
            return
        held = self.do(self.stage.desk.contracts.cancel(self.scopes[name], at_period_end=not now, actor=ACTOR))
        self.told[name].ends_at = held.ends_at

    @rule(data=st.data(), plan=st.sampled_from(sorted(PLANS)))
    def come_back(self, data: st.DataObject, plan: str) -> None:
        name = self.one(data)
        self._come_back(name, plan)

    def _come_back(self, name: str, plan: str) -> None:
        told = self.told[name]
        if told.ends_at is None or told.ends_at > self.now:
            return
        held = self.do(self.stage.begin(self.scopes[name], PLANS[plan]))
        since = held.phases[-1].since
        assert self.now - since < timedelta(minutes=15)
        told.away.append((told.ends_at, since))
        told.ends_at = None
        told.prices.append((since, PLANS[plan].base))
        self.plans[name] = plan

    @rule(seconds=st.integers(1, 40 * 86_400))
    def pass_time(self, seconds: int) -> None:
        self.clock.advance(seconds)

    @rule(days=st.integers(100, 400))
    def be_down(self, days: int) -> None:
        self.clock.advance(days * 86_400)

    @rule(step=st.integers(1, 24))
    def die_over_it(self, step: int) -> None:
        left = step

        def die(name: str) -> None:
            nonlocal left
            left -= 1
            if left == 0:
                raise SchedulerDied(name)

        dying = msgspec.structs.replace(self.stage, desk=msgspec.structs.replace(self.stage.desk, on_step=die))
        try:
            self.do(dying.run(force=True))
        except SchedulerDied:
            # Its lease runs out.
            self.clock.advance(self.stage.desk.rules.lease_seconds + 1)

    @rule()
    def bill(self) -> None:
        self.do(hold_ended(self.stage.database, self.stage.tenants(self.cashier.events), self.now))
        report = self.do(self.stage.run(force=True))
        assert report.failed == {}
        self.do(self._hold_everything(self.now))

    def teardown(self) -> None:
        try:
            if self.told:
                self._end()
        finally:
            self.do(self.close())
            self.runner.close()

    def _end(self) -> None:
        """All come back, and there is one more bill for everybody: then every byte is billed."""
        self.bill()
        self.clock.advance(370 * 86_400)
        self.bill()
        for name in self.told:
            self._come_back(name, "monthly")
        self.clock.advance(370 * 86_400)
        self.bill()
        for name, told in self.told.items():
            contract = self.do(self.stage.contract(self.scopes[name]))
            periods = [each for each in self.do(self._periods(name)) if contract.absence(each.id) is None]
            assert all(each.billed_bytes == told.sent_between(each.start, each.end) for each in periods), name

    async def _periods(self, name: str) -> list[BilledPeriod]:
        return [each async for each in PeriodRepository(self.stage.database, self.scopes[name]).all()]

    async def _hold_everything(self, now: datetime) -> None:
        database, office = self.stage.database, self.stage.desk.office
        await Stats(database, self.cache).rebuild(self.clock(), partial(earned_by, database))
        found = await check_numbers(database, office.platform)
        for name, scope in self.scopes.items():
            revenue = await revenue_in_all(database, scope, "USD")
            assert revenue * 100 == self.told[name].earned
            found += (await check_tenant(database, scope, now)).findings
            contract = await self.stage.contract(scope)
            assert contract.next_due is None or contract.next_due > now
            await self._hold_site(name)
            await self._hold_bills(name, scope)
            await self.hold_money(name)
        assert found == []

    async def _hold_site(self, name: str) -> None:
        tenant = await TenantStore(self.stage.database).get(name)
        assert tenant is not None
        ends_at = self.told[name].ends_at
        ended = ends_at is not None and ends_at <= self.now
        assert any(hold.kind == "contract" for hold in tenant.holds) == ended

    async def _hold_bills(self, name: str, scope: TenantScope) -> None:
        told, contract = self.told[name], await self.stage.contract(scope)
        invoices = {each.n: each for each in await self.stage.invoices(scope) if not each.of}
        late: dict[int, int] = {}
        for invoice in invoices.values():
            self._hold_unchanged(name, invoice)
            for line in invoice.lines:
                if line.kind == "late":
                    late[int(line.params["n"])] = late.get(int(line.params["n"]), 0) + line.amount
        for period in await self._periods(name):
            whole, invoice = contract.period(period.id), invoices[period.id]
            if period.id < 0:
                continue
            length = whole.end - whole.start
            by_kind = {
                kind: sum(each.amount for each in invoice.lines if each.kind == kind) for kind in ("base", "bandwidth")
            }
            assert by_kind["base"] == told.base(period.start, period.end, length), (name, period)
            costs = bool(told.counted(period.start, period.end))
            assert by_kind["bandwidth"] + late.get(period.id, 0) == costs * -(-period.billed_bytes // GB)
            # What comes for the next bill is late.
            assert period.billed_bytes <= told.sent_between(period.start, period.end)

    def _hold_unchanged(self, name: str, invoice: Invoice) -> None:
        if invoice.number is None:
            return
        said = {field: getattr(invoice, field) for field in AT_ISSUE}
        assert self.issued.setdefault((name, invoice.id), said) == said
