"""What the open period would come to: the same reckoning, with the usage so far and nothing written."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from billing.contracts.model import BadTerms, NoContract
from billing.periods.desk import Desk
from billing.periods.facts import Asking, gather, rated
from billing.plans.repository import Plans
from billing.rating import Rated
from storage.scope import TenantScope


class Preview(Struct, frozen=True, kw_only=True):
    """Period n as it stands."""

    n: int
    start: datetime
    end: datetime
    plan: str
    currency: str
    rated: Rated


async def preview_of(desk: Desk, scope: TenantScope) -> Preview:
    """The period that is to be closed next, as if it ended with what is known. Raises NoContract, BadTerms."""
    contract = await desk.contracts.get(scope)
    if contract is None:
        raise NoContract(f"{scope.tenant_id} has no contract; marquee billing run begins it")
    if contract.next_due is None:
        raise BadTerms(f"the contract ended {contract.ends_at} UTC, and nothing is open")
    asked = Asking(scope.owner, contract, contract.next_n)
    plans = await Plans(desk.database).every()
    facts = await gather(desk, [asked], plans)
    period = contract.period(asked.n)
    phase = contract.phase_at(desk.now()) or contract.phases[0]
    return Preview(
        n=asked.n,
        start=period.start,
        end=contract.closing_of(asked.n) or period.end,
        plan=phase.plan,
        currency=contract.currency,
        rated=rated(asked, facts[asked.place], plans),
    )
