"""Tenants that were deleted: their contracts end with what was billed, and nothing more is."""

from __future__ import annotations

import logging
from collections.abc import Sequence

import msgspec

from billing.contracts.changing import due_again
from billing.contracts.model import Contract
from billing.contracts.repository import ContractRepository, fields_of
from billing.periods.desk import Desk, tenant_of
from billing.periods.facts import Asking
from storage.across import Across, Change

log = logging.getLogger("marquee.billing")


async def without_gone(desk: Desk, asked: Sequence[Asking]) -> list[Asking]:
    """Those whose tenant is there, and last bills, which are empty without one; the other contracts end."""
    wanted = {"_id": {"$in": [tenant_of(each.owner) for each in asked]}}
    there = {each["_id"] for each in await Across(desk.database, "tenants").find(wanted, fields=["_id"])}
    gone = [each for each in asked if tenant_of(each.owner) not in there and each.contract.absence(each.n) is None]
    await _end(desk, gone)
    ended = {each.owner for each in gone}
    return [each for each in asked if each.owner not in ended]


async def _end(desk: Desk, gone: Sequence[Asking]) -> None:
    for each in gone:
        log.warning("tenant %s was deleted: its contract ends with what is billed", tenant_of(each.owner))
    changes = [
        Change(
            each.owner,
            each.contract.id,
            {"$set": {**fields_of(_ended(each.contract)), "revision": each.contract.revision + 1}},
            {"revision": each.contract.revision, "next_n": each.n},
        )
        for each in gone
    ]
    await Across(desk.database, ContractRepository.collection).update_each(changes)


def _ended(contract: Contract) -> Contract:
    ends_at = contract.period(contract.next_n).start
    return due_again(msgspec.structs.replace(contract, ends_at=max(ends_at, contract.phases[0].since)))
