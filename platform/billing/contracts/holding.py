"""The site of a contract that has ended is closed, and opened when the contract begins again.

The hold is of its own kind, so payments, owners and the law neither lift it nor are touched by it. It stands while the
contract has ended: reckoned from the contract as it is, so whoever dies on the way, or comes late, changes nothing.
"""

from __future__ import annotations

import logging
from contextlib import suppress
from datetime import datetime
from typing import Final

from billing.contracts.repository import ContractRepository
from storage.across import Across, Change
from storage.audit import Actor
from storage.errors import Unreadable
from storage.mongo import Database, Stored
from tenancy.desk import TenantDesk
from tenancy.errors import NoSuchHold, NoSuchTenant, TenancyError
from tenancy.holds import resume, suspend

ACTOR: Final = Actor("system", "billing")
REASON: Final = "the contract has ended"
_OWNER: Final = "tenant:"
log = logging.getLogger("marquee.billing")


async def hold_ended(database: Database, desk: TenantDesk, now: datetime) -> int:
    """Closes each site whose contract has ended by `now` (naive UTC), opens those that began again; says how many.

    Raises StorageUnavailable; running again goes on where it ended.
    """
    contracts = Across(database, ContractRepository.collection)
    past = {"$type": "date", "$lte": now}
    # The second of those that ended before there was such a hold: nobody has said of them when it is due.
    due = {"$or": [{"hold_due": past}, {"hold_due": {"$exists": False}, "ends_at": past}]}
    brought = 0
    for each in await contracts.find(due, fields=["hold_due", "ends_at"], sort=[("hold_due", 1)]):
        tenant_id = each["_id"]["owner"].removeprefix(_OWNER)
        try:
            await _bring(desk, tenant_id, ended=_has_ended(each, now))
        except (TenancyError, Unreadable) as error:
            log.warning("tenant %s cannot be closed or opened: %s", tenant_id, error)
            continue
        # One that ended or began again meanwhile is met again.
        as_read = {"hold_due": each.get("hold_due"), "ends_at": each.get("ends_at")}
        await contracts.update_each([Change(**each["_id"], update={"$set": {"hold_due": None}}, where=as_read)])
        brought += 1
    return brought


async def _bring(desk: TenantDesk, tenant_id: str, *, ended: bool) -> None:
    with suppress(NoSuchTenant, NoSuchHold):
        if ended:
            await suspend(desk, tenant_id, "contract", REASON, actor=ACTOR)
        else:
            await resume(desk, tenant_id, "contract", actor=ACTOR)


def _has_ended(contract: Stored, now: datetime) -> bool:
    ends_at: datetime | None = contract.get("ends_at")
    return ends_at is not None and ends_at <= now
