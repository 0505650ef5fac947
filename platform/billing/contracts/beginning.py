"""How a contract begins: pure, from the tenant's document, its plan, and what was agreed beside it."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final, cast

import msgspec
from msgspec import Struct

from billing.calendar import boundary
from billing.contracts.model import CONTRACT, BadTerms, BillTo, Contract, Coupon, Phase, Tax
from billing.plans.model import Plan
from billing.rating.terms import terms_of
from tenancy.model import Tenant

_QUARTER: Final = timedelta(minutes=15)


class Opening(Struct, frozen=True, kw_only=True):
    """What was agreed at the beginning; None is what the tenant's document or the plan says.

    `anchor` (naive UTC) starts period 0. `zone` is UTC. `from_n` is the first period that is billed here: 0 with an
    anchor, else the one in which the tenant was created, for what was before is billed already where a `start_date`
    was brought along from.
    """

    anchor: datetime | None = None
    zone: str | None = None
    anchor_day: int | None = None
    from_n: int | None = None
    trial_days: int | None = None
    addons: dict[str, int] | None = None
    capacity: int | None = None
    override: dict[str, int] = {}
    coupon: Coupon | None = None
    tax: Tax = Tax()
    gateway: str = "manual"
    customer: str | None = None
    method: str | None = None
    bill_to: BillTo | None = None
    terms_days: int = 14


def begun(tenant: Tenant, plan: Plan, opening: Opening, now: datetime) -> Contract:
    """The contract as it begins. Raises BadTerms, BadCalendar.

    A plan that is paid in advance begins after its trial, and with the closing of the period before its first: that
    bill carries the first advance and nothing else.
    """
    if plan.currency != tenant.currency:
        raise BadTerms(f"{plan.ref} is in {plan.currency}, and {tenant.id} is billed in {tenant.currency}")
    anchor = quarter_of(opening.anchor or _start_date(tenant) or tenant.created_at or now)
    trial_until = _trial_end(anchor, plan, opening)
    contract = Contract(
        id=CONTRACT,
        anchor=trial_until or anchor if plan.advance else anchor,
        zone=opening.zone or "UTC",
        unit=plan.unit,
        every=plan.every,
        anchor_day=opening.anchor_day,
        currency=plan.currency,
        phases=(),
        tax=opening.tax,
        gateway=opening.gateway,
        customer=opening.customer,
        method=opening.method,
        bill_to=opening.bill_to or _bill_to(tenant),
        terms_days=opening.terms_days,
        next_n=0,
        next_due=None,
    )
    first_n = _first_n(contract, opening, tenant.created_at or now)
    since = contract.period(first_n).start
    phase = first_phase(tenant, plan, opening, since)
    terms_of(phase, plan)
    next_n = first_n - 1 if plan.advance else first_n
    return msgspec.structs.replace(
        contract,
        phases=(phase,),
        coupon=None if opening.coupon is None else msgspec.structs.replace(opening.coupon, since_n=first_n),
        trial_until=trial_until if trial_until is not None and trial_until > since else None,
        next_n=next_n,
        next_due=contract.closing_of(next_n),
    )


def quarter_of(moment: datetime) -> datetime:
    """The beginning of the moment's quarter of an hour, in which usage is counted."""
    return moment - (moment - datetime.min) % _QUARTER  # noqa: DTZ901 - naive datetimes mean UTC here


def _trial_end(anchor: datetime, plan: Plan, opening: Opening) -> datetime | None:
    days = plan.trial_days if opening.trial_days is None else opening.trial_days
    if not 0 <= days <= 3_650:
        raise BadTerms(f"trial_days {days}: 0 to 3650")
    if days == 0:
        return None
    end = boundary(anchor.replace(tzinfo=UTC), days, unit="day", every=1, zone=opening.zone or "UTC")
    return quarter_of(end.replace(tzinfo=None))


def _first_n(contract: Contract, opening: Opening, created_at: datetime) -> int:
    if opening.from_n is not None:
        if opening.from_n < 0:
            raise BadTerms(f"from_n {opening.from_n}: periods of a contract go from 0 on")
        return opening.from_n
    if opening.anchor is not None or created_at < contract.anchor:
        return 0
    return contract.index_at(created_at)


def first_phase(tenant: Tenant, plan: Plan, opening: Opening, since: datetime) -> Phase:
    """The terms that a contract begins with: what was agreed, or what the tenant's document has that the plan sells."""
    brought = {name for name, addon in tenant.addons.items() if _fields(addon).get("active") is True}
    wanted = _fields(tenant.addons.get("capacity")).get("tier")
    tier = next((each.tier for each in plan.capacity if each.tier == wanted), 0)
    return Phase(
        since=since,
        plan=plan.ref,
        addons={name: 1 for name in plan.addons if name in brought} if opening.addons is None else opening.addons,
        capacity=tier if opening.capacity is None else opening.capacity,
        override=opening.override,
    )


def _start_date(tenant: Tenant) -> datetime | None:
    """When the operator's document says that the subscription began; odd values are passed over."""
    value = tenant.subscription.get("start_date")
    if isinstance(value, str):
        try:
            value = datetime.fromisoformat(value)
        except ValueError:
            return None
    if not isinstance(value, datetime):
        return None
    try:
        return value if value.tzinfo is None else value.astimezone(UTC).replace(tzinfo=None)
    except OverflowError:
        return None


def _bill_to(tenant: Tenant) -> BillTo:
    return BillTo(
        name=tenant.legal.name or tenant.brand.name or tenant.domain,
        address=tenant.legal.address,
        email=tenant.owner_email or tenant.legal.email,
        locale=tenant.brand.locale or "en",
    )


def _fields(value: object) -> Mapping[str, Any]:
    return cast("Mapping[str, Any]", value) if isinstance(value, Mapping) else {}
