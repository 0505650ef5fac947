"""The published plans: `plans`, a document a version, which is never changed once it is written."""

from __future__ import annotations

from typing import Any, Final

import msgspec

from billing.plans.checking import check
from billing.plans.model import BadPlan, Plan
from storage.errors import Conflict
from storage.indexes import Index
from storage.mongo import Stored
from storage.platform_repository import PlatformRepository

INDEXES: Final = (Index("plans", (("plan_id", 1), ("version", -1)), "plan_version", unique=True),)


class Plans(PlatformRepository[Plan]):
    """Every version of every plan, by its reference (`starter@2`)."""

    collection = "plans"
    document = Plan

    @classmethod
    def _decode(cls, document: Stored) -> Plan:
        return super()._decode({**document, "id": document.get("plan_id")})

    async def get(self, ref: str) -> Plan | None:
        """The plan of this reference."""
        return await self._get(ref)

    async def latest(self, plan_id: str) -> Plan | None:
        """The newest version of the plan."""
        found = await self._list({"plan_id": plan_id}, sort=[("version", -1)], limit=1)
        return found[0] if found else None

    async def every(self) -> dict[str, Plan]:
        """All versions of all plans, by reference."""
        return {plan.ref: plan for plan in await self._list({}, sort=[("plan_id", 1), ("version", 1)])}

    async def prices_of(self, currency: str) -> list[Plan]:
        """What is sold in the currency now: the newest version of each plan, by id."""
        found = await self._list({"currency": currency}, sort=[("plan_id", 1), ("version", 1)])
        newest = {plan.id: plan for plan in found}
        return list(newest.values())

    async def publish(self, plan: Plan) -> bool:
        """Writes a version; False when it is there already, just so.

        Raises BadPlan for one that cannot be sold, that is there with other content, or that changes the plan's
        currency or kind.
        """
        check(plan)
        before = await self.latest(plan.id)
        if before is not None and (before.currency, before.kind) != (plan.currency, plan.kind):
            raise BadPlan(f"{plan.id} is a plan of kind {before.kind} in {before.currency}: take another id")
        fields: dict[str, Any] = msgspec.to_builtins(plan)
        fields["plan_id"] = fields.pop("id")
        try:
            await self._insert(plan.ref, fields)
        except Conflict as error:
            if await self.get(plan.ref) == plan:
                return False
            raise BadPlan(f"version: {plan.ref} is published already and never changes; take the next") from error
        return True
