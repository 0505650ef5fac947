"""One collection over all its owners at once, for the platform's own work in bulk: billing every tenant in one tick.

Its commands say `comment: "system"`. What concerns one tenant goes through that tenant's repository, never here.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Final, final

import msgspec
from pymongo import InsertOne

from storage.bulk import updates_of
from storage.documents import refusals_of, stored_fields
from storage.errors import StorageError
from storage.mongo import BulkRefused, Database, Stored, collection_of, edge
from storage.queries import Filter, Stage, checked_stages, refuse_scripts
from storage.system import SYSTEM
from storage.transactions import session_now

_ID: Final = "_id"


class New(msgspec.Struct, frozen=True):
    """A document that is to be written unless its owner has one of this id."""

    owner: str
    id: Any
    fields: Mapping[str, Any]


class Change(msgspec.Struct, frozen=True):
    """Update operators for one document, if it also matches `where`."""

    owner: str
    id: Any
    update: Mapping[str, Any]
    where: Filter | None = None


@final
class Across:
    """All owners' documents of a collection; `_id` comes as stored: `{"owner", "id"}`."""

    def __init__(self, database: Database, collection: str) -> None:
        self._collection = collection_of(database, collection)

    async def find(
        self,
        wanted: Filter,
        *,
        fields: Sequence[str] | None = None,
        sort: Sequence[tuple[str, int]] | None = None,
        limit: int = 0,
    ) -> list[Stored]:
        """Documents that match, at most `limit` (0: all), with these fields alone where they are named."""
        refuse_scripts(wanted)
        projection = None if fields is None else dict.fromkeys(fields, 1)
        with edge:
            cursor = self._collection.find(
                wanted, projection, sort=sort, limit=limit, comment=SYSTEM, session=session_now()
            )
            return await cursor.to_list()

    async def aggregate(self, stages: Sequence[Stage]) -> list[Stored]:
        """The answer of a pipeline of stages that stay within the collection. Raises QueryRefused."""
        checked = checked_stages(stages)
        with edge:
            async with await self._collection.aggregate(checked, comment=SYSTEM, session=session_now()) as cursor:
                return await cursor.to_list()

    async def count(self, wanted: Filter) -> int:
        """How many match."""
        refuse_scripts(wanted)
        with edge:
            return await self._collection.count_documents(wanted, comment=SYSTEM, session=session_now())

    async def insert_new(self, documents: Sequence[New]) -> set[int]:
        """Writes those whose id is free. Gives their places; of the others something is there already.

        Raises StorageError when a document was refused for another reason; the rest is written.
        """
        if not documents:
            return set()
        writes = [InsertOne({_ID: _key(each.owner, each.id), **stored_fields(each.fields)}) for each in documents]
        try:
            with edge:
                await self._collection.bulk_write(writes, ordered=False, comment=SYSTEM, session=session_now())
        except BulkRefused as error:
            refused = refusals_of(error)
            other = next((each.reason for each in refused.values() if not each.duplicate_of), None)
            if other is not None:
                raise StorageError(other) from error
            return set(range(len(documents))) - refused.keys()
        return set(range(len(documents)))

    async def update_each(self, changes: Sequence[Change]) -> int:
        """Applies each change to its own document. Gives how many documents matched."""
        if not changes:
            return 0
        with edge:
            writes = updates_of((_key(each.owner, each.id), each.update, each.where) for each in changes)
            done = await self._collection.bulk_write(writes, ordered=False, comment=SYSTEM, session=session_now())
        return done.matched_count


def _key(owner: str, document_id: object) -> Stored:
    return {"owner": owner, "id": document_id}
