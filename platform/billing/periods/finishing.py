"""From draft to issued: when its grace is over, a draft is reckoned once more and becomes an invoice for good."""

from __future__ import annotations

import logging
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import datetime
from typing import Final, TypeVar

import msgspec

from billing.contracts.model import BadTerms, Contract
from billing.contracts.repository import ContractRepository, contract_of
from billing.invoices.issuing import Ready, issue
from billing.invoices.model import Invoice
from billing.invoices.repository import InvoiceRepository
from billing.periods.content import as_drafted, reckoned
from billing.periods.desk import CycleReport, Desk, PlansByRef, tenant_of, told
from billing.periods.facts import Asking, Facts, gather_readable, rated
from billing.periods.pipeline import few_at_once
from billing.periods.walking import walked
from storage.across import Across, Change
from storage.documents import decoded
from storage.errors import Unreadable
from storage.mongo import Stored

log = logging.getLogger("marquee.billing")

_ORDER: Final = ("issue_at", "_id.owner", "_id.id")

T = TypeVar("T")
Waiting = tuple[str, Invoice]
"""An owner and its draft."""


async def waiting_blocks(desk: Desk, now: datetime, report: CycleReport) -> AsyncIterator[list[Waiting]]:
    """Drafts whose grace is over, in blocks with the earliest one of each tenant alone.

    The report is told of those that cannot be read.
    """
    over = {"$and": [{"state": "draft"}, {"issue_at": {"$lte": now}}]}
    invoices = Across(desk.database, InvoiceRepository.collection)
    async for keys in walked(desk.database, InvoiceRepository.collection, over, _ORDER, batch=desk.rules.block):
        earliest: dict[str, Invoice] = {}
        for stored in await invoices.find({"_id": {"$in": keys}, "state": "draft"}):
            owner: str = stored["_id"]["owner"]
            invoice = _readable(stored, _read, report)
            if invoice is not None and (owner not in earliest or invoice.n < earliest[owner].n):
                earliest[owner] = invoice
        yield list(earliest.items())


async def prepare(desk: Desk, block: Sequence[Waiting], plans: PlansByRef, report: CycleReport) -> list[Ready]:
    """Reckons a block of drafts once more: those that can be issued."""
    contracts = await _contracts(desk, [owner for owner, _ in block], report)
    asked = {
        owner: Asking(owner, as_drafted(contracts[owner], invoice), invoice.n)
        for owner, invoice in block
        if owner in contracts
    }
    facts = await gather_readable(desk, list(asked.values()), plans, report)
    ready: list[Ready] = []
    async for owner, invoice in few_at_once(block):
        known = facts.get(asked[owner].place) if owner in asked else None
        if owner not in asked:
            report.failed.setdefault(tenant_of(owner), "there is a draft and no contract")
        elif known is not None and _has_its_turn(known):
            ready += _ready(desk, asked[owner], invoice, known, plans, report)
    return ready


async def finish(desk: Desk, ready: Sequence[Ready], now: datetime, report: CycleReport) -> int:
    """Issues a block of drafts; gives how many became invoices or had nothing to be billed."""
    desk.on_step("issue")
    issued = await issue(desk.office, ready, now, desk.on_step)
    desk.on_step("issued")
    report.issued += len(issued.invoices)
    report.empty += issued.empty
    return len(issued.invoices) + issued.empty


def _has_its_turn(facts: Facts) -> bool:
    """A tenant's periods are closed in order: what is late for one is known once those before it are billed."""
    return facts.previous is None or facts.previous.state not in ("claimed", "drafted")


def _ready(
    desk: Desk, asked: Asking, draft: Invoice, facts: Facts, plans: PlansByRef, report: CycleReport
) -> list[Ready]:
    try:
        made = rated(asked, facts, plans)
    except (BadTerms, ValueError) as error:
        log.warning("the draft %s of tenant %s cannot be issued: %s", draft.id, tenant_of(asked.owner), error)
        report.failed[tenant_of(asked.owner)] = str(error)
        return []
    invoice = reckoned(msgspec.structs.replace(draft, issuer=desk.issuer), asked.contract, made)
    said = {
        "state": "issued" if invoice.lines else "free",
        "billed_bytes": facts.usage_bytes,
        "read_at": facts.read_at,
        "advance": made.advance,
    }
    own = Change(*asked.place, {"$set": said})
    # What is billed late is billed: the next bill knows of it.
    late = [
        Change(asked.owner, each.n, {"$max": {"billed_bytes": each.billed_bytes + each.size_bytes}})
        for each in facts.late
    ]
    return [Ready(desk.scope(asked.owner), draft, invoice, (own, *late))]


async def _contracts(desk: Desk, owners: Sequence[str], report: CycleReport) -> dict[str, Contract]:
    """Those that are there and can be read; the report is told of the others."""
    wanted = {"_id.owner": {"$in": list(owners)}}
    found = await Across(desk.database, ContractRepository.collection).find(wanted)
    read = ((each["_id"]["owner"], _readable(each, contract_of, report)) for each in found)
    return {owner: contract for owner, contract in read if contract is not None}


def _readable(stored: Stored, read: Callable[[Stored], T], report: CycleReport) -> T | None:
    try:
        return read(stored)
    except Unreadable as error:
        told(report, stored["_id"]["owner"], error)
        return None


def _read(stored: Stored) -> Invoice:
    return decoded({**stored, "id": stored["_id"]["id"]}, Invoice, InvoiceRepository.collection)
