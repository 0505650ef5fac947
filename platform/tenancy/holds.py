"""Why a tenant may not serve: holds are set and lifted one by one, and its status follows from them.

A hold of each kind stands by itself. A payment lifts the billing hold and no other; what the law asked for is lifted by
the platform alone, and what a contract's end set by its new beginning (`billing.contracts.holding`).
"""

from datetime import datetime
from typing import Any

from storage.audit import Actor
from storage.moments import moment
from storage.mongo import Stored
from tenancy.desk import TenantDesk, amend
from tenancy.errors import NoSuchHold
from tenancy.model import HoldKind, Tenant


async def suspend(desk: TenantDesk, tenant_id: str, kind: HoldKind, reason: str, *, actor: Actor) -> Tenant:
    """Sets a hold; one of the kind that stands already keeps its reason and date. Raises NoSuchTenant."""
    hold = {"kind": kind, "reason": reason, "since": moment(desk.clock()), "by": _name(actor)}

    def change(fields: Stored, ours: Stored) -> None:
        if not _of_kind(ours, kind):
            ours["holds"] = [*ours.get("holds", []), hold]
        _derive(fields, ours)

    return await amend(desk, tenant_id, change, "tenant.suspend", actor, {"kind": kind, "reason": reason})


async def resume(desk: TenantDesk, tenant_id: str, kind: HoldKind, *, actor: Actor) -> Tenant:
    """Lifts the hold of the kind; the tenant serves again once no hold is left. Raises NoSuchTenant, NoSuchHold."""

    def change(fields: Stored, ours: Stored) -> None:
        if not _of_kind(ours, kind):
            raise NoSuchHold(f"{tenant_id} has no {kind} hold")
        _lift(ours, kind, moment(desk.clock()))
        _derive(fields, ours)

    return await amend(desk, tenant_id, change, "tenant.resume", actor, {"kind": kind})


async def fall_due(desk: TenantDesk, tenant_id: str, *, actor: Actor) -> Tenant:
    """A payment is late: the site stays up and is `past_due`. Raises NoSuchTenant."""

    def change(fields: Stored, ours: Stored) -> None:
        ours["past_due"] = True
        _derive(fields, ours)

    return await amend(desk, tenant_id, change, "tenant.fall_due", actor, {})


async def settle(desk: TenantDesk, tenant_id: str, *, actor: Actor) -> Tenant:
    """Everything is paid: no longer past due, no billing hold; other holds stay. Raises NoSuchTenant."""

    def change(fields: Stored, ours: Stored) -> None:
        ours["past_due"] = False
        _lift(ours, "billing", moment(desk.clock()))
        _derive(fields, ours)

    return await amend(desk, tenant_id, change, "tenant.settle", actor, {})


def _of_kind(ours: Stored, kind: HoldKind) -> list[Any]:
    return [hold for hold in ours.get("holds", []) if hold["kind"] == kind]


def _lift(ours: Stored, kind: HoldKind, now: datetime) -> None:
    past = [{"kind": kind, "since": hold["since"], "until": now} for hold in _of_kind(ours, kind)]
    ours["past_holds"] = [*ours.get("past_holds", []), *past]
    ours["holds"] = [hold for hold in ours.get("holds", []) if hold["kind"] != kind]


def _derive(fields: Stored, ours: Stored) -> None:
    if ours.get("holds"):
        fields["status"] = "suspended"
    else:
        fields["status"] = "past_due" if ours.get("past_due") else "active"


def _name(actor: Actor) -> str:
    return f"{actor.kind}:{actor.id}"
