"""The tick: enrols what was issued, takes the steps that are due, and sees half-done ones to their end.

A step is written down before what it does is done, and marked as done after that: whoever dies in between leaves
something that the next tick finds. What a step does may be done twice without harm: a site is brought to where its
invoices want it, an attempt to charge has its own key, a letter its own name.
"""

from __future__ import annotations

import logging
from collections.abc import Awaitable, Callable, Iterator, Sequence
from typing import Final

import msgspec
from msgspec import Struct

from billing.dunning.collecting import Collections, enrolled
from billing.dunning.model import Dunning, Step, dunning_of
from billing.dunning.repository import Dunned, DunnedRepository, Place, chosen
from billing.gateways.protocol import GatewayError
from billing.invoices.carrying import is_too_small
from billing.invoices.model import Invoice, NoSuchInvoice
from billing.payments.cashier import Cashier
from billing.payments.charging import charge, resume
from billing.payments.errors import PaymentError
from billing.payments.lanes import in_lanes
from billing.payments.repository import PaymentRepository
from storage.errors import StorageUnavailable
from storage.scope import TenantScope
from storage.system import SystemStore

BATCH: Final = 500
_ATTEMPTS_A_ROUND: Final = 100
"""Attempts by dunning are numbered from here on, so that they are never a payer's own by a link."""
_MOST_LOOKED_UP: Final = 3
_log: Final = logging.getLogger("marquee.billing")


class Stepped(Struct, frozen=True):
    """What a tick has done so far: invoices that are new in their schedules, steps that were begun, and ended."""

    enrolled: int = 0
    taken: int = 0
    done: int = 0


Work = Callable[[TenantScope, str], Awaitable[bool]]
OnProgress = Callable[[Stepped], None]


def _silent(stepped: Stepped) -> None:
    """Nobody is told."""


async def dun(
    collections: Collections, cashier: Cashier | None, *, batch: int = BATCH, on_progress: OnProgress = _silent
) -> Stepped:
    """One tick over all tenants, in batches, after each of which it says how far it is; as far as it came is kept.

    Without a cashier nobody is charged.
    """
    dunned = Dunned(collections.database)
    stepped = Stepped()

    def went_on(**more: int) -> None:
        nonlocal stepped
        counted = {name: getattr(stepped, name) + count for name, count in more.items()}
        stepped = msgspec.structs.replace(stepped, **counted)
        on_progress(stepped)

    async def settle(scope: TenantScope, invoice_id: str) -> bool:
        await collections.settled(scope, invoice_id)
        return True

    async def take(scope: TenantScope, invoice_id: str) -> bool:
        return await _take(collections, cashier, scope, invoice_id)

    async def finish(scope: TenantScope, invoice_id: str) -> bool:
        return await _finish(collections, cashier, scope, invoice_id)

    while new := await _enrol(collections, dunned, batch):
        went_on(enrolled=new)
    for places in _parted(await dunned.unsettled(), batch):
        await _each(collections, places, settle)
    for places in _parted(await dunned.due(collections.now), batch):
        went_on(taken=await _each(collections, places, take))
    for places in _parted(await dunned.half_done(), batch):
        went_on(done=await _each(collections, places, finish))
    return stepped


def _parted(places: Sequence[Place], batch: int) -> Iterator[Sequence[Place]]:
    return (places[first : first + batch] for first in range(0, len(places), batch))


async def _each(collections: Collections, places: Sequence[Place], work: Work) -> int:
    """Of how many it was done. One invoice's trouble is not the others': it is logged, and met again next time."""
    system = SystemStore(collections.database)

    async def one(place: Place) -> bool:
        scope = system.owner_scope(place.owner)
        if not isinstance(scope, TenantScope):
            return False
        try:
            return await work(scope, place.id)
        except StorageUnavailable:
            raise
        except Exception:  # noqa: BLE001 - whatever it is, the others are not held up by it
            _log.exception("invoice %s of %s is not dunned", place.id, place.owner)
            return False

    return sum(await in_lanes(places, one, lane=lambda place: place.owner))


async def _enrol(collections: Collections, dunned: Dunned, limit: int) -> int:
    fresh = await dunned.fresh(limit=limit)
    if not fresh:
        return 0
    held, platform = await collections.schedules.every(), collections.platform.owner
    begun_now: dict[Place, Dunning] = {}
    for place, invoice in fresh:
        dunning = enrolled(invoice, chosen(held, platform, place.owner, invoice.plan))
        begun_now[place] = dunning if invoice.state == "issued" else dunning.settled(collections.now)
    return await dunned.enrol(begun_now)


async def _take(collections: Collections, cashier: Cashier | None, scope: TenantScope, invoice_id: str) -> bool:
    invoices = DunnedRepository(collections.database, scope)
    invoice = await invoices.get(invoice_id)
    dunning = None if invoice is None else dunning_of(invoice.dunning)
    if invoice is None or dunning is None or dunning.pending or not _is_due(collections, dunning):
        return False
    if is_too_small(invoice):
        # It is carried to the next invoice, and nobody is reminded of it.
        return False
    closes = dunning.next is not None and dunning.next.deed == "hold"
    put_off = dunning.put_off(collections.now) if closes else None
    if put_off is not None and await _is_being_paid(collections, cashier, scope, invoice_id):
        await invoices.write(invoice_id, dunning, put_off, states=("issued",))
        return False
    return await invoices.write(invoice_id, dunning, dunning.taking(collections.now), states=("issued",))


async def _is_being_paid(
    collections: Collections, cashier: Cashier | None, scope: TenantScope, invoice_id: str
) -> bool:
    """Whether money for it is on its way, as its gateway says now."""
    made = await PaymentRepository(collections.database, scope).about("invoice", invoice_id)
    latest = [each for each in made if each.is_open][-_MOST_LOOKED_UP:]
    if cashier is not None:
        latest = [await resume(cashier, scope, each) for each in latest]
    return any(each.is_underway for each in latest)


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
        await _charge(cashier, scope, invoice, _ATTEMPTS_A_ROUND * dunning.round + dunning.taken)
    if step.letter is not None:
        await collections.write_letter(scope, invoice, step.letter)


async def _charge(cashier: Cashier, scope: TenantScope, invoice: Invoice, attempt: int) -> None:
    """Makes the attempt, once. That it failed is told by the payments; nobody may be charged by itself at all."""
    try:
        await charge(cashier, scope, invoice.id, attempt=attempt)
    except (PaymentError, GatewayError, NoSuchInvoice) as why:
        _log.info("invoice %s of %s is not charged: %s", invoice.id, scope.tenant_id, why)
