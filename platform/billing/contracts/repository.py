"""Every query over contracts."""

from __future__ import annotations

from datetime import datetime
from typing import Any, Final

import msgspec

from billing.contracts.model import CONTRACT, Contract
from storage.documents import decoded
from storage.indexes import Index
from storage.mongo import Stored
from storage.repository import TenantRepository


class ContractRepository(TenantRepository[Contract]):
    """One tenant's contract."""

    collection = "contracts"
    document = Contract

    @classmethod
    def _decode(cls, document: Stored) -> Contract:
        return _read(document)

    async def get(self) -> Contract | None:
        """The contract, if there is one."""
        return await self._get(CONTRACT)

    async def add(self, contract: Contract) -> None:
        """Raises Conflict when there is one."""
        await self._insert(CONTRACT, fields_of(contract))

    async def replace(self, before: Contract, after: Contract) -> bool:
        """Writes the contract over what was read as `before`; False if it has changed since."""
        change = {"$set": {**fields_of(after), "revision": before.revision + 1}}
        as_read = {"revision": before.revision, "next_n": before.next_n}
        return await self._update(CONTRACT, change, where=as_read) == 1

    async def advance(self, contract: Contract, next_n: int, next_due: datetime | None) -> bool:
        """Goes on to period `next_n`; False if the contract, or how far it is, has changed since it was read."""
        change = {"$set": {"next_n": next_n, "next_due": next_due}}
        as_read = {"revision": contract.revision, "next_n": contract.next_n}
        return await self._update(CONTRACT, change, where=as_read) == 1


def contract_of(stored: Stored) -> Contract:
    """A contract as `storage.across` gives it. Raises Unreadable."""
    return _read({**stored, "id": CONTRACT})


def _read(stored: Stored) -> Contract:
    # One that was stored before sites were closed with their contracts' end is to be closed with it like any other.
    due = {} if "hold_due" in stored else {"hold_due": stored.get("ends_at")}
    return decoded({**stored, **due}, Contract, ContractRepository.collection)


def fields_of(contract: Contract) -> dict[str, Any]:
    """The contract as it is stored, without its id."""
    fields: dict[str, Any] = msgspec.to_builtins(contract, builtin_types=(datetime,))
    del fields["id"]
    return fields


INDEXES: Final = (
    # Asked across all tenants: whose period is over.
    Index("contracts", (("next_due", 1), ("_id.owner", 1)), "due", partial={"next_due": {"$type": "date"}}),
    # And whose site is to be closed or opened.
    Index("contracts", (("hold_due", 1),), "hold_due", partial={"hold_due": {"$type": "date"}}),
    # And which ended so long ago that only what moves all the same would be billed.
    Index("contracts", (("ends_at", 1),), "ended", partial={"ends_at": {"$type": "date"}}),
    Index("contracts", (("_id.owner", 1),), "owner"),
)
