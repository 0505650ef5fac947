"""Collections of the platform itself (`tenants`, `workers`): plain ids, and no owner but the platform."""

from collections.abc import AsyncIterator, Mapping, Sequence
from typing import Any, ClassVar, Generic, TypeVar

import msgspec

from storage.bulk import Asked, updates_of
from storage.documents import Merge, Refusal, decoded, merge_writes, refusals_of, stored_fields, verbatim_write
from storage.mongo import BulkRefused, Database, Stored, collection_of, edge
from storage.queries import Filter, checked_update, refuse_scripts

P = TypeVar("P", bound=msgspec.Struct)


class PlatformRepository(Generic[P]):
    """One collection of the platform, in the verbs and with the errors of TenantRepository.

    `_id` is the id as it is; the user's fields stand verbatim beside it, ours under `_marquee`.
    """

    collection: ClassVar[str]
    document: type[P]

    def __init__(self, database: Database) -> None:
        self.__collection = collection_of(database, self.collection)

    @classmethod
    def _decode(cls, document: Stored) -> P:
        """A stored document, `id` in the place of `_id`, as its struct. Raises Unreadable."""
        return decoded(document, cls.document, cls.collection)

    def __read(self, stored: Stored) -> P:
        stored["id"] = stored.pop("_id")
        return self._decode(stored)

    async def _get(self, document_id: object) -> P | None:
        return await self._find_one({"_id": {"$eq": document_id}})

    async def _find_one(self, wanted: Filter) -> P | None:
        refuse_scripts(wanted)
        with edge:
            found = await self.__collection.find_one(wanted)
        return None if found is None else self.__read(found)

    async def _list(self, wanted: Filter, *, sort: Sequence[tuple[str, int]] | None = None, limit: int = 0) -> list[P]:
        """At most `limit` documents (0: all) in one answer."""
        refuse_scripts(wanted)
        with edge:
            found = await self.__collection.find(wanted, sort=sort, limit=limit).to_list()
        return [self.__read(each) for each in found]

    async def _count(self, wanted: Filter) -> int:
        refuse_scripts(wanted)
        with edge:
            return await self.__collection.count_documents(wanted)

    async def _insert(self, document_id: object, fields: Mapping[str, Any]) -> None:
        """Raises Conflict when the id or another unique key is taken."""
        with edge:
            await self.__collection.insert_one({"_id": document_id, **stored_fields(fields)})

    async def _put(self, document_id: object, fields: Mapping[str, Any], *, where: Filter | None = None) -> bool:
        """Writes the fields verbatim as TenantRepository does; with `where` only over a document that matches it.

        Says whether anything changed. Without `where` the document is made when there is none.
        """
        exact: dict[str, Any] = {"_id": {"$eq": document_id}}
        wanted = exact if where is None else {"$and": [exact, where]}
        with edge:
            done = await self.__collection.update_one(wanted, verbatim_write(fields), upsert=where is None)
        return done.modified_count > 0 or done.upserted_id is not None

    async def _merge_many(self, items: Sequence[Merge]) -> dict[int, Refusal]:
        """Writes many documents at once, as TenantRepository does."""
        if not items:
            return {}
        try:
            with edge:
                await self.__collection.bulk_write(merge_writes(items, lambda each: each), ordered=False)
        except BulkRefused as error:
            return refusals_of(error)
        return {}

    async def _update(self, document_id: object, update: Mapping[str, Any], *, where: Filter | None = None) -> int:
        """Applies update operators to one document, if it also matches `where`. Gives how many matched."""
        exact: dict[str, Any] = {"_id": {"$eq": document_id}}
        wanted = exact if where is None else {"$and": [exact, where]}
        with edge:
            done = await self.__collection.update_one(wanted, checked_update(update))
        return done.matched_count

    async def _update_each(self, changes: Sequence[Asked]) -> int:
        """Applies update operators to many documents, each if it also matches its filter. Gives how many matched."""
        if not changes:
            return 0
        with edge:
            done = await self.__collection.bulk_write(updates_of(changes), ordered=False)
        return done.matched_count

    async def _delete(self, document_id: object) -> bool:
        with edge:
            done = await self.__collection.delete_one({"_id": {"$eq": document_id}})
        return done.deleted_count > 0

    async def _raw(
        self,
        wanted: Filter | None = None,
        *,
        sort: Sequence[tuple[str, int]] | None = None,
        fields: Sequence[str] | None = None,
        limit: int = 0,
    ) -> AsyncIterator[Stored]:
        """Documents as stored, at most `limit` (0: all), or these fields of them; `_marquee` is still there."""
        refuse_scripts(wanted)
        projection = None if fields is None else dict.fromkeys(fields, 1)
        async with self.__collection.find(wanted or {}, projection, sort=sort, limit=limit) as cursor:
            with edge:
                async for found in cursor:
                    yield found

    async def _raw_one(self, document_id: object) -> Stored | None:
        """One document as stored."""
        with edge:
            return await self.__collection.find_one({"_id": {"$eq": document_id}})
