"""The tick: enrols what was issued, takes the steps that are due, and sees half-done ones to their end.

A step is written down before what it does is done, and marked as done after that: whoever dies in between leaves
something that the next tick finds. What a step does may be done twice without harm: a site is brought to where its
invoices want it, an attempt to charge has its own key, a letter its own name.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from billing.dunning.collecting import Collections, due_of
from billing.dunning.model import Dunning, Step, begun, dunning_of
from billing.dunning.repository import Dunned, DunnedRepository, Place, chosen
from billing.gateways.protocol import GatewayError
from billing.invoices.model import Invoice, NoSuchInvoice
from billing.payments.cashier import Cashier
from billing.payments.charging import charge
from billing.payments.errors import PaymentError
from billing.payments.model import Payment
from storage.errors import StorageUnavailable
from storage.scope import TenantScope
from storage.system import SystemStore

BATCH: Final = 500
_ATTEMPTS_A_ROUND: Final = 100
"""Attempts by dunning are numbered from here on, so that they are never a payer's own by a link."""
Work = Callable[[TenantScope, str], Awaitable[bool]]
_log: Final = logging.getLogger("marquee.billing")


class Stepped(Struct, frozen=True):
    """What a tick did."""

    enrolled: int
    taken: int
    done: int


async def dun(collections: Collections, cashier: Cashier | None, *, limit: int = BATCH) -> Stepped:
    """One tick over all tenants; at most `limit` of each kind of work. Without a cashier nobody is charged."""
    dunned = Dunned(collections.database)
    enrolled = await _enrol(collections, dunned, limit)

    async def settle(scope: TenantScope, invoice_id: str) -> bool:
        await collections.settled(scope, invoice_id)
        return True

    async def take(scope: TenantScope, invoice_id: str) -> bool:
        return await _take(collections, scope, invoice_id)

    async def finish(scope: TenantScope, invoice_id: str) -> bool:
        return await _finish(collections, cashier, scope, invoice_id)

    await _each(collections, await dunned.unsettled(limit=limit), settle)
    taken = await _each(collections, await dunned.due(collections.now, limit=limit), take)
    done = await _each(collections, await dunned.half_done(limit=limit), finish)
    return Stepped(enrolled, taken, done)


async def _each(collections: Collections, places: Sequence[Place], work: Work) -> int:
    """Of how many it was done. One invoice's trouble is not the others': it is logged, and met again next time."""
    system = SystemStore(collections.database)
    done = 0
    for place in places:
        scope = system.owner_scope(place.owner)
        if not isinstance(scope, TenantScope):
            continue
        try:
            done += await work(scope, place.id)
        except StorageUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the others are not held up by it
            _log.exception("invoice %s of %s is not dunned", place.id, place.owner)
    return done


async def _enrol(collections: Collections, dunned: Dunned, limit: int) -> int:
    fresh = await dunned.fresh(limit=limit)
    if not fresh:
        return 0
    held, platform = await collections.schedules.every(), collections.platform.owner
    begun_now: dict[Place, Dunning] = {}
    for place, invoice in fresh:
        dunning = begun(chosen(held, platform, place.owner, invoice.plan), due_of(invoice, None))
        # Pending until its first letter, the invoice itself, is on its way.
        dunning = msgspec.structs.replace(dunning, pending=True)
        begun_now[place] = dunning if invoice.state == "issued" else dunning.settled(collections.now)
    return await dunned.enrol(begun_now)


async def _take(collections: Collections, scope: TenantScope, invoice_id: str) -> bool:
    invoices = DunnedRepository(collections.database, scope)
    invoice = await invoices.get(invoice_id)
    dunning = None if invoice is None else dunning_of(invoice.dunning)
    if dunning is None or dunning.pending or not _is_due(collections, dunning):
        return False
    return await invoices.write(invoice_id, dunning, dunning.taking(collections.now), states=("issued",))


def _is_due(collections: Collections, dunning: Dunning) -> bool:
    awaited = dunning.next_at is not None and dunning.taken < len(dunning.steps) and dunning.paused_at is None
    return awaited and dunning.next_at is not None and dunning.next_at <= collections.now


async def _finish(collections: Collections, cashier: Cashier | None, scope: TenantScope, invoice_id: str) -> bool:
    invoices = DunnedRepository(collections.database, scope)
    invoice = await invoices.get(invoice_id)
    dunning = None if invoice is None else dunning_of(invoice.dunning)
    if invoice is None or dunning is None or not dunning.pending:
        return False
    step = dunning.last
    if step is None:
        await collections.write_letter(scope, invoice, "issued", key="issued")
    else:
        if invoice.state == "issued":
            await _do(collections, cashier, scope, invoice, dunning, step)
        # Whatever came of the invoice meanwhile, the site is where it belongs before the step counts as done.
        await collections.stand(scope)
    return await invoices.done(invoice_id, dunning)


async def _do(
    collections: Collections,
    cashier: Cashier | None,
    scope: TenantScope,
    invoice: Invoice,
    dunning: Dunning,
    step: Step,
) -> None:
    if step.deed == "charge" and cashier is not None:
        payment = await _charged(cashier, scope, invoice, _ATTEMPTS_A_ROUND * dunning.round + dunning.taken)
        if payment is not None and payment.state in {"failed", "action"}:
            key = f"payment_failed:{dunning.round}:{dunning.taken}"
            more = {"reason": payment.reason or ""}
            await collections.write_letter(scope, invoice, "payment_failed", key=key, more=more)
    if step.letter is not None:
        await collections.write_letter(scope, invoice, step.letter)


async def _charged(cashier: Cashier, scope: TenantScope, invoice: Invoice, attempt: int) -> Payment | None:
    """The attempt, made once; None where nobody can be charged by itself."""
    try:
        return await charge(cashier, scope, invoice.id, attempt=attempt)
    except (PaymentError, GatewayError, NoSuchInvoice) as why:
        _log.info("invoice %s of %s is not charged: %s", invoice.id, scope.tenant_id, why)
        return None
