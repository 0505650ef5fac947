"""From due to draft: which contracts have a period to be closed, and what happens to it.

Every step is written under an id that follows from the period, and leaves alone what is there. Whoever comes after a
process that died goes through the same steps again, and only the missing ones make a difference.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from datetime import datetime
from typing import Any, Final

from msgspec import Struct

from billing.contracts.model import CONTRACT, BadTerms
from billing.contracts.repository import ContractRepository, contract_of
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.invoices.repository import fields_of as invoice_fields
from billing.periods.claims import Claims, claim
from billing.periods.content import invoice_of
from billing.periods.desk import CycleReport, Desk, PlansByRef, tenant_of, told
from billing.periods.facts import Asking, Facts, gather_readable, rated
from billing.periods.gone import without_gone
from billing.periods.pipeline import few_at_once
from billing.periods.repository import PeriodRepository, Place
from billing.periods.walking import walked
from billing.rating import Rated
from storage.across import Across, Change, New
from storage.errors import Unreadable
from storage.mongo import Stored
from tenancy.tenants import TenantStore

_ORDER: Final = ("next_due", "_id.owner")


class Draft(Struct, frozen=True):
    """An invoice as it is drafted, and what its period is to remember."""

    asked: Asking
    invoice: Invoice
    rated: Rated


class Prepared(Struct, frozen=True):
    """A batch that is to be written: what was asked, what of it is ours, and the drafts."""

    asked: Sequence[Asking]
    claims: Claims
    drafts: Sequence[Draft]


async def due_batches(desk: Desk, now: datetime, report: CycleReport, *, force: bool) -> AsyncIterator[list[Asking]]:
    """What is due at `now` in batches, without those that the report is told of instead."""
    contracts = Across(desk.database, ContractRepository.collection)
    most = None if force else desk.rules.lag_threshold
    async for keys in walked(desk.database, ContractRepository.collection, _due(now), _ORDER, batch=desk.rules.batch):
        found = await contracts.find({"_id": {"$in": [{**key, "id": CONTRACT} for key in keys]}})
        read = [_asking(stored, now, report) for stored in found]
        yield [each for each in read if each is not None and _is_near(each, now, most, report)]


def _asking(stored: Stored, now: datetime, report: CycleReport) -> Asking | None:
    """The period that is to be closed; none where somebody else closed it meanwhile."""
    owner: str = stored["_id"]["owner"]
    try:
        contract = contract_of(stored)
    except Unreadable as error:
        told(report, owner, error)
        return None
    is_due = contract.next_due is not None and contract.next_due <= now
    return Asking(owner, contract, contract.next_n) if is_due else None


def _is_near(asked: Asking, now: datetime, most: int | None, report: CycleReport) -> bool:
    behind = asked.contract.index_at(now) - asked.n
    if most is None or behind <= most:
        return True
    report.stopped[tenant_of(asked.owner)] = behind
    return False


def _due(now: datetime) -> dict[str, Any]:
    return {"$and": [{"next_due": {"$type": "date"}}, {"next_due": {"$lte": now}}]}


async def count_due(desk: Desk, now: datetime) -> int:
    """How many contracts have a period to be closed."""
    return await Across(desk.database, ContractRepository.collection).count(_due(now))


async def prepare(
    desk: Desk, asked: Sequence[Asking], plans: PlansByRef, now: datetime, report: CycleReport
) -> Prepared:
    """Claims a batch, one period of each contract, and reckons those that are ours."""
    asked = await without_gone(desk, asked)
    desk.on_step("claim")
    claims = await claim(desk, asked)
    ours = [each for each in asked if each.place in claims.fences]
    facts = await gather_readable(desk, ours, plans, report)
    known = [each for each in ours if each.place in facts]
    reckoned = [_drafted(desk, each, facts, plans, now, report) async for each in few_at_once(known)]
    return Prepared(asked, claims, [each for each in reckoned if each is not None])


async def draft(desk: Desk, batch: Prepared, report: CycleReport) -> int:
    """Writes a batch's drafts; gives how many contracts went on to their next period."""
    desk.on_step("draft")
    new = await _insert(desk, batch.drafts)
    desk.on_step("mark")
    await _mark(desk, batch.drafts, batch.claims)
    desk.on_step("advance")
    finished = {each.asked.place for each in batch.drafts} | batch.claims.done
    report.drafted += len(new)
    return await _advance(desk, [each for each in batch.asked if each.place in finished])


def _drafted(
    desk: Desk, asked: Asking, facts: dict[Place, Facts], plans: PlansByRef, now: datetime, report: CycleReport
) -> Draft | None:
    known = facts[asked.place]
    try:
        made = rated(asked, known, plans)
    except (BadTerms, ValueError) as error:
        told(report, asked.owner, error)
        return None
    return Draft(asked, invoice_of(asked, made, desk.issuer, drafted_at=now, grace=desk.rules.grace), made)


async def _insert(desk: Desk, drafts: Sequence[Draft]) -> set[int]:
    new = [New(each.asked.owner, each.invoice.id, invoice_fields(each.invoice)) for each in drafts]
    return await Across(desk.database, InvoiceRepository.collection).insert_new(new)


async def _mark(desk: Desk, drafts: Sequence[Draft], claims: Claims) -> None:
    changes = [
        Change(
            *each.asked.place,
            {"$set": {"state": "drafted", "advance": each.rated.advance}},
            {"state": "claimed", "fence": claims.fences[each.asked.place]},
        )
        for each in drafts
    ]
    await Across(desk.database, PeriodRepository.collection).update_each(changes)


async def _advance(desk: Desk, finished: Sequence[Asking]) -> int:
    """The contracts' next period, and their tenants' next bill date. One that changed meanwhile is met again."""
    next_due = {each.owner: each.contract.closing_of(each.n + 1) for each in finished}
    changes = [
        Change(
            each.owner,
            each.contract.id,
            {"$set": {"next_n": each.n + 1, "next_due": next_due[each.owner]}},
            {"next_n": each.n, "revision": each.contract.revision},
        )
        for each in finished
    ]
    advanced = await Across(desk.database, ContractRepository.collection).update_each(changes)
    desk.on_step("tell")
    await TenantStore(desk.database).set_next_bill_dates({tenant_of(owner): due for owner, due in next_due.items()})
    return advanced
