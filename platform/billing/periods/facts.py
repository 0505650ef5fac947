"""What bills are reckoned from, read for many tenants at once: holds, usage, late usage, revenue, advances."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, Final

from msgspec import Struct

from billing.contracts.model import Contract
from billing.ledger.revenue import returned, revenues
from billing.periods.desk import CycleReport, Desk, PlansByRef, tenant_of, told
from billing.periods.late import late_of_many
from billing.periods.model import BilledPeriod
from billing.periods.repository import Place, periods_at
from billing.periods.usage import Asked, bytes_of_many
from billing.rating import Late, Rated, Span, charges, holds_within, metered
from storage.across import Across
from storage.documents import decoded
from storage.errors import Unreadable
from tenancy.model import Tenant

_HOLDS: Final = ("_marquee.holds", "_marquee.past_holds")
# A booking may be seen a little after the time that it bears.
_MARGIN: Final = timedelta(minutes=10)
_SINCE_EVER: Final = datetime.min  # noqa: DTZ901 - naive datetimes mean UTC here


class Asking(Struct, frozen=True):
    """A period of a contract that is to be reckoned."""

    owner: str
    contract: Contract
    n: int

    @property
    def place(self) -> Place:
        """Where it is kept."""
        return self.owner, self.n


class Facts(Struct, frozen=True, kw_only=True):
    """All that a bill depends on beside the contract and its plans. `read_at` is from before usage was read.

    `previous` is the period before, as it is kept; `tenant` is None for one that is gone.
    """

    tenant: Tenant | None
    usage_bytes: int
    late: tuple[Late, ...]
    revenue: int
    advanced: int
    read_at: datetime
    previous: BilledPeriod | None


async def gather(desk: Desk, asked: Sequence[Asking], plans: PlansByRef) -> dict[Place, Facts]:
    """The facts of each, by where it is kept; at most one period of an owner may be asked. Raises Unreadable."""
    read_at = await _database_time(desk)
    tenants = await _tenants(desk, asked)
    previous = await periods_at(desk.database, [(each.owner, each.n - 1) for each in asked])
    spans = {each.place: metered(each.contract, each.contract.period(each.n)) for each in asked}
    wanted: list[Asked] = [(owner, span) for (owner, _), span in spans.items() if span is not None]
    usage = await bytes_of_many(desk.database, wanted)
    earned = await _revenues(desk, asked, spans, plans)
    late = await late_of_many(desk, {each.owner: (each.contract, each.n) for each in asked}, previous)
    found: dict[Place, Facts] = {}
    for each in asked:
        before, span = previous.get((each.owner, each.n - 1)), spans[each.place]
        found[each.place] = Facts(
            tenant=tenants.get(tenant_of(each.owner)),
            usage_bytes=0 if span is None else usage[each.owner, span],
            late=tuple(late.get(each.owner, ())),
            revenue=earned.get(each.owner, 0),
            advanced=0 if before is None else before.advance,
            read_at=read_at,
            previous=before,
        )
    return found


async def gather_readable(
    desk: Desk, asked: Sequence[Asking], plans: PlansByRef, report: CycleReport
) -> dict[Place, Facts]:
    """The same without those whose facts cannot be read, of which the report is told: they are in nobody's way."""
    if not asked:
        return {}
    try:
        return await gather(desk, asked, plans)
    except Unreadable as error:
        if len(asked) == 1:
            told(report, asked[0].owner, error)
            return {}
    middle = len(asked) // 2
    halves = [await gather_readable(desk, half, plans, report) for half in (asked[:middle], asked[middle:])]
    return halves[0] | halves[1]


def rated(asked: Asking, facts: Facts, plans: PlansByRef) -> Rated:
    """What the period comes to. Raises BadTerms."""
    period = asked.contract.period(asked.n)
    if facts.tenant is None:
        # Deleted: nobody is charged any more.
        return Rated(lines=(), subtotal=0, discount=0, tax=0, total=0, counted_seconds=0, period_seconds=period.seconds)
    until = period.end
    return charges(
        asked.contract,
        plans,
        period,
        holds=holds_within(facts.tenant, _SINCE_EVER, until),
        usage_bytes=facts.usage_bytes,
        late=facts.late,
        revenue=facts.revenue,
        advanced=facts.advanced,
    )


async def _database_time(desk: Desk) -> datetime:
    """MongoDB's own time, by which bookings of usage are stamped, less a margin."""
    stages: list[dict[str, Any]] = [{"$limit": 1}, {"$project": {"now": "$$NOW"}}]
    found = await Across(desk.database, "contracts").aggregate(stages)
    now: datetime = found[0]["now"]
    return now - _MARGIN


async def _tenants(desk: Desk, asked: Sequence[Asking]) -> dict[str, Tenant]:
    """Those that are there, with their holds alone."""
    wanted = {"_id": {"$in": [tenant_of(each.owner) for each in asked]}}
    found = await Across(desk.database, "tenants").find(wanted, fields=_HOLDS)
    return {
        each["_id"]: decoded({"id": each["_id"], "domain": "", **each.get("_marquee", {})}, Tenant, "tenants")
        for each in found
    }


async def _revenues(
    desk: Desk, asked: Sequence[Asking], spans: Mapping[Place, Span | None], plans: PlansByRef
) -> dict[str, int]:
    """What the sites earned whose plans have a share of it."""
    together: dict[Span, list[str]] = defaultdict(list)
    for each in asked:
        span = spans[each.place]
        if span is not None and _has_share(each.contract, plans):
            together[span].append(each.owner)
    trials = {each.owner: each.contract.counts_since for each in asked if each.contract.trial_until is not None}
    found: dict[str, int] = {}
    for span, owners in together.items():
        found |= await revenues(desk.database, owners, span.start, span.end)
        # What was sold in a trial bears no share, and what goes back of it takes none away.
        sold_before = {owner: trials[owner] for owner in owners if owner in trials}
        for owner, amount in (await returned(desk.database, sold_before, span.start, span.end)).items():
            found[owner] = found.get(owner, 0) + amount
    return found


def _has_share(contract: Contract, plans: PlansByRef) -> bool:
    return any(phase.plan in plans and plans[phase.plan].kind == "rev_share" for phase in contract.phases)
