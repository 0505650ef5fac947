"""What an owner can do about an open invoice: give time, let it go, give it up, or stop the reminders. Each is audited.

Extending gives a later due date, and the schedule begins anew from there; what the invoice did to the site is undone.
Waiving takes the rest back by a credit note. Writing off books the rest as bad debt and keeps the site as it is: it is
no gift, and a payment that comes after all is taken, booked, and opens the site.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

import msgspec

from billing.dunning.collecting import Collections, due_of, enrolled
from billing.dunning.model import OWN, Dunning, Step, begun, checked, dunning_of
from billing.dunning.repository import DunnedRepository, ScheduleRepository
from billing.invoices.crediting import credit
from billing.invoices.model import Invoice, NoSuchInvoice, ref_of
from billing.invoices.office import Office
from billing.ledger.accounts import BAD_DEBT, RECEIVABLE
from billing.ledger.ledger import Ledger
from billing.ledger.model import Leg, entry
from storage.audit import Actor
from storage.errors import Conflict
from storage.scope import TenantScope
from storage.transactions import all_or_none

_TRIES = 5


class NotOpen(ValueError):
    """Nothing is open of the invoice, so there is nothing to extend, waive, write off or pause."""


class BadDueDate(ValueError):
    """A due date that gives no time: not later than the present one, or past."""


async def extend(
    collections: Collections, scope: TenantScope, invoice_id: str, due_at: datetime, *, actor: Actor, reason: str = ""
) -> Invoice:
    """Gives time until `due_at`, naive UTC. Raises NoSuchInvoice, NotOpen, BadDueDate."""

    def later(invoice: Invoice, dunning: Dunning, steps: tuple[Step, ...]) -> Dunning:
        if due_at <= max(collections.now, due_of(invoice, dunning)):
            raise BadDueDate(f"{due_at:%Y-%m-%d} is not later than the present due date and today")
        return begun(steps, due_at, former=msgspec.structs.replace(dunning, extended_to=due_at))

    detail = {"due_at": due_at, "reason": reason}
    invoice = await _changed(collections, scope, invoice_id, later, "invoice.extend", detail, actor)
    await collections.stand(scope)
    return invoice


async def pause(
    collections: Collections, scope: TenantScope, invoice_id: str, *, actor: Actor, reason: str = ""
) -> Invoice:
    """Stops the schedule until `go_on`; what it has caused stays. Raises NoSuchInvoice, NotOpen."""
    return await _changed(
        collections,
        scope,
        invoice_id,
        lambda invoice, dunning, steps: dunning.paused(collections.now),
        "invoice.pause_dunning",
        {"reason": reason},
        actor,
    )


async def go_on(collections: Collections, scope: TenantScope, invoice_id: str, *, actor: Actor) -> Invoice:
    """Goes on where it was paused, with as long to go to the next step. Raises NoSuchInvoice, NotOpen."""
    return await _changed(
        collections,
        scope,
        invoice_id,
        lambda invoice, dunning, steps: dunning.resumed(collections.now),
        "invoice.resume_dunning",
        {},
        actor,
    )


async def waive(
    collections: Collections, office: Office, scope: TenantScope, invoice_id: str, *, actor: Actor, reason: str
) -> Invoice:
    """Takes back all that is open, by a credit note, which is given. Raises NoSuchInvoice, NotOpen."""
    invoice = await _open(DunnedRepository(collections.database, scope), invoice_id)
    note = await credit(office, scope, invoice_id, amount=invoice.due, reason=reason, actor=actor)
    await collections.audit.record(
        scope, actor, "invoice.waive", invoice_id, {"amount": invoice.due, "credit_note": note.id, "reason": reason}
    )
    return note


async def write_off(
    collections: Collections, scope: TenantScope, invoice_id: str, *, actor: Actor, reason: str
) -> Invoice:
    """Books what is open as bad debt; no step follows any more. Raises NoSuchInvoice, NotOpen."""
    invoices, ledger = DunnedRepository(collections.database, scope), Ledger(collections.database)

    async def work() -> Invoice:
        invoice = await _open(invoices, invoice_id)
        before = [each for each in await ledger.about(scope, ref_of(invoice_id)) if each.kind == "write_off"]
        name = f"write_off:{invoice_id}" if not before else f"write_off:{invoice_id}:{len(before) + 1}"
        legs = [Leg(BAD_DEBT, invoice.due), Leg(RECEIVABLE, -invoice.due)]
        made = entry(name, at=collections.now, ref=ref_of(invoice_id), currency=invoice.currency, legs=legs)
        if not await invoices.write_off(invoice_id):
            raise Conflict("the invoice changed meanwhile")
        await ledger.post(scope, made)
        return invoice

    invoice = await all_or_none(collections.database, work)
    detail = {"amount": invoice.due, "currency": invoice.currency, "reason": reason}
    await collections.audit.record(scope, actor, "invoice.write_off", invoice_id, detail)
    return await _there(invoices, invoice_id)


async def set_schedule(
    collections: Collections,
    scope: TenantScope | None,
    steps: tuple[Step, ...] | None,
    *,
    plan: str = "default",
    actor: Actor,
) -> None:
    """Gives a tenant (`scope`), a plan (by its id) or everybody (`default`) a schedule; None takes it away.

    It holds for invoices that are issued from now on. Raises BadSchedule.
    """
    owner, name = (collections.platform, plan) if scope is None else (scope, OWN)
    schedules = ScheduleRepository(collections.database, owner)
    if steps is None:
        await schedules.remove(name)
    else:
        await schedules.put(name, checked(steps))
    detail = {"steps": None if steps is None else [msgspec.to_builtins(step) for step in steps]}
    await collections.audit.record(owner, actor, "dunning.schedule", name, detail)


Changing = Callable[[Invoice, Dunning, tuple[Step, ...]], Dunning]


async def _changed(
    collections: Collections,
    scope: TenantScope,
    invoice_id: str,
    change: Changing,
    action: str,
    detail: Mapping[str, object],
    actor: Actor,
) -> Invoice:
    invoices = DunnedRepository(collections.database, scope)
    for _ in range(_TRIES):
        invoice = await _open(invoices, invoice_id)
        before = dunning_of(invoice.dunning)
        steps = await collections.schedules.of(scope, invoice.plan)
        present = before or enrolled(invoice, steps)
        if await invoices.write(invoice_id, before, change(invoice, present, steps), states=("issued",)):
            await collections.audit.record(scope, actor, action, invoice_id, detail)
            return await _there(invoices, invoice_id)
    raise Conflict("the invoice changes all the time")


async def _open(invoices: DunnedRepository, invoice_id: str) -> Invoice:
    invoice = await _there(invoices, invoice_id)
    if invoice.state != "issued" or invoice.due <= 0:
        raise NotOpen(f"nothing is open of invoice {invoice_id}: it is {invoice.state}")
    return invoice


async def _there(invoices: DunnedRepository, invoice_id: str) -> Invoice:
    invoice = await invoices.get(invoice_id)
    if invoice is None or invoice.kind != "invoice":
        raise NoSuchInvoice(f"there is no invoice {invoice_id}")
    return invoice
