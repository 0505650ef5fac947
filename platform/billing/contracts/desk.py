"""What people and jobs do to contracts: each deed is written over what was read, and audited."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, final

import msgspec

from billing.contracts.beginning import Opening, begun
from billing.contracts.changing import Change, cancelled, changed, kept_on, with_coupon, with_trial
from billing.contracts.checking import check_bill_to, check_coupon, check_tax
from billing.contracts.model import CONTRACT, BadTerms, BillTo, Contract, Coupon, NoContract, Tax
from billing.contracts.repository import ContractRepository
from billing.contracts.resuming import begun_again
from billing.plans.defaults import default_plan
from billing.plans.model import Plan
from billing.plans.repository import Plans
from storage.audit import Actor, Audit
from storage.errors import Conflict
from storage.moments import Clock, moment
from storage.mongo import Database
from storage.scope import TenantScope
from tenancy.model import Tenant

Decide = Callable[[Contract, Mapping[str, Plan]], Contract]


@final
class Contracts:
    """The contracts of all tenants, by scope. Changing verbs raise NoContract, BadTerms and StorageUnavailable."""

    def __init__(self, database: Database, clock: Clock, audit: Audit) -> None:
        self._database = database
        self._clock = clock
        self._audit = audit
        self._plans = Plans(database)

    async def get(self, scope: TenantScope) -> Contract | None:
        """The tenant's contract."""
        return await ContractRepository(self._database, scope).get()

    async def begin(
        self,
        scope: TenantScope,
        tenant: Tenant,
        plan_ref: str | None = None,
        opening: Opening = Opening(),  # noqa: B008 - a frozen struct
        *,
        actor: Actor,
    ) -> Contract:
        """The tenant's contract, begun if there is none, and again if it has ended.

        None is the default plan of the tenant's kind and currency. Raises BadTerms, BadCalendar.
        """
        contracts = ContractRepository(self._database, scope)
        held = await contracts.get()
        if held is not None and not held.has_ended(self._now()):
            return held
        plan = await self._plan_for(tenant, plan_ref)
        if opening.coupon is not None:
            check_coupon(opening.coupon)
        if opening.bill_to is not None:
            check_bill_to(opening.bill_to)
        check_tax(opening.tax)
        if held is not None:
            return await self._begin_again(scope, tenant, plan, opening, actor)
        contract = begun(tenant, plan, opening, self._now())
        try:
            await contracts.add(contract)
        except Conflict:  # begun at the same moment from elsewhere
            return await contracts.get() or contract
        detail = {"plan": plan.ref, "anchor": contract.anchor, "zone": contract.zone}
        await self._audit.record(scope, actor, "contract.begin", CONTRACT, detail)
        return contract

    async def change(
        self,
        scope: TenantScope,
        *,
        plan: str | None = None,
        addons: dict[str, int] | None = None,
        capacity: int | None = None,
        override: dict[str, int] | None = None,
        at: datetime | None = None,
        actor: Actor,
    ) -> Contract:
        """Other terms from `at` (naive UTC; None: now) on, as `changing.changed` decides."""
        change = Change(plan=plan, addons=addons, capacity=capacity, override=override)

        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return changed(contract, plans, change, at=at, now=self._now())

        said = {name: value for name, value in msgspec.structs.asdict(change).items() if value is not None}
        return await self._amend(scope, decide, "contract.change", {**said, "at": at}, actor)

    async def cancel(self, scope: TenantScope, *, at_period_end: bool, actor: Actor) -> Contract:
        """Ends the contract with the open period, or now."""

        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return cancelled(contract, at_period_end=at_period_end, now=self._now())

        return await self._amend(scope, decide, "contract.cancel", {"at_period_end": at_period_end}, actor)

    async def keep_on(self, scope: TenantScope, *, actor: Actor) -> Contract:
        """Takes a cancellation back before it comes into force."""

        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return kept_on(contract, now=self._now())

        return await self._amend(scope, decide, "contract.keep_on", {}, actor)

    async def set_coupon(self, scope: TenantScope, coupon: Coupon | None, *, actor: Actor) -> Contract:
        """Gives a coupon from the open period on, or takes it away."""

        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return with_coupon(contract, coupon, now=self._now())

        code = None if coupon is None else coupon.code
        return await self._amend(scope, decide, "contract.coupon", {"code": code}, actor)

    async def set_trial(self, scope: TenantScope, until: datetime, *, actor: Actor) -> Contract:
        """Sets when the trial ends, naive UTC."""

        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return with_trial(contract, plans, until, now=self._now())

        return await self._amend(scope, decide, "contract.trial", {"until": until}, actor)

    async def set_tax(self, scope: TenantScope, tax: Tax, *, actor: Actor) -> Contract:
        """Sets the tax of every bill that is drafted from now on."""
        check_tax(tax)
        return await self._set(scope, "contract.tax", msgspec.structs.asdict(tax), actor, tax=tax)

    async def set_bill_to(self, scope: TenantScope, bill_to: BillTo, *, actor: Actor) -> Contract:
        """Sets whom the bills are written to. What it says is not in the audit."""
        check_bill_to(bill_to)
        return await self._set(scope, "contract.bill_to", {}, actor, bill_to=bill_to)

    async def set_payment(
        self, scope: TenantScope, *, gateway: str, customer: str | None, method: str | None, actor: Actor
    ) -> Contract:
        """Sets the gateway that bills are paid through, with its names of the tenant and of the means of payment."""
        chosen = {"gateway": gateway, "customer": customer, "method": method}
        return await self._set(scope, "contract.payment", {"gateway": gateway}, actor, **chosen)

    async def set_terms_days(self, scope: TenantScope, days: int, *, actor: Actor) -> Contract:
        """Sets how many days after its issue a bill falls due."""
        if not 0 <= days <= 365:
            raise BadTerms(f"terms_days {days}: 0 to 365")
        return await self._set(scope, "contract.terms", {"terms_days": days}, actor, terms_days=days)

    async def advance_to(self, scope: TenantScope, n_from: int, next_n: int, next_due: datetime | None) -> bool:
        """Period `n_from` is closed: goes on to `next_n`. False if it went on already, or changed at this moment."""
        contracts = ContractRepository(self._database, scope)
        contract = await contracts.get()
        if contract is None or contract.next_n != n_from:
            return False
        return await contracts.advance(contract, next_n, next_due)

    async def _begin_again(
        self, scope: TenantScope, tenant: Tenant, plan: Plan, opening: Opening, actor: Actor
    ) -> Contract:
        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return begun_again(contract, tenant, plan, opening, self._now())

        detail = {"plan": plan.ref, "anchor": opening.anchor}
        return await self._amend(scope, decide, "contract.begin_again", detail, actor)

    async def _set(
        self, scope: TenantScope, action: str, detail: Mapping[str, Any], actor: Actor, **fields: Any
    ) -> Contract:
        def decide(contract: Contract, plans: Mapping[str, Plan]) -> Contract:
            return msgspec.structs.replace(contract, **fields)

        return await self._amend(scope, decide, action, detail, actor)

    async def _amend(
        self, scope: TenantScope, decide: Decide, action: str, detail: Mapping[str, Any], actor: Actor
    ) -> Contract:
        contracts = ContractRepository(self._database, scope)
        plans = await self._plans.every()
        while True:
            held = await contracts.get()
            if held is None:
                raise NoContract(f"{scope.tenant_id} has no contract")
            after = decide(held, plans)
            if after == held:
                return held
            if await contracts.replace(held, after):
                await self._audit.record(scope, actor, action, CONTRACT, detail)
                return msgspec.structs.replace(after, revision=held.revision + 1)

    async def _plan_for(self, tenant: Tenant, plan_ref: str | None) -> Plan:
        if plan_ref is not None:
            plan = await self._plans.get(plan_ref)
            if plan is None:
                sold = sorted(await self._plans.every())
                raise BadTerms(f"there is no plan {plan_ref}; there are {', '.join(sold) or 'none'}")
            return plan
        plan = await default_plan(self._plans, tenant.plan, tenant.currency)
        if plan is None:
            raise BadTerms(f"no plan of kind {tenant.plan} is sold in {tenant.currency}")
        return plan

    def _now(self) -> datetime:
        return moment(self._clock())
