"""Money of viewers that moves long after their site's contract has ended is settled, too: it gets a period to be in."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime
from typing import Any, Final

from billing.contracts.afterwards import closed_until, moved
from billing.contracts.model import AFTERMATH, Contract
from billing.contracts.repository import ContractRepository, contract_of
from billing.settlements.repository import first_moved
from storage.across import Across
from storage.errors import Unreadable
from storage.mongo import Database, Stored
from storage.scope import TenantScope
from storage.system import SystemStore

_BLOCK: Final = 500
log = logging.getLogger("marquee.billing")
Ended = tuple[str, Contract]
"""An owner and its contract."""


async def follow_ended(database: Database, now: datetime, *, block: int = _BLOCK) -> int:
    """How many contracts that ended have a period to be closed for what moved since; `now` is naive UTC.

    Whoever comes second, or again, finds that it is there.
    """
    contracts = Across(database, ContractRepository.collection)
    wanted: dict[str, Any] = {"ends_at": {"$type": "date", "$lte": now - AFTERMATH}, "next_due": None}
    owners = sorted(each["_id"]["owner"] for each in await contracts.find(wanted, fields=["_id"]))
    followed = 0
    for first in range(0, len(owners), block):
        found = await contracts.find({**wanted, "_id.owner": {"$in": owners[first : first + block]}})
        followed += await _follow(database, _read(found), now)
    return followed


def _read(found: Sequence[Stored]) -> list[Ended]:
    """Those that can be read: the others are in nobody's way."""
    read: list[Ended] = []
    for each in found:
        owner: str = each["_id"]["owner"]
        try:
            read.append((owner, contract_of(each)))
        except Unreadable as error:
            log.warning("the contract of %s cannot be read: %s", owner, error)
    return read


async def _follow(database: Database, ended: Sequence[Ended], now: datetime) -> int:
    since = {owner: until for owner, contract in ended if (until := closed_until(contract)) is not None}
    at = await first_moved(database, since)
    return sum([await _close(database, owner, contract, at[owner], now) for owner, contract in ended if owner in at])


async def _close(database: Database, owner: str, contract: Contract, at: datetime, now: datetime) -> bool:
    after = moved(contract, at, now)
    scope = SystemStore(database).owner_scope(owner)
    if after == contract or not isinstance(scope, TenantScope):
        return False
    return await ContractRepository(database, scope).replace(contract, after)
