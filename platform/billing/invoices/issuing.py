"""Issuing: a block of drafts becomes invoices with numbers, entries in the ledger and credit used, all or none.

It is one transaction: there is no invoice with a number and no entry, no number that nobody has, and of two processes
that issue the same draft one begins anew and finds nothing left to do.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec
from msgspec import Struct

from billing.invoices.carrying import carried_on, is_too_small
from billing.invoices.model import Invoice
from billing.invoices.numbers import Numbers, prefix_of
from billing.invoices.office import Office
from billing.invoices.postings import credit_used_entry, invoice_entry
from billing.invoices.repository import InvoiceRepository, changed_fields
from billing.ledger import accounts
from billing.ledger.credit import take_hold
from billing.ledger.model import Entry, LedgerConflict
from billing.ledger.repository import EntryRepository
from storage.across import Across, Change, New
from storage.scope import TenantScope
from storage.transactions import all_or_none


class Ready(Struct, frozen=True):
    """A draft as it was read, the content that it is to be issued with, and what is to be written of its period.

    Without lines it is not issued: it becomes void, and the period is free.
    """

    scope: TenantScope
    draft: Invoice
    invoice: Invoice
    period: Sequence[Change]


class Issued(Struct, frozen=True):
    """What came of a block: invoices with numbers, and how many drafts had nothing to be billed."""

    invoices: tuple[tuple[TenantScope, Invoice], ...]
    empty: int


OnStep = Callable[[str], None]


def _unwatched(step: str) -> None:
    """Nobody is told."""


async def issue(office: Office, block: Sequence[Ready], now: datetime, on_step: OnStep = _unwatched) -> Issued:
    """Issues those of the block that are drafts still; at most one invoice of a tenant may be among them.

    `on_step` is told what is about to be written, by name.
    """
    if not block:
        return Issued((), 0)
    issued = await all_or_none(office.database, lambda: _issue(office, block, now, on_step))
    for scope, invoice in issued.invoices:
        if invoice.due == 0:
            await office.tell_settled(scope, invoice.id)
    return issued


async def _issue(office: Office, block: Sequence[Ready], now: datetime, on_step: OnStep) -> Issued:
    drafts = await _still_drafts(office, block)
    full, empty = [each for each in drafts if each.invoice.lines], [each for each in drafts if not each.invoice.lines]
    on_step("number")
    numbers = await _numbers(office, full, now)
    spendable = await _credits(office, full)
    invoices: list[tuple[TenantScope, Invoice]] = []
    entries: list[New] = []
    for ready, number in zip(full, numbers, strict=True):
        invoice = _numbered(ready.invoice, number, spendable.get(ready.scope.owner, 0), now)
        booked = _entries(invoice, now)
        if is_too_small(invoice):
            invoice, moved = carried_on(invoice, now)
            booked.append(moved)
        invoices.append((ready.scope, invoice))
        entries += [New(ready.scope.owner, each.id, each.fields()) for each in booked]
    # None says that it must be a draft: each was, and who writes to one meanwhile ends this transaction.
    changes = [_written(ready, invoice) for ready, (_, invoice) in zip(full, invoices, strict=True)]
    changes += [_emptied(each) for each in empty]
    on_step("write")
    await Across(office.database, InvoiceRepository.collection).update_each(changes)
    on_step("post")
    if len(await Across(office.database, EntryRepository.collection).insert_new(entries)) != len(entries):
        raise LedgerConflict("an invoice that was a draft is in the books already")
    on_step("close")
    await Across(office.database, "periods").update_each([change for each in drafts for change in each.period])
    return Issued(tuple(invoices), len(empty))


async def _still_drafts(office: Office, block: Sequence[Ready]) -> list[Ready]:
    keys = [{"owner": each.scope.owner, "id": each.invoice.id} for each in block]
    wanted = {"_id": {"$in": keys}, "state": "draft"}
    found = await Across(office.database, InvoiceRepository.collection).find(wanted, fields=["_id"])
    places = {(each["_id"]["owner"], each["_id"]["id"]) for each in found}
    return [each for each in block if (each.scope.owner, each.invoice.id) in places]


async def _numbers(office: Office, full: Sequence[Ready], now: datetime) -> list[str]:
    """One for each, without gaps by the row that it belongs to."""
    prefixes = [prefix_of(each.invoice.issuer, "invoice", now) for each in full]
    numbers = Numbers(office.database, office.platform)
    taken = {prefix: iter(await numbers.take(prefix, prefixes.count(prefix))) for prefix in dict.fromkeys(prefixes)}
    return [next(taken[prefix]) for prefix in prefixes]


async def _credits(office: Office, full: Sequence[Ready]) -> Mapping[str, int]:
    """What those tenants have with us, or owe from before, by owner; nobody else spends of it meanwhile."""
    owing = {each.scope.owner: each.scope for each in full if each.invoice.total >= 0}
    stages: list[dict[str, Any]] = [
        {"$match": {"_id.owner": {"$in": list(owing)}, "legs.account": accounts.CREDIT}},
        {"$unwind": "$legs"},
        {"$match": {"legs.account": accounts.CREDIT}},
        {"$group": {"_id": "$_id.owner", "amount": {"$sum": "$legs.amount"}}},
        {"$match": {"amount": {"$ne": 0}}},
    ]
    found = await Across(office.database, EntryRepository.collection).aggregate(stages)
    return {each["_id"]: await take_hold(office.database, owing[each["_id"]]) for each in found}


def _numbered(invoice: Invoice, number: str, credit: int, now: datetime) -> Invoice:
    # What is owed from before is asked for with it; one that comes out negative asks for nothing.
    credited = min(credit, invoice.total) if invoice.total >= 0 else 0
    due = max(0, invoice.total) - credited
    return msgspec.structs.replace(
        invoice,
        state="issued" if due else "paid",
        number=number,
        issued_at=now,
        due_at=now + timedelta(days=invoice.terms_days),
        credited=credited,
        due=due,
        paid_at=None if due else now,
    )


def _entries(invoice: Invoice, now: datetime) -> list[Entry]:
    entries: list[Entry] = []
    issued = invoice_entry(invoice, now)
    if issued is not None:
        entries.append(issued)
    if invoice.credited:
        entries.append(credit_used_entry(invoice, invoice.credited, now))
    return entries


def _written(ready: Ready, invoice: Invoice) -> Change:
    return Change(ready.scope.owner, invoice.id, {"$set": changed_fields(ready.draft, invoice)})


def _emptied(ready: Ready) -> Change:
    change = {"$set": {"state": "void", "reason": "nothing was to be billed"}}
    return Change(ready.scope.owner, ready.invoice.id, change)
